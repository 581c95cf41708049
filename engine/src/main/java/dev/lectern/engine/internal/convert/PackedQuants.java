package dev.lectern.engine.internal.convert;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/// Writes numbers of few bits in the two orders of ggml's layouts, which
/// `dev.lectern.engine.internal.quant.PackedBits` draws and reads.
final class PackedQuants {
    private PackedQuants() {}

    /// The numbers 0, 1, 2 … in the lowest bits of one byte after the other, the next ones above them.
    ///
    /// @param from  first number
    /// @param shift bits of each number that are left out below
    /// @param width bits of each number that are written: 1, 2 or 4
    /// @param bytes how many bytes there are before the numbers go on in the next bits; all their bits are filled
    static void putPlane(int[] numbers, int from, int shift, int width, int bytes, MemorySegment out, long offset) {
        int mask = (1 << width) - 1;
        for (int b = 0; b < bytes; b++) {
            int packed = 0;
            for (int bit = 0, i = from + b; bit < Byte.SIZE; bit += width, i += bytes) {
                packed |= (numbers[i] >>> shift & mask) << bit;
            }
            out.set(JAVA_BYTE, offset + b, (byte) packed);
        }
    }

    /// The numbers side by side, the first in the lowest bits.
    ///
    /// @param shift bits of each number that are left out below
    /// @param width bits of each number that are written: 1, 2 or 4
    /// @param count numbers, whole bytes of them
    static void putField(int[] numbers, int shift, int width, int count, MemorySegment out, long offset) {
        int mask = (1 << width) - 1;
        int perByte = Byte.SIZE / width;
        for (int b = 0; b < count / perByte; b++) {
            int packed = 0;
            for (int k = 0; k < perByte; k++) {
                packed |= (numbers[b * perByte + k] >>> shift & mask) << k * width;
            }
            out.set(JAVA_BYTE, offset + b, (byte) packed);
        }
    }
}
