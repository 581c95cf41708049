package dev.lectern.engine.internal.kernel.vector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Packed codes to bytes, sixteen at a time in a 128-bit vector, which every machine has. All numbers lie in arrays
/// of bytes, little-endian, at any index.
final class Codes {
    /// Codes in a vector.
    static final int COUNT = 16;

    /// Every byte 1.
    static final long ONES = 0x0101_0101_0101_0101L;

    /// Bit i of the index spread over byte i: all of its bits are set or none.
    private static final long[] SPREAD = new long[256];

    static {
        for (int bits = 0; bits < SPREAD.length; bits++) {
            for (int i = 0; i < 8; i++) {
                SPREAD[bits] |= (bits >>> i & 1) * 0xFFL << 8 * i;
            }
        }
    }

    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128;
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Codes() {}

    static float float16(byte[] stored, int at) {
        return Float.float16ToFloat((short) SHORT.get(stored, at));
    }

    static int unsigned16(byte[] stored, int at) {
        return (short) SHORT.get(stored, at) & 0xFFFF;
    }

    static int int32(byte[] stored, int at) {
        return (int) INT.get(stored, at);
    }

    static long int64(byte[] stored, int at) {
        return (long) LONG.get(stored, at);
    }

    static void setInt64(byte[] codes, int at, long value) {
        LONG.set(codes, at, value);
    }

    static ByteVector bytes(byte[] stored, int at) {
        return ByteVector.fromArray(BYTES, stored, at);
    }

    /// Eight bytes and the next eight.
    static ByteVector bytes(long first, long second) {
        return LongVector.broadcast(LongVector.SPECIES_128, first)
                .withLane(1, second)
                .reinterpretAsBytes();
    }

    /// Byte i is -1 where bit i of the lowest eight is set, else 0.
    static long spread(int bits) {
        return SPREAD[bits & 0xFF];
    }

    /// Bytes from 1 on with the signs of [#spread].
    static long negate(long bytes, long spread) {
        // Two's complement in each byte; as no byte is 0, none overflows into the next.
        return (bytes ^ spread) + (spread & ONES);
    }

    /// Each byte shifted, with the neighbour's bits coming in from above: to be masked.
    static ByteVector shiftRight(ByteVector codes, int bits) {
        return codes.reinterpretAsShorts().lanewise(VectorOperators.LSHR, bits).reinterpretAsBytes();
    }

    /// Each byte shifted, with the neighbour's bits coming in from below: to be masked.
    static ByteVector shiftLeft(ByteVector codes, int bits) {
        return codes.reinterpretAsShorts().lanewise(VectorOperators.LSHL, bits).reinterpretAsBytes();
    }

    static ByteVector lowNibbles(ByteVector pairs) {
        return pairs.and((byte) 0xF);
    }

    static ByteVector highNibbles(ByteVector pairs) {
        return shiftRight(pairs, 4).and((byte) 0xF);
    }
}
