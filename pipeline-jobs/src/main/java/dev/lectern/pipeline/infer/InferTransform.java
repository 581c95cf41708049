package dev.lectern.pipeline.infer;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.first;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import dev.lectern.inference.WorkColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/// The tables as the rows that a partition of inference reads: `Dataset -> Dataset`. No row holds more than 8192
/// tokens or [WorkColumns#TEXT_CHARS] of text, save a document's own row while it is cut.
final class InferTransform {
    private static final StructType RUN = new StructType()
            .add("context_id", DataTypes.StringType, false)
            .add("partition", DataTypes.IntegerType, false)
            .add("place", DataTypes.IntegerType, false)
            .add("doc_id", DataTypes.StringType, false)
            .add("char_start", DataTypes.IntegerType, false)
            .add("char_end", DataTypes.IntegerType, false)
            .add("token_start", DataTypes.IntegerType, false);

    private InferTransform() {}

    /// Each context once: context_id, token_count, doc_id (null unless it holds exactly one document) and the URIs
    /// of its documents.
    static Dataset<Row> heads(Dataset<Row> contexts, Dataset<Row> documents) {
        Dataset<Row> held = contexts.select(
                        col("context_id"),
                        col("token_count"),
                        explode(col("segments.doc_id")).as("doc_id"))
                .distinct();
        return held.join(documents.select("doc_id", "uri"), "doc_id")
                .groupBy("context_id")
                .agg(
                        first("token_count").as("token_count"),
                        collect_set("doc_id").as("doc_ids"),
                        collect_set("uri").as("uris"))
                .withColumn(
                        "doc_id",
                        when(size(col("doc_ids")).equalTo(1), col("doc_ids").getItem(0)))
                .select("context_id", "token_count", "doc_id", "uris");
    }

    /// All rows of the work, in the partitions of the plan and in order within them.
    ///
    /// @param pending rows of [PendingQuestions#TYPE]
    /// @param plan    rows of [WorkPlan#TYPE]
    /// @param cited   contexts whose text is searched: context_id
    static Dataset<Row> work(
            Dataset<Row> pending,
            Dataset<Row> contexts,
            Dataset<Row> documents,
            Dataset<Row> cited,
            Dataset<Row> plan,
            int partitions) {
        Dataset<Row> placed = broadcast(plan);
        Dataset<Row> questions = shaped(
                pending.join(placed, "context_id")
                        .withColumn("text", col("prompt"))
                        .withColumn("sequence", col("number")),
                WorkColumns.QUESTION);
        Dataset<Row> chunks = shaped(
                contexts.select("context_id", "chunk_index", "tokens")
                        .join(placed, "context_id")
                        .withColumn("sequence", col("chunk_index")),
                WorkColumns.CHUNK);
        Dataset<Row> texts = texts(contexts, documents, cited, placed);
        return questions
                .unionAll(chunks)
                .unionAll(texts)
                .repartitionById(partitions, col("partition"))
                .sortWithinPartitions(
                        Arrays.stream(WorkColumns.ORDER).map(c -> col(c)).toArray(Column[]::new));
    }

    /// The text that each cited context holds, in rows of a bounded length.
    private static Dataset<Row> texts(
            Dataset<Row> contexts, Dataset<Row> documents, Dataset<Row> cited, Dataset<Row> placed) {
        Dataset<Row> runs = contexts.join(cited, "context_id")
                .join(placed, "context_id")
                .select(
                        col("context_id"),
                        col("partition"),
                        col("place"),
                        explode(col("segments")).as("s"))
                .groupBy(
                        col("context_id"),
                        col("partition"),
                        col("place"),
                        col("s.doc_id").as("doc_id"))
                .agg(sort_array(collect_list(struct(col("s.char_start"), col("s.char_end"), col("s.token_start"))))
                        .as("segments"))
                .flatMap((FlatMapFunction<Row, Row>) InferTransform::runs, Encoders.row(RUN));
        return runs.join(documents.select("doc_id", "text", "pages"), "doc_id")
                .flatMap((FlatMapFunction<Row, Row>) InferTransform::pieces, Encoders.row(WorkColumns.TYPE));
    }

    /// Segments of a document in a context, joined where one begins at the other's end: padding between them is no
    /// break of the text.
    private static Iterator<Row> runs(Row row) {
        List<Row> runs = new ArrayList<>();
        int start = 0;
        int end = -1;
        int token = 0;
        for (Row segment : row.<Row>getList(row.fieldIndex("segments"))) {
            if (end >= 0 && segment.getInt(0) > end) {
                runs.add(run(row, start, end, token));
                end = -1;
            }
            if (end < 0) {
                start = segment.getInt(0);
                token = segment.getInt(2);
            }
            end = Math.max(end, segment.getInt(1));
        }
        if (end >= 0) {
            runs.add(run(row, start, end, token));
        }
        return runs.iterator();
    }

    private static Row run(Row row, int start, int end, int token) {
        return RowFactory.create(
                row.getAs("context_id"),
                row.getAs("partition"),
                row.getAs("place"),
                row.getAs("doc_id"),
                start,
                end,
                token);
    }

    private static Iterator<Row> pieces(Row row) {
        String text = row.getAs("text");
        int start = row.getAs("char_start");
        int end = row.getAs("char_end");
        if (end > text.length()) {
            throw new IllegalStateException("document " + row.getAs("doc_id") + " has " + text.length()
                    + " characters, context " + row.getAs("context_id") + " holds them to " + end
                    + "; the tables are of different runs: pack again");
        }
        List<Row> pages = row.getList(row.fieldIndex("pages"));
        Row[] within = pages.stream()
                .filter(page -> page.<Integer>getAs("char_end") > start && page.<Integer>getAs("char_start") < end)
                .map(page -> RowFactory.create(page.getAs("number"), page.getAs("char_start"), page.getAs("char_end")))
                .toArray(Row[]::new);
        List<Row> pieces = new ArrayList<>();
        for (int from = start; from < end; ) {
            int to = Math.min(end, from + WorkColumns.TEXT_CHARS);
            if (to < end && Character.isHighSurrogate(text.charAt(to - 1))) {
                to--;
            }
            boolean opening = pieces.isEmpty();
            pieces.add(RowFactory.create(
                    row.getAs("partition"),
                    row.getAs("place"),
                    row.getAs("context_id"),
                    WorkColumns.TEXT,
                    row.getAs("token_start"),
                    pieces.size(),
                    null,
                    null,
                    null,
                    row.getAs("doc_id"),
                    text.substring(from, to),
                    null,
                    null,
                    from,
                    opening ? within : null));
            from = to;
        }
        return pieces.iterator();
    }

    /// All columns of [WorkColumns#TYPE]; those that the rows lack are null.
    private static Dataset<Row> shaped(Dataset<Row> rows, int kind) {
        Dataset<Row> whole = rows.withColumn("kind", lit(kind)).withColumn("piece", lit(0));
        List<String> present = Arrays.asList(whole.columns());
        return whole.select(Arrays.stream(WorkColumns.TYPE.fields())
                .map((StructField field) -> present.contains(field.name())
                        ? col(field.name())
                        : lit(null).cast(field.dataType()).as(field.name()))
                .toArray(Column[]::new));
    }
}
