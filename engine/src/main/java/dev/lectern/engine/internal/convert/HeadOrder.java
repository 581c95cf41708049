package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.model.Rope;

/// The order of a head's outputs in queries and keys. Hugging Face's files pair element j with j + half, llama.cpp's
/// graphs of some architectures 2j with 2j + 1: their files have the rows in another order.
///
/// @param headDim elements of a head; 0 for the order as it is
/// @param turned  how many of them are turned
record HeadOrder(int headDim, int turned) {
    static final HeadOrder SAME = new HeadOrder(0, 0);

    /// @param stored  how the old file pairs
    /// @param wanted  how the new one does
    static HeadOrder of(int headDim, Rope stored, Rope wanted) {
        if (stored.pairing() == wanted.pairing()) {
            return SAME;
        }
        if (stored.pairing() == Rope.Pairing.ADJACENT) {
            throw new IllegalStateException("no architecture of GGUF pairs by halves what others pair side by side");
        }
        return new HeadOrder(headDim, stored.turned());
    }

    /// The stored output that becomes output `row`.
    int stored(int row) {
        int element = headDim == 0 ? 0 : row % headDim;
        return element >= turned ? row : row - element + element % 2 * (turned / 2) + element / 2;
    }

    float[] apply(float[] vector) {
        float[] ordered = new float[vector.length];
        for (int i = 0; i < ordered.length; i++) {
            ordered[i] = vector[stored(i)];
        }
        return ordered;
    }
}
