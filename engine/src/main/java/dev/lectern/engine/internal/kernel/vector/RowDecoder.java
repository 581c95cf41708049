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
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE);

    /// 2^112: takes a float16's exponent bias to that of float32.
    private static final float BIAS = 0x1p112f;

    private static final int HALF_BLOCK = Q4_0Layout.BLOCK_WEIGHTS / 2;

    /// Room of each thread.
    private static final ThreadLocal<RowDecoder> ROOM = ThreadLocal.withInitial(RowDecoder::new);

    /// Bytes of a row that are copied at a time.
    private static final int STORED_BYTES = 8192;

    /// Whole vectors are read, which may reach as far beyond the last block.
    private static final int SLACK_BYTES = 64;

    /// A part of a row in an array: kernels read it without the checks of a segment, and are compiled once,
    /// whatever the kinds of segments that weights lie in.
    private final byte[] stored = new byte[STORED_BYTES + SLACK_BYTES];

    private final Unpacked unpacked = new Unpacked();

    private RowDecoder() {}

    static void decode(TensorType type, long data, long strideBytes, int rows, int count, float[] weights, int stride) {
        // The loop over rows is inside each method: calls a row would cost as much as a short row's work.
        switch (type) {
            case F32 -> decodeF32(data, strideBytes, rows, count, weights, stride);
            case F16 -> decodeF16(data, strideBytes, rows, count, weights, stride);
            case BF16 -> decodeBf16(data, strideBytes, rows, count, weights, stride);
            case Q8_0 -> decodeQ8(data, strideBytes, rows, count, weights, stride);
            case Q4_0 -> decodeQ4(data, strideBytes, rows, count, weights, stride);
            case F8_E4M3 -> decodeF8(data, strideBytes, rows, count, weights, stride);
            case Q4_1,
                    Q5_0,
                    Q5_1,
                    Q2_K,
                    Q3_K,
                    Q4_K,
                    Q5_K,
                    Q6_K,
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
                    MXFP4,
                    NVFP4,
                    E2M1_PAIRS,
                    INT4_PAIRS -> ROOM.get().decodeRows(type, data, strideBytes, rows, count, weights, stride);
            case E8M0 -> {
                // Scales, of which there are few.
                for (int r = 0; r < rows; r++) {
                    WeightDecoder.decode(type, Memory.ALL, data + r * strideBytes, weights, r * stride, count);
                }
            }
        }
    }

    private void decodeRows(
            TensorType type, long data, long strideBytes, int rows, int count, float[] weights, int stride) {
        // Pairs of weights make rows that are no multiple of a group.
        int whole = count - count % Unpacked.GROUP_WEIGHTS;
        int most = STORED_BYTES / type.blockBytes() * type.blockWeights() / Unpacked.WEIGHTS * Unpacked.WEIGHTS;
        for (int r = 0; r < rows; r++) {
            long from = data + r * strideBytes;
            for (int done = 0; done < whole; done += most) {
                int now = Math.min(whole - done, most);
                int bytes = (int) type.bytes(now);
                MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_BYTE, from + type.bytes(done), stored, 0, bytes);
                decodeStored(type, now, weights, r * stride + done);
            }
            if (whole < count) {
                WeightDecoder.decode(
                        type, Memory.ALL, from + type.bytes(whole), weights, r * stride + whole, count - whole);
            }
        }
    }

    private void decodeStored(TensorType type, int count, float[] weights, int at) {
        int bytes = (int) type.bytes(Unpacked.WEIGHTS);
        int from = 0;
        for (int done = 0; done < count; done += Unpacked.WEIGHTS, from += bytes) {
            int now = Math.min(count - done, Unpacked.WEIGHTS);
            if (unpack(type, from, now)) {
                unpacked.scaleLessMinimum(now, weights, at + done);
            } else {
                unpacked.scale(now, weights, at + done);
            }
        }
    }

    /// Returns whether the type has minima.
    private boolean unpack(TensorType type, int at, int count) {
        switch (type) {
            case Q4_1 -> Blocks.q4x1(stored, at, count, unpacked);
            case Q5_0 -> Blocks.q5x0(stored, at, count, unpacked);
            case Q5_1 -> Blocks.q5x1(stored, at, count, unpacked);
            case IQ4_NL -> Blocks.iq4nl(stored, at, count, unpacked);
            case MXFP4 -> Blocks.mxfp4(stored, at, count, unpacked);
            case NVFP4 -> Blocks.nvfp4(stored, at, count, unpacked);
            case E2M1_PAIRS -> Blocks.e2m1Pairs(stored, at, count, unpacked);
            case INT4_PAIRS -> Blocks.int4Pairs(stored, at, count, unpacked);
            case Q2_K -> SuperBlocks.q2k(stored, at, unpacked);
            case Q3_K -> SuperBlocks.q3k(stored, at, unpacked);
            case Q4_K -> SuperBlocks.q4k(stored, at, unpacked);
            case Q5_K -> SuperBlocks.q5k(stored, at, unpacked);
            case Q6_K -> SuperBlocks.q6k(stored, at, unpacked);
            case IQ4_XS -> SuperBlocks.iq4xs(stored, at, unpacked);
            case TQ1_0 -> SuperBlocks.tq1x0(stored, at, unpacked);
            case TQ2_0 -> SuperBlocks.tq2x0(stored, at, unpacked);
            case IQ1_S -> GridBlocks.iq1s(stored, at, unpacked);
            case IQ1_M -> GridBlocks.iq1m(stored, at, unpacked);
            case IQ2_XXS -> GridBlocks.iq2xxs(stored, at, unpacked);
            case IQ2_XS -> GridBlocks.iq2xs(stored, at, unpacked);
            case IQ2_S -> GridBlocks.iq2s(stored, at, unpacked);
            case IQ3_XXS -> GridBlocks.iq3xxs(stored, at, unpacked);
            case IQ3_S -> GridBlocks.iq3s(stored, at, unpacked);
            case F32, F16, BF16, Q8_0, Q4_0, F8_E4M3, E8M0 ->
                throw new IllegalArgumentException(type + " needs no unpacking");
        }
        return hasMinima(type);
    }

    /// Whether weights of a type are less a minimum.
    static boolean hasMinima(TensorType type) {
        return switch (type) {
            case Q4_1, Q5_1, Q2_K, Q4_K, Q5_K -> true;
            default -> false;
        };
    }

    /// Unpacks whole blocks, at most [Unpacked#WEIGHTS] weights.
    ///
    /// @param type one with codes and scales
    /// @return this thread's, until it unpacks others
    static Unpacked unpack(TensorType type, long data, int count) {
        RowDecoder room = ROOM.get();
        MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_BYTE, data, room.stored, 0, (int) type.bytes(count));
        room.unpack(type, 0, count);
        return room.unpacked;
    }

    private static void decodeF8(long data, long strideBytes, int rows, int count, float[] weights, int stride) {
        int whole = FLOATS.loopBound(count);
        for (int r = 0; r < rows; r++) {
            long from = data + r * strideBytes;
            int at = r * stride;
            for (int i = 0; i < whole; i += LANES) {
                IntVector bits = ByteLanes.unsigned(from + i);
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
            WeightDecoder.decode(TensorType.F8_E4M3, Memory.ALL, from + whole, weights, at + whole, count - whole);
        }
    }

    private static void decodeF32(long data, long strideBytes, int rows, int count, float[] weights, int stride) {
        for (int r = 0; r < rows; r++) {
            long from = data + r * strideBytes;
            int at = r * stride;
            int i = 0;
            for (; i < FLOATS.loopBound(count); i += LANES) {
                FloatVector.fromMemorySegment(FLOATS, Memory.ALL, from + (long) F32Layout.BYTES * i, LITTLE)
                        .intoArray(weights, at + i);
            }
            for (; i < count; i++) {
                weights[at + i] = Memory.ALL.get(FLOAT, from + (long) F32Layout.BYTES * i);
            }
        }
    }

    private static void decodeBf16(long data, long strideBytes, int rows, int count, float[] weights, int stride) {
        for (int r = 0; r < rows; r++) {
            long from = data + r * strideBytes;
            int at = r * stride;
            int i = 0;
            for (; i < FLOATS.loopBound(count); i += LANES) {
                IntVector bits = (IntVector)
                        ShortVector.fromMemorySegment(SHORTS, Memory.ALL, from + (long) BF16Layout.BYTES * i, LITTLE)
                                .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
                bits.lanewise(VectorOperators.LSHL, BF16Layout.SHIFT)
                        .reinterpretAsFloats()
                        .intoArray(weights, at + i);
            }
            for (; i < count; i++) {
                weights[at + i] = Float.intBitsToFloat(
                        Memory.ALL.get(SHORT, from + (long) BF16Layout.BYTES * i) << BF16Layout.SHIFT);
            }
        }
    }

    private static void decodeF16(long data, long strideBytes, int rows, int count, float[] weights, int stride) {
        for (int r = 0; r < rows; r++) {
            long from = data + r * strideBytes;
            int at = r * stride;
            int i = 0;
            for (; i < FLOATS.loopBound(count); i += LANES) {
                IntVector half = (IntVector)
                        ShortVector.fromMemorySegment(SHORTS, Memory.ALL, from + (long) F16Layout.BYTES * i, LITTLE)
                                .convertShape(VectorOperators.S2I, INTS, 0);
                IntVector magnitude = half.and(0x7FFF).lanewise(VectorOperators.LSHL, 13);
                IntVector value = magnitude.reinterpretAsFloats().mul(BIAS).reinterpretAsInts();
                // Infinities and NaN keep the largest exponent.
                value = value.blend(value.or(0x7F800000), magnitude.compare(VectorOperators.GE, 0x0F800000));
                value.or(half.and(0x80000000)).reinterpretAsFloats().intoArray(weights, at + i);
            }
            for (; i < count; i++) {
                weights[at + i] = Float.float16ToFloat(Memory.ALL.get(SHORT, from + (long) F16Layout.BYTES * i));
            }
        }
    }

    private static void decodeQ8(long data, long strideBytes, int rows, int count, float[] weights, int stride) {
        for (int r = 0; r < rows; r++) {
            long from = data + r * strideBytes;
            int at = r * stride;
            long block = from;
            for (int i = 0; i < count; i += Q8_0Layout.BLOCK_WEIGHTS, block += Q8_0Layout.BLOCK_BYTES) {
                float scale = Float.float16ToFloat(Memory.ALL.get(SHORT, block + Q8_0Layout.SCALE_OFFSET));
                long quantsAt = block + Q8_0Layout.QUANTS_OFFSET;
                for (int j = 0; j < Q8_0Layout.BLOCK_WEIGHTS; j += LANES) {
                    ByteLanes.signed(quantsAt + j).mul(scale).intoArray(weights, at + i + j);
                }
            }
        }
    }

    private static void decodeQ4(long data, long strideBytes, int rows, int count, float[] weights, int stride) {
        for (int r = 0; r < rows; r++) {
            long from = data + r * strideBytes;
            int at = r * stride;
            long block = from;
            for (int i = 0; i < count; i += Q4_0Layout.BLOCK_WEIGHTS, block += Q4_0Layout.BLOCK_BYTES) {
                float scale = Float.float16ToFloat(Memory.ALL.get(SHORT, block + Q4_0Layout.SCALE_OFFSET));
                long quantsAt = block + Q4_0Layout.QUANTS_OFFSET;
                for (int j = 0; j < HALF_BLOCK; j += LANES) {
                    IntVector pairs = ByteLanes.unsigned(quantsAt + j);
                    IntVector low = pairs.and(0xF).sub(Q4_0Layout.ZERO_POINT);
                    IntVector high = pairs.lanewise(VectorOperators.LSHR, 4).sub(Q4_0Layout.ZERO_POINT);
                    StoredCodes.floats(low).mul(scale).intoArray(weights, at + i + j);
                    StoredCodes.floats(high).mul(scale).intoArray(weights, at + i + j + HALF_BLOCK);
                }
            }
        }
    }
}
