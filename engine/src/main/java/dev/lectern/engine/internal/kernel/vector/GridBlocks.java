package dev.lectern.engine.internal.kernel.vector;

import static dev.lectern.engine.internal.kernel.vector.Codes.float16;
import static dev.lectern.engine.internal.kernel.vector.Codes.int32;
import static dev.lectern.engine.internal.kernel.vector.Codes.int64;
import static dev.lectern.engine.internal.kernel.vector.Codes.negate;
import static dev.lectern.engine.internal.kernel.vector.Codes.setInt64;
import static dev.lectern.engine.internal.kernel.vector.Codes.spread;
import static dev.lectern.engine.internal.kernel.vector.Codes.unsigned16;

import dev.lectern.engine.internal.quant.CodeGrid;
import dev.lectern.engine.internal.quant.GridSigns;
import dev.lectern.engine.internal.quant.IQ1_MLayout;
import dev.lectern.engine.internal.quant.IQ1_SLayout;
import dev.lectern.engine.internal.quant.IQ2_SLayout;
import dev.lectern.engine.internal.quant.IQ2_XSLayout;
import dev.lectern.engine.internal.quant.IQ2_XXSLayout;
import dev.lectern.engine.internal.quant.IQ3_SLayout;
import dev.lectern.engine.internal.quant.IQ3_XXSLayout;

/// Super-blocks of 256 weights whose codes are entries of a grid. Each method unpacks the block that begins at `at`,
/// of the type that it is named after.
///
/// A grid's entry is 8 bytes, one number of 64 bits: an octet of weights is looked up, and gets its signs, in a few
/// scalar operations, which a gather of lanes would not beat. All products of scales are exact, so they may be
/// multiplied in any order.
final class GridBlocks {
    private static final int OCTETS = 32;
    private static final long[] IQ2_XXS = CodeGrid.IQ2_XXS.packed();
    private static final long[] IQ2_XS = CodeGrid.IQ2_XS.packed();
    private static final long[] IQ2_S = CodeGrid.IQ2_S.packed();
    private static final long[] IQ3_XXS = CodeGrid.IQ3_XXS.packed();
    private static final long[] IQ3_S = CodeGrid.IQ3_S.packed();

    /// Eight times the numbers, with all sign bits turned: 120, 128 or 136, so that one more or less does not
    /// overflow into the next byte.
    private static final long[] IQ1 = CodeGrid.IQ1.packed();

    private static final long SIGN_BITS = Codes.ONES << 7;

    /// The spread signs of seven stored bits.
    private static final long[] SEVEN = new long[128];

    static {
        for (int i = 0; i < IQ1.length; i++) {
            long ones = IQ1[i] & Codes.ONES;
            long negative = IQ1[i] >>> 7 & Codes.ONES;
            IQ1[i] = SIGN_BITS + 8 * ones - 16 * negative;
        }
        for (int i = 0; i < SEVEN.length; i++) {
            SEVEN[i] = spread(GridSigns.ofSeven(i));
        }
    }

    private GridBlocks() {}

    static void iq2xxs(byte[] stored, int at, Unpacked to) {
        float scale = 0.125f * float16(stored, at + IQ2_XXSLayout.SCALE_OFFSET);
        for (int group = 0; group < 8; group++) {
            long bits = int64(stored, at + IQ2_XXSLayout.GROUPS_OFFSET + group * IQ2_XXSLayout.GROUP_BYTES);
            int entries = (int) bits;
            int scaleAndSigns = (int) (bits >>> Integer.SIZE);
            to.scale32(group * IQ2_XXSLayout.GROUP_WEIGHTS, scale * (2 * (scaleAndSigns >>> 28) + 1));
            for (int i = 0; i < 4; i++) {
                long magnitudes = IQ2_XXS[entries >>> 8 * i & 0xFF];
                long signs = SEVEN[scaleAndSigns >>> 7 * i & 0x7F];
                setInt64(to.codes, group * IQ2_XXSLayout.GROUP_WEIGHTS + 8 * i, negate(magnitudes, signs));
            }
        }
    }

    static void iq2xs(byte[] stored, int at, Unpacked to) {
        long groups = int64(stored, at + IQ2_XSLayout.GROUPS_OFFSET);
        oddScales(groups, 0.125f * float16(stored, at + IQ2_XSLayout.SCALE_OFFSET), to);
        for (int octet = 0; octet < OCTETS; octet++) {
            int code = unsigned16(stored, at + IQ2_XSLayout.QUANTS_OFFSET + octet * Short.BYTES);
            setInt64(to.codes, 8 * octet, negate(IQ2_XS[code & 0x1FF], SEVEN[code >>> 9]));
        }
    }

    static void iq2s(byte[] stored, int at, Unpacked to) {
        long groups = int64(stored, at + IQ2_SLayout.GROUPS_OFFSET);
        oddScales(groups, 0.125f * float16(stored, at + IQ2_SLayout.SCALE_OFFSET), to);
        long high = int64(stored, at + IQ2_SLayout.HIGH_OFFSET);
        for (int octet = 0; octet < OCTETS; octet++) {
            int entry = stored[at + IQ2_SLayout.QUANTS_OFFSET + octet] & 0xFF | (int) (high >>> 2 * octet & 3) << 8;
            int signs = stored[at + IQ2_SLayout.SIGNS_OFFSET + octet];
            setInt64(to.codes, 8 * octet, negate(IQ2_S[entry], spread(signs)));
        }
    }

    /// `scale * (2 * nibble + 1)` for 16 groups.
    private static void oddScales(long nibbles, float scale, Unpacked to) {
        for (int group = 0; group < Unpacked.GROUPS; group++) {
            to.scales[group] = scale * (2 * (int) (nibbles >>> 4 * group & 0xF) + 1);
        }
    }

    static void iq3xxs(byte[] stored, int at, Unpacked to) {
        float scale = 0.25f * float16(stored, at + IQ3_XXSLayout.SCALE_OFFSET);
        for (int group = 0; group < 8; group++) {
            int scaleAndSigns = int32(stored, at + IQ3_XXSLayout.GROUPS_OFFSET + group * Integer.BYTES);
            to.scale32(group * IQ3_XXSLayout.GROUP_WEIGHTS, scale * (2 * (scaleAndSigns >>> 28) + 1));
            long entries = int64(stored, at + IQ3_XXSLayout.QUANTS_OFFSET + group * Long.BYTES);
            for (int i = 0; i < 4; i++) {
                long low = IQ3_XXS[(int) (entries >>> 16 * i & 0xFF)];
                long high = IQ3_XXS[(int) (entries >>> 16 * i + 8 & 0xFF)];
                long signs = SEVEN[scaleAndSigns >>> 7 * i & 0x7F];
                int first = group * IQ3_XXSLayout.GROUP_WEIGHTS + 8 * i;
                setInt64(to.codes, first, negate(high << Integer.SIZE | low, signs));
            }
        }
    }

    static void iq3s(byte[] stored, int at, Unpacked to) {
        float scale = float16(stored, at + IQ3_SLayout.SCALE_OFFSET);
        int groups = int32(stored, at + IQ3_SLayout.GROUPS_OFFSET);
        for (int group = 0; group < 8; group++) {
            to.scale32(group * IQ3_SLayout.GROUP_WEIGHTS, scale * (2 * (groups >>> 4 * group & 0xF) + 1));
            long entries = int64(stored, at + IQ3_SLayout.QUANTS_OFFSET + group * Long.BYTES);
            int ninths = stored[at + IQ3_SLayout.HIGH_OFFSET + group];
            int signs = int32(stored, at + IQ3_SLayout.SIGNS_OFFSET + group * Integer.BYTES);
            for (int i = 0; i < 4; i++) {
                long low = IQ3_S[(int) (entries >>> 16 * i & 0xFF) | (ninths >>> 2 * i & 1) << 8];
                long high = IQ3_S[(int) (entries >>> 16 * i + 8 & 0xFF) | (ninths >>> 2 * i + 1 & 1) << 8];
                int first = group * IQ3_SLayout.GROUP_WEIGHTS + 8 * i;
                setInt64(to.codes, first, negate(high << Integer.SIZE | low, spread(signs >>> 8 * i)));
            }
        }
    }

    static void iq1s(byte[] stored, int at, Unpacked to) {
        float scale = 0.125f * float16(stored, at + IQ1_SLayout.SCALE_OFFSET);
        for (int group = 0; group < 8; group++) {
            int bits = unsigned16(stored, at + IQ1_SLayout.GROUPS_OFFSET + group * Short.BYTES);
            to.scale32(group * IQ1_SLayout.GROUP_WEIGHTS, scale * (2 * (bits >>> 12 & 7) + 1));
            int entries = int32(stored, at + IQ1_SLayout.QUANTS_OFFSET + group * Integer.BYTES);
            for (int i = 0; i < 4; i++) {
                int entry = entries >>> 8 * i & 0xFF | (bits >>> 3 * i & 7) << 8;
                setInt64(to.codes, group * IQ1_SLayout.GROUP_WEIGHTS + 8 * i, shift(IQ1[entry], bits >>> 15));
            }
        }
    }

    static void iq1m(byte[] stored, int at, Unpacked to) {
        long groups = int64(stored, at + IQ1_MLayout.GROUPS_OFFSET);
        long quarters = groups >>> 12 & 0x000F_000F_000F_000FL;
        int scaleBits = (int) (quarters | quarters >>> 12 | quarters >>> 24 | quarters >>> 36);
        float scale = 0.125f * Float.float16ToFloat((short) scaleBits);
        for (int group = 0; group < Unpacked.GROUPS; group++) {
            int groupScale = (int) (groups >>> group / 4 * Short.SIZE + 3 * (group % 4) & 7);
            to.scales[group] = scale * (2 * groupScale + 1);
        }
        for (int pair = 0; pair < OCTETS / 2; pair++) {
            int entries = unsigned16(stored, at + IQ1_MLayout.QUANTS_OFFSET + 2 * pair);
            int high = stored[at + IQ1_MLayout.HIGH_OFFSET + pair];
            long first = IQ1[entries & 0xFF | (high & 7) << 8];
            long second = IQ1[entries >>> 8 | (high >>> 4 & 7) << 8];
            setInt64(to.codes, 16 * pair, shift(first, high >>> 3 & 1));
            setInt64(to.codes, 16 * pair + 8, shift(second, high >>> 7 & 1));
        }
    }

    /// Eight times numbers of the grid and a shift of one eighth.
    ///
    /// @param negative 1 when the shift is downwards, else 0
    private static long shift(long entry, int negative) {
        return entry + Codes.ONES - 2 * negative * Codes.ONES ^ SIGN_BITS;
    }
}
