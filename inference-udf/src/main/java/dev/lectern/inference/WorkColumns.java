package dev.lectern.inference;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/// The rows that [InferPartition] reads: for each context first its questions, then its tokens, then its text, so
/// that nothing but the questions and one row of tokens or text has to be held.
///
/// | kind | row | columns |
/// |---|---|---|
/// | 0 question | one | task, question_id, text (the prompt after the context), result_id, doc_id, token_count |
/// | 1 chunk | at most 8192 tokens | tokens; sequence is the chunk's index |
/// | 2 text | at most [#TEXT_CHARS] UTF-16 units | doc_id, text, char_start, pages; sequence is the run's first token |
///
/// A run is a stretch of a document that the context holds; piece counts its rows.
///
/// Sorted by place, kind, sequence, piece. A place is a context's rank in the whole work.
public final class WorkColumns {
    /// Keeps rows small enough for Spark's buffers; a document's text may be many times as long.
    public static final int TEXT_CHARS = 1 << 18;

    public static final int QUESTION = 0;
    public static final int CHUNK = 1;
    public static final int TEXT = 2;

    static final StructType PAGE = new StructType()
            .add("number", IntegerType, false)
            .add("char_start", IntegerType, false)
            .add("char_end", IntegerType, false);

    public static final StructType TYPE = new StructType()
            .add("partition", IntegerType, false)
            .add("place", IntegerType, false)
            .add("context_id", StringType, false)
            .add("kind", IntegerType, false)
            .add("sequence", IntegerType, false)
            .add("piece", IntegerType, false)
            .add("task", StringType, true)
            .add("question_id", StringType, true)
            .add("result_id", StringType, true)
            .add("doc_id", StringType, true)
            .add("text", StringType, true)
            .add("token_count", IntegerType, true)
            .add("tokens", BinaryType, true)
            .add("char_start", IntegerType, true)
            .add("pages", DataTypes.createArrayType(PAGE, false), true);

    /// Columns by which a partition's rows are sorted, within it.
    public static final String[] ORDER = {"place", "kind", "sequence", "piece"};

    private WorkColumns() {}
}
