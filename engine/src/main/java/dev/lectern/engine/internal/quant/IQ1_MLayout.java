package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;
import static dev.lectern.engine.internal.quant.LittleEndian.unsignedShort;
import static dev.lectern.engine.internal.quant.PackedBits.field;

import java.lang.foreign.MemorySegment;

/// `IQ1_M`: 256 weights in 56 bytes, 16 groups of 16 with a scale each (ggml `block_iq1_m`).
///
/// ```
///   0                 32                           48                             56
///   +-----------------+----------------------------+------------------------------+
///   | grid entries of | nibbles, side by side, for | 4 times u16: the scales of   |
///   | 8 weights each, | 8 weights each: the high   | 4 groups, 3 bits each, and   |
///   | low 8 bits      | 3 bits of the entry, 1 bit:| in the highest 4 bits a      |
///   |                 | shift negative             | quarter of the block's scale |
///   +-----------------+----------------------------+------------------------------+
/// ```
///
/// The four quarters, the first the lowest, make a float16. A weight is `scale * (2 * groupScale + 1) * (number +
/// shift)` as in [IQ1_SLayout].
public final class IQ1_MLayout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 56;
    public static final int GROUP_WEIGHTS = 16;
    public static final int QUANTS_OFFSET = 0;
    public static final int HIGH_OFFSET = 32;
    public static final int GROUPS_OFFSET = 48;

    private IQ1_MLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = scale(data, block + GROUPS_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            int group = i / GROUP_WEIGHTS;
            int scales = unsignedShort(data, block + GROUPS_OFFSET + group / 4 * Short.BYTES);
            float groupScale = scale * (2 * (scales >>> 3 * (group % 4) & 7) + 1);
            int high = field(data, block + HIGH_OFFSET, 4, i / 8);
            int entry = unsignedByte(data, block + QUANTS_OFFSET + i / 8) | (high & 7) << 8;
            float shift = high >>> 3 == 0 ? IQ1_SLayout.SHIFT : -IQ1_SLayout.SHIFT;
            weights[at + i] = groupScale * (CodeGrid.IQ1.value(entry, i % 8) + shift);
        }
    }

    private static float scale(MemorySegment data, long groups) {
        int bits = 0;
        for (int quarter = 0; quarter < 4; quarter++) {
            bits |= unsignedShort(data, groups + quarter * Short.BYTES) >>> 12 << 4 * quarter;
        }
        return Float.float16ToFloat((short) bits);
    }
}
