package dev.lectern.pipeline.bench;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/// The times of one measurement's repetitions.
///
/// @param tokens of each repetition
/// @param nanos  one a repetition, at least one
public record Samples(int tokens, long[] nanos) {
    public Samples {
        if (nanos.length == 0) {
            throw new IllegalArgumentException("no repetitions");
        }
        nanos = nanos.clone();
    }

    @Override
    public long[] nanos() {
        return nanos.clone();
    }

    public double[] tokensPerSecond() {
        return Arrays.stream(nanos).mapToDouble(each -> tokens * 1e9 / each).toArray();
    }

    public double meanNanos() {
        return Arrays.stream(nanos).average().orElseThrow();
    }

    public double deviationNanos() {
        return deviation(Arrays.stream(nanos).asDoubleStream().toArray());
    }

    /// The mean of the repetitions' rates, as llama-bench has it: not quite the rate of the mean time.
    public double meanRate() {
        return Arrays.stream(tokensPerSecond()).average().orElseThrow();
    }

    public double deviationRate() {
        return deviation(tokensPerSecond());
    }

    /// Standard deviation of a sample; 0 for a single one.
    private static double deviation(double[] values) {
        if (values.length == 1) {
            return 0;
        }
        double mean = Arrays.stream(values).average().orElseThrow();
        ToDoubleFunction<Double> square = value -> (value - mean) * (value - mean);
        return Math.sqrt(Arrays.stream(values).boxed().mapToDouble(square).sum() / (values.length - 1));
    }

    /// Both times of each repetition together.
    Samples plus(Samples other) {
        long[] sums = nanos.clone();
        Arrays.setAll(sums, i -> nanos[i] + other.nanos[i]);
        return new Samples(tokens + other.tokens, sums);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Samples that && tokens == that.tokens && Arrays.equals(nanos, that.nanos);
    }

    @Override
    public int hashCode() {
        return 31 * tokens + Arrays.hashCode(nanos);
    }

    @Override
    public String toString() {
        return tokens + " tokens in " + Arrays.toString(nanos) + " ns";
    }
}
