package dev.lectern.engine.internal.kernel.vector;

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

    static void loadRows(long in, long rowBytes, int rows, int count, float[] out, int at, int stride) {
        int whole = SPECIES.loopBound(count);
        for (int r = 0; r < rows; r++) {
            long from = in + r * rowBytes;
            int to = at + r * stride;
            for (int i = 0; i < whole; i += LANES) {
                Memory.floats(from + 4L * i).intoArray(out, to + i);
            }
            for (int i = whole; i < count; i++) {
                out[to + i] = Memory.getFloat(from + 4L * i);
            }
        }
    }

    static void loadBlocks(
            long in, long rowBytes, int rows, int count, float[] out, int at, int width, int blockStride) {
        int whole = count / width * width;
        for (int r = 0; r < rows; r++) {
            long from = in + r * rowBytes;
            int to = at + r * width;
            if (width == 8) {
                splitEights(from, whole, out, to, blockStride);
            } else {
                splitFours(from, whole, out, to, blockStride);
            }
        }
        if (whole < count) {
            int to = at + whole / width * blockStride;
            for (int r = 0; r < rows; r++) {
                for (int i = 0; i < width; i++) {
                    long from = in + r * rowBytes + 4L * (whole + i);
                    out[to + r * width + i] = whole + i < count ? Memory.getFloat(from) : 0;
                }
            }
        }
    }

    private static void splitEights(long in, int count, float[] out, int at, int blockStride) {
        for (int i = 0, to = at; i < count; i += 8, to += blockStride) {
            FloatVector.fromMemorySegment(EIGHT, Memory.ALL, in + 4L * i, ORDER).intoArray(out, to);
            if (EIGHT.length() < 8) {
                FloatVector.fromMemorySegment(EIGHT, Memory.ALL, in + 4L * i + 16, ORDER)
                        .intoArray(out, to + 4);
            }
        }
    }

    private static void splitFours(long in, int count, float[] out, int at, int blockStride) {
        for (int i = 0, to = at; i < count; i += 4, to += blockStride) {
            FloatVector.fromMemorySegment(FOUR, Memory.ALL, in + 4L * i, ORDER).intoArray(out, to);
        }
    }

    static void copyRows(long in, long inRowBytes, long out, long outRowBytes, int rows, int count) {
        for (int r = 0; r < rows; r++) {
            copyRow(Memory.pointer(in + r * inRowBytes), Memory.pointer(out + r * outRowBytes), count);
        }
    }

    static void copyRow(long in, long out, int count) {
        int whole = SPECIES.loopBound(count);
        for (int i = 0; i < whole; i += LANES) {
            Memory.store(Memory.floats(in + 4L * i), out + 4L * i);
        }
        for (int i = whole; i < count; i++) {
            Memory.setFloat(out + 4L * i, Memory.getFloat(in + 4L * i));
        }
    }

    static void storeRows(float[] values, int at, int stride, long out, long rowBytes, int rows, int count) {
        int whole = SPECIES.loopBound(count);
        for (int r = 0; r < rows; r++) {
            int from = at + r * stride;
            long to = Memory.pointer(out + r * rowBytes);
            for (int i = 0; i < whole; i += LANES) {
                Memory.store(FloatVector.fromArray(SPECIES, values, from + i), to + 4L * i);
            }
            for (int i = whole; i < count; i++) {
                Memory.setFloat(to + 4L * i, values[from + i]);
            }
        }
    }
}
