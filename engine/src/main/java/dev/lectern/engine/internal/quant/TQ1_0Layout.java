package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.float16;
import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;

import java.lang.foreign.MemorySegment;

/// `TQ1_0`: 256 weights of -1, 0 or 1, five a byte, in 54 bytes with one scale (ggml `block_tq1_0`).
///
/// ```
///   0                         32                        48                      52       54
///   +-------------------------+-------------------------+-----------------------+--------+
///   | 32 bytes of 5 digits:   | 16 bytes of 5 digits:   | 4 bytes of 4 digits:  | scale  |
///   | weights 0 … 159         | weights 160 … 239       | weights 240 … 255     | f16    |
///   +-------------------------+-------------------------+-----------------------+--------+
/// ```
///
/// A byte holds `ceil(256 * t / 243)`, where t is a number of five ternary digits: multiplied by 3, it overflows into
/// the first digit; multiplied by 3 before, without the overflow, it gives the next. The first digits of a section's
/// bytes are its first weights, then come all second ones. A weight is `scale * (digit - 1)`.
public final class TQ1_0Layout {
    public static final int BLOCK_WEIGHTS = 256;
    public static final int BLOCK_BYTES = 54;
    public static final int QUANTS_OFFSET = 0;
    public static final int SCALE_OFFSET = 52;

    private TQ1_0Layout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        float scale = float16(data, block + SCALE_OFFSET);
        decodeSection(data, block + QUANTS_OFFSET, 32, 160, scale, weights, at);
        decodeSection(data, block + QUANTS_OFFSET + 32, 16, 80, scale, weights, at + 160);
        decodeSection(data, block + QUANTS_OFFSET + 48, 4, 16, scale, weights, at + 240);
    }

    private static void decodeSection(
            MemorySegment data, long offset, int bytes, int count, float scale, float[] weights, int at) {
        int shifted = 1;
        for (int i = 0; i < count; i++) {
            if (i > 0 && i % bytes == 0) {
                shifted *= 3;
            }
            int rest = unsignedByte(data, offset + i % bytes) * shifted & 0xFF;
            int digit = rest * 3 >>> Byte.SIZE;
            weights[at + i] = scale * (digit - 1);
        }
    }
}
