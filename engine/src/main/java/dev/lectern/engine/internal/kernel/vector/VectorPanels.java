package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.WeightPanels;
import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// What panels of all types have in common.
///
/// ```
///   panel, two vectors wide:            an int of an output holds
///   +-------------------------------+
///   | ints of block 0's scales      |   two float16, or a float16 pair and 6-bit codes
///   | ints of group 0's codes       |   eight 4-bit codes, or four of 8 bits
///   | …                             |
///   | ints of the last group's codes|
///   +-------------------------------+
///   | block 1 …                     |
/// ```
///
/// Memory is read in this order, and in this order only: scales that lay behind all codes were a second stream,
/// which cost a fourth. An int of codes is 4 stored bytes as they lie, where the type allows it, so that packing is
/// a transposition of ints and works on vectors of any width. A code is masked and converted where it is in its
/// quad: code i of 4 as `code * 2^(bits * i)`; the input that it meets is divided by as much when the row is
/// prepared, and the product is the same to the last bit.
abstract class VectorPanels implements WeightPanels {
    static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    static final VectorSpecies<Integer> INTS = FLOATS.vectorShape().withLanes(int.class);
    static final int LANES = FLOATS.length();
    static final int COLUMNS = 2 * LANES;
    /// From one int of an output to its next.
    static final int STEP_BYTES = Integer.BYTES * COLUMNS;

    static final int VECTOR_BYTES = Float.BYTES * LANES;

    /// Weights that share a scale.
    static final int GROUP = 32;
    /// Groups whose scales lie together; the last block may have fewer.
    static final int BLOCK_GROUPS = 16;

    private static final int BLOCK = BLOCK_GROUPS * GROUP;
    /// Where a block's minima begin in its factors, after the scales.
    static final int MINIMA = BLOCK_GROUPS * COLUMNS;

    /// A prepared group is its inputs in the order of the codes; then what its chains of products start from,
    /// which takes the codes' zero point away;
    static final int START = GROUP;
    /// then the sum of its inputs, for minima;
    static final int SUM = START + 1;
    /// and these are its floats.
    static final int PREPARED = SUM + 1;

    /// Bits of a float16 that are its value's in a float32 of 2^-112 times the value.
    private static final int FLOAT16_BITS = 0x8FFFE000;

    private static final int FLOAT16_EXPONENT = 0x7C00;

    private final int bits;

    /// @param bits of a code, 4 or 8
    VectorPanels(int bits) {
        this.bits = bits;
    }

    /// Ints of a group's codes: 32 codes, 32 bits.
    final int codeInts() {
        return bits;
    }

    /// Ints of the scales of a block of so many groups: here two float16 in an int, the first in the low half.
    int scaleInts(int groups) {
        return (groups + 1) / 2;
    }

    /// Whether a weight is `code * scale - minimum`.
    boolean hasMinima() {
        return false;
    }

    /// Takes an output's scales and codes from where a block is stored.
    ///
    /// @param block address
    /// @param ints  first [#scaleInts] of scales, then codes
    /// @return false when a scale is infinite or no number
    abstract boolean read(long block, int groups, int[] ints);

    /// Brings a block's scales, and from [#MINIMA] on the minima if there are any, to floats of shape (groups,
    /// columns).
    void loadFactors(long scales, int groups, float[] factors) {
        for (int g = 0; g < groups; g++) {
            long at = Memory.pointer(scales + (long) STEP_BYTES * (g / 2));
            int shift = g % 2 == 0 ? Short.SIZE : 0;
            float16(ints(at).lanewise(VectorOperators.LSHL, shift)).intoArray(factors, g * COLUMNS);
            float16(ints(at + VECTOR_BYTES).lanewise(VectorOperators.LSHL, shift))
                    .intoArray(factors, g * COLUMNS + LANES);
        }
    }

    /// Brings a group's inputs into the order of its codes, each divided by what its code is multiplied with.
    ///
    /// @param from address of the group's floats
    /// @param out  receives [#PREPARED] floats from `at` on
    abstract void prepareGroup(long from, float[] out, int at);

    /// A group's codes times its scales, each product rounded once; shape ([#GROUP], columns).
    ///
    /// @param codes address
    abstract void decodeGroup(long codes, FloatVector leftScale, FloatVector rightScale, float[] weights, int at);

    @Override
    public final int columns() {
        return COLUMNS;
    }

    @Override
    public final int depth() {
        return BLOCK;
    }

    @Override
    public final long panelBytes(int inputs) {
        int rest = inputs % BLOCK / GROUP;
        return Memory.align(inputs / BLOCK * blockBytes(BLOCK_GROUPS) + blockBytes(rest));
    }

    private long blockBytes(int groups) {
        return (long) STEP_BYTES * (scaleInts(groups) + codeInts() * groups);
    }

    private static int groups(int inputs, int block) {
        return Math.min(BLOCK, inputs - block) / GROUP;
    }

    @Override
    public final boolean pack(Weight weight, int output, MemorySegment out, long at) {
        int inputs = weight.inputs();
        long panel = Memory.address(out, at, panelBytes(inputs));
        int[] ints = new int[scaleInts(BLOCK_GROUPS) + codeInts() * BLOCK_GROUPS];
        for (int c = 0; c < COLUMNS; c++) {
            boolean stored = output + c < weight.outputs();
            long row = stored ? Memory.row(weight, output + c) : 0;
            long to = panel + (long) Integer.BYTES * c;
            for (int i = 0; i < inputs; i += BLOCK) {
                int groups = groups(inputs, i);
                if (!stored) {
                    Arrays.fill(ints, 0);
                } else if (!read(row + weight.type().bytes(i), groups, ints)) {
                    return false;
                }
                int count = scaleInts(groups) + codeInts() * groups;
                for (int n = 0; n < count; n++, to += STEP_BYTES) {
                    StoredCodes.setInt32(to, ints[n]);
                }
            }
        }
        return true;
    }

    @Override
    public final int factorFloats() {
        return 2 * MINIMA;
    }

    @Override
    public final int preparedFloats(int inputs) {
        return inputs / GROUP * PREPARED;
    }

    @Override
    public final void prepare(MemorySegment in, long offset, int inputs, float[] out, int at) {
        long from = Memory.pointer(Memory.address(in, offset, (long) Float.BYTES * inputs));
        for (int i = 0, to = at; i < inputs; i += GROUP, to += PREPARED) {
            prepareGroup(from + (long) Float.BYTES * i, out, to);
        }
    }

    @Override
    public final void dots(
            MemorySegment panel, long at, int inputs, float[] x, int xAt, int rows, float[] factors, float[] sums) {
        int stride = preparedFloats(inputs);
        long block = Memory.address(panel, at, panelBytes(inputs));
        Arrays.fill(sums, 0, rows * COLUMNS, 0);
        for (int i = 0; i < inputs; i += BLOCK) {
            int groups = groups(inputs, i);
            loadFactors(block, groups, factors);
            long codes = block + (long) STEP_BYTES * scaleInts(groups);
            addBlock(codes, groups, factors, x, xAt + preparedFloats(i), stride, rows, sums);
            block += blockBytes(groups);
        }
    }

    private void addBlock(
            long codes, int groups, float[] factors, float[] x, int xAt, int stride, int rows, float[] sums) {
        for (int row = 0; row < rows && hasMinima(); row++) {
            subtractMinima(groups, factors, x, xAt + row * stride, sums, row * COLUMNS);
        }
        int row = 0;
        for (; row < rows - 3; row += 4) {
            PanelDots.fourRows(codes, groups, bits, factors, x, xAt + row * stride, stride, sums, row * COLUMNS);
        }
        for (; row < rows - 1; row += 2) {
            PanelDots.twoRows(codes, groups, bits, factors, x, xAt + row * stride, stride, sums, row * COLUMNS);
        }
        if (row < rows) {
            PanelDots.oneRow(codes, groups, bits, factors, x, xAt + row * stride, sums, row * COLUMNS);
        }
    }

    /// `sums -= Σ over groups of minimum * Σ x`.
    private static void subtractMinima(int groups, float[] factors, float[] x, int xAt, float[] sums, int sumsAt) {
        FloatVector left = FloatVector.fromArray(FLOATS, sums, sumsAt);
        FloatVector right = FloatVector.fromArray(FLOATS, sums, sumsAt + LANES);
        for (int g = 0; g < groups; g++) {
            FloatVector sum = FloatVector.broadcast(FLOATS, -x[xAt + g * PREPARED + SUM]);
            int at = MINIMA + g * COLUMNS;
            left = FloatVector.fromArray(FLOATS, factors, at).fma(sum, left);
            right = FloatVector.fromArray(FLOATS, factors, at + LANES).fma(sum, right);
        }
        left.intoArray(sums, sumsAt);
        right.intoArray(sums, sumsAt + LANES);
    }

    @Override
    public final void decode(
            MemorySegment panel, long at, int inputs, int first, int count, float[] factors, float[] weights) {
        long block = Memory.address(panel, at, panelBytes(inputs)) + first / BLOCK * blockBytes(BLOCK_GROUPS);
        for (int i = first, to = 0; i < first + count; i += BLOCK) {
            int groups = groups(inputs, i);
            loadFactors(block, groups, factors);
            long codes = block + (long) STEP_BYTES * scaleInts(groups);
            for (int g = 0; g < groups; g++, to += GROUP * COLUMNS, codes += (long) STEP_BYTES * codeInts()) {
                FloatVector left = FloatVector.fromArray(FLOATS, factors, g * COLUMNS);
                FloatVector right = FloatVector.fromArray(FLOATS, factors, g * COLUMNS + LANES);
                decodeGroup(Memory.pointer(codes), left, right, weights, to);
                if (hasMinima()) {
                    subtract(factors, MINIMA + g * COLUMNS, weights, to);
                }
            }
            block += blockBytes(groups);
        }
    }

    /// Takes a group's minima from its weights.
    private static void subtract(float[] factors, int minima, float[] weights, int at) {
        FloatVector left = FloatVector.fromArray(FLOATS, factors, minima);
        FloatVector right = FloatVector.fromArray(FLOATS, factors, minima + LANES);
        for (int i = at; i < at + GROUP * COLUMNS; i += COLUMNS) {
            FloatVector.fromArray(FLOATS, weights, i).sub(left).intoArray(weights, i);
            FloatVector.fromArray(FLOATS, weights, i + LANES).sub(right).intoArray(weights, i + LANES);
        }
    }

    static IntVector ints(long address) {
        return IntVector.fromMemorySegment(INTS, Memory.ALL, address, ByteOrder.LITTLE_ENDIAN);
    }

    /// [#read] of stored groups that are a float16 and codes in ints.
    ///
    /// @param bytes   of a group
    /// @param scaleAt where its scale is
    /// @param codesAt where its codes are
    /// @param turned  bits of each int of codes that are turned
    final boolean readGroups(long stored, int groups, int bytes, int scaleAt, int codesAt, int turned, int[] ints) {
        boolean finite = true;
        int to = scaleInts(groups);
        for (int g = 0; g < groups; g++) {
            long group = Memory.pointer(stored + (long) bytes * g);
            for (int i = 0; i < codeInts(); i++) {
                ints[to++] = StoredCodes.int32(group + codesAt + Integer.BYTES * i) ^ turned;
            }
            int scale = StoredCodes.unsigned16(group + scaleAt);
            ints[g / 2] = g % 2 == 0 ? scale : ints[g / 2] | scale << Short.SIZE;
            finite &= isFinite(scale);
        }
        return finite;
    }

    static boolean isFinite(int float16) {
        return (float16 & FLOAT16_EXPONENT) != FLOAT16_EXPONENT;
    }

    /// The finite float16 in the upper half of each int. Sign, exponent and significand go where a float32 has
    /// them, which makes of the value 2^-112 times the value, of subnormal ones too.
    static FloatVector float16(IntVector upperHalves) {
        return upperHalves
                .lanewise(VectorOperators.ASHR, 3)
                .and(FLOAT16_BITS)
                .reinterpretAsFloats()
                .mul(0x1p112f);
    }
}
