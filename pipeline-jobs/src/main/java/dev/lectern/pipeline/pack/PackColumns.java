package dev.lectern.pipeline.pack;

import static org.apache.spark.sql.types.DataTypes.BinaryType;
import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/// Contexts, rejects and accounts as rows.
///
/// One pass over the documents gives all three, as rows of [#OUTCOME]: a row holds a chunk of a context or a reject;
/// the first row of each context or reject holds its account too.
final class PackColumns {
    /// Tokens of a row of the contexts table; all rows of a context but the last hold exactly so many.
    static final int ROW_TOKENS = 8192;

    static final StructType SEGMENT = new StructType()
            .add("doc_id", StringType, false)
            .add("char_start", IntegerType, false)
            .add("char_end", IntegerType, false)
            .add("token_start", IntegerType, false)
            .add("token_end", IntegerType, false);

    static final StructType CONTEXT = new StructType()
            .add("context_id", StringType, false)
            .add("chunk_index", IntegerType, false)
            .add("chunk_count", IntegerType, false)
            .add("token_count", IntegerType, false)
            .add("tokens", BinaryType, false)
            .add("segments", DataTypes.createArrayType(SEGMENT, false), false)
            .add("tokenizer_fingerprint", StringType, false)
            .add("recipe_fingerprint", StringType, false);

    static final StructType REJECT = new StructType()
            .add("uri", StringType, false)
            .add("doc_id", StringType, true)
            .add("code", StringType, false)
            .add("message", StringType, false)
            .add("byte_size", LongType, true)
            .add("token_count", LongType, true);

    static final StructType ACCOUNT = new StructType(Arrays.stream(TokenAccount.class.getRecordComponents())
            .map(component -> DataTypes.createStructField(component.getName(), LongType, false))
            .toArray(StructField[]::new));

    static final StructType OUTCOME = new StructType()
            .add("context", CONTEXT, true)
            .add("reject", REJECT, true)
            .add("account", ACCOUNT, true);

    private PackColumns() {}

    /// The rows of a context.
    ///
    /// @param account of the context and the documents that came in with it
    static List<Row> ofContext(
            PackedContext context, TokenAccount account, String tokenizerFingerprint, String recipeFingerprint) {
        int[] tokens = context.tokens();
        String id = contextId(context, tokenizerFingerprint);
        int chunks = Math.ceilDiv(tokens.length, ROW_TOKENS);
        List<Row> rows = new ArrayList<>(chunks);
        int firstSegment = 0;
        for (int chunk = 0; chunk < chunks; chunk++) {
            int from = chunk * ROW_TOKENS;
            int to = Math.min(tokens.length, from + ROW_TOKENS);
            List<Segment> segments = context.segments();
            while (firstSegment < segments.size() && segments.get(firstSegment).tokenEnd() <= from) {
                firstSegment++;
            }
            List<Row> within = new ArrayList<>();
            for (int s = firstSegment; s < segments.size() && segments.get(s).tokenStart() < to; s++) {
                Segment segment = segments.get(s);
                within.add(RowFactory.create(
                        segment.docId(),
                        segment.charStart(),
                        segment.charEnd(),
                        segment.tokenStart(),
                        segment.tokenEnd()));
            }
            Row row = RowFactory.create(
                    id,
                    chunk,
                    chunks,
                    tokens.length,
                    littleEndian(tokens, from, to),
                    within.toArray(Row[]::new),
                    tokenizerFingerprint,
                    recipeFingerprint);
            rows.add(RowFactory.create(row, null, chunk == 0 ? ofAccount(account) : null));
        }
        return rows;
    }

    static Row ofReject(Row reject, TokenAccount account) {
        return RowFactory.create(null, reject, ofAccount(account));
    }

    /// The account of a row that holds [#ACCOUNT]'s columns, in their order.
    static TokenAccount toAccount(Row row) {
        return new TokenAccount(
                row.getLong(0),
                row.getLong(1),
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                row.getLong(9),
                row.getLong(10),
                row.getLong(11));
    }

    private static Row ofAccount(TokenAccount account) {
        return RowFactory.create(
                account.documentTokens(),
                account.packedTokens(),
                account.rejectedTokens(),
                account.prefixTokens(),
                account.separatorTokens(),
                account.questionPaddingTokens(),
                account.sentencePaddingTokens(),
                account.contextTokens(),
                account.documents(),
                account.rejectedDocuments(),
                account.contexts(),
                account.cutSentences());
    }

    /// Equal for equal work: the same tokens of the same places by the same tokenizer. The recipe is left out, so
    /// that a setting that changes nothing in a context leaves its answers valid.
    private static String contextId(PackedContext context, String tokenizerFingerprint) {
        MessageDigest digest = sha256();
        digest.update(tokenizerFingerprint.getBytes(StandardCharsets.UTF_8));
        int[] tokens = context.tokens();
        for (int from = 0; from < tokens.length; from += ROW_TOKENS) {
            digest.update(littleEndian(tokens, from, Math.min(tokens.length, from + ROW_TOKENS)));
        }
        for (Segment segment : context.segments()) {
            digest.update(segment.toString().getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static byte[] littleEndian(int[] tokens, int from, int to) {
        ByteBuffer bytes = ByteBuffer.allocate((to - from) * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(tokens, from, to - from);
        return bytes.array();
    }
}
