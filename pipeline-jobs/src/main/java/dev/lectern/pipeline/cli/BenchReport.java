package dev.lectern.pipeline.cli;

import dev.lectern.engine.Engine;
import dev.lectern.engine.MachineLimits;
import dev.lectern.engine.ModelInfo;
import dev.lectern.pipeline.bench.BenchResult;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything that `lectern bench` prints.
///
/// @param limits null where they were not measured; then the results have no profiles
record BenchReport(
        ModelInfo model,
        String backend,
        int threads,
        @Nullable MachineLimits limits,
        List<BenchResult> results) {
    BenchReport(Engine engine, @Nullable MachineLimits limits, List<BenchResult> results) {
        this(engine.info(), engine.backendName(), engine.threads(), limits, results);
    }

    /// As llama-bench has it, without the size class: `llama4 Q8_0`.
    String modelType() {
        // Gains are F32 in every file.
        String type = model.tensorTypes().entrySet().stream()
                .filter(entry ->
                        model.tensorTypes().size() == 1 || !entry.getKey().equals("F32"))
                .max(Comparator.comparingInt(Map.Entry::getValue))
                .map(Map.Entry::getKey)
                .orElse("");
        return model.architecture() + " " + type;
    }
}
