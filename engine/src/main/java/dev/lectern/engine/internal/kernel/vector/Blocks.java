package dev.lectern.engine.internal.kernel.vector;

import static dev.lectern.engine.internal.kernel.vector.Codes.bytes;
import static dev.lectern.engine.internal.kernel.vector.Codes.float16;
import static dev.lectern.engine.internal.kernel.vector.Codes.highNibbles;
import static dev.lectern.engine.internal.kernel.vector.Codes.int32;
import static dev.lectern.engine.internal.kernel.vector.Codes.int64;
import static dev.lectern.engine.internal.kernel.vector.Codes.lowNibbles;
import static dev.lectern.engine.internal.kernel.vector.Codes.spread;

import dev.lectern.engine.internal.quant.E2M1;
import dev.lectern.engine.internal.quant.IQ4_NLLayout;
import dev.lectern.engine.internal.quant.Int4PairsLayout;
import dev.lectern.engine.internal.quant.MXFP4Layout;
import dev.lectern.engine.internal.quant.NVFP4Layout;
import dev.lectern.engine.internal.quant.Q4_1Layout;
import dev.lectern.engine.internal.quant.Q5_0Layout;
import dev.lectern.engine.internal.quant.Q5_1Layout;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/// Small blocks. Each method unpacks the `count` weights, at most [Unpacked#WEIGHTS], of the blocks that begin at
/// `at`, of the type that it is named after. Blocks of 32 weights have the first 16 in the low nibbles.
final class Blocks {
    private static final int HALF = 16;
    private static final long NIBBLES = 0x0F0F_0F0F_0F0F_0F0FL;
    private static final byte FIFTH_BIT = 1 << 4;
    private static final ByteVector LEVELS = ByteVector.fromArray(ByteVector.SPECIES_128, IQ4_NLLayout.levels(), 0);
    private static final ByteVector DOUBLED_E2M1 =
            ByteVector.fromArray(ByteVector.SPECIES_128, E2M1.doubledValues(), 0);

    /// [NVFP4Layout#halfScale] of every byte.
    private static final float[] NVFP4_SCALES = new float[256];

    static {
        for (int i = 0; i < NVFP4_SCALES.length; i++) {
            NVFP4_SCALES[i] = NVFP4Layout.halfScale(i);
        }
    }

    private Blocks() {}

    static void q4x1(byte[] stored, int at, int count, Unpacked to) {
        int block = at;
        for (int i = 0; i < count; i += Q4_1Layout.BLOCK_WEIGHTS, block += Q4_1Layout.BLOCK_BYTES) {
            to.scale32(i, float16(stored, block + Q4_1Layout.SCALE_OFFSET));
            to.minimum32(i, -float16(stored, block + Q4_1Layout.MINIMUM_OFFSET));
            ByteVector pairs = bytes(stored, block + Q4_1Layout.QUANTS_OFFSET);
            lowNibbles(pairs).intoArray(to.codes, i);
            highNibbles(pairs).intoArray(to.codes, i + HALF);
        }
    }

    static void q5x0(byte[] stored, int at, int count, Unpacked to) {
        int block = at;
        for (int i = 0; i < count; i += Q5_0Layout.BLOCK_WEIGHTS, block += Q5_0Layout.BLOCK_BYTES) {
            to.scale32(i, float16(stored, block + Q5_0Layout.SCALE_OFFSET));
            int fifths = int32(stored, block + Q5_0Layout.HIGH_OFFSET);
            ByteVector pairs = bytes(stored, block + Q5_0Layout.QUANTS_OFFSET);
            // Where the fifth bit is not set, take 16 away: all bits from the fifth up.
            lowNibbles(pairs).or(missing(fifths)).intoArray(to.codes, i);
            highNibbles(pairs).or(missing(fifths >>> HALF)).intoArray(to.codes, i + HALF);
        }
    }

    private static ByteVector missing(int fifths) {
        return bytes(spread(~fifths), spread(~fifths >>> 8)).and((byte) -Q5_0Layout.ZERO_POINT);
    }

    static void q5x1(byte[] stored, int at, int count, Unpacked to) {
        int block = at;
        for (int i = 0; i < count; i += Q5_1Layout.BLOCK_WEIGHTS, block += Q5_1Layout.BLOCK_BYTES) {
            to.scale32(i, float16(stored, block + Q5_1Layout.SCALE_OFFSET));
            to.minimum32(i, -float16(stored, block + Q5_1Layout.MINIMUM_OFFSET));
            int fifths = int32(stored, block + Q5_1Layout.HIGH_OFFSET);
            ByteVector pairs = bytes(stored, block + Q5_1Layout.QUANTS_OFFSET);
            lowNibbles(pairs).or(present(fifths)).intoArray(to.codes, i);
            highNibbles(pairs).or(present(fifths >>> HALF)).intoArray(to.codes, i + HALF);
        }
    }

    private static ByteVector present(int fifths) {
        return bytes(spread(fifths), spread(fifths >>> 8)).and(FIFTH_BIT);
    }

    static void iq4nl(byte[] stored, int at, int count, Unpacked to) {
        int block = at;
        for (int i = 0; i < count; i += IQ4_NLLayout.BLOCK_WEIGHTS, block += IQ4_NLLayout.BLOCK_BYTES) {
            to.scale32(i, float16(stored, block + IQ4_NLLayout.SCALE_OFFSET));
            ByteVector pairs = bytes(stored, block + IQ4_NLLayout.QUANTS_OFFSET);
            level(lowNibbles(pairs)).intoArray(to.codes, i);
            level(highNibbles(pairs)).intoArray(to.codes, i + HALF);
        }
    }

    /// What codes from 0 to 15 stand for in `IQ4_NL` and `IQ4_XS`.
    static ByteVector level(ByteVector codes) {
        return codes.selectFrom(LEVELS);
    }

    static void mxfp4(byte[] stored, int at, int count, Unpacked to) {
        int block = at;
        for (int i = 0; i < count; i += MXFP4Layout.BLOCK_WEIGHTS, block += MXFP4Layout.BLOCK_BYTES) {
            to.scale32(i, MXFP4Layout.halfScale(stored[block + MXFP4Layout.SCALE_OFFSET] & 0xFF));
            ByteVector pairs = bytes(stored, block + MXFP4Layout.QUANTS_OFFSET);
            lowNibbles(pairs).selectFrom(DOUBLED_E2M1).intoArray(to.codes, i);
            highNibbles(pairs).selectFrom(DOUBLED_E2M1).intoArray(to.codes, i + HALF);
        }
    }

    static void nvfp4(byte[] stored, int at, int count, Unpacked to) {
        int block = at;
        for (int i = 0; i < count; i += NVFP4Layout.BLOCK_WEIGHTS, block += NVFP4Layout.BLOCK_BYTES) {
            for (int g = 0; g < NVFP4Layout.BLOCK_WEIGHTS / NVFP4Layout.GROUP_WEIGHTS; g++) {
                to.scales[i / NVFP4Layout.GROUP_WEIGHTS + g] =
                        NVFP4_SCALES[stored[block + NVFP4Layout.SCALES_OFFSET + g] & 0xFF];
                long pairs = int64(stored, block + NVFP4Layout.QUANTS_OFFSET + g * NVFP4Layout.PLANE_BYTES);
                bytes(pairs & NIBBLES, pairs >>> 4 & NIBBLES)
                        .selectFrom(DOUBLED_E2M1)
                        .intoArray(to.codes, i + g * NVFP4Layout.GROUP_WEIGHTS);
            }
        }
    }

    /// @param count a multiple of 16
    static void e2m1Pairs(byte[] stored, int at, int count, Unpacked to) {
        Arrays.fill(to.scales, 0.5f);
        for (int i = 0; i < count; i += Codes.COUNT) {
            adjacentNibbles(stored, at + i / 2).selectFrom(DOUBLED_E2M1).intoArray(to.codes, i);
        }
    }

    /// @param count a multiple of 16
    static void int4Pairs(byte[] stored, int at, int count, Unpacked to) {
        Arrays.fill(to.scales, 1);
        for (int i = 0; i < count; i += Codes.COUNT) {
            adjacentNibbles(stored, at + i / 2)
                    .sub((byte) Int4PairsLayout.ZERO_POINT)
                    .intoArray(to.codes, i);
        }
    }

    /// Nibbles that stand side by side, the first in the lowest bits.
    private static ByteVector adjacentNibbles(byte[] stored, int at) {
        ShortVector pairs = (ShortVector) ByteVector.fromArray(ByteVector.SPECIES_64, stored, at)
                .convertShape(VectorOperators.ZERO_EXTEND_B2S, ShortVector.SPECIES_128, 0);
        return pairs.or(pairs.lanewise(VectorOperators.LSHL, 4))
                .reinterpretAsBytes()
                .and((byte) 0xF);
    }
}
