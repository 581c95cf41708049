package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.Tile;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The register tile for few columns: 8 rows by 1 vector. For every column it does the same operations in the same
/// order as the wide tiles, so that a column's result does not depend on how many others there are.
final class Tile8x1 implements Tile {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final int ROWS = 8;
    private static final int COLUMNS = LANES;

    @Override
    public int rows() {
        return ROWS;
    }

    @Override
    public int columns() {
        return COLUMNS;
    }

    @Override
    public void multiplyRows(
            float[] left,
            int leftAt,
            int leftStride,
            float[] right,
            int rightAt,
            int depth,
            float[] out,
            int outAt,
            int outStride) {
        FloatVector r0c0 = FloatVector.zero(SPECIES);
        FloatVector r1c0 = r0c0;
        FloatVector r2c0 = r0c0;
        FloatVector r3c0 = r0c0;
        FloatVector r4c0 = r0c0;
        FloatVector r5c0 = r0c0;
        FloatVector r6c0 = r0c0;
        FloatVector r7c0 = r0c0;
        int left1 = leftAt + leftStride;
        int left2 = leftAt + 2 * leftStride;
        int left3 = leftAt + 3 * leftStride;
        int left4 = leftAt + 4 * leftStride;
        int left5 = leftAt + 5 * leftStride;
        int left6 = leftAt + 6 * leftStride;
        int left7 = leftAt + 7 * leftStride;
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = FloatVector.fromArray(SPECIES, right, rightAt + k * COLUMNS);
            FloatVector row = FloatVector.broadcast(SPECIES, left[leftAt + k]);
            r0c0 = row.fma(c0, r0c0);
            row = FloatVector.broadcast(SPECIES, left[left1 + k]);
            r1c0 = row.fma(c0, r1c0);
            row = FloatVector.broadcast(SPECIES, left[left2 + k]);
            r2c0 = row.fma(c0, r2c0);
            row = FloatVector.broadcast(SPECIES, left[left3 + k]);
            r3c0 = row.fma(c0, r3c0);
            row = FloatVector.broadcast(SPECIES, left[left4 + k]);
            r4c0 = row.fma(c0, r4c0);
            row = FloatVector.broadcast(SPECIES, left[left5 + k]);
            r5c0 = row.fma(c0, r5c0);
            row = FloatVector.broadcast(SPECIES, left[left6 + k]);
            r6c0 = row.fma(c0, r6c0);
            row = FloatVector.broadcast(SPECIES, left[left7 + k]);
            r7c0 = row.fma(c0, r7c0);
        }
        r0c0.intoArray(out, outAt);
        r1c0.intoArray(out, outAt + outStride);
        r2c0.intoArray(out, outAt + 2 * outStride);
        r3c0.intoArray(out, outAt + 3 * outStride);
        r4c0.intoArray(out, outAt + 4 * outStride);
        r5c0.intoArray(out, outAt + 5 * outStride);
        r6c0.intoArray(out, outAt + 6 * outStride);
        r7c0.intoArray(out, outAt + 7 * outStride);
    }

    @Override
    public void addRows(
            float[] left,
            int leftAt,
            int leftStride,
            float[] right,
            int rightAt,
            int depth,
            float[] out,
            int outAt,
            int outStride) {
        FloatVector r0c0 = FloatVector.zero(SPECIES);
        FloatVector r1c0 = r0c0;
        FloatVector r2c0 = r0c0;
        FloatVector r3c0 = r0c0;
        FloatVector r4c0 = r0c0;
        FloatVector r5c0 = r0c0;
        FloatVector r6c0 = r0c0;
        FloatVector r7c0 = r0c0;
        int left1 = leftAt + leftStride;
        int left2 = leftAt + 2 * leftStride;
        int left3 = leftAt + 3 * leftStride;
        int left4 = leftAt + 4 * leftStride;
        int left5 = leftAt + 5 * leftStride;
        int left6 = leftAt + 6 * leftStride;
        int left7 = leftAt + 7 * leftStride;
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = FloatVector.fromArray(SPECIES, right, rightAt + k * COLUMNS);
            FloatVector row = FloatVector.broadcast(SPECIES, left[leftAt + k]);
            r0c0 = row.fma(c0, r0c0);
            row = FloatVector.broadcast(SPECIES, left[left1 + k]);
            r1c0 = row.fma(c0, r1c0);
            row = FloatVector.broadcast(SPECIES, left[left2 + k]);
            r2c0 = row.fma(c0, r2c0);
            row = FloatVector.broadcast(SPECIES, left[left3 + k]);
            r3c0 = row.fma(c0, r3c0);
            row = FloatVector.broadcast(SPECIES, left[left4 + k]);
            r4c0 = row.fma(c0, r4c0);
            row = FloatVector.broadcast(SPECIES, left[left5 + k]);
            r5c0 = row.fma(c0, r5c0);
            row = FloatVector.broadcast(SPECIES, left[left6 + k]);
            r6c0 = row.fma(c0, r6c0);
            row = FloatVector.broadcast(SPECIES, left[left7 + k]);
            r7c0 = row.fma(c0, r7c0);
        }
        r0c0.add(FloatVector.fromArray(SPECIES, out, outAt)).intoArray(out, outAt);
        r1c0.add(FloatVector.fromArray(SPECIES, out, outAt + outStride)).intoArray(out, outAt + outStride);
        r2c0.add(FloatVector.fromArray(SPECIES, out, outAt + 2 * outStride)).intoArray(out, outAt + 2 * outStride);
        r3c0.add(FloatVector.fromArray(SPECIES, out, outAt + 3 * outStride)).intoArray(out, outAt + 3 * outStride);
        r4c0.add(FloatVector.fromArray(SPECIES, out, outAt + 4 * outStride)).intoArray(out, outAt + 4 * outStride);
        r5c0.add(FloatVector.fromArray(SPECIES, out, outAt + 5 * outStride)).intoArray(out, outAt + 5 * outStride);
        r6c0.add(FloatVector.fromArray(SPECIES, out, outAt + 6 * outStride)).intoArray(out, outAt + 6 * outStride);
        r7c0.add(FloatVector.fromArray(SPECIES, out, outAt + 7 * outStride)).intoArray(out, outAt + 7 * outStride);
    }

    @Override
    public void addSteps(
            float[] left, int leftAt, float[] right, int rightAt, int depth, float[] out, int outAt, int outStride) {
        FloatVector r0c0 = FloatVector.fromArray(SPECIES, out, outAt);
        FloatVector r1c0 = FloatVector.fromArray(SPECIES, out, outAt + outStride);
        FloatVector r2c0 = FloatVector.fromArray(SPECIES, out, outAt + 2 * outStride);
        FloatVector r3c0 = FloatVector.fromArray(SPECIES, out, outAt + 3 * outStride);
        FloatVector r4c0 = FloatVector.fromArray(SPECIES, out, outAt + 4 * outStride);
        FloatVector r5c0 = FloatVector.fromArray(SPECIES, out, outAt + 5 * outStride);
        FloatVector r6c0 = FloatVector.fromArray(SPECIES, out, outAt + 6 * outStride);
        FloatVector r7c0 = FloatVector.fromArray(SPECIES, out, outAt + 7 * outStride);
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = FloatVector.fromArray(SPECIES, right, rightAt + k * COLUMNS);
            FloatVector row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS]);
            r0c0 = row.fma(c0, r0c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 1]);
            r1c0 = row.fma(c0, r1c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 2]);
            r2c0 = row.fma(c0, r2c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 3]);
            r3c0 = row.fma(c0, r3c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 4]);
            r4c0 = row.fma(c0, r4c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 5]);
            r5c0 = row.fma(c0, r5c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 6]);
            r6c0 = row.fma(c0, r6c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 7]);
            r7c0 = row.fma(c0, r7c0);
        }
        r0c0.intoArray(out, outAt);
        r1c0.intoArray(out, outAt + outStride);
        r2c0.intoArray(out, outAt + 2 * outStride);
        r3c0.intoArray(out, outAt + 3 * outStride);
        r4c0.intoArray(out, outAt + 4 * outStride);
        r5c0.intoArray(out, outAt + 5 * outStride);
        r6c0.intoArray(out, outAt + 6 * outStride);
        r7c0.intoArray(out, outAt + 7 * outStride);
    }
}
