package dev.lectern.engine.internal.kernel.vector;

/// A thread's room for weights halfway from storage to float32: a signed byte each, and a scale for 16 of them.
///
/// Kernels of a type only unpack to here, and the few loops of this class make floats of it. So no kernel grows past
/// what the compiler inlines into one method, beyond which every vector is an object; and what a kernel unpacks does
/// not depend on the machine's lanes. The way through the first-level cache costs a store and a load for 16 weights.
final class Unpacked {
    /// Weights that fit; all super-blocks have as many.
    static final int WEIGHTS = 256;

    /// Weights that share a scale; wider groups store theirs several times.
    static final int GROUP_WEIGHTS = 16;

    static final int GROUPS = WEIGHTS / GROUP_WEIGHTS;

    private static final int LANES = Lanes.COUNT;
    /// Of four bytes.
    private static final int SIGNS = 0x80808080;

    final byte[] codes = new byte[WEIGHTS];
    final float[] scales = new float[GROUPS];
    final float[] minima = new float[GROUPS];

    /// Room for the integers that scales are made of.
    final byte[] groups = new byte[GROUPS];

    /// Sets both groups of 32 weights from `weight` on.
    void scale32(int weight, float scale) {
        int group = weight / GROUP_WEIGHTS;
        scales[group] = scale;
        scales[group + 1] = scale;
    }

    /// Sets both groups of 32 weights from `weight` on.
    void minimum32(int weight, float minimum) {
        int group = weight / GROUP_WEIGHTS;
        minima[group] = minimum;
        minima[group + 1] = minimum;
    }

    /// The codes of a weight and of the next three, the first in the lowest byte.
    ///
    /// @param zeroPoint is added to the first three
    int fourCodes(int weight, int zeroPoint) {
        int four = Codes.int32(codes, weight);
        int added = zeroPoint * 0x00010101;
        // Without a carry from byte to byte.
        return (four & ~SIGNS) + (added & ~SIGNS) ^ (four ^ added) & SIGNS;
    }

    /// `to[g] = groups[g] * scale`.
    void scaleGroups(float scale, float[] to) {
        scaleGroups(groups, 0, scale, to);
    }

    /// `to[g] = from[at + g] * scale`.
    static void scaleGroups(byte[] from, int at, float scale, float[] to) {
        for (int g = 0; g < GROUPS; g += LANES) {
            ByteLanes.signed(from, at + g).mul(scale).intoArray(to, g);
        }
    }

    /// `weights[at + i] = codes[i] * scale` for the first `count`, a multiple of 16.
    void scale(int count, float[] weights, int at) {
        byte[] from = codes;
        float[] factors = scales;
        for (int g = 0; g < count / GROUP_WEIGHTS; g++) {
            float factor = factors[g];
            int first = g * GROUP_WEIGHTS;
            for (int i = 0; i < GROUP_WEIGHTS; i += LANES) {
                ByteLanes.signed(from, first + i).mul(factor).intoArray(weights, at + first + i);
            }
        }
    }

    /// `weights[at + i] = codes[i] * scale - minimum` for the first `count`, a multiple of 16; both rounded.
    void scaleLessMinimum(int count, float[] weights, int at) {
        byte[] from = codes;
        float[] factors = scales;
        float[] least = minima;
        for (int g = 0; g < count / GROUP_WEIGHTS; g++) {
            float factor = factors[g];
            float minimum = least[g];
            int first = g * GROUP_WEIGHTS;
            for (int i = 0; i < GROUP_WEIGHTS; i += LANES) {
                ByteLanes.signed(from, first + i).mul(factor).sub(minimum).intoArray(weights, at + first + i);
            }
        }
    }
}
