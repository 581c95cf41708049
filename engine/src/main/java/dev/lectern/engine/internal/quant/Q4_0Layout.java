package dev.lectern.engine.internal.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// `Q4_0`: 32 weights in 18 bytes, one scale, no offset (ggml `block_q4_0`).
///
/// ```
///   0        2                                18
///   +--------+---------------------------------+
///   | scale  | quants: 16 bytes, 2 per byte    |
///   | f16 LE | low nibble  = weights  0 … 15   |
///   |        | high nibble = weights 16 … 31   |
///   +--------+---------------------------------+
/// ```
///
/// A weight is `scale * (nibble - 8)`. This class is the only place that knows the layout: the vector kernels take
/// their offsets from here, and [WeightDecoder#decode] is the oracle that they are tested against.
public final class Q4_0Layout {
    public static final int BLOCK_WEIGHTS = 32;
    public static final int BLOCK_BYTES = 18;
    public static final int SCALE_OFFSET = 0;
    public static final int QUANTS_OFFSET = 2;
    public static final int ZERO_POINT = 8;

    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Q4_0Layout() {}

    /// Decodes whole blocks to float32.
    ///
    /// @param blocks        quantised row, read only
    /// @param blockOffset   byte offset of the first block
    /// @param weights       destination; receives `count` values from `weightsOffset` on
    /// @param weightsOffset index of the first value
    /// @param count         number of weights, a multiple of [#BLOCK_WEIGHTS]
    static void decode(MemorySegment blocks, long blockOffset, float[] weights, int weightsOffset, int count) {
        for (int done = 0; done < count; done += BLOCK_WEIGHTS, blockOffset += BLOCK_BYTES) {
            float scale = Float.float16ToFloat(blocks.get(SHORT, blockOffset + SCALE_OFFSET));
            for (int i = 0; i < BLOCK_WEIGHTS / 2; i++) {
                int pair = blocks.get(JAVA_BYTE, blockOffset + QUANTS_OFFSET + i);
                weights[weightsOffset + done + i] = scale * ((pair & 0xF) - ZERO_POINT);
                weights[weightsOffset + done + i + BLOCK_WEIGHTS / 2] = scale * (((pair >>> 4) & 0xF) - ZERO_POINT);
            }
        }
    }
}
