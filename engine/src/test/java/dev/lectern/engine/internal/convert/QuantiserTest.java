package dev.lectern.engine.internal.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lectern.engine.internal.quant.TensorType;
import dev.lectern.engine.internal.quant.WeightDecoder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Every quantiser against the scalar decoder of its type, and against ggml.
class QuantiserTest {
    /// A float16 scale's step, as small as it gets: where weights are so small, ggml's blocks hold nothing more.
    private static final float SMALLEST_STEP = 0x1p-24f;

    /// The errors of llama.cpp b9888 (`ggml_quantize_chunk` without importance matrix, then `to_float`) for
    /// [SampleWeights], root mean squares over all weights.
    @ParameterizedTest
    @CsvSource({
        "F16, 4.62713e-06, 7.00778e-06, 4.86075e-10",
        "BF16, 3.68192e-05, 5.58866e-05, 0",
        "Q8_0, 0.000119814, 0.000327148, 0.000156663",
        "Q4_0, 0.00191826, 0.00443927, 0.00248637",
        "Q4_1, 0.00174386, 0.00333487, 0.00214503",
        "Q5_0, 0.000958695, 0.00250477, 0.00124394",
        "Q5_1, 0.000843705, 0.00157133, 0.00104263",
        "Q2_K, 0.00661849, 0.00890487, 0.00808087",
        "Q3_K, 0.00336448, 0.00510745, 0.00412741",
        "Q4_K, 0.00159275, 0.00297, 0.00197981",
        "Q5_K, 0.000808994, 0.00151457, 0.00100292",
        "Q6_K, 0.000395728, 0.000925729, 0.000505992",
        "IQ4_NL, 0.00170328, 0.00360536, 0.00205068",
        "IQ4_XS, 0.00171676, 0.00366845, 0.00206693",
        "TQ1_0, 0.0180517, 0.0209506, 0.0194326",
        "TQ2_0, 0.0180517, 0.0209506, 0.0194326",
        "MXFP4, 0.0025868, 0.00509899, 0.00294855",
        "NVFP4, 0.00224806, 0.00308498, 0.00232393"
    })
    void errorsAreNotAboveThoseOfGgml(TargetType type, double normal, double outliers, double laplace) {
        double[] ggml = {normal, outliers, laplace};
        for (SampleWeights sample : SampleWeights.values()) {
            double bound = ggml[sample.ordinal()];
            // Six digits of the bound are known.
            assertThat(error(type, sample.weights()))
                    .as("%s of %s", type, sample)
                    .isLessThanOrEqualTo(bound * (1 + 1e-5));
        }
    }

    @ParameterizedTest
    @EnumSource(TargetType.class)
    void zerosStayZeros(TargetType type) {
        for (float decoded : roundTrip(type, new float[1024])) {
            assertThat(Math.abs(decoded)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(TargetType.class)
    void weightsOfAnySizeGiveErrorsOfThatSize(TargetType type) {
        Random random = new Random(5);
        for (float size = 0x1p-40f; size <= 0x1p14f; size *= 4) {
            float[] weights = new float[512];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = size * (2 * random.nextFloat() - 1);
            }
            float[] decoded = roundTrip(type, weights);
            for (int i = 0; i < weights.length; i++) {
                // UE4M3 scales go up to 448, down to 2^-9.
                float least = type == TargetType.NVFP4 ? 0x1p-9f : 64 * SMALLEST_STEP;
                float most = type == TargetType.NVFP4 && size > 2048 ? 2 * size : size;
                assertThat(decoded[i])
                        .as("%s, size %s, weight %d", type, size, i)
                        .isCloseTo(weights[i], within(Math.max(most, least)));
            }
        }
    }

    /// Blocks that the type holds exactly come back exactly, or nearly where two scales give the same weights.
    @ParameterizedTest
    @EnumSource(TargetType.class)
    void whatATypeHoldsItKeeps(TargetType type) {
        float[] once = roundTrip(type, Arrays.copyOf(SampleWeights.NORMAL.weights(), 4096));
        double size = rms(once, new float[once.length]);
        double limit = type == TargetType.Q2_K || type == TargetType.Q3_K ? 0.05 : 0.012;
        assertThat(rms(once, roundTrip(type, once)) / size).as(type.name()).isLessThan(limit);
    }

    @ParameterizedTest
    @EnumSource(
            value = TargetType.class,
            names = {"F32", "BF16", "MXFP4"})
    void scalesThatArePowersOfTwoComeBackExactly(TargetType type) {
        float[] once = roundTrip(type, SampleWeights.OUTLIERS.weights());
        assertThat(roundTrip(type, once)).isEqualTo(once);
    }

    @ParameterizedTest
    @EnumSource(TargetType.class)
    void constantsAndSingleWeightsSurvive(TargetType type) {
        float[] constant = new float[256];
        Arrays.fill(constant, -0.3f);
        assertThat(error(type, constant)).as("constant").isLessThan(0.06);
        float[] single = new float[256];
        single[100] = 7;
        float[] decoded = roundTrip(type, single);
        // MXFP4 has 6 and 8; IQ4_NL's level nearest to 0 is 1 of 127.
        assertThat(decoded[100]).isCloseTo(7f, within(type == TargetType.MXFP4 ? 1f : 0.5f));
        for (int i = 0; i < decoded.length; i++) {
            assertThat(Math.abs(decoded[i])).isLessThanOrEqualTo(i == 100 ? 8 : 7f / 127 + 1e-3f);
        }
    }

    @Test
    void whatIsNotFiniteDoesNotThrow() {
        float[] weights = new float[512];
        weights[3] = Float.NaN;
        weights[300] = Float.NEGATIVE_INFINITY;
        for (TargetType type : TargetType.values()) {
            assertThat(roundTrip(type, weights)).hasSize(weights.length);
        }
    }

    private static double error(TargetType type, float[] weights) {
        return rms(weights, roundTrip(type, weights));
    }

    private static double rms(float[] a, float[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            squares += difference * difference;
        }
        return Math.sqrt(squares / a.length);
    }

    /// At odd offsets, in memory that ends where the blocks do.
    private static float[] roundTrip(TargetType target, float[] weights) {
        TensorType type = target.type();
        float[] shifted = new float[weights.length + 3];
        System.arraycopy(weights, 0, shifted, 3, weights.length);
        float[] decoded = new float[weights.length];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment blocks = arena.allocate(1 + type.bytes(weights.length));
            target.newQuantiser().quantise(shifted, 3, weights.length, blocks, 1);
            WeightDecoder.decode(type, blocks, 1, decoded, 0, weights.length);
        }
        return decoded;
    }
}
