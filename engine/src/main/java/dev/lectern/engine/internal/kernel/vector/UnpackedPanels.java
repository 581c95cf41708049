package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.BlockScales;
import dev.lectern.engine.internal.quant.TensorType;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/// Panels of the types that have no order of their own, of which every weight is a signed byte times a float32, for
/// some types less another ([Unpacked]): 9 to 12 bits a weight, however few were stored. That costs memory, and a
/// product's time is what reading it takes; unpacking stored blocks for one row takes five to eight times as long.
///
/// A group, of weights that share a scale, is the codes' ints, an output's scale, and where there are minima its
/// minimum. Scales that lie in a tensor of their own ([BlockScales]) are multiplied in: the codes of these types are
/// scaled by powers of 2, so that a weight is still rounded once.
final class UnpackedPanels extends BytePanels {
    static final List<TensorType> TYPES = List.of(
            TensorType.Q4_1,
            TensorType.Q5_0,
            TensorType.Q5_1,
            TensorType.Q2_K,
            TensorType.Q3_K,
            TensorType.Q5_K,
            TensorType.IQ1_S,
            TensorType.IQ1_M,
            TensorType.IQ2_XXS,
            TensorType.IQ2_XS,
            TensorType.IQ2_S,
            TensorType.IQ3_XXS,
            TensorType.IQ3_S,
            TensorType.IQ4_NL,
            TensorType.IQ4_XS,
            TensorType.TQ1_0,
            TensorType.TQ2_0,
            TensorType.MXFP4,
            TensorType.NVFP4,
            TensorType.E2M1_PAIRS,
            TensorType.INT4_PAIRS);

    private static final int HALF_GROUP = GROUP / 2;

    private final TensorType type;
    private final boolean minima;

    private UnpackedPanels(TensorType type, int group, int zeroPoint) {
        super(RowDecoder.hasMinima(type) ? 2 * Float.BYTES : Float.BYTES, group, zeroPoint);
        this.type = type;
        minima = RowDecoder.hasMinima(type);
    }

    /// Zero points are as small as a type's codes let them be. Pairs would do with groups of 32; in groups of 16 their
    /// sums lose less to zero points, which are large beside the codes of most weights.
    ///
    /// @param type of [#TYPES]
    static UnpackedPanels of(TensorType type) {
        return switch (type) {
            case Q4_1, Q5_1, Q5_K -> new UnpackedPanels(type, GROUP, 0);
            case Q2_K -> new UnpackedPanels(type, HALF_GROUP, 0);
            case Q3_K -> new UnpackedPanels(type, HALF_GROUP, 4);
            case INT4_PAIRS -> new UnpackedPanels(type, HALF_GROUP, 8);
            case TQ1_0, TQ2_0 -> new UnpackedPanels(type, GROUP, 1);
            case MXFP4 -> new UnpackedPanels(type, GROUP, 12);
            case NVFP4, E2M1_PAIRS -> new UnpackedPanels(type, HALF_GROUP, 12);
            case Q5_0, IQ1_S, IQ3_S -> new UnpackedPanels(type, GROUP, 16);
            case IQ1_M -> new UnpackedPanels(type, HALF_GROUP, 16);
            case IQ2_XXS, IQ3_XXS -> new UnpackedPanels(type, GROUP, 64);
            case IQ2_XS, IQ2_S -> new UnpackedPanels(type, HALF_GROUP, 64);
            case IQ4_NL, IQ4_XS -> new UnpackedPanels(type, GROUP, 128);
            default -> throw new IllegalArgumentException(type + " has no unpacked panels");
        };
    }

    @Override
    public int multiple() {
        return Math.max(GROUP, type.blockWeights());
    }

    @Override
    public boolean holds(Weight weight) {
        BlockScales scales = weight.scales();
        return weight.order() == Weight.Order.OUTPUT_MAJOR
                && weight.inputs() % multiple() == 0
                && (scales == null || !minima && scales.coverGroupsOf(group()));
    }

    @Override
    long blockBytes() {
        return multiple() / group() * groupBytes();
    }

    /// Minima are read again behind a run's products: the run stays in the first level cache.
    @Override
    int groupsOfOneRow(int groups) {
        return minima ? RUN_GROUPS : groups;
    }

    @Override
    boolean packBlock(Weight weight, int output, int input, long to, int column, int exponent) {
        BlockScales scales = weight.scales();
        Unpacked from = RowDecoder.unpack(type, stored(weight, output, input), multiple());
        for (int g = 0; g < multiple() / group(); g++) {
            long group = to + groupBytes() * g;
            for (int i = 0; i < codeInts(); i++) {
                int codes = from.fourCodes(group() * g + Integer.BYTES * i, zeroPoint());
                StoredCodes.setInt32(group + (long) STEP_BYTES * i + (long) Integer.BYTES * column, codes);
            }
            int first = group() / Unpacked.GROUP_WEIGHTS * g;
            float scale = from.scales[first] * (scales == null ? 1 : scales.of(output, input + group() * g));
            long at = group + codeBytes() + (long) Float.BYTES * column;
            if (!packFactor(scale, at)
                    || minima && !packFactor(from.minima[first], at + (long) Float.BYTES * TILE_COLUMNS)) {
                return false;
            }
        }
        return true;
    }

    /// Returns false for what is no finite number, whose products with nothing are not nothing.
    private static boolean packFactor(float factor, long to) {
        Memory.setFloat(to, factor);
        return Float.isFinite(factor);
    }

    @Override
    long addRun(
            long group,
            long stripBytes,
            float scaleUnit,
            int groups,
            float[] x,
            int xAt,
            int stride,
            int rows,
            float[] scratch,
            float[] sums) {
        addProducts(group, stripBytes, groups, Float.BYTES, scaleUnit, x, xAt, stride, rows, sums);
        for (int c = 0; minima && c < COLUMNS; c += LANES) {
            long strip = group + (c < TILE_COLUMNS ? 0 : stripBytes);
            long first = strip + codeBytes() + (long) Float.BYTES * (TILE_COLUMNS + c % TILE_COLUMNS);
            for (int row = 0; row < rows; row++) {
                subtractMinima(first, groups, x, xAt + row * stride, sums, row * COLUMNS + c);
            }
        }
        return groupBytes() * groups;
    }

    /// `sums -= Σ over groups of minimum * Σ x`.
    private void subtractMinima(long minima, int groups, float[] x, int xAt, float[] sums, int sumsAt) {
        FloatVector sum = FloatVector.fromArray(FLOATS, sums, sumsAt);
        for (int g = 0; g < groups; g++) {
            FloatVector inputs = FloatVector.broadcast(FLOATS, -x[xAt + prepared() * g + sum()]);
            sum = Memory.floats(minima + groupBytes() * g).fma(inputs, sum);
        }
        sum.intoArray(sums, sumsAt);
    }

    @Override
    void decodeBlock(long block, float unit, long to) {
        for (int g = 0; g < multiple() / group(); g++) {
            for (int c = 0; c < TILE_COLUMNS; c += LANES) {
                long group = block + groupBytes() * g + (long) Integer.BYTES * c;
                long at = to + (long) TILE_STEP_BYTES * group() * g + (long) Float.BYTES * c;
                decodeGroup(Memory.pointer(group), Memory.pointer(at));
            }
        }
    }

    private void decodeGroup(long group, long to) {
        long scales = group + codeBytes();
        FloatVector scale = Memory.floats(scales);
        if (minima) {
            FloatVector minimum = Memory.floats(scales + (long) Float.BYTES * TILE_COLUMNS);
            for (int i = 0; i < group(); i++) {
                Memory.store(code(group, i).mul(scale).sub(minimum), to + (long) TILE_STEP_BYTES * i);
            }
        } else {
            for (int i = 0; i < group(); i++) {
                Memory.store(code(group, i).mul(scale), to + (long) TILE_STEP_BYTES * i);
            }
        }
    }
}
