package dev.lectern.inference;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part files of one task's results.
///
/// A part becomes visible in one step: it is encoded in memory (the answers about one context are small), written
/// under a hidden name beside its place and renamed; on object stores, where a rename copies and a file appears
/// when it is closed, it is written in place. Its name is derived from what it holds, so a repeated attempt
/// replaces it by itself. Not thread-safe.
public final class ResultParts {
    private static final Logger LOG = LoggerFactory.getLogger(ResultParts.class);
    private static final String HIDDEN = ".tmp-";
    private static final Set<String> OBJECT_STORES = Set.of("s3", "s3a", "s3n", "gs", "oss", "cosn", "obs");

    private final Path folder;
    private final FileSystem files;
    private final AnswerType.Struct output;
    private final Configuration hadoop;

    /// @param results the folder `results` of a run's output
    ResultParts(String results, String task, AnswerType.Struct output, Configuration hadoop) throws IOException {
        this.folder = folder(results, task);
        this.files = folder.getFileSystem(hadoop);
        this.output = output;
        this.hadoop = hadoop;
    }

    /// Where a task's parts lie.
    public static Path folder(String results, String task) {
        return new Path(results, "task=" + task);
    }

    /// @param resultIds keys of the part's rows, in any order
    static String name(String contextId, List<String> resultIds) {
        String questions = Sha256.hex(resultIds.stream().sorted().toArray(String[]::new));
        return "part-" + contextId + "-" + questions.substring(0, 16) + ".parquet";
    }

    /// What an earlier attempt wrote under this name, if it did.
    Optional<PartManifest> find(String name) throws IOException {
        FileStatus status;
        try {
            status = files.getFileStatus(new Path(folder, name));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        }
        try (ParquetFileReader reader = ParquetFileReader.open(HadoopInputFile.fromStatus(status, hadoop))) {
            String manifest = reader.getFileMetaData().getKeyValueMetaData().get(PartManifest.FOOTER_KEY);
            return Optional.ofNullable(manifest).map(PartManifest::fromJson);
        } catch (RuntimeException e) {
            // Parquet reports a damaged file by an unchecked exception; the part is then written anew.
            LOG.warn("part {} of an earlier attempt is unreadable and will be replaced: {}", name, e.getMessage());
            return Optional.empty();
        }
    }

    /// Writes a part and makes it visible.
    ///
    /// @param attempt distinguishes attempts that run at the same time
    void write(String name, List<ResultRow> rows, PartManifest manifest, String attempt) throws IOException {
        byte[] bytes = encode(rows, manifest);
        Path target = new Path(folder, name);
        files.mkdirs(folder);
        if (OBJECT_STORES.contains(files.getUri().getScheme().toLowerCase(Locale.ROOT))) {
            writeFile(target, bytes);
            return;
        }
        Path hidden = new Path(folder, HIDDEN + attempt + "-" + name);
        try {
            writeFile(hidden, bytes);
            // HDFS refuses to rename over a file; what is there holds the same rows.
            if (!files.rename(hidden, target) && !files.exists(target)) {
                throw new IOException(
                        "cannot rename " + hidden + " to " + target + " (the file system gives no reason)");
            }
        } finally {
            files.delete(hidden, false);
        }
    }

    /// Removes what killed tasks left behind.
    ///
    /// @param olderThanMillis only files last written before this instant, so that a living task keeps its own
    public static int clean(String results, String task, long olderThanMillis, Configuration hadoop)
            throws IOException {
        Path folder = folder(results, task);
        FileSystem files = folder.getFileSystem(hadoop);
        FileStatus[] leftOver;
        try {
            leftOver = files.listStatus(
                    folder,
                    path -> path.getName().startsWith(HIDDEN) || path.getName().startsWith("." + HIDDEN));
        } catch (FileNotFoundException e) {
            return 0;
        }
        int removed = 0;
        for (FileStatus file : leftOver) {
            if (file.getModificationTime() < olderThanMillis && files.delete(file.getPath(), false)) {
                removed++;
            }
        }
        return removed;
    }

    private void writeFile(Path path, byte[] bytes) throws IOException {
        FSDataOutputStream out = files.create(path, true);
        try {
            out.write(bytes);
        } catch (IOException e) {
            // Closing would make the torn file visible on an object store.
            if (out.getWrappedStream() instanceof Abortable abortable) {
                abortable.abort();
            }
            throw e;
        } finally {
            out.close();
        }
    }

    private byte[] encode(List<ResultRow> rows, PartManifest manifest) throws IOException {
        MemoryFile file = new MemoryFile();
        try (ParquetWriter<ResultRow> writer = new Builder(
                        file, new ResultWriteSupport(output, Map.of(PartManifest.FOOTER_KEY, manifest.toJson())))
                .withConf(new Configuration(false))
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .build()) {
            for (ResultRow row : rows) {
                writer.write(row);
            }
        }
        return file.bytes.toByteArray();
    }

    private static final class Builder extends ParquetWriter.Builder<ResultRow, Builder> {
        private final ResultWriteSupport writeSupport;

        Builder(OutputFile file, ResultWriteSupport writeSupport) {
            super(file);
            this.writeSupport = writeSupport;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        protected WriteSupport<ResultRow> getWriteSupport(Configuration configuration) {
            return writeSupport;
        }

        @Override
        protected WriteSupport<ResultRow> getWriteSupport(ParquetConfiguration configuration) {
            return writeSupport;
        }
    }

    private static final class MemoryFile implements OutputFile {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return new PositionOutputStream() {
                @Override
                public long getPos() {
                    return bytes.size();
                }

                @Override
                public void write(int b) {
                    bytes.write(b);
                }

                @Override
                public void write(byte[] source, int from, int length) {
                    bytes.write(source, from, length);
                }
            };
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            bytes.reset();
            return create(blockSizeHint);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }

        @Override
        public String getPath() {
            return "memory";
        }
    }
}
