package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.model.Weight;

/// Panels of 16-bit floats: 16 ints a group and output, of two consecutive weights each, the earlier one in the lower
/// half. They are no codes with scales, and a group is only as long as others' are.
abstract class HalfPanels extends VectorPanels {
    /// Of a weight, and of a float32 below those of a bfloat16.
    static final int BITS = 16;

    static final int INTS_OF_GROUP = GROUP / 2;

    /// What [#pack] returns for a number that panels do not hold.
    static final int NOT_HELD = -1;

    private final float inputFactor;

    /// @param inputFactor a power of 2 that prepared rows are multiplied with
    HalfPanels(float inputFactor) {
        super(BITS, 0);
        this.inputFactor = inputFactor;
    }

    /// A weight's 16 bits as panels have them, or [#NOT_HELD].
    ///
    /// @param bits     as they are stored
    /// @param exponent of the power of 2 that float16 are multiplied with
    abstract int pack(int bits, int exponent);

    /// Adds one row's products with some groups of both strips.
    ///
    /// @param unit what float16 are multiples of
    abstract void oneRow(
            long group, long stripBytes, int groups, float unit, float[] x, int xAt, float[] sums, int sumsAt);

    /// Adds two rows'.
    abstract void twoRows(
            long group,
            long stripBytes,
            int groups,
            float unit,
            float[] x,
            int xAt,
            int xStride,
            float[] sums,
            int sumsAt);

    /// Adds four rows' with a strip's groups, as [PanelDots#fourRows].
    abstract void fourRows(
            long group, int groups, float unit, float[] x, int xAt, int xStride, float[] sums, int sumsAt);

    @Override
    public final int multiple() {
        return GROUP;
    }

    @Override
    public final boolean holds(Weight weight) {
        return weight.scales() == null && weight.inputs() % GROUP == 0;
    }

    @Override
    final boolean packBlock(Weight weight, int output, int input, long to, int column, int exponent) {
        boolean outputMajor = weight.order() == Weight.Order.OUTPUT_MAJOR;
        long fromOutput = outputMajor ? weight.strideBytes() : (long) Short.BYTES * weight.step();
        long fromInput = outputMajor ? Short.BYTES : weight.strideBytes();
        long first = fromOutput * output + fromInput * input;
        long stored = Memory.address(weight.data(), first, fromInput * (GROUP - 1) + Short.BYTES);
        long ints = to + (long) Integer.BYTES * column;
        for (int i = 0; i < INTS_OF_GROUP; i++) {
            int earlier = pack(StoredCodes.unsigned16(stored + fromInput * 2 * i), exponent);
            int later = pack(StoredCodes.unsigned16(stored + fromInput * (2 * i + 1)), exponent);
            if (earlier == NOT_HELD || later == NOT_HELD) {
                return false;
            }
            StoredCodes.setInt32(ints + (long) STEP_BYTES * i, later << BITS | earlier);
        }
        return true;
    }

    @Override
    final void prepareGroup(long from, float[] out, int at) {
        for (int i = 0; i < GROUP; i += LANES) {
            Memory.floats(from + (long) Float.BYTES * i).mul(inputFactor).intoArray(out, at + i);
        }
        out[at + START] = 0;
        out[at + SUM] = 0;
    }

    @Override
    final long addRun(
            long group,
            long stripBytes,
            float unit,
            int groups,
            float[] x,
            int xAt,
            int stride,
            int rows,
            float[] scratch,
            float[] sums) {
        int row = 0;
        for (; row < rows - 3; row += 4) {
            int k = xAt + row * stride;
            fourRows(group, groups, unit, x, k, stride, sums, row * COLUMNS);
            fourRows(group + stripBytes, groups, unit, x, k, stride, sums, row * COLUMNS + TILE_COLUMNS);
        }
        for (; row < rows - 1; row += 2) {
            twoRows(group, stripBytes, groups, unit, x, xAt + row * stride, stride, sums, row * COLUMNS);
        }
        if (row < rows) {
            oneRow(group, stripBytes, groups, unit, x, xAt + row * stride, sums, row * COLUMNS);
        }
        return groupBytes() * groups;
    }
}
