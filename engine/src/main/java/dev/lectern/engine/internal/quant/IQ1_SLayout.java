package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;
import static dev.lectern.engine.internal.quant.LittleEndian.unsignedShort;

import java.lang.foreign.MemorySegment;

/// `IQ1_S`: 256 weights in 50 bytes, 8 groups of 32 with a scale and a shift each (ggml `block_iq1_s`).
///
/// ```
///   0        2                  34                                       50
///   +--------+------------------+-----------------------------------------+
///   | scale  | grid entries of  | 8 times u16, for 32 weights each:       |
///   | f16    | 8 weights each,  | 4 times the high 3 bits of an entry,    |
///   |        | low 8 bits       | 3 bits of scale, 1 bit: shift negative  |
///   +--------+------------------+-----------------------------------------+
/// ```
///
/// A weight is `scale * (2 * groupScale + 1) * (number + shift)` with its number in [CodeGrid#IQ1] and a shift of one
/// eighth, up or down.
public final class IQ1_SLayout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 50;
    public static final int GROUP_WEIGHTS = 32;
    public static final int SCALE_OFFSET = 0;
    public static final int QUANTS_OFFSET = 2;
    public static final int GROUPS_OFFSET = 34;

    /// Exact in float32, so that number and shift add up without rounding.
    static final float SHIFT = 0.125f;

    private IQ1_SLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            int group = unsignedShort(data, block + GROUPS_OFFSET + i / GROUP_WEIGHTS * Short.BYTES);
            int high = group >>> 3 * (i % GROUP_WEIGHTS / 8) & 7;
            int entry = unsignedByte(data, block + QUANTS_OFFSET + i / 8) | high << 8;
            float groupScale = scale * (2 * (group >>> 12 & 7) + 1);
            float shift = group >>> 15 == 0 ? SHIFT : -SHIFT;
            weights[at + i] = groupScale * (CodeGrid.IQ1.value(entry, i % 8) + shift);
        }
    }
}
