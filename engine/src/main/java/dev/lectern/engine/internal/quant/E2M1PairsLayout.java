package dev.lectern.engine.internal.quant;

import static dev.lectern.engine.internal.quant.PackedBits.field;

import java.lang.foreign.MemorySegment;

/// Two floats of 4 bits a byte, the first in the low nibble: `*_blocks` of GPT-OSS checkpoints, whose scales are a
/// tensor of their own.
///
/// ```
///   0                           1
///   +---------------------------+
///   | weight 1   | weight 0     |      sign 1 | exp 2 | frac 1 each
///   +---------------------------+
/// ```
public final class E2M1PairsLayout {
    public static final int BLOCK_WEIGHTS = 2;
    public static final int BLOCK_BYTES = 1;

    private E2M1PairsLayout() {}

    /// A [BlockDecoder].
    static void decode(MemorySegment data, long block, float[] weights, int at) {
        for (int i = 0; i < BLOCK_WEIGHTS; i++) {
            weights[at + i] = 0.5f * E2M1.doubled(field(data, block, 4, i));
        }
    }
}
