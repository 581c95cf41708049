package dev.lectern.engine.internal.quant;

/// Floats of 4 bits: a sign, two bits of exponent, one of mantissa (OCP Microscaling Formats 1.0, FP4).
public final class E2M1 {
    /// Twice each code's value, which makes all of them integers; ggml has no negative zero.
    private static final byte[] DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    private E2M1() {}

    /// Twice the value of a code from 0 to 15.
    static int doubled(int code) {
        return DOUBLED[code];
    }

    /// All codes' values, doubled.
    public static byte[] doubledValues() {
        return DOUBLED.clone();
    }
}
