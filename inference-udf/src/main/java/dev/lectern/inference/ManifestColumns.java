package dev.lectern.inference;

import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;

import java.util.HashMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/// [PartManifest]s as rows: what [InferPartition] gives back to the driver.
public final class ManifestColumns {
    public static final StructType TYPE = new StructType()
            .add("context_id", StringType, false)
            .add("task", StringType, false)
            .add("part", StringType, true)
            .add("questions", LongType, false)
            .add("ok", LongType, false)
            .add("incomplete", LongType, false)
            .add("failed", LongType, false)
            .add("codes", DataTypes.createMapType(StringType, LongType, false), false)
            .add("context_tokens", LongType, false)
            .add("prefill_tokens", LongType, false)
            .add("prompt_tokens", LongType, false)
            .add("tokens_out", LongType, false)
            .add("prefill_millis", LongType, false)
            .add("decode_millis", LongType, false)
            .add("worker", StringType, false)
            .add("forced_tokens", LongType, false)
            .add("continuations", LongType, false)
            .add("mask_micros", LongType, false)
            .add("proposed_tokens", LongType, false)
            .add("accepted_tokens", LongType, false);

    private ManifestColumns() {}

    static Row toRow(PartManifest manifest) {
        return RowFactory.create(
                manifest.contextId(),
                manifest.task(),
                manifest.part(),
                manifest.questions(),
                manifest.ok(),
                manifest.incomplete(),
                manifest.failed(),
                CollectionConverters.asScala(manifest.codes()),
                manifest.contextTokens(),
                manifest.prefillTokens(),
                manifest.promptTokens(),
                manifest.tokensOut(),
                manifest.prefillMillis(),
                manifest.decodeMillis(),
                manifest.worker(),
                manifest.schemaWork().forcedTokens(),
                manifest.schemaWork().continuations(),
                manifest.schemaWork().maskMicros(),
                manifest.guessedTokens().proposed(),
                manifest.guessedTokens().accepted());
    }

    /// @param row of [#TYPE]
    public static PartManifest fromRow(Row row) {
        return new PartManifest(
                row.getString(0),
                row.getString(1),
                row.isNullAt(2) ? null : row.getString(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                new HashMap<>(row.<String, Long>getJavaMap(7)),
                row.getLong(8),
                row.getLong(9),
                row.getLong(10),
                row.getLong(11),
                row.getLong(12),
                row.getLong(13),
                new SchemaWork(row.getLong(15), row.getLong(16), row.getLong(17)),
                new GuessedTokens(row.getLong(18), row.getLong(19)),
                row.getString(14));
    }
}
