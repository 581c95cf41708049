package dev.lectern.engine.internal.io;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;

/// Maps model files into memory: nothing is read before it is used, and no byte of weights is on the heap.
public final class FileMapping {
    /// What a clone without Git LFS has in place of a large file.
    private static final byte[] LFS_POINTER = "version https://git-lfs".getBytes(US_ASCII);

    private FileMapping() {}

    /// Maps a whole file, read only.
    ///
    /// @param arena owns the mapping; shared when several threads read
    /// @throws ModelNotFound when there is no such file or it cannot be read
    /// @throws ModelCorrupt  when it is only a Git LFS pointer
    public static MemorySegment map(Path file, Arena arena) {
        MemorySegment bytes;
        try (FileChannel channel = FileChannel.open(file)) {
            bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw new ModelNotFound("[" + file + "] cannot be read: " + e);
        }
        if (bytes.byteSize() > LFS_POINTER.length
                && bytes.asSlice(0, LFS_POINTER.length).mismatch(MemorySegment.ofArray(LFS_POINTER)) == -1) {
            throw new ModelCorrupt("[" + file.getFileName() + "] is a Git LFS pointer, " + bytes.byteSize()
                    + " bytes in place of the file; fetch it with: git lfs pull");
        }
        return bytes;
    }
}
