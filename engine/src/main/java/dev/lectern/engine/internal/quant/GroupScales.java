package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;

import java.lang.foreign.MemorySegment;

/// What the types whose weights are whole numbers in groups of 32 have in common: a weight is
/// `scale * quant - minimum`, the quant a whole number from -127 to 127 (-128 in `Q8_0`), scale and minimum those of
/// the weight's group.
public final class GroupScales {
    /// Weights that share a scale.
    public static final int GROUP_WEIGHTS = 32;

    private GroupScales() {}

    /// Whether [#read] knows the type.
    public static boolean has(TensorType type) {
        return switch (type) {
            case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, IQ4_NL, IQ4_XS, MXFP4 -> true;
            default -> false;
        };
    }

    /// Whether the type has minima; those of other types are zero.
    public static boolean hasMinima(TensorType type) {
        return switch (type) {
            case Q4_1, Q5_1, Q4_K, Q5_K -> true;
            default -> false;
        };
    }

    /// Reads scales and minima of a row's first `groups` groups; those of group g go to `at + g * stride`.
    ///
    /// @param row    byte offset of the row's first block
    /// @param minima left as it is by types that have none
    public static void read(
            TensorType type,
            MemorySegment data,
            long row,
            int groups,
            float[] scales,
            float[] minima,
            int at,
            int stride) {
        switch (type) {
            case Q8_0, Q4_0, Q5_0, IQ4_NL -> readScales(type, data, row, groups, scales, at, stride);
            case Q4_1, Q5_1 -> readMinima(type, data, row, groups, scales, minima, at, stride);
            case Q4_K, Q5_K -> readSixBits(type, data, row, groups, scales, minima, at, stride);
            case IQ4_XS -> {
                for (int g = 0; g < groups; g++) {
                    long block = row + g / 8 * (long) IQ4_XSLayout.BLOCK_BYTES;
                    scales[at + g * stride] = float16(data, block + IQ4_XSLayout.SCALE_OFFSET)
                            * IQ4_XSLayout.groupScale(data, block, g % 8);
                }
            }
            case MXFP4 -> {
                for (int g = 0; g < groups; g++) {
                    long block = row + g * (long) MXFP4Layout.BLOCK_BYTES;
                    scales[at + g * stride] =
                            MXFP4Layout.halfScale(unsignedByte(data, block + MXFP4Layout.SCALE_OFFSET));
                }
            }
            default -> throw new IllegalArgumentException(type + " has no groups of whole numbers");
        }
    }

    /// Blocks of one group that begin with their scale.
    private static void readScales(
            TensorType type, MemorySegment data, long row, int groups, float[] scales, int at, int stride) {
        int blockBytes = type.blockBytes();
        for (int g = 0; g < groups; g++) {
            scales[at + g * stride] = float16(data, row + (long) g * blockBytes + Q8_0Layout.SCALE_OFFSET);
        }
    }

    /// Blocks of one group that begin with their scale and what is added to all weights.
    private static void readMinima(
            TensorType type,
            MemorySegment data,
            long row,
            int groups,
            float[] scales,
            float[] minima,
            int at,
            int stride) {
        int blockBytes = type.blockBytes();
        for (int g = 0; g < groups; g++) {
            long block = row + (long) g * blockBytes;
            scales[at + g * stride] = float16(data, block + Q4_1Layout.SCALE_OFFSET);
            minima[at + g * stride] = -float16(data, block + Q4_1Layout.MINIMUM_OFFSET);
        }
    }

    private static void readSixBits(
            TensorType type,
            MemorySegment data,
            long row,
            int groups,
            float[] scales,
            float[] minima,
            int at,
            int stride) {
        int blockBytes = type.blockBytes();
        for (int first = 0; first < groups; first += 8) {
            long block = row + (long) first / 8 * blockBytes;
            float scale = float16(data, block + Q4_KLayout.SCALE_OFFSET);
            float minimum = float16(data, block + Q4_KLayout.MINIMUM_OFFSET);
            for (int g = 0; g < Math.min(8, groups - first); g++) {
                int to = at + (first + g) * stride;
                scales[to] = scale * SixBitScales.scale(data, block + Q4_KLayout.GROUPS_OFFSET, g);
                minima[to] = minimum * SixBitScales.minimum(data, block + Q4_KLayout.GROUPS_OFFSET, g);
            }
        }
    }
}
