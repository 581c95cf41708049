package dev.lectern.engine.internal.convert;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/// Writes the 8 scales and 8 offsets of `Q4_K` and `Q5_K`, 6 bits each, as
/// [dev.lectern.engine.internal.quant.SixBitScales] draws and reads them.
final class SixBits {
    private SixBits() {}

    static void put(int[] scales, int[] offsets, MemorySegment out, long at) {
        for (int i = 0; i < 4; i++) {
            out.set(JAVA_BYTE, at + i, (byte) (scales[i] | scales[i + 4] >>> 4 << 6));
            out.set(JAVA_BYTE, at + i + 4, (byte) (offsets[i] | offsets[i + 4] >>> 4 << 6));
            out.set(JAVA_BYTE, at + i + 8, (byte) (scales[i + 4] & 0xF | (offsets[i + 4] & 0xF) << 4));
        }
    }
}
