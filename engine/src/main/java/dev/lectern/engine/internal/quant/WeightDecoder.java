package dev.lectern.engine.internal.quant;

import java.lang.foreign.MemorySegment;

/// Stored weights to float32, a block at a time in plain loops: the oracle of every kernel that reads weights.
public final class WeightDecoder {
    private WeightDecoder() {}

    /// Decodes `count` consecutive weights.
    ///
    /// @param type       how they are stored
    /// @param data       a tensor's bytes, read only
    /// @param byteOffset offset of the first weight's block in `data`
    /// @param weights    destination; receives the values from `at` on
    /// @param at         index of the first value
    /// @param count      number of weights, a multiple of the type's block
    public static void decode(
            TensorType type, MemorySegment data, long byteOffset, float[] weights, int at, int count) {
        int blockWeights = type.blockWeights();
        if (count % blockWeights != 0) {
            throw new IllegalArgumentException(
                    count + " weights of " + type + ": expected a multiple of " + blockWeights);
        }
        long block = byteOffset;
        for (int done = 0; done < count; done += blockWeights, block += type.blockBytes()) {
            type.decodeBlock(data, block, weights, at + done);
        }
    }
}
