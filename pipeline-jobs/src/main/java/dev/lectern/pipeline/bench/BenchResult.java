package dev.lectern.pipeline.bench;

import dev.lectern.engine.Profile;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one measurement gave.
///
/// @param test  what ran
/// @param begun when
/// @param parts one after another: reading, decoding, or both
public record BenchResult(BenchTest test, Instant begun, List<Part> parts) {
    public BenchResult {
        parts = List.copyOf(parts);
    }

    /// A part of each repetition that has a time of its own.
    ///
    /// @param name    `prefill` or `decode`
    /// @param profile of all repetitions together; null where the engine measured none
    public record Part(
            String name, Samples samples, @Nullable Profile profile) {
        /// 10^9 operations of matrix products and attention a second; NaN without a profile.
        public double gflops() {
            return profile == null ? Double.NaN : profile.total().flops() / totalNanos();
        }

        /// 10^9 bytes of weights, keys and values a second that had to be read; NaN without a profile.
        public double gigabytes() {
            return profile == null ? Double.NaN : profile.total().bytes() / totalNanos();
        }

        private double totalNanos() {
            return samples.meanNanos() * samples.nanos().length;
        }
    }

    /// All parts of each repetition together.
    public Samples samples() {
        return parts.stream().map(Part::samples).reduce(Samples::plus).orElseThrow();
    }
}
