package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.PackedBits.field;

import java.lang.foreign.MemorySegment;

/// Two integers of 4 bits a byte, the first in the low nibble: `*.weight_packed` of compressed-tensors checkpoints,
/// whose scales are a tensor of their own. These store 32-bit words of 8 weights; little-endian, that is the same.
///
/// ```
///   0                           1
///   +---------------------------+
///   | weight 1   | weight 0     |
///   +---------------------------+
/// ```
///
/// A weight is `nibble - 8`.
public final class Int4PairsLayout {
    public static final int BLOCK_WEIGHTS = 2;
    public static final int BLOCK_BYTES = 1;
    public static final int ZERO_POINT = 8;

    private Int4PairsLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            weights[at + i] = field(data, block, 4, i) - ZERO_POINT;
        }
    }
}
