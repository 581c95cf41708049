package dev.lectern.pipeline.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.pack.TokenAccount;
import dev.lectern.pipeline.table.Tables;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/// Writes reports where people and programs find them: `run.json` of the latest run, and a row a run in the runs
/// table.
final class RunRecords {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final String FILE = "run.json";

    private RunRecords() {}

    /// Replaces `run.json`; readers see the old one or the new one, whole.
    ///
    /// @param hadoop how to reach the output folder
    static void writeJson(RunReport report, Configuration hadoop) {
        Path folder = new Path(report.conf().output().path());
        Path target = new Path(folder, FILE);
        Path hidden = new Path(folder, ".tmp-" + FILE + "-" + report.runId());
        // An instance of its own: the shared one may already be closed when the process ends.
        Configuration own = new Configuration(hadoop);
        own.setBoolean("fs.automatic.close", false);
        try (FileSystem files = FileSystem.newInstance(folder.toUri(), own)) {
            files.mkdirs(folder);
            try (OutputStream out = files.create(hidden, true)) {
                out.write(toJson(report).getBytes(StandardCharsets.UTF_8));
            }
            // Rename does not replace on every file system.
            files.delete(target, false);
            if (!files.rename(hidden, target)) {
                throw new IOException("cannot rename " + hidden + " to " + target);
            }
        } catch (IOException e) {
            throw new JobException(
                    ExitCode.INPUT, "[" + target + "] the run's report cannot be written: " + e.getMessage(), e);
        }
    }

    /// Adds the run to the runs table.
    static void append(SparkSession spark, RunReport report) {
        List<Row> rows = List.of(toRow(report));
        Tables.append(
                spark.createDataFrame(rows, Tables.structType("runs")).coalesce(1),
                report.conf().output().path(),
                "runs");
    }

    static String toJson(RunReport report) {
        ObjectNode root = JSON.createObjectNode();
        root.put("run_id", report.runId());
        root.put("name", report.name());
        root.put("version", report.version());
        root.put("status", report.status());
        root.put("exit_code", report.exitCode().code());
        root.put("message", report.message());
        root.put("started_at", report.startedAt().toString());
        root.put("finished_at", report.finishedAt().toString());
        ObjectNode documents = root.putObject("documents");
        documents.put("files", report.documents().files());
        documents.put("documents", report.documents().documents());
        documents.put("rejects", report.documents().rejects());
        putCounts(documents.putObject("rejects_by_code"), report.documents().rejectsByCode());
        putAccount(root.putObject("tokens"), report.tokens());
        RunReport.Work work = report.work();
        ObjectNode engine = root.putObject("engine");
        engine.put("backend", report.identity().backend());
        engine.put("threads", report.identity().threads());
        engine.put("tokens_prefilled", work.tokensPrefilled());
        engine.put("tokens_reused", work.tokensReused());
        engine.put("tokens_generated", work.tokensGenerated());
        engine.put("tokens_proposed", work.guessedTokens().proposed());
        engine.put("tokens_accepted", work.guessedTokens().accepted());
        engine.put("prefill_millis", work.prefillMillis());
        engine.put("decode_millis", work.decodeMillis());
        engine.put("prefill_tokens_per_second", work.prefillTokensPerSecond());
        engine.put("decode_tokens_per_second", work.decodeTokensPerSecond());
        ObjectNode schemas = root.putObject("schemas");
        schemas.put("compile_micros", work.compileMicros());
        schemas.put("mask_micros", work.schemaWork().maskMicros());
        schemas.put("tokens_forced", work.schemaWork().forcedTokens());
        schemas.put("list_continuations", work.schemaWork().continuations());
        ObjectNode results = root.putObject("results");
        results.put("questions", report.results().questions());
        results.put("answered_before", report.results().answeredBefore());
        results.put("left", report.results().left());
        results.put("disagreements", report.results().disagreements());
        putCounts(results.putObject("by_status"), report.results().byStatus());
        putCounts(results.putObject("errors_by_code"), report.results().errorsByCode());
        ObjectNode fingerprints = root.putObject("fingerprints");
        fingerprints.put("model", report.identity().model());
        fingerprints.put("tokenizer", report.identity().tokenizer());
        fingerprints.put("recipe", report.identity().recipe());
        putCounts(root.putObject("stage_millis"), report.stageMillis());
        root.put("peak_memory_bytes", report.peakMemoryBytes());
        root.put("heap_max_bytes", report.heapMaxBytes());
        root.putNull("cost");
        report.notes().forEach(root.putArray("notes")::add);
        root.set("config", JSON.valueToTree(report.conf()));
        return write(root) + "\n";
    }

    private static void putAccount(ObjectNode node, TokenAccount account) {
        node.put("document_tokens_in", account.documentTokens());
        node.put("document_tokens_packed", account.packedTokens());
        node.put("document_tokens_rejected", account.rejectedTokens());
        node.put("prefix_tokens", account.prefixTokens());
        node.put("separator_tokens", account.separatorTokens());
        node.put("question_padding_tokens", account.questionPaddingTokens());
        node.put("sentence_padding_tokens", account.sentencePaddingTokens());
        node.put("context_tokens", account.contextTokens());
        node.put("contexts", account.contexts());
        node.put("sentences_cut", account.cutSentences());
        node.put("balanced", account.imbalance().isEmpty());
    }

    private static void putCounts(ObjectNode node, Map<String, Long> counts) {
        counts.forEach(node::put);
    }

    private static Row toRow(RunReport report) {
        TokenAccount tokens = report.tokens();
        RunReport.Work work = report.work();
        return RowFactory.create(
                report.runId(),
                report.name(),
                Timestamp.from(report.startedAt()),
                Timestamp.from(report.finishedAt()),
                report.status(),
                report.exitCode().code(),
                report.message(),
                report.version(),
                write(JSON.valueToTree(report.conf())),
                report.documents().files(),
                report.documents().documents(),
                report.documents().rejects(),
                tokens.contexts(),
                report.results().questions(),
                tokens.documentTokens(),
                tokens.packedTokens(),
                tokens.rejectedTokens(),
                tokens.prefixTokens(),
                tokens.separatorTokens(),
                tokens.paddingTokens(),
                tokens.cutSentences(),
                work.tokensPrefilled(),
                work.tokensReused(),
                work.tokensGenerated(),
                work.prefillTokensPerSecond(),
                work.decodeTokensPerSecond(),
                report.peakMemoryBytes(),
                null,
                report.results().byStatus(),
                report.results().errorsByCode(),
                report.documents().rejectsByCode(),
                report.identity().model(),
                report.identity().tokenizer(),
                report.identity().recipe(),
                report.identity().backend(),
                report.identity().threads());
    }

    private static String write(com.fasterxml.jackson.databind.JsonNode node) {
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
        }
    }
}
