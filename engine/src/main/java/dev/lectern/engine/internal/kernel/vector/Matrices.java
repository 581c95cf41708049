package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Rows of float arrays to columns and back, square by square of as many rows as a vector has lanes.
///
/// A square is turned by exchanging, for each bit, the rows that differ in it with the lanes that do: two steps at a
/// time on four vectors, so that few vectors live at once, and through a scratch square in between.
final class Matrices {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();

    private static final VectorShuffle<Float> SWAP_8 = swap(8);
    private static final VectorShuffle<Float> SWAP_4 = swap(4);
    private static final VectorShuffle<Float> SWAP_2 = swap(2);
    private static final VectorShuffle<Float> SWAP_1 = swap(1);
    private static final VectorMask<Float> ODD_8 = odd(8);
    private static final VectorMask<Float> ODD_4 = odd(4);
    private static final VectorMask<Float> ODD_2 = odd(2);
    private static final VectorMask<Float> ODD_1 = odd(1);

    private Matrices() {}

    private static VectorShuffle<Float> swap(int distance) {
        return VectorShuffle.fromOp(SPECIES, lane -> (lane ^ distance) & (LANES - 1));
    }

    private static VectorMask<Float> odd(int distance) {
        boolean[] bits = new boolean[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            bits[lane] = (lane & distance) != 0;
        }
        return VectorMask.fromArray(SPECIES, bits, 0);
    }

    /// `out[c][r] = in[r][c] * factor`.
    ///
    /// @param out    address of the first of the rows, `outRowBytes` apart
    /// @param square scratch, lanes * lanes
    static void transpose(
            float[] in,
            int inAt,
            int inStride,
            int rows,
            int columns,
            float factor,
            long out,
            long outRowBytes,
            float[] square) {
        int wholeRows = SPECIES.loopBound(rows);
        int wholeColumns = SPECIES.loopBound(columns);
        for (int r = 0; r < wholeRows; r += LANES) {
            for (int c = 0; c < wholeColumns; c += LANES) {
                int from = inAt + r * inStride + c;
                long to = Memory.pointer(out + c * outRowBytes + (long) Float.BYTES * r);
                switch (LANES) {
                    case 16 -> {
                        exchangeFarOf16(in, from, inStride, factor, square);
                        exchangeNear(square, 0, LANES, 1, to, outRowBytes);
                    }
                    case 8 -> {
                        exchangeFarOf8(in, from, inStride, factor, square);
                        exchangeNeighbours(square, to, outRowBytes);
                    }
                    default -> exchangeNear(in, from, inStride, factor, to, outRowBytes);
                }
            }
        }
        rest(in, inAt, inStride, 0, wholeRows, wholeColumns, columns, factor, out, outRowBytes);
        rest(in, inAt, inStride, wholeRows, rows, 0, columns, factor, out, outRowBytes);
    }

    private static void rest(
            float[] in,
            int inAt,
            int inStride,
            int firstRow,
            int endRow,
            int firstColumn,
            int endColumn,
            float factor,
            long out,
            long outRowBytes) {
        for (int c = firstColumn; c < endColumn; c++) {
            for (int r = firstRow; r < endRow; r++) {
                long to = out + c * outRowBytes + (long) Float.BYTES * r;
                Memory.setFloat(to, in[inAt + r * inStride + c] * factor);
            }
        }
    }

    /// Bits 8 and 4 of 16 rows, those that agree in the other two bits together.
    private static void exchangeFarOf16(float[] in, int at, int stride, float factor, float[] square) {
        for (int r = 0; r < 4; r++) {
            FloatVector a = FloatVector.fromArray(SPECIES, in, at + r * stride).mul(factor);
            FloatVector b =
                    FloatVector.fromArray(SPECIES, in, at + (r + 4) * stride).mul(factor);
            FloatVector c =
                    FloatVector.fromArray(SPECIES, in, at + (r + 8) * stride).mul(factor);
            FloatVector d =
                    FloatVector.fromArray(SPECIES, in, at + (r + 12) * stride).mul(factor);
            FloatVector evenA = a.blend(c.rearrange(SWAP_8), ODD_8);
            FloatVector evenB = b.blend(d.rearrange(SWAP_8), ODD_8);
            FloatVector oddA = a.rearrange(SWAP_8).blend(c, ODD_8);
            FloatVector oddB = b.rearrange(SWAP_8).blend(d, ODD_8);
            evenA.blend(evenB.rearrange(SWAP_4), ODD_4).intoArray(square, r * LANES);
            evenA.rearrange(SWAP_4).blend(evenB, ODD_4).intoArray(square, (r + 4) * LANES);
            oddA.blend(oddB.rearrange(SWAP_4), ODD_4).intoArray(square, (r + 8) * LANES);
            oddA.rearrange(SWAP_4).blend(oddB, ODD_4).intoArray(square, (r + 12) * LANES);
        }
    }

    /// Bits 4 and 2 of 8 rows.
    private static void exchangeFarOf8(float[] in, int at, int stride, float factor, float[] square) {
        for (int r = 0; r < 2; r++) {
            FloatVector a = FloatVector.fromArray(SPECIES, in, at + r * stride).mul(factor);
            FloatVector b =
                    FloatVector.fromArray(SPECIES, in, at + (r + 2) * stride).mul(factor);
            FloatVector c =
                    FloatVector.fromArray(SPECIES, in, at + (r + 4) * stride).mul(factor);
            FloatVector d =
                    FloatVector.fromArray(SPECIES, in, at + (r + 6) * stride).mul(factor);
            FloatVector evenA = a.blend(c.rearrange(SWAP_4), ODD_4);
            FloatVector evenB = b.blend(d.rearrange(SWAP_4), ODD_4);
            FloatVector oddA = a.rearrange(SWAP_4).blend(c, ODD_4);
            FloatVector oddB = b.rearrange(SWAP_4).blend(d, ODD_4);
            evenA.blend(evenB.rearrange(SWAP_2), ODD_2).intoArray(square, r * LANES);
            evenA.rearrange(SWAP_2).blend(evenB, ODD_2).intoArray(square, (r + 2) * LANES);
            oddA.blend(oddB.rearrange(SWAP_2), ODD_2).intoArray(square, (r + 4) * LANES);
            oddA.rearrange(SWAP_2).blend(oddB, ODD_2).intoArray(square, (r + 6) * LANES);
        }
    }

    /// Bits 2 and 1 of as many rows as there are lanes, 4 or 16.
    private static void exchangeNear(float[] in, int at, int stride, float factor, long out, long outRowBytes) {
        for (int r = 0; r < LANES; r += 4) {
            FloatVector a = FloatVector.fromArray(SPECIES, in, at + r * stride).mul(factor);
            FloatVector b =
                    FloatVector.fromArray(SPECIES, in, at + (r + 1) * stride).mul(factor);
            FloatVector c =
                    FloatVector.fromArray(SPECIES, in, at + (r + 2) * stride).mul(factor);
            FloatVector d =
                    FloatVector.fromArray(SPECIES, in, at + (r + 3) * stride).mul(factor);
            FloatVector evenA = a.blend(c.rearrange(SWAP_2), ODD_2);
            FloatVector evenB = b.blend(d.rearrange(SWAP_2), ODD_2);
            FloatVector oddA = a.rearrange(SWAP_2).blend(c, ODD_2);
            FloatVector oddB = b.rearrange(SWAP_2).blend(d, ODD_2);
            Memory.store(evenA.blend(evenB.rearrange(SWAP_1), ODD_1), out + r * outRowBytes);
            Memory.store(evenA.rearrange(SWAP_1).blend(evenB, ODD_1), out + (r + 1) * outRowBytes);
            Memory.store(oddA.blend(oddB.rearrange(SWAP_1), ODD_1), out + (r + 2) * outRowBytes);
            Memory.store(oddA.rearrange(SWAP_1).blend(oddB, ODD_1), out + (r + 3) * outRowBytes);
        }
    }

    /// Bit 1 of 8 rows.
    private static void exchangeNeighbours(float[] square, long out, long outRowBytes) {
        for (int r = 0; r < LANES; r += 2) {
            FloatVector a = FloatVector.fromArray(SPECIES, square, r * LANES);
            FloatVector b = FloatVector.fromArray(SPECIES, square, (r + 1) * LANES);
            Memory.store(a.blend(b.rearrange(SWAP_1), ODD_1), out + r * outRowBytes);
            Memory.store(a.rearrange(SWAP_1).blend(b, ODD_1), out + (r + 1) * outRowBytes);
        }
    }
}
