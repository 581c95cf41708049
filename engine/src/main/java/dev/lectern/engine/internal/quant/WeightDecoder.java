package dev.lectern.engine.internal.quant;

import java.lang.foreign.MemorySegment;

/// Stored weights to float32, one at a time: the oracle of every kernel that reads weights.
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
        if (count % type.blockWeights() != 0) {
            throw new IllegalArgumentException(
                    count + " weights of " + type + ": expected a multiple of " + type.blockWeights());
        }
        switch (type) {
            case F32 -> F32Layout.decode(data, byteOffset, weights, at, count);
            case F16 -> F16Layout.decode(data, byteOffset, weights, at, count);
            case BF16 -> BF16Layout.decode(data, byteOffset, weights, at, count);
            case Q8_0 -> Q8_0Layout.decode(data, byteOffset, weights, at, count);
            case Q4_0 -> Q4_0Layout.decode(data, byteOffset, weights, at, count);
        }
    }
}
