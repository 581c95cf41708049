package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The register tile for few columns: 8 rows by 1 vector. For every column it does the same operations in the same
/// order as the wide tiles, so that a column's result does not depend on how many others there are.
final class Tile8x1 extends VectorTile {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final int ROWS = 8;
    private static final int COLUMNS = LANES;
    /// Bytes of a vector, and of a step of the panel.
    private static final int VECTOR = Float.BYTES * LANES;

    private static final int STEP = Float.BYTES * COLUMNS;

    Tile8x1() {
        super(ROWS, COLUMNS);
    }

    @Override
    void multiplyTile(float[] left, int leftAt, long panel, int depth, long sums) {
        FloatVector r0c0 = FloatVector.zero(SPECIES);
        FloatVector r1c0 = r0c0;
        FloatVector r2c0 = r0c0;
        FloatVector r3c0 = r0c0;
        FloatVector r4c0 = r0c0;
        FloatVector r5c0 = r0c0;
        FloatVector r6c0 = r0c0;
        FloatVector r7c0 = r0c0;
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = Memory.floats(panel + (long) k * STEP);
            FloatVector row = FloatVector.broadcast(SPECIES, left[leftAt + k]);
            r0c0 = row.fma(c0, r0c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + STRIDE]);
            r1c0 = row.fma(c0, r1c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 2 * STRIDE]);
            r2c0 = row.fma(c0, r2c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 3 * STRIDE]);
            r3c0 = row.fma(c0, r3c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 4 * STRIDE]);
            r4c0 = row.fma(c0, r4c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 5 * STRIDE]);
            r5c0 = row.fma(c0, r5c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 6 * STRIDE]);
            r6c0 = row.fma(c0, r6c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 7 * STRIDE]);
            r7c0 = row.fma(c0, r7c0);
        }
        Memory.store(r0c0, sums);
        Memory.store(r1c0, sums + STEP);
        Memory.store(r2c0, sums + 2 * STEP);
        Memory.store(r3c0, sums + 3 * STEP);
        Memory.store(r4c0, sums + 4 * STEP);
        Memory.store(r5c0, sums + 5 * STEP);
        Memory.store(r6c0, sums + 6 * STEP);
        Memory.store(r7c0, sums + 7 * STEP);
    }

    @Override
    void addTile(float[] left, int leftAt, long panel, int depth, long sums) {
        FloatVector r0c0 = FloatVector.zero(SPECIES);
        FloatVector r1c0 = r0c0;
        FloatVector r2c0 = r0c0;
        FloatVector r3c0 = r0c0;
        FloatVector r4c0 = r0c0;
        FloatVector r5c0 = r0c0;
        FloatVector r6c0 = r0c0;
        FloatVector r7c0 = r0c0;
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = Memory.floats(panel + (long) k * STEP);
            FloatVector row = FloatVector.broadcast(SPECIES, left[leftAt + k]);
            r0c0 = row.fma(c0, r0c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + STRIDE]);
            r1c0 = row.fma(c0, r1c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 2 * STRIDE]);
            r2c0 = row.fma(c0, r2c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 3 * STRIDE]);
            r3c0 = row.fma(c0, r3c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 4 * STRIDE]);
            r4c0 = row.fma(c0, r4c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 5 * STRIDE]);
            r5c0 = row.fma(c0, r5c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 6 * STRIDE]);
            r6c0 = row.fma(c0, r6c0);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 7 * STRIDE]);
            r7c0 = row.fma(c0, r7c0);
        }
        Memory.store(r0c0.add(Memory.floats(sums)), sums);
        Memory.store(r1c0.add(Memory.floats(sums + STEP)), sums + STEP);
        Memory.store(r2c0.add(Memory.floats(sums + 2 * STEP)), sums + 2 * STEP);
        Memory.store(r3c0.add(Memory.floats(sums + 3 * STEP)), sums + 3 * STEP);
        Memory.store(r4c0.add(Memory.floats(sums + 4 * STEP)), sums + 4 * STEP);
        Memory.store(r5c0.add(Memory.floats(sums + 5 * STEP)), sums + 5 * STEP);
        Memory.store(r6c0.add(Memory.floats(sums + 6 * STEP)), sums + 6 * STEP);
        Memory.store(r7c0.add(Memory.floats(sums + 7 * STEP)), sums + 7 * STEP);
    }

    @Override
    void addTileSteps(float[] left, int leftAt, long panel, int depth, float[] out, int outAt) {
        FloatVector r0c0 = FloatVector.fromArray(SPECIES, out, outAt);
        FloatVector r1c0 = FloatVector.fromArray(SPECIES, out, outAt + COLUMNS);
        FloatVector r2c0 = FloatVector.fromArray(SPECIES, out, outAt + 2 * COLUMNS);
        FloatVector r3c0 = FloatVector.fromArray(SPECIES, out, outAt + 3 * COLUMNS);
        FloatVector r4c0 = FloatVector.fromArray(SPECIES, out, outAt + 4 * COLUMNS);
        FloatVector r5c0 = FloatVector.fromArray(SPECIES, out, outAt + 5 * COLUMNS);
        FloatVector r6c0 = FloatVector.fromArray(SPECIES, out, outAt + 6 * COLUMNS);
        FloatVector r7c0 = FloatVector.fromArray(SPECIES, out, outAt + 7 * COLUMNS);
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = Memory.floats(panel + (long) k * STEP);
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
        r1c0.intoArray(out, outAt + COLUMNS);
        r2c0.intoArray(out, outAt + 2 * COLUMNS);
        r3c0.intoArray(out, outAt + 3 * COLUMNS);
        r4c0.intoArray(out, outAt + 4 * COLUMNS);
        r5c0.intoArray(out, outAt + 5 * COLUMNS);
        r6c0.intoArray(out, outAt + 6 * COLUMNS);
        r7c0.intoArray(out, outAt + 7 * COLUMNS);
    }
}
