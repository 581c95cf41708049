package dev.lectern.engine.internal.kernel.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Packed codes to lanes, as many as a vector of floats has. Works on 8 and 16 lanes: with 4, a vector's bytes would
/// be narrower than any species, and callers take the scalar decoder.
final class Codes {
    static final int LANES = Lanes.COUNT;
    static final VectorSpecies<Integer> INTS = Lanes.FLOATS.vectorShape().withLanes(int.class);

    private static final VectorSpecies<Byte> BYTES = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE);

    /// Lane numbers.
    private static final IntVector LANE = IntVector.zero(INTS).addIndex(1);
    /// Where in its word of eight a lane's nibble begins.
    private static final IntVector NIBBLE_SHIFT = LANE.and(7).lanewise(VectorOperators.LSHL, 2);

    private static final VectorMask<Integer> SECOND_WORD = LANE.compare(VectorOperators.GE, 8);

    private Codes() {}

    static float float16(MemorySegment data, long at) {
        return Float.float16ToFloat(data.get(SHORT, at));
    }

    static int int32(MemorySegment data, long at) {
        return data.get(INT, at);
    }

    /// One unsigned byte a lane.
    static IntVector bytes(MemorySegment data, long at) {
        return (IntVector) ByteVector.fromMemorySegment(BYTES, data, at, LITTLE)
                .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
    }

    /// One signed byte a lane, as floats.
    static FloatVector signedBytes(MemorySegment data, long at) {
        return (FloatVector) ByteVector.fromMemorySegment(BYTES, data, at, LITTLE)
                .convertShape(VectorOperators.B2F, Lanes.FLOATS, 0);
    }

    /// Nibbles that stand side by side, the first in the lowest bits; `at` is that of the first one's byte.
    static IntVector adjacentNibbles(MemorySegment data, long at) {
        IntVector words = IntVector.broadcast(INTS, data.get(INT, at));
        if (LANES == 16) {
            words = words.blend(data.get(INT, at + Integer.BYTES), SECOND_WORD);
        }
        return words.lanewise(VectorOperators.LSHR, NIBBLE_SHIFT).and(0xF);
    }

    /// Bit `first + lane` of a word, as 0 or 1.
    static IntVector bits(int word, int first) {
        return IntVector.broadcast(INTS, word >>> first)
                .lanewise(VectorOperators.LSHR, LANE)
                .and(1);
    }

    static FloatVector floats(IntVector codes) {
        return (FloatVector) codes.convert(VectorOperators.I2F, 0);
    }

    /// Twice the values of 4-bit floats. Magnitudes are 0, 1, 2, 3, 4, 6, 8, 12: from code 4 on in steps of two,
    /// from 6 on of four.
    static FloatVector doubledE2m1(IntVector codes) {
        IntVector magnitude = codes.and(7);
        IntVector doubled = magnitude
                .add(magnitude.sub(4).max(0))
                .add(magnitude.sub(6).max(0).lanewise(VectorOperators.LSHL, 1));
        // Two's complement: (x ^ -1) - -1 = -x. Unlike a sign bit it makes no negative zero.
        IntVector sign = codes.lanewise(VectorOperators.LSHR, 3).neg();
        return floats(doubled.lanewise(VectorOperators.XOR, sign).sub(sign));
    }
}
