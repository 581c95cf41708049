package dev.lectern.engine.internal.source;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;

/// Digests samples of mapped tensors, by reading the files rather than the mappings: a page fault far from the
/// last one makes the kernel read ahead, by megabytes on some machines. Cold, the 5,600 windows of a 16 GB file
/// take 28 s from its mapping and 3 s this way.
///
/// Owns the channels that it opens; not thread-safe.
final class FileSampler implements AutoCloseable {
    /// Tensors up to this size are digested whole: all norms, and all of a test model.
    private static final int WHOLE_TENSOR_BYTES = 64 << 10;
    /// Of larger ones this many windows, evenly spread, first and last bytes included.
    private static final int WINDOWS = 8;

    private static final int WINDOW_BYTES = 4096;

    private final Map<Path, MemorySegment> files;
    private final Map<Path, FileChannel> channels = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(WHOLE_TENSOR_BYTES);

    /// @param files mappings of whole files
    FileSampler(Map<Path, MemorySegment> files) {
        this.files = files;
    }

    /// @param tensor a slice of one of the mappings
    void sample(MemorySegment tensor, MessageDigest digest) throws IOException {
        long size = tensor.byteSize();
        if (size == 0) {
            return;
        }
        for (Map.Entry<Path, MemorySegment> file : files.entrySet()) {
            long offset = tensor.address() - file.getValue().address();
            if (offset >= 0 && offset < file.getValue().byteSize()) {
                sample(channel(file.getKey()), offset, size, digest);
                return;
            }
        }
        throw new IllegalArgumentException(tensor + " is in none of " + files.keySet());
    }

    @Override
    public void close() throws IOException {
        for (FileChannel channel : channels.values()) {
            channel.close();
        }
    }

    private void sample(FileChannel channel, long offset, long size, MessageDigest digest) throws IOException {
        if (size <= WHOLE_TENSOR_BYTES) {
            digest(channel, offset, (int) size, digest);
            return;
        }
        long last = size - WINDOW_BYTES;
        for (int i = 0; i < WINDOWS; i++) {
            long start = i == WINDOWS - 1 ? last : last / (WINDOWS - 1) * i;
            digest(channel, offset + start, WINDOW_BYTES, digest);
        }
    }

    private void digest(FileChannel channel, long offset, int count, MessageDigest digest) throws IOException {
        buffer.clear().limit(count);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                throw new EOFException("the file has become shorter, it ends before byte " + (offset + count));
            }
        }
        digest.update(buffer.flip());
    }

    private FileChannel channel(Path file) throws IOException {
        FileChannel known = channels.get(file);
        if (known == null) {
            known = FileChannel.open(file);
            channels.put(file, known);
        }
        return known;
    }
}
