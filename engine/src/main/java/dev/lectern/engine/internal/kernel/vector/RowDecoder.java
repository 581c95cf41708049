package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.quant.BF16Layout;
import dev.lectern.engine.internal.quant.F16Layout;
import dev.lectern.engine.internal.quant.F32Layout;
import dev.lectern.engine.internal.quant.F8_E4M3Layout;
import dev.lectern.engine.internal.quant.Q4_0Layout;
import dev.lectern.engine.internal.quant.Q8_0Layout;
import dev.lectern.engine.internal.quant.TensorType;
import dev.lectern.engine.internal.quant.WeightDecoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Stored weights to float32, exactly: bit for bit what the scalar decoder gives.
final class RowDecoder {
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final int LANES = FLOATS.length();
    private static final VectorSpecies<Integer> INTS = FLOATS.vectorShape().withLanes(int.class);
    private static final VectorSpecies<Short> SHORTS =
            LANES == 16 ? ShortVector.SPECIES_256 : LANES == 8 ? ShortVector.SPECIES_128 : ShortVector.SPECIES_64;
    private static final VectorSpecies<Byte> BYTES = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE);

    /// 2^112: takes a float16's exponent bias to that of float32.
    private static final float BIAS = 0x1p112f;

    private static final int HALF_BLOCK = Q4_0Layout.BLOCK_WEIGHTS / 2;

    private RowDecoder() {}

    static void decode(
            TensorType type,
            MemorySegment data,
            long offset,
            long strideBytes,
            int rows,
            int count,
            float[] weights,
            int stride) {
        // The loop over rows is inside each method: calls a row would cost as much as a short row's work.
        switch (type) {
            case F32 -> decodeF32(data, offset, strideBytes, rows, count, weights, stride);
            case F16 -> decodeF16(data, offset, strideBytes, rows, count, weights, stride);
            case BF16 -> decodeBf16(data, offset, strideBytes, rows, count, weights, stride);
            case Q8_0 -> decodeQ8(data, offset, strideBytes, rows, count, weights, stride);
            case Q4_0 -> decodeQ4(data, offset, strideBytes, rows, count, weights, stride);
            case F8_E4M3 -> decodeF8(data, offset, strideBytes, rows, count, weights, stride);
            case Q4_1 -> decodeBlocks(Blocks::q4x1, type, data, offset, strideBytes, rows, count, weights, stride);
            case Q5_0 -> decodeBlocks(Blocks::q5x0, type, data, offset, strideBytes, rows, count, weights, stride);
            case Q5_1 -> decodeBlocks(Blocks::q5x1, type, data, offset, strideBytes, rows, count, weights, stride);
            case MXFP4 -> decodeBlocks(Blocks::mxfp4, type, data, offset, strideBytes, rows, count, weights, stride);
            case E2M1_PAIRS ->
                decodePairs(Blocks::e2m1Pairs, type, data, offset, strideBytes, rows, count, weights, stride);
            case INT4_PAIRS ->
                decodePairs(Blocks::int4Pairs, type, data, offset, strideBytes, rows, count, weights, stride);
            case Q4_K -> decodeBlocks(SuperBlocks::q4k, type, data, offset, strideBytes, rows, count, weights, stride);
            case Q5_K -> decodeBlocks(SuperBlocks::q5k, type, data, offset, strideBytes, rows, count, weights, stride);
            case Q6_K -> decodeBlocks(SuperBlocks::q6k, type, data, offset, strideBytes, rows, count, weights, stride);
            case Q2_K,
                    Q3_K,
                    IQ1_S,
                    IQ1_M,
                    IQ2_XXS,
                    IQ2_XS,
                    IQ2_S,
                    IQ3_XXS,
                    IQ3_S,
                    IQ4_NL,
                    IQ4_XS,
                    TQ1_0,
                    TQ2_0,
                    NVFP4,
                    E8M0 -> decodeScalar(type, data, offset, strideBytes, rows, count, weights, stride);
        }
    }

    /// Types that no kernel was worth writing for yet.
    private static void decodeScalar(
            TensorType type,
            MemorySegment data,
            long offset,
            long strideBytes,
            int rows,
            int count,
            float[] weights,
            int stride) {
        for (int r = 0; r < rows; r++) {
            WeightDecoder.decode(type, data, offset + r * strideBytes, weights, r * stride, count);
        }
    }

    private static void decodeBlocks(
            BlockKernel kernel,
            TensorType type,
            MemorySegment data,
            long offset,
            long strideBytes,
            int rows,
            int count,
            float[] weights,
            int stride) {
        if (LANES == 4) {
            decodeScalar(type, data, offset, strideBytes, rows, count, weights, stride);
            return;
        }
        int blockWeights = type.blockWeights();
        int blockBytes = type.blockBytes();
        for (int r = 0; r < rows; r++) {
            long block = offset + r * strideBytes;
            int at = r * stride;
            for (int i = 0; i < count; i += blockWeights, block += blockBytes) {
                kernel.decode(data, block, weights, at + i);
            }
        }
    }

    /// @param kernel decodes as many weights as there are lanes
    private static void decodePairs(
            BlockKernel kernel,
            TensorType type,
            MemorySegment data,
            long offset,
            long strideBytes,
            int rows,
            int count,
            float[] weights,
            int stride) {
        int whole = LANES == 4 ? 0 : FLOATS.loopBound(count);
        for (int r = 0; r < rows; r++) {
            long from = offset + r * strideBytes;
            int at = r * stride;
            for (int i = 0; i < whole; i += LANES) {
                kernel.decode(data, from + i / 2, weights, at + i);
            }
            WeightDecoder.decode(type, data, from + whole / 2, weights, at + whole, count - whole);
        }
    }

    private static void decodeF8(
            MemorySegment data, long offset, long strideBytes, int rows, int count, float[] weights, int stride) {
        int whole = LANES == 4 ? 0 : FLOATS.loopBound(count);
        for (int r = 0; r < rows; r++) {
            long from = offset + r * strideBytes;
            int at = r * stride;
            for (int i = 0; i < whole; i += LANES) {
                IntVector bits = Codes.bytes(data, from + i);
                IntVector magnitude = bits.and(F8_E4M3Layout.NAN);
                FloatVector value = magnitude
                        .lanewise(VectorOperators.LSHL, F8_E4M3Layout.SHIFT)
                        .reinterpretAsFloats()
                        .mul(F8_E4M3Layout.BIAS);
                IntVector signed = value.reinterpretAsInts()
                        .or(bits.and(F8_E4M3Layout.NAN + 1).lanewise(VectorOperators.LSHL, 24));
                signed.blend(0x7FC0_0000, magnitude.compare(VectorOperators.EQ, F8_E4M3Layout.NAN))
                        .reinterpretAsFloats()
                        .intoArray(weights, at + i);
            }
            WeightDecoder.decode(TensorType.F8_E4M3, data, from + whole, weights, at + whole, count - whole);
        }
    }

    private static void decodeF32(
            MemorySegment data, long offset, long strideBytes, int rows, int count, float[] weights, int stride) {
        for (int r = 0; r < rows; r++) {
            long from = offset + r * strideBytes;
            int at = r * stride;
            int i = 0;
            for (; i < FLOATS.loopBound(count); i += LANES) {
                FloatVector.fromMemorySegment(FLOATS, data, from + (long) F32Layout.BYTES * i, LITTLE)
                        .intoArray(weights, at + i);
            }
            for (; i < count; i++) {
                weights[at + i] = data.get(FLOAT, from + (long) F32Layout.BYTES * i);
            }
        }
    }

    private static void decodeBf16(
            MemorySegment data, long offset, long strideBytes, int rows, int count, float[] weights, int stride) {
        for (int r = 0; r < rows; r++) {
            long from = offset + r * strideBytes;
            int at = r * stride;
            int i = 0;
            for (; i < FLOATS.loopBound(count); i += LANES) {
                IntVector bits = (IntVector)
                        ShortVector.fromMemorySegment(SHORTS, data, from + (long) BF16Layout.BYTES * i, LITTLE)
                                .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
                bits.lanewise(VectorOperators.LSHL, BF16Layout.SHIFT)
                        .reinterpretAsFloats()
                        .intoArray(weights, at + i);
            }
            for (; i < count; i++) {
                weights[at + i] =
                        Float.intBitsToFloat(data.get(SHORT, from + (long) BF16Layout.BYTES * i) << BF16Layout.SHIFT);
            }
        }
    }

    private static void decodeF16(
            MemorySegment data, long offset, long strideBytes, int rows, int count, float[] weights, int stride) {
        for (int r = 0; r < rows; r++) {
            long from = offset + r * strideBytes;
            int at = r * stride;
            int i = 0;
            for (; i < FLOATS.loopBound(count); i += LANES) {
                IntVector half = (IntVector)
                        ShortVector.fromMemorySegment(SHORTS, data, from + (long) F16Layout.BYTES * i, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0);
                IntVector magnitude = half.and(0x7FFF).lanewise(VectorOperators.LSHL, 13);
                IntVector value = magnitude.reinterpretAsFloats().mul(BIAS).reinterpretAsInts();
                // Infinities and NaN keep the largest exponent.
                value = value.blend(value.or(0x7F800000), magnitude.compare(VectorOperators.GE, 0x0F800000));
                value.or(half.and(0x80000000)).reinterpretAsFloats().intoArray(weights, at + i);
            }
            for (; i < count; i++) {
                weights[at + i] = Float.float16ToFloat(data.get(SHORT, from + (long) F16Layout.BYTES * i));
            }
        }
    }

    private static void decodeQ8(
            MemorySegment data, long offset, long strideBytes, int rows, int count, float[] weights, int stride) {
        for (int r = 0; r < rows; r++) {
            long from = offset + r * strideBytes;
            int at = r * stride;
            long block = from;
            for (int i = 0; i < count; i += Q8_0Layout.BLOCK_WEIGHTS, block += Q8_0Layout.BLOCK_BYTES) {
                float scale = Float.float16ToFloat(data.get(SHORT, block + Q8_0Layout.SCALE_OFFSET));
                long quantsAt = block + Q8_0Layout.QUANTS_OFFSET;
                if (LANES == 4) {
                    for (int j = 0; j < Q8_0Layout.BLOCK_WEIGHTS; j++) {
                        weights[at + i + j] = scale * data.get(ValueLayout.JAVA_BYTE, quantsAt + j);
                    }
                } else {
                    for (int j = 0; j < Q8_0Layout.BLOCK_WEIGHTS; j += LANES) {
                        FloatVector quants =
                                (FloatVector) ByteVector.fromMemorySegment(BYTES, data, quantsAt + j, LITTLE)
                                        .convertShape(VectorOperators.B2F, FLOATS, 0);
                        quants.mul(scale).intoArray(weights, at + i + j);
                    }
                }
            }
        }
    }

    private static void decodeQ4(
            MemorySegment data, long offset, long strideBytes, int rows, int count, float[] weights, int stride) {
        for (int r = 0; r < rows; r++) {
            long from = offset + r * strideBytes;
            int at = r * stride;
            long block = from;
            for (int i = 0; i < count; i += Q4_0Layout.BLOCK_WEIGHTS, block += Q4_0Layout.BLOCK_BYTES) {
                float scale = Float.float16ToFloat(data.get(SHORT, block + Q4_0Layout.SCALE_OFFSET));
                long quantsAt = block + Q4_0Layout.QUANTS_OFFSET;
                if (LANES == 4) {
                    for (int j = 0; j < HALF_BLOCK; j++) {
                        int pair = data.get(ValueLayout.JAVA_BYTE, quantsAt + j);
                        weights[at + i + j] = scale * ((pair & 0xF) - Q4_0Layout.ZERO_POINT);
                        weights[at + i + j + HALF_BLOCK] = scale * ((pair >>> 4 & 0xF) - Q4_0Layout.ZERO_POINT);
                    }
                } else {
                    for (int j = 0; j < HALF_BLOCK; j += LANES) {
                        IntVector pairs = (IntVector) ByteVector.fromMemorySegment(BYTES, data, quantsAt + j, LITTLE)
                                .convertShape(VectorOperators.B2I, INTS, 0);
                        FloatVector low = (FloatVector)
                                pairs.and(0xF).sub(Q4_0Layout.ZERO_POINT).convert(VectorOperators.I2F, 0);
                        FloatVector high = (FloatVector) pairs.lanewise(VectorOperators.LSHR, 4)
                                .and(0xF)
                                .sub(Q4_0Layout.ZERO_POINT)
                                .convert(VectorOperators.I2F, 0);
                        low.mul(scale).intoArray(weights, at + i + j);
                        high.mul(scale).intoArray(weights, at + i + j + HALF_BLOCK);
                    }
                }
            }
        }
    }
}
