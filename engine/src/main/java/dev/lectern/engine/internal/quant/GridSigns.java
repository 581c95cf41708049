package dev.lectern.engine.internal.quant;

/// Signs of the 8 numbers of a [CodeGrid] entry: bit i set means that number i is negative.
public final class GridSigns {
    private static final int STORED_BITS = 7;

    private GridSigns() {}

    /// Eight signs from the lowest seven bits of `stored`: the number of negative ones is even, so the eighth
    /// follows (ggml's table `ksigns_iq2xs`).
    public static int ofSeven(int stored) {
        int signs = stored & (1 << STORED_BITS) - 1;
        return signs | (Integer.bitCount(signs) & 1) << STORED_BITS;
    }

    /// `value` with the sign of number `i`.
    static float apply(int signs, int i, float value) {
        return (signs >>> i & 1) == 0 ? value : -value;
    }
}
