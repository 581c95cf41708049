package dev.lectern.engine.internal.kernel.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Short runs of floats between segments and arrays. A bulk copy costs some 20 nanoseconds before the first byte,
/// more than a whole head's row here.
final class Copies {
    private static final VectorSpecies<Float> SPECIES = Lanes.FLOATS;
    private static final int LANES = SPECIES.length();
    private static final VectorSpecies<Float> EIGHT = LANES > 4 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_128;
    private static final VectorSpecies<Float> FOUR = FloatVector.SPECIES_128;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private Copies() {}

    static void loadRows(
            MemorySegment in, long offset, long rowBytes, int rows, int count, float[] out, int at, int stride) {
        int whole = SPECIES.loopBound(count);
        for (int r = 0; r < rows; r++) {
            long from = offset + r * rowBytes;
            int to = at + r * stride;
            for (int i = 0; i < whole; i += LANES) {
                FloatVector.fromMemorySegment(SPECIES, in, from + 4L * i, ORDER).intoArray(out, to + i);
            }
            for (int i = whole; i < count; i++) {
                out[to + i] = in.get(JAVA_FLOAT_UNALIGNED, from + 4L * i);
            }
        }
    }

    static void loadBlocks(
            MemorySegment in,
            long offset,
            long rowBytes,
            int rows,
            int count,
            float[] out,
            int at,
            int width,
            int blockStride) {
        int whole = count / width * width;
        for (int r = 0; r < rows; r++) {
            long from = offset + r * rowBytes;
            int to = at + r * width;
            if (width == 8) {
                splitEights(in, from, whole, out, to, blockStride);
            } else {
                splitFours(in, from, whole, out, to, blockStride);
            }
        }
        if (whole < count) {
            int to = at + whole / width * blockStride;
            for (int r = 0; r < rows; r++) {
                for (int i = 0; i < width; i++) {
                    long from = offset + r * rowBytes + 4L * (whole + i);
                    out[to + r * width + i] = whole + i < count ? in.get(JAVA_FLOAT_UNALIGNED, from) : 0;
                }
            }
        }
    }

    private static void splitEights(MemorySegment in, long offset, int count, float[] out, int at, int blockStride) {
        for (int i = 0, to = at; i < count; i += 8, to += blockStride) {
            FloatVector.fromMemorySegment(EIGHT, in, offset + 4L * i, ORDER).intoArray(out, to);
            if (EIGHT.length() < 8) {
                FloatVector.fromMemorySegment(EIGHT, in, offset + 4L * i + 16, ORDER)
                        .intoArray(out, to + 4);
            }
        }
    }

    private static void splitFours(MemorySegment in, long offset, int count, float[] out, int at, int blockStride) {
        for (int i = 0, to = at; i < count; i += 4, to += blockStride) {
            FloatVector.fromMemorySegment(FOUR, in, offset + 4L * i, ORDER).intoArray(out, to);
        }
    }

    static void store(float[] values, int at, MemorySegment out, long offset, int count) {
        int i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector.fromArray(SPECIES, values, at + i).intoMemorySegment(out, offset + 4L * i, ORDER);
        }
        for (; i < count; i++) {
            out.set(JAVA_FLOAT_UNALIGNED, offset + 4L * i, values[at + i]);
        }
    }
}
