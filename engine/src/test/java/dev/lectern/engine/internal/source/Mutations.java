package dev.lectern.engine.internal.source;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/// Damage for fuzz tests of binary formats: flipped bits, changed bytes, hostile lengths, truncation, lost and
/// doubled pieces. The same random numbers do the same damage.
public final class Mutations {
    private static final long[] HOSTILE = {
        0,
        1,
        -1,
        7,
        31,
        33,
        0xFFFF,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xFFFF_FFFFL,
        1L << 32,
        1L << 40,
        1L << 61,
        1L << 62,
        Long.MAX_VALUE,
        Long.MAX_VALUE - 7,
        Long.MIN_VALUE
    };

    private Mutations() {}

    /// A damaged copy: one to four injuries.
    public static byte[] damage(byte[] original, Random random) {
        byte[] bytes = original.clone();
        int injuries = 1 + random.nextInt(4);
        for (int i = 0; i < injuries && bytes.length > 8; i++) {
            bytes = injure(bytes, random);
        }
        return bytes;
    }

    private static byte[] injure(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(8)) {
            case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> bytes[at] = (byte) random.nextInt(256);
            case 3, 4 -> {
                byte[] number = ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(HOSTILE[random.nextInt(HOSTILE.length)])
                        .array();
                int width = random.nextBoolean() ? Integer.BYTES : Long.BYTES;
                System.arraycopy(number, 0, bytes, Math.min(at, bytes.length - width), width);
            }
            case 5 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 6 -> {
                int until = Math.min(bytes.length, at + 1 + random.nextInt(16));
                return concat(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, until, bytes.length));
            }
            default -> {
                int until = Math.min(bytes.length, at + 1 + random.nextInt(64));
                return concat(Arrays.copyOf(bytes, until), Arrays.copyOfRange(bytes, at, bytes.length));
            }
        }
        return bytes;
    }

    private static byte[] concat(byte[] left, byte[] right) {
        byte[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }
}
