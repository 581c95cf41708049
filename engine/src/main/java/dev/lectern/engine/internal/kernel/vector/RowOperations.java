package dev.lectern.engine.internal.kernel.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// The operations of a forward pass that work row by row or element by element. What does not fill a vector is done
/// one by one in the same arithmetic.
final class RowOperations {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorShuffle<Float> SWAP_PAIRS = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);

    private RowOperations() {}

    static void rmsNorm(
            MemorySegment in,
            long inOffset,
            int columns,
            float @Nullable [] gain,
            float epsilon,
            MemorySegment out,
            long outOffset) {
        FloatVector squares = FloatVector.zero(SPECIES);
        int c = 0;
        for (; c < SPECIES.loopBound(columns); c += LANES) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, in, inOffset + 4L * c, ORDER);
            squares = x.fma(x, squares);
        }
        float sum = Lanes.sum(squares);
        for (; c < columns; c++) {
            float x = in.get(JAVA_FLOAT_UNALIGNED, inOffset + 4L * c);
            sum = Math.fma(x, x, sum);
        }
        float factor = (float) (1 / Math.sqrt((double) sum / columns + epsilon));
        if (gain == null) {
            scale(in, inOffset, columns, factor, out, outOffset);
            return;
        }
        c = 0;
        for (; c < SPECIES.loopBound(columns); c += LANES) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, in, inOffset + 4L * c, ORDER);
            x.mul(factor)
                    .mul(FloatVector.fromArray(SPECIES, gain, c))
                    .intoMemorySegment(out, outOffset + 4L * c, ORDER);
        }
        for (; c < columns; c++) {
            float x = in.get(JAVA_FLOAT_UNALIGNED, inOffset + 4L * c);
            out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * c, x * factor * gain[c]);
        }
    }

    static void scale(MemorySegment in, long inOffset, int count, float factor, MemorySegment out, long outOffset) {
        int i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector x = FloatVector.fromMemorySegment(SPECIES, in, inOffset + 4L * i, ORDER);
            x.mul(factor).intoMemorySegment(out, outOffset + 4L * i, ORDER);
        }
        for (; i < count; i++) {
            out.set(JAVA_FLOAT_UNALIGNED, outOffset + 4L * i, in.get(JAVA_FLOAT_UNALIGNED, inOffset + 4L * i) * factor);
        }
    }

    static void rotateAdjacent(MemorySegment x, long offset, int count, float[] cos, float[] sin, int tableAt) {
        int i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector v = FloatVector.fromMemorySegment(SPECIES, x, offset + 4L * i, ORDER);
            FloatVector turned = v.rearrange(SWAP_PAIRS).mul(FloatVector.fromArray(SPECIES, sin, tableAt + i));
            v.fma(FloatVector.fromArray(SPECIES, cos, tableAt + i), turned)
                    .intoMemorySegment(x, offset + 4L * i, ORDER);
        }
        for (; i < count; i += 2) {
            float a = x.get(JAVA_FLOAT_UNALIGNED, offset + 4L * i);
            float b = x.get(JAVA_FLOAT_UNALIGNED, offset + 4L * (i + 1));
            x.set(JAVA_FLOAT_UNALIGNED, offset + 4L * i, Math.fma(a, cos[tableAt + i], b * sin[tableAt + i]));
            x.set(
                    JAVA_FLOAT_UNALIGNED,
                    offset + 4L * (i + 1),
                    Math.fma(b, cos[tableAt + i + 1], a * sin[tableAt + i + 1]));
        }
    }

    static void rotateHalves(MemorySegment x, long offset, int pairs, float[] cos, float[] sin, int tableAt) {
        long second = offset + 4L * pairs;
        int j = 0;
        for (; j < SPECIES.loopBound(pairs); j += LANES) {
            FloatVector a = FloatVector.fromMemorySegment(SPECIES, x, offset + 4L * j, ORDER);
            FloatVector b = FloatVector.fromMemorySegment(SPECIES, x, second + 4L * j, ORDER);
            FloatVector c = FloatVector.fromArray(SPECIES, cos, tableAt + j);
            FloatVector s = FloatVector.fromArray(SPECIES, sin, tableAt + j);
            a.fma(c, b.mul(s).neg()).intoMemorySegment(x, offset + 4L * j, ORDER);
            b.fma(c, a.mul(s)).intoMemorySegment(x, second + 4L * j, ORDER);
        }
        for (; j < pairs; j++) {
            float a = x.get(JAVA_FLOAT_UNALIGNED, offset + 4L * j);
            float b = x.get(JAVA_FLOAT_UNALIGNED, second + 4L * j);
            x.set(JAVA_FLOAT_UNALIGNED, offset + 4L * j, Math.fma(a, cos[tableAt + j], -(b * sin[tableAt + j])));
            x.set(JAVA_FLOAT_UNALIGNED, second + 4L * j, Math.fma(b, cos[tableAt + j], a * sin[tableAt + j]));
        }
    }

    static void add(MemorySegment x, long xOffset, MemorySegment y, long yOffset, float factor, long count) {
        long i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector v = FloatVector.fromMemorySegment(SPECIES, x, xOffset + 4L * i, ORDER);
            FloatVector.fromMemorySegment(SPECIES, y, yOffset + 4L * i, ORDER)
                    .fma(FloatVector.broadcast(SPECIES, factor), v)
                    .intoMemorySegment(x, xOffset + 4L * i, ORDER);
        }
        for (; i < count; i++) {
            float sum = Math.fma(
                    y.get(JAVA_FLOAT_UNALIGNED, yOffset + 4L * i),
                    factor,
                    x.get(JAVA_FLOAT_UNALIGNED, xOffset + 4L * i));
            x.set(JAVA_FLOAT_UNALIGNED, xOffset + 4L * i, sum);
        }
    }

    static void addBias(MemorySegment x, long offset, float[] bias) {
        int i = 0;
        for (; i < SPECIES.loopBound(bias.length); i += LANES) {
            FloatVector.fromMemorySegment(SPECIES, x, offset + 4L * i, ORDER)
                    .add(FloatVector.fromArray(SPECIES, bias, i))
                    .intoMemorySegment(x, offset + 4L * i, ORDER);
        }
        for (; i < bias.length; i++) {
            x.set(JAVA_FLOAT_UNALIGNED, offset + 4L * i, x.get(JAVA_FLOAT_UNALIGNED, offset + 4L * i) + bias[i]);
        }
    }
}
