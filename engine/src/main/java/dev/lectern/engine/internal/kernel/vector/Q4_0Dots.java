package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.BlockDots;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.Q4_0Layout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/// [BlockDots] of `Q4_0`: `Σ over blocks of scale * Σ (quant - 8) * x`.
///
/// A byte is `low + 16 * high`, and taking the low nibble out is cheaper than taking out both: with `l` and `h` the
/// inputs of the two nibbles, `low * l + high * h = low * (l - h / 16) + byte * (h / 16)`. A prepared row holds for
/// every vector of bytes the two factors, and `-8 * (l + h)` to start the sum with.
final class Q4_0Dots implements BlockDots {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final int BYTES = Q4_0Layout.BLOCK_BYTES;
    private static final int WEIGHTS = Q4_0Layout.BLOCK_WEIGHTS;
    private static final int HALF = WEIGHTS / 2;
    private static final int PARTS = HALF / LANES;
    private static final int PREPARED = 3 * LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    @Override
    public int multiple() {
        return WEIGHTS;
    }

    @Override
    public int preparedFloats(int inputs) {
        return inputs / WEIGHTS * PARTS * PREPARED;
    }

    @Override
    public void prepare(MemorySegment in, long offset, int inputs, float[] out, int at) {
        int to = at;
        for (int block = 0; block < inputs; block += WEIGHTS) {
            for (int i = block; i < block + HALF; i += LANES, to += PREPARED) {
                FloatVector low = FloatVector.fromMemorySegment(SPECIES, in, offset + 4L * i, ORDER);
                FloatVector high = FloatVector.fromMemorySegment(SPECIES, in, offset + 4L * (i + HALF), ORDER);
                FloatVector sixteenth = high.mul(1f / 16);
                low.sub(sixteenth).intoArray(out, to);
                sixteenth.intoArray(out, to + LANES);
                low.add(high).mul(-Q4_0Layout.ZERO_POINT).intoArray(out, to + 2 * LANES);
            }
        }
    }

    @Override
    public void dots(
            Weight weight, int output, float[] x, int xAt, int xStride, int rows, Scratch scratch, float[] sums) {
        int blocks = weight.inputs() / WEIGHTS;
        int rowBytes = blocks * BYTES;
        byte[] stored = scratch.bytes(OUTPUTS * rowBytes);
        // In an array a row costs fewer instructions to read, and it is fetched ahead of the arithmetic.
        for (int o = 0; o < OUTPUTS; o++) {
            long at = weight.rowOffset(output + o);
            MemorySegment.copy(weight.data(), ValueLayout.JAVA_BYTE, at, stored, o * rowBytes, rowBytes);
        }
        for (int o = 0; o < OUTPUTS; o += 2) {
            int row = 0;
            for (; row < rows - 3; row += 4) {
                int sumsAt = (row * OUTPUTS + o) * LANES;
                fourRows(stored, o * rowBytes, blocks, x, xAt + row * xStride, xStride, sums, sumsAt);
            }
            for (; row < rows; row++) {
                int sumsAt = (row * OUTPUTS + o) * LANES;
                oneRow(stored, o * rowBytes, blocks, x, xAt + row * xStride, sums, sumsAt);
            }
        }
    }

    /// 1 row by 2 outputs.
    private static void oneRow(byte[] stored, int storedAt, int blocks, float[] x, int xAt, float[] sums, int sumsAt) {
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = sum0;
        int rowBytes = blocks * BYTES;
        for (int b = 0; b < blocks; b++) {
            int block = storedAt + b * BYTES;
            FloatVector scale0 = FloatVector.broadcast(SPECIES, Codes.float16(stored, block));
            FloatVector scale1 = FloatVector.broadcast(SPECIES, Codes.float16(stored, block + rowBytes));
            for (int part = 0; part < PARTS; part++) {
                int k = xAt + (b * PARTS + part) * PREPARED;
                int quants = block + Q4_0Layout.QUANTS_OFFSET + part * LANES;
                IntVector pairs = StoredCodes.bytes(stored, quants);
                FloatVector low0 = StoredCodes.floats(pairs.and(0xF));
                FloatVector bytes0 = StoredCodes.floats(pairs);
                pairs = StoredCodes.bytes(stored, quants + rowBytes);
                FloatVector low1 = StoredCodes.floats(pairs.and(0xF));
                FloatVector bytes1 = StoredCodes.floats(pairs);
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, k);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, k + LANES);
                FloatVector start = FloatVector.fromArray(SPECIES, x, k + 2 * LANES);
                sum0 = bytes0.fma(x1, low0.fma(x0, start)).fma(scale0, sum0);
                sum1 = bytes1.fma(x1, low1.fma(x0, start)).fma(scale1, sum1);
            }
        }
        sum0.intoArray(sums, sumsAt);
        sum1.intoArray(sums, sumsAt + LANES);
    }

    /// 4 rows by 2 outputs: what is taken out of a block serves all rows.
    private static void fourRows(
            byte[] stored, int storedAt, int blocks, float[] x, int xAt, int xStride, float[] sums, int sumsAt) {
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector a1 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector c0 = a0;
        FloatVector c1 = a0;
        FloatVector d0 = a0;
        FloatVector d1 = a0;
        int rowBytes = blocks * BYTES;
        for (int b = 0; b < blocks; b++) {
            int block = storedAt + b * BYTES;
            FloatVector scale0 = FloatVector.broadcast(SPECIES, Codes.float16(stored, block));
            FloatVector scale1 = FloatVector.broadcast(SPECIES, Codes.float16(stored, block + rowBytes));
            for (int part = 0; part < PARTS; part++) {
                int k = xAt + (b * PARTS + part) * PREPARED;
                int quants = block + Q4_0Layout.QUANTS_OFFSET + part * LANES;
                IntVector pairs = StoredCodes.bytes(stored, quants);
                FloatVector low0 = StoredCodes.floats(pairs.and(0xF));
                FloatVector bytes0 = StoredCodes.floats(pairs);
                pairs = StoredCodes.bytes(stored, quants + rowBytes);
                FloatVector low1 = StoredCodes.floats(pairs.and(0xF));
                FloatVector bytes1 = StoredCodes.floats(pairs);
                FloatVector x0 = FloatVector.fromArray(SPECIES, x, k);
                FloatVector x1 = FloatVector.fromArray(SPECIES, x, k + LANES);
                FloatVector start = FloatVector.fromArray(SPECIES, x, k + 2 * LANES);
                a0 = bytes0.fma(x1, low0.fma(x0, start)).fma(scale0, a0);
                a1 = bytes1.fma(x1, low1.fma(x0, start)).fma(scale1, a1);
                x0 = FloatVector.fromArray(SPECIES, x, k + xStride);
                x1 = FloatVector.fromArray(SPECIES, x, k + xStride + LANES);
                start = FloatVector.fromArray(SPECIES, x, k + xStride + 2 * LANES);
                b0 = bytes0.fma(x1, low0.fma(x0, start)).fma(scale0, b0);
                b1 = bytes1.fma(x1, low1.fma(x0, start)).fma(scale1, b1);
                x0 = FloatVector.fromArray(SPECIES, x, k + 2 * xStride);
                x1 = FloatVector.fromArray(SPECIES, x, k + 2 * xStride + LANES);
                start = FloatVector.fromArray(SPECIES, x, k + 2 * xStride + 2 * LANES);
                c0 = bytes0.fma(x1, low0.fma(x0, start)).fma(scale0, c0);
                c1 = bytes1.fma(x1, low1.fma(x0, start)).fma(scale1, c1);
                x0 = FloatVector.fromArray(SPECIES, x, k + 3 * xStride);
                x1 = FloatVector.fromArray(SPECIES, x, k + 3 * xStride + LANES);
                start = FloatVector.fromArray(SPECIES, x, k + 3 * xStride + 2 * LANES);
                d0 = bytes0.fma(x1, low0.fma(x0, start)).fma(scale0, d0);
                d1 = bytes1.fma(x1, low1.fma(x0, start)).fma(scale1, d1);
            }
        }
        int next = OUTPUTS * LANES;
        a0.intoArray(sums, sumsAt);
        a1.intoArray(sums, sumsAt + LANES);
        b0.intoArray(sums, sumsAt + next);
        b1.intoArray(sums, sumsAt + next + LANES);
        c0.intoArray(sums, sumsAt + 2 * next);
        c1.intoArray(sums, sumsAt + 2 * next + LANES);
        d0.intoArray(sums, sumsAt + 3 * next);
        d1.intoArray(sums, sumsAt + 3 * next + LANES);
    }
}
