package dev.lectern.engine.internal.kernel.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class WeightedRowsTest {
    @Test
    void eachElementIsOneChainInTheOrderOfTheRows() {
        Random random = new Random(20261121);
        try (Arena arena = Arena.ofConfined()) {
            for (int width : new int[] {1, 4, 15, 16, 33, 64, 80, 131}) {
                for (int sets : new int[] {1, 2, 3, 8}) {
                    check(random, arena, width, sets);
                }
            }
        }
    }

    private static void check(Random random, Arena arena, int width, int sets) {
        int count = 1 + random.nextInt(5);
        int weightStride = sets + 1;
        long rowBytes = 4L * (width + 3);
        MemorySegment rows = arena.allocate(8 + count * rowBytes, 8);
        for (long i = 0; i < rows.byteSize() / 4; i++) {
            rows.setAtIndex(JAVA_FLOAT, i, random.nextFloat() - 0.5f);
        }
        float[] weights = floats(random, 1 + count * weightStride);
        MemorySegment weightsSegment = arena.allocateFrom(JAVA_FLOAT, weights);
        float[] sums = floats(random, sets * width);
        float[] expected = sums.clone();
        for (int set = 0; set < sets; set++) {
            for (int c = 0; c < width; c++) {
                for (int r = 0; r < count; r++) {
                    float value = rows.get(JAVA_FLOAT, 8 + r * rowBytes + 4L * c);
                    float weight = weights[1 + r * weightStride + set];
                    expected[set * width + c] = Math.fma(value, weight, expected[set * width + c]);
                }
            }
        }
        long weightsAt = weightsSegment.address() + 4;
        WeightedRows.add(rows.address() + 8, rowBytes, count, width, weightsAt, weightStride, sets, sums);
        assertThat(sums).as("%d sets of width %d", sets, width).isEqualTo(expected);
    }

    private static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }
}
