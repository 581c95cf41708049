package dev.lectern.engine.internal.kernel.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class BlockFitsTest {
    private static final long SEED = 5;
    private static final int COUNT = 64;
    private static final int AT = 3;
    private static final int TO = 7;

    @Test
    void roundsToTheNumbersOfARange() {
        float[] x = weights();
        int[] quants = new int[TO + COUNT];
        for (float inverse : new float[] {0, 0.5f, 1, -3, 1e6f, 1e30f}) {
            BlockFits.scaleQuants(x, AT, COUNT, inverse, -32, 31, quants, TO);
            for (int i = 0; i < COUNT; i++) {
                float scaled = x[AT + i] * inverse;
                assertThat(quants[TO + i])
                        .as("%s, seed %d", scaled, SEED)
                        .isEqualTo(Math.clamp((int) Math.rint(scaled), -32, 31) + 32);
            }
        }
    }

    @Test
    void findsTheNearestOfATable() {
        float[] x = weights();
        float[] borders = {-20, -3.5f, 0, 0.5f, 40};
        int[] quants = new int[TO + COUNT];
        for (float inverse : new float[] {0, 0.5f, 1, -3, 1e6f, 1e30f}) {
            BlockFits.tableQuants(x, AT, COUNT, inverse, borders, quants, TO);
            for (int i = 0; i < COUNT; i++) {
                float scaled = x[AT + i] * inverse;
                int expected = 0;
                for (float border : borders) {
                    expected += scaled > border ? 1 : 0;
                }
                assertThat(quants[TO + i]).as("%s, seed %d", scaled, SEED).isEqualTo(expected);
            }
        }
    }

    /// Also such that lie half way between two integers.
    private static float[] weights() {
        Random random = new Random(SEED);
        float[] x = new float[AT + COUNT];
        for (int i = 0; i < x.length; i++) {
            x[i] = i % 2 == 0 ? random.nextInt(-80, 80) * 0.5f : (float) random.nextGaussian() * 30;
        }
        return x;
    }
}
