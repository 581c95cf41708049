package dev.lectern.engine.internal.kernel.vector;

import static dev.lectern.engine.internal.kernel.vector.Codes.LANES;
import static dev.lectern.engine.internal.kernel.vector.Codes.adjacentNibbles;
import static dev.lectern.engine.internal.kernel.vector.Codes.bits;
import static dev.lectern.engine.internal.kernel.vector.Codes.bytes;
import static dev.lectern.engine.internal.kernel.vector.Codes.doubledE2m1;
import static dev.lectern.engine.internal.kernel.vector.Codes.float16;
import static dev.lectern.engine.internal.kernel.vector.Codes.floats;
import static dev.lectern.engine.internal.kernel.vector.Codes.int32;

import dev.lectern.engine.internal.quant.Int4PairsLayout;
import dev.lectern.engine.internal.quant.MXFP4Layout;
import dev.lectern.engine.internal.quant.Q4_1Layout;
import dev.lectern.engine.internal.quant.Q5_0Layout;
import dev.lectern.engine.internal.quant.Q5_1Layout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Blocks of 32 weights whose low nibbles are the first 16 weights and whose high ones the others, and runs of
/// adjacent nibbles. Each method is a [BlockKernel] of the type that it is named after.
final class Blocks {
    private static final int HALF = 16;

    private Blocks() {}

    static void q4x1(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + Q4_1Layout.SCALE_OFFSET);
        float minimum = float16(data, block + Q4_1Layout.MINIMUM_OFFSET);
        for (int i = 0; i < HALF; i += LANES) {
            IntVector pairs = bytes(data, block + Q4_1Layout.QUANTS_OFFSET + i);
            floats(pairs.and(0xF)).mul(scale).add(minimum).intoArray(weights, at + i);
            floats(pairs.lanewise(VectorOperators.LSHR, 4))
                    .mul(scale)
                    .add(minimum)
                    .intoArray(weights, at + i + HALF);
        }
    }

    static void q5x0(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + Q5_0Layout.SCALE_OFFSET);
        int high = int32(data, block + Q5_0Layout.HIGH_OFFSET);
        for (int i = 0; i < HALF; i += LANES) {
            IntVector pairs = bytes(data, block + Q5_0Layout.QUANTS_OFFSET + i);
            IntVector low = fiveBits(pairs.and(0xF), high, i);
            IntVector upper = fiveBits(pairs.lanewise(VectorOperators.LSHR, 4), high, i + HALF);
            floats(low.sub(Q5_0Layout.ZERO_POINT)).mul(scale).intoArray(weights, at + i);
            floats(upper.sub(Q5_0Layout.ZERO_POINT)).mul(scale).intoArray(weights, at + i + HALF);
        }
    }

    static void q5x1(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + Q5_1Layout.SCALE_OFFSET);
        float minimum = float16(data, block + Q5_1Layout.MINIMUM_OFFSET);
        int high = int32(data, block + Q5_1Layout.HIGH_OFFSET);
        for (int i = 0; i < HALF; i += LANES) {
            IntVector pairs = bytes(data, block + Q5_1Layout.QUANTS_OFFSET + i);
            IntVector low = fiveBits(pairs.and(0xF), high, i);
            IntVector upper = fiveBits(pairs.lanewise(VectorOperators.LSHR, 4), high, i + HALF);
            floats(low).mul(scale).add(minimum).intoArray(weights, at + i);
            floats(upper).mul(scale).add(minimum).intoArray(weights, at + i + HALF);
        }
    }

    static void mxfp4(MemorySegment data, long block, float[] weights, int at) {
        float halfScale =
                MXFP4Layout.halfScale(data.get(ValueLayout.JAVA_BYTE, block + MXFP4Layout.SCALE_OFFSET) & 0xFF);
        for (int i = 0; i < HALF; i += LANES) {
            IntVector pairs = bytes(data, block + MXFP4Layout.QUANTS_OFFSET + i);
            doubledE2m1(pairs.and(0xF)).mul(halfScale).intoArray(weights, at + i);
            doubledE2m1(pairs.lanewise(VectorOperators.LSHR, 4)).mul(halfScale).intoArray(weights, at + i + HALF);
        }
    }

    /// [Codes#LANES] weights, which are half as many bytes.
    static void e2m1Pairs(MemorySegment data, long block, float[] weights, int at) {
        doubledE2m1(adjacentNibbles(data, block)).mul(0.5f).intoArray(weights, at);
    }

    /// [Codes#LANES] weights, which are half as many bytes.
    static void int4Pairs(MemorySegment data, long block, float[] weights, int at) {
        floats(adjacentNibbles(data, block).sub(Int4PairsLayout.ZERO_POINT)).intoArray(weights, at);
    }

    private static IntVector fiveBits(IntVector low, int high, int first) {
        return low.or(bits(high, first).lanewise(VectorOperators.LSHL, 4));
    }
}
