package dev.lectern.engine.internal.kernel.vector;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// A byte of memory a lane, as many as a vector of floats has, at every width: what [StoredCodes] does for 8
/// and 16 lanes, and for 4 lanes a word of four bytes.
final class ByteLanes {
    private static final int LANES = Lanes.COUNT;
    private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    private static final VectorSpecies<Integer> INTS = FLOATS.vectorShape().withLanes(int.class);
    private static final VectorSpecies<Byte> BYTES = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE);

    /// What brings a lane's byte of a word to the top. For four lanes, whose bytes are narrower than any
    /// species.
    private static final IntVector TO_TOP =
            IntVector.zero(INTS).addIndex(-1).add(3).lanewise(VectorOperators.LSHL, 3);

    private ByteLanes() {}

    static IntVector unsigned(long at) {
        if (LANES == 4) {
            return top(Memory.ALL.get(INT, at)).lanewise(VectorOperators.LSHR, 24);
        }
        return StoredCodes.bytes(at);
    }

    static FloatVector signed(long at) {
        if (LANES == 4) {
            return StoredCodes.floats(top(Memory.ALL.get(INT, at)).lanewise(VectorOperators.ASHR, 24));
        }
        return StoredCodes.signedBytes(at);
    }

    static FloatVector signed(byte[] codes, int at) {
        if (LANES == 4) {
            return StoredCodes.floats(top(Codes.int32(codes, at)).lanewise(VectorOperators.ASHR, 24));
        }
        return (FloatVector) ByteVector.fromArray(BYTES, codes, at).convertShape(VectorOperators.B2F, FLOATS, 0);
    }

    private static IntVector top(int word) {
        return IntVector.broadcast(INTS, word).lanewise(VectorOperators.LSHL, TO_TOP);
    }
}
