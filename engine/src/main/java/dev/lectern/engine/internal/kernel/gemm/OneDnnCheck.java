package dev.lectern.engine.internal.kernel.gemm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// A product that every library has to get right before it is used. Version 3.11, for one, takes scales of groups
/// and leaves them out of the sum without a word.
final class OneDnnCheck {
    private static final int ROWS = 16;
    private static final int COLUMNS = 64;
    private static final int DEPTH = 256;
    private static final int ROW_GROUP = 128;
    private static final int WEIGHT_GROUP = 32;

    private OneDnnCheck() {}

    /// Extreme bytes with scales that are powers of two: every sum is exact.
    ///
    /// @throws GemmUnavailable when the library has no kernel for such products, or a wrong one
    static void run(OneDnn library) {
        SplittableRandom random = new SplittableRandom(20261121);
        library.useOneThread();
        MemorySegment stream = library.createStream();
        try (Arena arena = Arena.ofConfined();
                OneDnnProduct product = OneDnnProduct.ofBytes(library, ROWS, COLUMNS, DEPTH, ROW_GROUP, WEIGHT_GROUP)) {
            if (!product.isFast()) {
                throw new GemmUnavailable("oneDNN " + library.version() + " has no kernel for products of bytes with"
                        + " scales of groups on this processor (it would run " + product.implementation()
                        + "); 3.13 has for AVX-512 VNNI");
            }
            MemorySegment codes = arena.allocate((long) ROWS * DEPTH, 64);
            MemorySegment quants = arena.allocate((long) COLUMNS * DEPTH, 64);
            for (long i = 0; i < codes.byteSize(); i++) {
                codes.set(JAVA_BYTE, i, (byte) (random.nextBoolean() ? 255 : random.nextInt(256)));
            }
            for (long i = 0; i < quants.byteSize(); i++) {
                quants.set(JAVA_BYTE, i, (byte) (random.nextBoolean() ? 127 : random.nextInt(-128, 128)));
            }
            MemorySegment rowScales = powersOfTwo(arena, ROWS * (DEPTH / ROW_GROUP), random);
            MemorySegment weightScales = powersOfTwo(arena, DEPTH / WEIGHT_GROUP * COLUMNS, random);
            MemorySegment out = arena.allocate(JAVA_FLOAT, ROWS * COLUMNS);
            product.run(stream, codes, rowScales, quants, weightScales, out);
            for (int row = 0; row < ROWS; row++) {
                for (int column = 0; column < COLUMNS; column++) {
                    float expected = expected(codes, rowScales, quants, weightScales, row, column);
                    float actual = out.getAtIndex(JAVA_FLOAT, (long) row * COLUMNS + column);
                    if (actual != expected) {
                        throw new GemmUnavailable("oneDNN " + library.version() + " (" + product.implementation()
                                + ") computes a product of bytes with scales of groups wrongly: " + actual
                                + " instead of " + expected + "; 3.13 is right");
                    }
                }
            }
        } finally {
            library.destroyStream(stream);
        }
    }

    private static MemorySegment powersOfTwo(Arena arena, int count, SplittableRandom random) {
        MemorySegment scales = arena.allocate(JAVA_FLOAT, count);
        for (int i = 0; i < count; i++) {
            scales.setAtIndex(JAVA_FLOAT, i, random.nextBoolean() ? 0.5f : 0.25f);
        }
        return scales;
    }

    private static float expected(
            MemorySegment codes,
            MemorySegment rowScales,
            MemorySegment quants,
            MemorySegment weightScales,
            int row,
            int column) {
        double sum = 0;
        for (int k = 0; k < DEPTH; k++) {
            int code = codes.get(JAVA_BYTE, (long) row * DEPTH + k) & 0xFF;
            int quant = quants.get(JAVA_BYTE, (long) column * DEPTH + k);
            float rowScale = rowScales.getAtIndex(JAVA_FLOAT, (long) row * (DEPTH / ROW_GROUP) + k / ROW_GROUP);
            float weightScale = weightScales.getAtIndex(JAVA_FLOAT, (long) (k / WEIGHT_GROUP) * COLUMNS + column);
            sum += (double) code * quant * rowScale * weightScale;
        }
        return (float) sum;
    }
}
