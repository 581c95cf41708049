package dev.lectern.engine.internal.kernel.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class MatricesTest {
    @Test
    void rowsBecomeColumnsAndNothingElseIsWritten() {
        int[] sizes = {0, 1, 3, 4, 5, 8, 15, 16, 17, 32, 35};
        float[] square = new float[Lanes.COUNT * Lanes.COUNT];
        for (int rows : sizes) {
            for (int columns : sizes) {
                int inStride = columns + 3;
                int outStride = rows + 2;
                float[] in = new float[2 + rows * inStride];
                for (int i = 0; i < in.length; i++) {
                    in[i] = i + 1;
                }
                float[] expected = new float[1 + columns * outStride];
                for (int r = 0; r < rows; r++) {
                    for (int c = 0; c < columns; c++) {
                        expected[1 + c * outStride + r] = in[2 + r * inStride + c] * 0.5f;
                    }
                }
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment out = arena.allocate(ValueLayout.JAVA_FLOAT, expected.length);
                    long to = out.address() + Float.BYTES;
                    Matrices.transpose(in, 2, inStride, rows, columns, 0.5f, to, 4L * outStride, square);
                    float[] found = out.toArray(ValueLayout.JAVA_FLOAT);
                    assertThat(found).as("(%d, %d)", rows, columns).isEqualTo(expected);
                }
            }
        }
    }
}
