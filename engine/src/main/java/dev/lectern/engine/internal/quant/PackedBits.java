package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.LittleEndian.unsignedByte;

import java.lang.foreign.MemorySegment;

/// Numbers of 1, 2 or 4 bits, in the two orders in which ggml lays them out.
///
/// ```
///   plane, 4 bits, 16 bytes:   byte 0  [ 16 | 0 ]   byte 1  [ 17 | 1 ]   …   byte 15  [ 31 | 15 ]
///   field, 4 bits:             byte 0  [  1 | 0 ]   byte 1  [  3 | 2 ]   …
/// ```
///
/// Bits are drawn as one writes numbers, the highest first.
final class PackedBits {
    private PackedBits() {}

    /// Number `i` where the numbers 0, 1, 2 … stand in the lowest bits of one byte after the other, and the next
    /// ones above them: whole vectors are unpacked with one shift and one mask.
    ///
    /// @param offset of the first byte
    /// @param bytes  how many bytes there are before the numbers go on in the next bits
    /// @param width  bits of a number: 1, 2 or 4
    static int plane(MemorySegment data, long offset, int bytes, int width, int i) {
        return unsignedByte(data, offset + i % bytes) >>> i / bytes * width & (1 << width) - 1;
    }

    /// Number `i` where the numbers stand side by side, the first in the lowest bits: one little-endian number as
    /// long as all of them.
    ///
    /// @param offset of the first byte
    /// @param width  bits of a number: 1, 2 or 4
    static int field(MemorySegment data, long offset, int width, int i) {
        int perByte = Byte.SIZE / width;
        return unsignedByte(data, offset + i / perByte) >>> i % perByte * width & (1 << width) - 1;
    }
}
