package dev.lectern.pipeline.pack;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.current_timestamp;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.JobMain;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.table.Tables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Packs the documents table into the contexts table. Running it again replaces what it wrote; equal documents and
/// settings give equal rows.
///
/// Nothing is written unless the token account balances, and what was written is counted again from the table.
public final class PackJob {
    private static final Logger LOG = LoggerFactory.getLogger(PackJob.class);
    private static final String STAGE = "pack";

    private PackJob() {}

    /// For spark-submit: `JOB.yaml [--set key=value]…`.
    public static void main(String[] args) {
        JobMain.run(STAGE, args, PackJob::run);
    }

    /// @throws JobException (INPUT) without documents, (USAGE) when the settings leave no room, (QUALITY) when the
    ///                      account does not balance
    public static PackReport run(SparkSession spark, JobConf conf) {
        SharedModelText model = new SharedModelText(
                conf.model().path(),
                new SerializableConfiguration(spark.sessionState().newHadoopConf()));
        try {
            return run(spark, conf, model);
        } finally {
            model.release();
        }
    }

    static PackReport run(SparkSession spark, JobConf conf, ModelText.Source model) {
        String out = conf.output().path();
        Dataset<Row> documents = Tables.read(spark, out, "documents");
        ModelText text = model.open();
        int questionTokens = QuestionTokens.longest(conf, spark.sessionState().newHadoopConf(), text);
        PackSettings settings =
                PackSettings.of(conf.context(), text.info(), text.tokenizer(), text.chat(), questionTokens);
        List<String> notes = notes(conf.context(), settings, questionTokens);
        notes.forEach(LOG::info);
        String tokenizer = text.tokenizer().fingerprint();
        String recipe = settings.fingerprint(conf.context().grouping());
        PackTransform transform = new PackTransform(settings, conf.context().grouping(), model, tokenizer, recipe);
        // Read three times below. On disk, since it is as large as the corpus.
        Dataset<Row> outcome = transform.apply(documents).persist(StorageLevel.DISK_ONLY());
        try {
            TokenAccount account = account(outcome);
            account.imbalance().ifPresent(PackJob::fail);
            Dataset<Row> rejects = outcome.where(col("reject").isNotNull()).select("reject.*");
            Tables.write(outcome.where(col("context").isNotNull()).select("context.*"), out, "contexts");
            Tables.write(
                    rejects.withColumn("rejected_at", current_timestamp()).withColumn("stage", lit(STAGE)),
                    out,
                    "rejects",
                    STAGE);
            recount(Tables.read(spark, out, "contexts"), account);
            LOG.info(
                    "{} documents, {} tokens: {} packed into {} contexts, {} rejected; {} prefix, {} separator, {} question padding, {}"
                            + " sentence padding tokens; {} sentences cut",
                    account.documents(),
                    account.documentTokens(),
                    account.packedTokens(),
                    account.contexts(),
                    account.rejectedTokens(),
                    account.prefixTokens(),
                    account.separatorTokens(),
                    account.questionPaddingTokens(),
                    account.sentencePaddingTokens(),
                    account.cutSentences());
            return new PackReport(account, countByCode(rejects), text.info().fingerprint(), tokenizer, recipe, notes);
        } finally {
            outcome.unpersist();
        }
    }

    private static List<String> notes(JobConf.Context context, PackSettings settings, int questionTokens) {
        List<String> notes = new ArrayList<>();
        if (settings.chunk() == 0 && (context.alignQuestions() || context.alignSentences())) {
            notes.add("the model's attention has no chunks: alignQuestions and alignSentences do nothing");
        }
        if (settings.questionTokens() > settings.chunk()) {
            notes.add("the longest question and its answer take " + questionTokens
                    + " tokens, more than the attention chunk of " + settings.chunk()
                    + ": every context is padded so that they begin with a chunk, but they do not fit in it");
        }
        return notes;
    }

    private static TokenAccount account(Dataset<Row> outcome) {
        Column[] sums = Arrays.stream(PackColumns.ACCOUNT.fieldNames())
                .map(name -> sum(col("account." + name)).as(name))
                .toArray(Column[]::new);
        Row row = outcome.where(col("account").isNotNull())
                .agg(sums[0], Arrays.copyOfRange(sums, 1, sums.length))
                .first();
        if (row.isNullAt(0)) {
            throw new JobException(
                    ExitCode.INPUT, "the documents table has no rows: nothing to pack; run ingest first");
        }
        return PackColumns.toAccount(row);
    }

    /// Counts tokens again from what was written: those of the rows' arrays, and those that segments cover.
    private static void recount(Dataset<Row> contexts, TokenAccount account) {
        Column firstToken = col("chunk_index").multiply(PackColumns.ROW_TOKENS);
        Column tokens = length(col("tokens")).divide(Integer.BYTES).cast("long");
        Row rows = contexts.agg(sum(tokens), sum(lit(1).minus(least(col("chunk_index"), lit(1)))))
                .first();
        Row covered = contexts.select(
                        col("chunk_index"),
                        tokens.as("row_tokens"),
                        explode(col("segments")).as("segment"))
                .agg(sum(least(col("segment.token_end"), firstToken.plus(col("row_tokens")))
                        .minus(greatest(col("segment.token_start"), firstToken))))
                .first();
        long written = rows.isNullAt(0) ? 0 : rows.getLong(0);
        long contextCount = rows.isNullAt(1) ? 0 : rows.getLong(1);
        long inSegments = covered.isNullAt(0) ? 0 : covered.getLong(0);
        if (written != account.contextTokens()
                || contextCount != account.contexts()
                || inSegments != account.packedTokens()) {
            fail("the contexts table holds " + contextCount + " contexts, " + written + " tokens, " + inSegments
                    + " of documents; packed were " + account.contexts() + ", " + account.contextTokens() + ", "
                    + account.packedTokens());
        }
    }

    private static void fail(String imbalance) {
        throw new JobException(
                ExitCode.QUALITY, "token account: " + imbalance + "; this is a defect of pack, please report it");
    }

    private static Map<String, Long> countByCode(Dataset<Row> rejects) {
        Map<String, Long> counts = new TreeMap<>();
        for (Row row : rejects.groupBy("code").agg(count(lit(1))).collectAsList()) {
            counts.put(row.getString(0), row.getLong(1));
        }
        return counts;
    }
}
