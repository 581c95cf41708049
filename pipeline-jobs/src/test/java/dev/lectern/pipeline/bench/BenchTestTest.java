package dev.lectern.pipeline.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/// Names and figures of measurements.
class BenchTestTest {
    @Test
    void namesAreThoseOfLlamaBench() {
        assertThat(BenchTest.prompt(512).name()).isEqualTo("pp512");
        assertThat(BenchTest.generation(0, 32).name()).isEqualTo("tg32");
        assertThat(BenchTest.generation(8192, 32).name()).isEqualTo("tg32 @ d8192");
        assertThat(BenchTest.shared(8192, 64, 16).name()).isEqualTo("pp8192+16xtg64");
        assertThat(BenchTest.shared(8192, 64, 16).tokens()).isEqualTo(8192 + 16 * 64);
    }

    @Test
    void nothingToMeasureIsRefused() {
        assertThatThrownBy(() -> BenchTest.prompt(0)).hasMessageContaining("something to measure");
        assertThatThrownBy(() -> BenchTest.shared(8, 0, 2)).hasMessageContaining("something to measure");
        assertThatThrownBy(() -> BenchTest.prompt(-1)).hasMessageContaining("negative");
        assertThatThrownBy(() -> new BenchTest(8, 8, 0, 0)).hasMessageContaining("depth 8");
    }

    @Test
    void ratesAreMeansOfTheRepetitions() {
        Samples samples = new Samples(100, new long[] {1_000_000_000, 500_000_000});
        assertThat(samples.tokensPerSecond()).containsExactly(100, 200);
        assertThat(samples.meanRate()).isEqualTo(150);
        assertThat(samples.deviationRate()).isCloseTo(70.71, within(0.01));
        assertThat(samples.meanNanos()).isEqualTo(750e6);
        assertThat(new Samples(1, new long[] {5}).deviationRate()).isZero();
        Samples both = samples.plus(new Samples(20, new long[] {1, 2}));
        assertThat(both).isEqualTo(new Samples(120, new long[] {1_000_000_001, 500_000_002}));
        assertThatThrownBy(() -> new Samples(1, new long[0])).hasMessageContaining("no repetitions");
    }
}
