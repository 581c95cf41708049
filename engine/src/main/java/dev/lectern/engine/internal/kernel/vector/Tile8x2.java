package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.Tile;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The register tile for machines with 32 vector registers (512-bit AVX-512, 128-bit Neon): 8 rows by 2 vectors.
///
/// Sixteen accumulators, two vectors of `right` and one broadcast fill 19 of the 32 registers. Unrolling `k` by hand
/// gains nothing: C2 schedules the plain loop well (`TileBenchmark`).
final class Tile8x2 implements Tile {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final int ROWS = 8;
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
        FloatVector r4c0 = r0c0;
        FloatVector r4c1 = r0c0;
        FloatVector r5c0 = r0c0;
        FloatVector r5c1 = r0c0;
        FloatVector r6c0 = r0c0;
        FloatVector r6c1 = r0c0;
        FloatVector r7c0 = r0c0;
        FloatVector r7c1 = r0c0;
        int left1 = leftAt + leftStride;
        int left2 = leftAt + 2 * leftStride;
        int left3 = leftAt + 3 * leftStride;
        int left4 = leftAt + 4 * leftStride;
        int left5 = leftAt + 5 * leftStride;
        int left6 = leftAt + 6 * leftStride;
        int left7 = leftAt + 7 * leftStride;
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
            row = FloatVector.broadcast(SPECIES, left[left4 + k]);
            r4c0 = row.fma(c0, r4c0);
            r4c1 = row.fma(c1, r4c1);
            row = FloatVector.broadcast(SPECIES, left[left5 + k]);
            r5c0 = row.fma(c0, r5c0);
            r5c1 = row.fma(c1, r5c1);
            row = FloatVector.broadcast(SPECIES, left[left6 + k]);
            r6c0 = row.fma(c0, r6c0);
            r6c1 = row.fma(c1, r6c1);
            row = FloatVector.broadcast(SPECIES, left[left7 + k]);
            r7c0 = row.fma(c0, r7c0);
            r7c1 = row.fma(c1, r7c1);
        }
        r0c0.intoArray(out, outAt);
        r0c1.intoArray(out, outAt + LANES);
        r1c0.intoArray(out, outAt + outStride);
        r1c1.intoArray(out, outAt + outStride + LANES);
        r2c0.intoArray(out, outAt + 2 * outStride);
        r2c1.intoArray(out, outAt + 2 * outStride + LANES);
        r3c0.intoArray(out, outAt + 3 * outStride);
        r3c1.intoArray(out, outAt + 3 * outStride + LANES);
        r4c0.intoArray(out, outAt + 4 * outStride);
        r4c1.intoArray(out, outAt + 4 * outStride + LANES);
        r5c0.intoArray(out, outAt + 5 * outStride);
        r5c1.intoArray(out, outAt + 5 * outStride + LANES);
        r6c0.intoArray(out, outAt + 6 * outStride);
        r6c1.intoArray(out, outAt + 6 * outStride + LANES);
        r7c0.intoArray(out, outAt + 7 * outStride);
        r7c1.intoArray(out, outAt + 7 * outStride + LANES);
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
        FloatVector r4c0 = r0c0;
        FloatVector r4c1 = r0c0;
        FloatVector r5c0 = r0c0;
        FloatVector r5c1 = r0c0;
        FloatVector r6c0 = r0c0;
        FloatVector r6c1 = r0c0;
        FloatVector r7c0 = r0c0;
        FloatVector r7c1 = r0c0;
        int left1 = leftAt + leftStride;
        int left2 = leftAt + 2 * leftStride;
        int left3 = leftAt + 3 * leftStride;
        int left4 = leftAt + 4 * leftStride;
        int left5 = leftAt + 5 * leftStride;
        int left6 = leftAt + 6 * leftStride;
        int left7 = leftAt + 7 * leftStride;
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
            row = FloatVector.broadcast(SPECIES, left[left4 + k]);
            r4c0 = row.fma(c0, r4c0);
            r4c1 = row.fma(c1, r4c1);
            row = FloatVector.broadcast(SPECIES, left[left5 + k]);
            r5c0 = row.fma(c0, r5c0);
            r5c1 = row.fma(c1, r5c1);
            row = FloatVector.broadcast(SPECIES, left[left6 + k]);
            r6c0 = row.fma(c0, r6c0);
            r6c1 = row.fma(c1, r6c1);
            row = FloatVector.broadcast(SPECIES, left[left7 + k]);
            r7c0 = row.fma(c0, r7c0);
            r7c1 = row.fma(c1, r7c1);
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
        r4c0.add(FloatVector.fromArray(SPECIES, out, outAt + 4 * outStride)).intoArray(out, outAt + 4 * outStride);
        r4c1.add(FloatVector.fromArray(SPECIES, out, outAt + 4 * outStride + LANES))
                .intoArray(out, outAt + 4 * outStride + LANES);
        r5c0.add(FloatVector.fromArray(SPECIES, out, outAt + 5 * outStride)).intoArray(out, outAt + 5 * outStride);
        r5c1.add(FloatVector.fromArray(SPECIES, out, outAt + 5 * outStride + LANES))
                .intoArray(out, outAt + 5 * outStride + LANES);
        r6c0.add(FloatVector.fromArray(SPECIES, out, outAt + 6 * outStride)).intoArray(out, outAt + 6 * outStride);
        r6c1.add(FloatVector.fromArray(SPECIES, out, outAt + 6 * outStride + LANES))
                .intoArray(out, outAt + 6 * outStride + LANES);
        r7c0.add(FloatVector.fromArray(SPECIES, out, outAt + 7 * outStride)).intoArray(out, outAt + 7 * outStride);
        r7c1.add(FloatVector.fromArray(SPECIES, out, outAt + 7 * outStride + LANES))
                .intoArray(out, outAt + 7 * outStride + LANES);
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
        FloatVector r4c0 = FloatVector.fromArray(SPECIES, out, outAt + 4 * outStride);
        FloatVector r4c1 = FloatVector.fromArray(SPECIES, out, outAt + 4 * outStride + LANES);
        FloatVector r5c0 = FloatVector.fromArray(SPECIES, out, outAt + 5 * outStride);
        FloatVector r5c1 = FloatVector.fromArray(SPECIES, out, outAt + 5 * outStride + LANES);
        FloatVector r6c0 = FloatVector.fromArray(SPECIES, out, outAt + 6 * outStride);
        FloatVector r6c1 = FloatVector.fromArray(SPECIES, out, outAt + 6 * outStride + LANES);
        FloatVector r7c0 = FloatVector.fromArray(SPECIES, out, outAt + 7 * outStride);
        FloatVector r7c1 = FloatVector.fromArray(SPECIES, out, outAt + 7 * outStride + LANES);
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
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 4]);
            r4c0 = row.fma(c0, r4c0);
            r4c1 = row.fma(c1, r4c1);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 5]);
            r5c0 = row.fma(c0, r5c0);
            r5c1 = row.fma(c1, r5c1);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 6]);
            r6c0 = row.fma(c0, r6c0);
            r6c1 = row.fma(c1, r6c1);
            row = FloatVector.broadcast(SPECIES, left[leftAt + k * ROWS + 7]);
            r7c0 = row.fma(c0, r7c0);
            r7c1 = row.fma(c1, r7c1);
        }
        r0c0.intoArray(out, outAt);
        r0c1.intoArray(out, outAt + LANES);
        r1c0.intoArray(out, outAt + outStride);
        r1c1.intoArray(out, outAt + outStride + LANES);
        r2c0.intoArray(out, outAt + 2 * outStride);
        r2c1.intoArray(out, outAt + 2 * outStride + LANES);
        r3c0.intoArray(out, outAt + 3 * outStride);
        r3c1.intoArray(out, outAt + 3 * outStride + LANES);
        r4c0.intoArray(out, outAt + 4 * outStride);
        r4c1.intoArray(out, outAt + 4 * outStride + LANES);
        r5c0.intoArray(out, outAt + 5 * outStride);
        r5c1.intoArray(out, outAt + 5 * outStride + LANES);
        r6c0.intoArray(out, outAt + 6 * outStride);
        r6c1.intoArray(out, outAt + 6 * outStride + LANES);
        r7c0.intoArray(out, outAt + 7 * outStride);
        r7c1.intoArray(out, outAt + 7 * outStride + LANES);
    }
}
