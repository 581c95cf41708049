package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Panels of signed 8-bit codes, an int for 4 consecutive weights. The codes in the lower 3 bytes have a zero point
/// added, so that a mask takes them out; the smaller it is, the less a sum loses to taking it away again.
abstract class BytePanels extends VectorPanels {
    private static final int BITS = 8;
    /// Of an int.
    private static final int CODES = 4;

    private final int zeroPoint;

    /// @param scaleBytes an output's in a group
    /// @param group      weights that share a scale
    /// @param zeroPoint  makes no code negative
    BytePanels(int scaleBytes, int group, int zeroPoint) {
        super(BITS, scaleBytes, group);
        this.zeroPoint = zeroPoint;
    }

    final int zeroPoint() {
        return zeroPoint;
    }

    @Override
    final void prepareGroup(long from, float[] out, int at) {
        float biased = 0;
        float sum = 0;
        for (int i = 0; i < group(); i += CODES) {
            float first = Memory.getFloat(from + 4L * i);
            float second = Memory.getFloat(from + 4L * i + 4);
            float third = Memory.getFloat(from + 4L * i + 8);
            float fourth = Memory.getFloat(from + 4L * i + 12);
            out[at + i] = first;
            out[at + i + 1] = second * 0x1p-8f;
            out[at + i + 2] = third * 0x1p-16f;
            out[at + i + 3] = fourth * 0x1p-24f;
            biased += first + second + third;
            sum += fourth;
        }
        out[at + start()] = -zeroPoint * biased;
        out[at + sum()] = biased + sum;
    }

    /// A lane's code of a group's weight, as it was stored.
    ///
    /// @param group  address of the first lane's first int
    /// @param weight of the group
    final FloatVector code(long group, int weight) {
        IntVector ints = ints(group + (long) STEP_BYTES * (weight / CODES));
        int place = weight % CODES;
        IntVector code = place == CODES - 1
                ? ints.lanewise(VectorOperators.ASHR, Byte.SIZE * place)
                : ints.lanewise(VectorOperators.LSHR, Byte.SIZE * place)
                        .and(0xFF)
                        .sub(zeroPoint);
        return StoredCodes.floats(code);
    }
}
