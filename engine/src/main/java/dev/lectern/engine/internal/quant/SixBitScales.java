package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;

import java.lang.foreign.MemorySegment;

/// The 8 scales and 8 minima of a `Q4_K` or `Q5_K` super-block, 6 bits each, in 12 bytes (ggml `get_scale_min_k4`).
///
/// ```
///   byte 0 … 3:   [ high 2 bits of scale 4 … 7   | scale 0 … 3                ]
///   byte 4 … 7:   [ high 2 bits of minimum 4 … 7 | minimum 0 … 3              ]
///   byte 8 … 11:  [ low 4 bits of minimum 4 … 7  | low 4 bits of scale 4 … 7  ]
/// ```
public final class SixBitScales {
    public static final int BYTES = 12;

    private static final int LOW_SIX = 0x3F;
    private static final int LOW_FOUR = 0xF;
    private static final int HIGH_TWO = 0x30;

    private SixBitScales() {}

    /// Scale of group `group`, 0 to 63.
    ///
    /// @param scales byte offset of the 12 bytes
    public static int scale(MemorySegment data, long scales, int group) {
        if (group < 4) {
            return unsignedByte(data, scales + group) & LOW_SIX;
        }
        return unsignedByte(data, scales + group + 4) & LOW_FOUR
                | unsignedByte(data, scales + group - 4) >>> 2 & HIGH_TWO;
    }

    /// Minimum of group `group`, 0 to 63.
    ///
    /// @param scales byte offset of the 12 bytes
    public static int minimum(MemorySegment data, long scales, int group) {
        if (group < 4) {
            return unsignedByte(data, scales + group + 4) & LOW_SIX;
        }
        return unsignedByte(data, scales + group + 4) >>> 4 | unsignedByte(data, scales + group) >>> 2 & HIGH_TWO;
    }
}
