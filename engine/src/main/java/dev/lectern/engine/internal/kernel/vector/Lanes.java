package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The vector width that all kernels are compiled for, chosen once at start, and sums over lanes.
///
/// A kernel written for a wider vector than the machine has runs fifty times slower (every lane is boxed), so the
/// width is the machine's preferred one. The system property `lectern.vectorBits` lowers it, for tests of the other
/// widths.
final class Lanes {
    static final VectorSpecies<Float> FLOATS = choose(Integer.getInteger("lectern.vectorBits", Integer.MAX_VALUE));
    static final int COUNT = FLOATS.length();

    private static final VectorShuffle<Float> SWAP_8 = swap(8);
    private static final VectorShuffle<Float> SWAP_4 = swap(4);
    private static final VectorShuffle<Float> SWAP_2 = swap(2);
    private static final VectorShuffle<Float> SWAP_1 = swap(1);

    private Lanes() {}

    private static VectorSpecies<Float> choose(int mostBits) {
        VectorSpecies<Float> preferred = FloatVector.SPECIES_PREFERRED;
        int bits = Math.min(preferred.vectorBitSize(), mostBits);
        if (bits >= 512) {
            return FloatVector.SPECIES_512;
        }
        return bits >= 256 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;
    }

    private static VectorShuffle<Float> swap(int distance) {
        return VectorShuffle.fromOp(FLOATS, lane -> (lane ^ distance) & (FLOATS.length() - 1));
    }

    /// The sum of all lanes, added pairwise in a fixed order. `reduceLanes` leaves the order open, and the
    /// interpreter and the compiler do choose different ones: results would change while a run warms up.
    static float sum(FloatVector v) {
        FloatVector sum = v;
        if (COUNT > 8) {
            sum = sum.add(sum.rearrange(SWAP_8));
        }
        if (COUNT > 4) {
            sum = sum.add(sum.rearrange(SWAP_4));
        }
        sum = sum.add(sum.rearrange(SWAP_2));
        sum = sum.add(sum.rearrange(SWAP_1));
        return sum.lane(0);
    }
}
