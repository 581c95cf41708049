package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The register tile for 256-bit machines, which have 16 vector registers: 4 rows by 2 vectors.
///
/// Eight accumulators, two vectors of `right` and one broadcast fill 11 of them. Twelve accumulators (6 by 2, the
/// usual choice in C) make C2 spill: 41 GFLOP/s against 94 here, of 102 that an AVX2 core can do. Unrolling `k` by
/// hand loses as much (`TileBenchmark`).
final class Tile4x2 extends VectorTile {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final int ROWS = 4;
    private static final int COLUMNS = 2 * LANES;
    /// Bytes of a vector, and of a step of the panel.
    private static final int VECTOR = Float.BYTES * LANES;

    private static final int STEP = Float.BYTES * COLUMNS;

    Tile4x2() {
        super(ROWS, COLUMNS);
    }

    @Override
    void multiplyTile(float[] left, int leftAt, long panel, int depth, long sums) {
        FloatVector r0c0 = FloatVector.zero(SPECIES);
        FloatVector r0c1 = r0c0;
        FloatVector r1c0 = r0c0;
        FloatVector r1c1 = r0c0;
        FloatVector r2c0 = r0c0;
        FloatVector r2c1 = r0c0;
        FloatVector r3c0 = r0c0;
        FloatVector r3c1 = r0c0;
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = Memory.floats(panel + (long) k * STEP);
            FloatVector c1 = Memory.floats(panel + (long) k * STEP + VECTOR);
            FloatVector row = FloatVector.broadcast(SPECIES, left[leftAt + k]);
            r0c0 = row.fma(c0, r0c0);
            r0c1 = row.fma(c1, r0c1);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + STRIDE]);
            r1c0 = row.fma(c0, r1c0);
            r1c1 = row.fma(c1, r1c1);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 2 * STRIDE]);
            r2c0 = row.fma(c0, r2c0);
            r2c1 = row.fma(c1, r2c1);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 3 * STRIDE]);
            r3c0 = row.fma(c0, r3c0);
            r3c1 = row.fma(c1, r3c1);
        }
        Memory.store(r0c0, sums);
        Memory.store(r0c1, sums + VECTOR);
        Memory.store(r1c0, sums + STEP);
        Memory.store(r1c1, sums + STEP + VECTOR);
        Memory.store(r2c0, sums + 2 * STEP);
        Memory.store(r2c1, sums + 2 * STEP + VECTOR);
        Memory.store(r3c0, sums + 3 * STEP);
        Memory.store(r3c1, sums + 3 * STEP + VECTOR);
    }

    @Override
    void addTile(float[] left, int leftAt, long panel, int depth, long sums) {
        FloatVector r0c0 = FloatVector.zero(SPECIES);
        FloatVector r0c1 = r0c0;
        FloatVector r1c0 = r0c0;
        FloatVector r1c1 = r0c0;
        FloatVector r2c0 = r0c0;
        FloatVector r2c1 = r0c0;
        FloatVector r3c0 = r0c0;
        FloatVector r3c1 = r0c0;
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = Memory.floats(panel + (long) k * STEP);
            FloatVector c1 = Memory.floats(panel + (long) k * STEP + VECTOR);
            FloatVector row = FloatVector.broadcast(SPECIES, left[leftAt + k]);
            r0c0 = row.fma(c0, r0c0);
            r0c1 = row.fma(c1, r0c1);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + STRIDE]);
            r1c0 = row.fma(c0, r1c0);
            r1c1 = row.fma(c1, r1c1);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 2 * STRIDE]);
            r2c0 = row.fma(c0, r2c0);
            r2c1 = row.fma(c1, r2c1);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k + 3 * STRIDE]);
            r3c0 = row.fma(c0, r3c0);
            r3c1 = row.fma(c1, r3c1);
        }
        Memory.store(r0c0.add(Memory.floats(sums)), sums);
        Memory.store(r0c1.add(Memory.floats(sums + VECTOR)), sums + VECTOR);
        Memory.store(r1c0.add(Memory.floats(sums + STEP)), sums + STEP);
        Memory.store(r1c1.add(Memory.floats(sums + STEP + VECTOR)), sums + STEP + VECTOR);
        Memory.store(r2c0.add(Memory.floats(sums + 2 * STEP)), sums + 2 * STEP);
        Memory.store(r2c1.add(Memory.floats(sums + 2 * STEP + VECTOR)), sums + 2 * STEP + VECTOR);
        Memory.store(r3c0.add(Memory.floats(sums + 3 * STEP)), sums + 3 * STEP);
        Memory.store(r3c1.add(Memory.floats(sums + 3 * STEP + VECTOR)), sums + 3 * STEP + VECTOR);
    }

    @Override
    void addTileSteps(float[] left, int leftAt, long panel, int depth, float[] out, int outAt) {
        FloatVector r0c0 = FloatVector.fromArray(SPECIES, out, outAt);
        FloatVector r0c1 = FloatVector.fromArray(SPECIES, out, outAt + LANES);
        FloatVector r1c0 = FloatVector.fromArray(SPECIES, out, outAt + COLUMNS);
        FloatVector r1c1 = FloatVector.fromArray(SPECIES, out, outAt + COLUMNS + LANES);
        FloatVector r2c0 = FloatVector.fromArray(SPECIES, out, outAt + 2 * COLUMNS);
        FloatVector r2c1 = FloatVector.fromArray(SPECIES, out, outAt + 2 * COLUMNS + LANES);
        FloatVector r3c0 = FloatVector.fromArray(SPECIES, out, outAt + 3 * COLUMNS);
        FloatVector r3c1 = FloatVector.fromArray(SPECIES, out, outAt + 3 * COLUMNS + LANES);
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = Memory.floats(panel + (long) k * STEP);
            FloatVector c1 = Memory.floats(panel + (long) k * STEP + VECTOR);
            FloatVector row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS]);
            r0c0 = row.fma(c0, r0c0);
            r0c1 = row.fma(c1, r0c1);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 1]);
            r1c0 = row.fma(c0, r1c0);
            r1c1 = row.fma(c1, r1c1);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 2]);
            r2c0 = row.fma(c0, r2c0);
            r2c1 = row.fma(c1, r2c1);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 3]);
            r3c0 = row.fma(c0, r3c0);
            r3c1 = row.fma(c1, r3c1);
        }
        r0c0.intoArray(out, outAt);
        r0c1.intoArray(out, outAt + LANES);
        r1c0.intoArray(out, outAt + COLUMNS);
        r1c1.intoArray(out, outAt + COLUMNS + LANES);
        r2c0.intoArray(out, outAt + 2 * COLUMNS);
        r2c1.intoArray(out, outAt + 2 * COLUMNS + LANES);
        r3c0.intoArray(out, outAt + 3 * COLUMNS);
        r3c1.intoArray(out, outAt + 3 * COLUMNS + LANES);
    }
}
