package dev.lectern.pipeline.ingest;

import dev.lectern.pipeline.table.Tables;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import scala.jdk.javaapi.CollectionConverters;

/// Files to outcomes: `Dataset -> Dataset`, one row per file with either `document` or `reject` set, the structs
/// being rows of those tables. Only one file at a time is in memory per task.
final class IngestTransform {
    /// Input: `uri`, `byte_size`.
    static final StructType FILES = new StructType().add("uri", "string", false).add("byte_size", "long", false);

    static final StructType OUTCOMES = new StructType()
            .add("uri", "string", false)
            .add("document", Tables.structType("documents"), true)
            .add("reject", Tables.structType("rejects"), true);

    private IngestTransform() {}

    static Dataset<Row> apply(Dataset<Row> files, Broadcast<SerializableConfiguration> hadoop, IngestLimits limits) {
        MapPartitionsFunction<Row, Row> function = rows -> new Outcomes(rows, hadoop, limits);
        return files.mapPartitions(function, Encoders.row(OUTCOMES));
    }

    /// Reads each file when its outcome is asked for.
    private static final class Outcomes implements Iterator<Row> {
        private final Iterator<Row> files;
        private final SerializableConfiguration hadoop;
        private final IngestLimits limits;
        private final TimedParser parser;

        Outcomes(Iterator<Row> files, Broadcast<SerializableConfiguration> hadoop, IngestLimits limits) {
            this.files = files;
            this.hadoop = hadoop.value();
            this.limits = limits;
            this.parser = new TimedParser(new FileParser(limits), limits.maxParseMillis());
            TaskCompletionListener close = context -> parser.close();
            TaskContext.get().addTaskCompletionListener(close);
        }

        @Override
        public boolean hasNext() {
            return files.hasNext();
        }

        @Override
        public Row next() {
            Row file = files.next();
            String uri = file.getString(0);
            try {
                return row(uri, outcome(uri, file.getLong(1)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("reading was cancelled at " + uri, e);
            }
        }

        private FileOutcome outcome(String uri, long listedSize) throws InterruptedException {
            if (listedSize > limits.maxFileBytes()) {
                return tooLarge(listedSize);
            }
            Path path = new Path(uri);
            byte[] bytes;
            try (InputStream in = path.getFileSystem(hadoop.value()).open(path)) {
                bytes = in.readNBytes((int) limits.maxFileBytes() + 1);
            } catch (InterruptedIOException e) {
                throw new InterruptedException(e.getMessage());
            } catch (IOException e) {
                String why = e instanceof FileNotFoundException ? "the file is gone or closed to us: " : "";
                UnreadableDocument reason = new UnreadableDocument(RejectCode.UNREADABLE, why + e.getMessage(), e);
                return new FileOutcome.Reject(null, listedSize, reason.code(), reason.getMessage());
            }
            return bytes.length > limits.maxFileBytes()
                    ? tooLarge(Math.max(listedSize, bytes.length))
                    : parser.parse(path.getName(), bytes);
        }

        private FileOutcome.Reject tooLarge(long size) {
            return new FileOutcome.Reject(
                    null,
                    size,
                    RejectCode.TOO_LARGE,
                    size + " bytes, at most " + limits.maxFileBytes() + " are read; split the file");
        }

        private static Row row(String uri, FileOutcome outcome) {
            Timestamp now = Timestamp.from(Instant.now());
            return switch (outcome) {
                case FileOutcome.Document document -> RowFactory.create(uri, document(uri, document, now), null);
                case FileOutcome.Reject reject ->
                    RowFactory.create(
                            uri,
                            null,
                            RowFactory.create(
                                    uri,
                                    reject.docId(),
                                    IngestJob.STAGE,
                                    reject.code().name(),
                                    reject.message(),
                                    reject.byteSize(),
                                    null,
                                    now));
            };
        }

        private static Row document(String uri, FileOutcome.Document document, Timestamp now) {
            ParsedDocument parsed = document.parsed();
            List<Row> pages = parsed.pages().stream()
                    .map(p -> RowFactory.create(p.number(), p.start(), p.end()))
                    .toList();
            Map<String, String> metadata = parsed.metadata();
            return RowFactory.create(
                    document.docId(),
                    uri,
                    document.mediaType(),
                    parsed.title(),
                    document.language(),
                    Objects.requireNonNull(parsed.text()),
                    // Within a nested row Spark's encoder takes Scala's collections only.
                    CollectionConverters.asScala(pages),
                    document.byteSize(),
                    parsed.text().length(),
                    document.parser(),
                    document.parserVersion(),
                    CollectionConverters.asScala(metadata),
                    now);
        }
    }
}
