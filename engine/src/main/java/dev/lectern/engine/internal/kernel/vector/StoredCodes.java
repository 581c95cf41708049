package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.quant.BF16Layout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Codes from where they are stored to lanes, as many as a vector of floats has. With 4 lanes a vector's bytes would
/// be narrower than any species: 8 bytes are read then, of which the first 4 count.
final class StoredCodes {
    private static final int LANES = Lanes.COUNT;
    private static final VectorSpecies<Integer> INTS =
            Lanes.FLOATS.vectorShape().withLanes(int.class);
    private static final VectorSpecies<Byte> BYTES = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    private static final VectorSpecies<Short> SHORTS =
            LANES == 16 ? ShortVector.SPECIES_256 : LANES == 8 ? ShortVector.SPECIES_128 : ShortVector.SPECIES_64;
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE);

    private StoredCodes() {}

    static float float16(long at) {
        return Float.float16ToFloat(Memory.ALL.get(SHORT, at));
    }

    static int int8(long at) {
        return Memory.ALL.get(ValueLayout.JAVA_BYTE, at);
    }

    static int int32(long at) {
        return Memory.ALL.get(INT, at);
    }

    static int unsigned16(long at) {
        return Short.toUnsignedInt(Memory.ALL.get(SHORT, at));
    }

    static void setInt8(long at, int value) {
        Memory.ALL.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    static void setInt16(long at, int value) {
        Memory.ALL.set(SHORT, at, (short) value);
    }

    static void setInt32(long at, int value) {
        Memory.ALL.set(INT, at, value);
    }

    /// One unsigned byte a lane.
    static IntVector bytes(long at) {
        return (IntVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, at, LITTLE)
                .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
    }

    /// One signed byte a lane, as floats.
    static FloatVector signedBytes(long at) {
        return (FloatVector) ByteVector.fromMemorySegment(BYTES, Memory.ALL, at, LITTLE)
                .convertShape(VectorOperators.B2F, Lanes.FLOATS, 0);
    }

    static FloatVector floats(IntVector codes) {
        return (FloatVector) codes.convert(VectorOperators.I2F, 0);
    }

    static FloatVector bfloat16(long at) {
        return ((IntVector) ShortVector.fromMemorySegment(SHORTS, Memory.ALL, at, LITTLE)
                        .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, BF16Layout.SHIFT)
                .reinterpretAsFloats();
    }
}
