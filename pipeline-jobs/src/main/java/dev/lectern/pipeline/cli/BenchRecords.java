package dev.lectern.pipeline.cli;

import dev.lectern.engine.MachineLimits;
import dev.lectern.engine.Profile;
import dev.lectern.pipeline.bench.BenchResult;
import dev.lectern.pipeline.bench.Samples;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// `lectern bench` for programs: a record a test, its fields named as llama-bench names them; those that llama-bench
/// does not have come after.
final class BenchRecords {
    private BenchRecords() {}

    /// One array.
    static void printJson(BenchReport report, boolean profile, PrintWriter out) {
        Json.print(out, records(report, profile));
    }

    /// A line a test.
    static void printJsonLines(BenchReport report, boolean profile, PrintWriter out) {
        records(report, profile).forEach(record -> Json.print(out, record));
    }

    private static List<Map<String, Object>> records(BenchReport report, boolean profile) {
        List<Map<String, Object>> records = new ArrayList<>();
        for (BenchResult result : report.results()) {
            Map<String, Object> fields = fields(report, result);
            if (profile) {
                result.parts().forEach(part -> fields.put(part.name() + "_profile", operations(part)));
            }
            records.add(fields);
        }
        return records;
    }

    static void printCsv(BenchReport report, PrintWriter out) {
        for (int i = 0; i < report.results().size(); i++) {
            Map<String, Object> fields = fields(report, report.results().get(i));
            if (i == 0) {
                out.println(String.join(",", fields.keySet()));
            }
            out.println(fields.values().stream().map(BenchRecords::quoted).collect(Collectors.joining(",")));
        }
    }

    private static String quoted(Object value) {
        String text = switch (value) {
            case long[] numbers -> Arrays.toString(numbers);
            case double[] numbers -> Arrays.toString(numbers);
            default -> value.toString();
        };
        return '"' + text.replace("\"", "\"\"") + '"';
    }

    private static Map<String, Object> fields(BenchReport report, BenchResult result) {
        Samples samples = result.samples();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("build_commit", new BuildInfo().commit());
        fields.put("cpu_info", CpuName.read());
        fields.put("backends", report.backend());
        fields.put("model_filename", report.model().location());
        fields.put("model_type", report.modelType());
        fields.put("model_size", report.model().fileBytes());
        fields.put("model_n_params", report.model().parameters());
        fields.put("n_threads", report.threads());
        fields.put("n_prompt", result.test().promptTokens());
        fields.put("n_gen", result.test().genTokens());
        fields.put("n_depth", result.test().depthTokens());
        fields.put("test_time", result.begun().truncatedTo(ChronoUnit.SECONDS).toString());
        fields.put("avg_ns", Math.round(samples.meanNanos()));
        fields.put("stddev_ns", Math.round(samples.deviationNanos()));
        fields.put("avg_ts", samples.meanRate());
        fields.put("stddev_ts", samples.deviationRate());
        fields.put("samples_ns", samples.nanos());
        fields.put("samples_ts", samples.tokensPerSecond());
        fields.put("n_questions", result.test().questions());
        for (BenchResult.Part part : result.parts()) {
            fields.put(part.name() + "_avg_ts", part.samples().meanRate());
            fields.put(part.name() + "_samples_ns", part.samples().nanos());
        }
        MachineLimits limits = report.limits();
        if (limits != null) {
            for (BenchResult.Part part : result.parts()) {
                fields.put(part.name() + "_gflops", part.gflops());
                fields.put(part.name() + "_gigabytes", part.gigabytes());
            }
            fields.put("limit_gflops_1_thread", limits.gflopsOneThread());
            fields.put("limit_gflops", limits.gflopsAllThreads());
            fields.put("limit_gigabytes_1_thread", limits.gigabytesOneThread());
            fields.put("limit_gigabytes", limits.gigabytesAllThreads());
        }
        return fields;
    }

    private static List<Map<String, Object>> operations(BenchResult.Part part) {
        Profile profile = part.profile();
        if (profile == null) {
            return List.of();
        }
        double repetitions = part.samples().nanos().length;
        List<Map<String, Object>> records = new ArrayList<>();
        for (Profile.Operation operation : profile.operations()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("operation", operation.name());
            fields.put("calls", operation.calls() / repetitions);
            fields.put("ns", operation.nanos() / repetitions);
            fields.put("share", operation.nanos() / (part.samples().meanNanos() * repetitions));
            fields.put("gflops", operation.flops() / operation.nanos());
            fields.put("gigabytes", operation.bytes() / operation.nanos());
            records.add(fields);
        }
        return records;
    }
}
