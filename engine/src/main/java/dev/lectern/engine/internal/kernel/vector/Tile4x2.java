package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.Tile;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The register tile for 256-bit machines, which have 16 vector registers: 4 rows by 2 vectors.
///
/// Eight accumulators, two vectors of `right` and one broadcast fill 11 of them. Twelve accumulators (6 by 2, the
/// usual choice in C) make C2 spill: 41 GFLOP/s against 94 here, of 102 that an AVX2 core can do. Unrolling `k` by
/// hand loses as much (`TileBenchmark`).
final class Tile4x2 implements Tile {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final int ROWS = 4;
    private static final int COLUMNS = 2 * LANES;

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
        FloatVector r0c1 = r0c0;
        FloatVector r1c0 = r0c0;
        FloatVector r1c1 = r0c0;
        FloatVector r2c0 = r0c0;
        FloatVector r2c1 = r0c0;
        FloatVector r3c0 = r0c0;
        FloatVector r3c1 = r0c0;
        int left1 = leftAt + leftStride;
        int left2 = leftAt + 2 * leftStride;
        int left3 = leftAt + 3 * leftStride;
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = FloatVector.fromArray(SPECIES, right, rightAt + k * COLUMNS);
            FloatVector c1 = FloatVector.fromArray(SPECIES, right, rightAt + k * COLUMNS + LANES);
            FloatVector row = FloatVector.broadcast(SPECIES, left[leftAt + k]);
            r0c0 = row.fma(c0, r0c0);
            r0c1 = row.fma(c1, r0c1);
            row = FloatVector.broadcast(SPECIES, left[left1 + k]);
            r1c0 = row.fma(c0, r1c0);
            r1c1 = row.fma(c1, r1c1);
            row = FloatVector.broadcast(SPECIES, left[left2 + k]);
            r2c0 = row.fma(c0, r2c0);
            r2c1 = row.fma(c1, r2c1);
            row = FloatVector.broadcast(SPECIES, left[left3 + k]);
            r3c0 = row.fma(c0, r3c0);
            r3c1 = row.fma(c1, r3c1);
        }
        r0c0.intoArray(out, outAt);
        r0c1.intoArray(out, outAt + LANES);
        r1c0.intoArray(out, outAt + outStride);
        r1c1.intoArray(out, outAt + outStride + LANES);
        r2c0.intoArray(out, outAt + 2 * outStride);
        r2c1.intoArray(out, outAt + 2 * outStride + LANES);
        r3c0.intoArray(out, outAt + 3 * outStride);
        r3c1.intoArray(out, outAt + 3 * outStride + LANES);
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
        FloatVector r0c1 = r0c0;
        FloatVector r1c0 = r0c0;
        FloatVector r1c1 = r0c0;
        FloatVector r2c0 = r0c0;
        FloatVector r2c1 = r0c0;
        FloatVector r3c0 = r0c0;
        FloatVector r3c1 = r0c0;
        int left1 = leftAt + leftStride;
        int left2 = leftAt + 2 * leftStride;
        int left3 = leftAt + 3 * leftStride;
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = FloatVector.fromArray(SPECIES, right, rightAt + k * COLUMNS);
            FloatVector c1 = FloatVector.fromArray(SPECIES, right, rightAt + k * COLUMNS + LANES);
            FloatVector row = FloatVector.broadcast(SPECIES, left[leftAt + k]);
            r0c0 = row.fma(c0, r0c0);
            r0c1 = row.fma(c1, r0c1);
            row = FloatVector.broadcast(SPECIES, left[left1 + k]);
            r1c0 = row.fma(c0, r1c0);
            r1c1 = row.fma(c1, r1c1);
            row = FloatVector.broadcast(SPECIES, left[left2 + k]);
            r2c0 = row.fma(c0, r2c0);
            r2c1 = row.fma(c1, r2c1);
            row = FloatVector.broadcast(SPECIES, left[left3 + k]);
            r3c0 = row.fma(c0, r3c0);
            r3c1 = row.fma(c1, r3c1);
        }
        r0c0.add(FloatVector.fromArray(SPECIES, out, outAt)).intoArray(out, outAt);
        r0c1.add(FloatVector.fromArray(SPECIES, out, outAt + LANES)).intoArray(out, outAt + LANES);
        r1c0.add(FloatVector.fromArray(SPECIES, out, outAt + outStride)).intoArray(out, outAt + outStride);
        r1c1.add(FloatVector.fromArray(SPECIES, out, outAt + outStride + LANES))
                .intoArray(out, outAt + outStride + LANES);
        r2c0.add(FloatVector.fromArray(SPECIES, out, outAt + 2 * outStride)).intoArray(out, outAt + 2 * outStride);
        r2c1.add(FloatVector.fromArray(SPECIES, out, outAt + 2 * outStride + LANES))
                .intoArray(out, outAt + 2 * outStride + LANES);
        r3c0.add(FloatVector.fromArray(SPECIES, out, outAt + 3 * outStride)).intoArray(out, outAt + 3 * outStride);
        r3c1.add(FloatVector.fromArray(SPECIES, out, outAt + 3 * outStride + LANES))
                .intoArray(out, outAt + 3 * outStride + LANES);
    }

    @Override
    public void addSteps(
            float[] left, int leftAt, float[] right, int rightAt, int depth, float[] out, int outAt, int outStride) {
        FloatVector r0c0 = FloatVector.fromArray(SPECIES, out, outAt);
        FloatVector r0c1 = FloatVector.fromArray(SPECIES, out, outAt + LANES);
        FloatVector r1c0 = FloatVector.fromArray(SPECIES, out, outAt + outStride);
        FloatVector r1c1 = FloatVector.fromArray(SPECIES, out, outAt + outStride + LANES);
        FloatVector r2c0 = FloatVector.fromArray(SPECIES, out, outAt + 2 * outStride);
        FloatVector r2c1 = FloatVector.fromArray(SPECIES, out, outAt + 2 * outStride + LANES);
        FloatVector r3c0 = FloatVector.fromArray(SPECIES, out, outAt + 3 * outStride);
        FloatVector r3c1 = FloatVector.fromArray(SPECIES, out, outAt + 3 * outStride + LANES);
        for (int k = 0; k < depth; k++) {
            FloatVector c0 = FloatVector.fromArray(SPECIES, right, rightAt + k * COLUMNS);
            FloatVector c1 = FloatVector.fromArray(SPECIES, right, rightAt + k * COLUMNS + LANES);
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
        r1c0.intoArray(out, outAt + outStride);
        r1c1.intoArray(out, outAt + outStride + LANES);
        r2c0.intoArray(out, outAt + 2 * outStride);
        r2c1.intoArray(out, outAt + 2 * outStride + LANES);
        r3c0.intoArray(out, outAt + 3 * outStride);
        r3c1.intoArray(out, outAt + 3 * outStride + LANES);
    }
}
