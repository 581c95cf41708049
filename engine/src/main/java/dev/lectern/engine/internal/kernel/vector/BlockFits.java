package dev.lectern.engine.internal.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Sums that say how well a scale fits a block of weights: the inner loops of every quantiser's search. A block's
/// weights are a multiple of 16.
///
/// Quants are either all integers of a range, or a table of up to 16 values.
public final class BlockFits {
    /// What blocks are a multiple of: the widest vector.
    public static final int MULTIPLE = 16;

    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = Lanes.COUNT;

    /// Added to a small float it leaves the nearest integer in the lowest bits, and the sums are ordered like
    /// their bits: rounding and clamping take an addition, two integer comparisons and a subtraction.
    private static final float ROUND = 0x1.8p23f;

    private BlockFits() {}

    /// `sums[0] = Σ x·q`, `sums[1] = Σ q²`, `q = clamp(round(x·inverse), lowest, highest)`.
    public static void scaleSums(float[] x, int at, int count, float inverse, int lowest, int highest, float[] sums) {
        int low = Float.floatToRawIntBits(ROUND + lowest);
        int high = Float.floatToRawIntBits(ROUND + highest);
        FloatVector products = FloatVector.zero(SPECIES);
        FloatVector squares = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i += LANES) {
            FloatVector values = FloatVector.fromArray(SPECIES, x, at + i);
            FloatVector quants = round(values.mul(inverse), low, high);
            products = values.fma(quants, products);
            squares = quants.fma(quants, squares);
        }
        sums[0] = Lanes.sum(products);
        sums[1] = Lanes.sum(squares);
    }

    /// `Σ (x - scale·q)²`, `q = clamp(round(x·inverse), lowest, highest)`.
    public static float scaleError(float[] x, int at, int count, float inverse, float scale, int lowest, int highest) {
        int low = Float.floatToRawIntBits(ROUND + lowest);
        int high = Float.floatToRawIntBits(ROUND + highest);
        FloatVector minusScale = FloatVector.broadcast(SPECIES, -scale);
        FloatVector squares = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i += LANES) {
            FloatVector values = FloatVector.fromArray(SPECIES, x, at + i);
            FloatVector residual = round(values.mul(inverse), low, high).fma(minusScale, values);
            squares = residual.fma(residual, squares);
        }
        return Lanes.sum(squares);
    }

    /// `sums[0] = Σ (x - offset)·q`, `sums[1] = Σ q²`, `sums[2] = Σ q`, `q = clamp(round((x - offset)·inverse),
    /// 0, highest)`.
    public static void offsetSums(
            float[] x, int at, int count, float offset, float inverse, int highest, float[] sums) {
        int low = Float.floatToRawIntBits(ROUND);
        int high = Float.floatToRawIntBits(ROUND + highest);
        FloatVector products = FloatVector.zero(SPECIES);
        FloatVector squares = FloatVector.zero(SPECIES);
        FloatVector plain = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i += LANES) {
            FloatVector values = FloatVector.fromArray(SPECIES, x, at + i).sub(offset);
            FloatVector quants = round(values.mul(inverse), low, high);
            products = values.fma(quants, products);
            squares = quants.fma(quants, squares);
            plain = plain.add(quants);
        }
        sums[0] = Lanes.sum(products);
        sums[1] = Lanes.sum(squares);
        sums[2] = Lanes.sum(plain);
    }

    /// `Σ (x - offset - scale·q)²`, `q = clamp(round((x - offset)·inverse), 0, highest)`.
    public static float offsetError(
            float[] x, int at, int count, float offset, float inverse, float scale, int highest) {
        int low = Float.floatToRawIntBits(ROUND);
        int high = Float.floatToRawIntBits(ROUND + highest);
        FloatVector minusScale = FloatVector.broadcast(SPECIES, -scale);
        FloatVector squares = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i += LANES) {
            FloatVector values = FloatVector.fromArray(SPECIES, x, at + i).sub(offset);
            FloatVector residual = round(values.mul(inverse), low, high).fma(minusScale, values);
            squares = residual.fma(residual, squares);
        }
        return Lanes.sum(squares);
    }

    /// `sums[0] = Σ x·v`, `sums[1] = Σ v²`, `v` the table's value nearest to `x·inverse`.
    ///
    /// @param borders halfway between one value of the table and the next
    /// @param steps   from one value of the table to the next
    public static void tableSums(
            float[] x, int at, int count, float inverse, float first, float[] borders, float[] steps, float[] sums) {
        FloatVector products = FloatVector.zero(SPECIES);
        FloatVector squares = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i += LANES) {
            FloatVector values = FloatVector.fromArray(SPECIES, x, at + i);
            FloatVector nearest = nearest(values.mul(inverse), first, borders, steps);
            products = values.fma(nearest, products);
            squares = nearest.fma(nearest, squares);
        }
        sums[0] = Lanes.sum(products);
        sums[1] = Lanes.sum(squares);
    }

    /// `Σ (x - scale·v)²`, `v` as in [#tableSums].
    public static float tableError(
            float[] x, int at, int count, float inverse, float scale, float first, float[] borders, float[] steps) {
        FloatVector minusScale = FloatVector.broadcast(SPECIES, -scale);
        FloatVector squares = FloatVector.zero(SPECIES);
        for (int i = 0; i < count; i += LANES) {
            FloatVector values = FloatVector.fromArray(SPECIES, x, at + i);
            FloatVector residual =
                    nearest(values.mul(inverse), first, borders, steps).fma(minusScale, values);
            squares = residual.fma(residual, squares);
        }
        return Lanes.sum(squares);
    }

    /// `quants[to + i] = clamp(round(x·inverse), lowest, highest) - lowest`.
    public static void scaleQuants(
            float[] x, int at, int count, float inverse, int lowest, int highest, int[] quants, int to) {
        int low = Float.floatToRawIntBits(ROUND + lowest);
        int high = Float.floatToRawIntBits(ROUND + highest);
        for (int i = 0; i < count; i += LANES) {
            FloatVector scaled = FloatVector.fromArray(SPECIES, x, at + i).mul(inverse);
            bits(scaled, low, high).sub(low).intoArray(quants, to + i);
        }
    }

    /// `quants[to + i]` = the number of the table's value nearest to `x·inverse`; of two as near the lower.
    public static void tableQuants(float[] x, int at, int count, float inverse, float[] borders, int[] quants, int to) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector scaled = FloatVector.fromArray(SPECIES, x, at + i).mul(inverse);
            FloatVector below = FloatVector.zero(SPECIES);
            for (float border : borders) {
                below = below.add(1, scaled.compare(VectorOperators.GT, border));
            }
            IntVector numbers = (IntVector) below.convert(VectorOperators.F2I, 0);
            numbers.intoArray(quants, to + i);
        }
    }

    private static IntVector bits(FloatVector scaled, int low, int high) {
        return scaled.add(ROUND).reinterpretAsInts().max(low).min(high);
    }

    private static FloatVector round(FloatVector scaled, int low, int high) {
        return bits(scaled, low, high).reinterpretAsFloats().sub(ROUND);
    }

    private static FloatVector nearest(FloatVector scaled, float first, float[] borders, float[] steps) {
        FloatVector value = FloatVector.broadcast(SPECIES, first);
        for (int i = 0; i < borders.length; i++) {
            value = value.add(steps[i], scaled.compare(VectorOperators.GT, borders[i]));
        }
        return value;
    }
}
