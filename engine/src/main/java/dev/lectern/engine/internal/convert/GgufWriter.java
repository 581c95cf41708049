package dev.lectern.engine.internal.convert;

import dev.lectern.engine.EngineException.OutputFailed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// Writes a GGUF file, version 3, little-endian, front to back: header first, then each tensor's bytes in pieces.
///
/// It is written under another name beside the final one, which it gets in one step by [#commit]: whenever the process
/// dies, the final name has a whole file or none. Not thread-safe.
final class GgufWriter implements AutoCloseable {
    private static final int MAGIC = 0x46554747; // "GGUF"
    private static final int VERSION = 3;
    private static final int ALIGNMENT = 32;

    private final Path file;
    private final Path partial;
    private final FileChannel channel;
    private final Thread removal;
    private final long totalBytes;
    private long position;

    private GgufWriter(Path file, Path partial, FileChannel channel, long totalBytes) {
        this.file = file;
        this.totalBytes = totalBytes;
        this.partial = partial;
        this.channel = channel;
        // For an interrupted process; a killed one leaves the partial file, never one under the final name.
        this.removal = new Thread(() -> partial.toFile().delete(), "lectern-remove-partial");
        Runtime.getRuntime().addShutdownHook(removal);
    }

    /// Opens the partial file and writes all that stands before the weights.
    ///
    /// @throws OutputFailed when the folder cannot be written to or has no room for the whole file
    static GgufWriter open(Path file, GgufMetadata metadata, List<OutputTensor> tensors) {
        byte[] header = header(metadata, tensors);
        Path absolute = file.toAbsolutePath();
        Path partial = absolute.resolveSibling(
                absolute.getFileName() + "." + ProcessHandle.current().pid() + ".partial");
        long needed = header.length
                + tensors.stream().mapToLong(tensor -> aligned(tensor.bytes())).sum();
        try {
            long free = Files.getFileStore(parent(absolute)).getUsableSpace();
            if (free < needed) {
                throw new OutputFailed("[" + file + "] needs " + needed + " bytes, and the disk has " + free
                        + " left; make room or choose another disk");
            }
            FileChannel channel = FileChannel.open(
                    partial, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
            return begun(new GgufWriter(file, partial, channel, needed), header);
        } catch (IOException e) {
            throw new OutputFailed("[" + file + "] cannot be written: " + e, e);
        }
    }

    private static GgufWriter begun(GgufWriter writer, byte[] header) {
        try {
            writer.write(ByteBuffer.wrap(header));
            return writer;
        } catch (OutputFailed e) {
            writer.close();
            throw e;
        }
    }

    private static Path parent(Path absolute) throws IOException {
        Path parent = absolute.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new IOException("there is no folder " + parent + "; create it first");
        }
        return parent;
    }

    /// Bytes of the file at its end.
    long totalBytes() {
        return totalBytes;
    }

    /// Bytes written so far.
    long position() {
        return position;
    }

    /// Appends to the current tensor.
    void write(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                position += channel.write(bytes);
            }
        } catch (IOException e) {
            throw new OutputFailed("[" + file + "] cannot be written at byte " + position + ": " + e.getMessage(), e);
        }
    }

    /// Fills up to where the next tensor begins.
    void endTensor() {
        write(ByteBuffer.allocate((int) (aligned(position) - position)));
    }

    /// Forces everything to the disk and gives the file its name.
    void commit() {
        try {
            channel.force(true);
            channel.close();
            Files.move(
                    partial,
                    file.toAbsolutePath(),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new OutputFailed("[" + file + "] cannot be written: " + e, e);
        }
    }

    /// Removes the partial file when there was no [#commit].
    @Override
    public void close() {
        try {
            channel.close();
            Files.deleteIfExists(partial);
        } catch (IOException e) {
            throw new OutputFailed("[" + partial + "] cannot be removed: " + e, e);
        } finally {
            forget();
        }
    }

    private void forget() {
        try {
            Runtime.getRuntime().removeShutdownHook(removal);
        } catch (IllegalStateException e) {
            // The process is ending: the hook runs anyway, and finds nothing.
            return;
        }
    }

    private static byte[] header(GgufMetadata metadata, List<OutputTensor> tensors) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(GgufMetadata.littleEndian(24)
                .putInt(MAGIC)
                .putInt(VERSION)
                .putLong(tensors.size())
                .putLong(metadata.size())
                .array());
        metadata.writeTo(out);
        long offset = 0;
        for (OutputTensor tensor : tensors) {
            GgufMetadata.writeText(out, tensor.name());
            int dimensions = tensor.shape().size();
            ByteBuffer info = GgufMetadata.littleEndian(Integer.BYTES + dimensions * Long.BYTES + 4 + Long.BYTES)
                    .putInt(dimensions);
            tensor.shape().reversed().forEach(info::putLong);
            out.writeBytes(info.putInt(tensor.type().ggmlId()).putLong(offset).array());
            offset += aligned(tensor.bytes());
        }
        out.writeBytes(new byte[(int) (aligned(out.size()) - out.size())]);
        return out.toByteArray();
    }

    private static long aligned(long bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }
}
