package dev.lectern.engine.internal.kernel.gemm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/// One matrix product of fixed shape in oneDNN: `destination = source · weights`, float32. For one thread at a time.
///
/// It owns its handles and the memory that the library works in, not the operands.
final class OneDnnProduct implements AutoCloseable {
    private static final int ARGUMENT_BYTES = 16;
    private static final int MOST_ARGUMENTS = 6;
    /// What the library runs when it has nothing written for a product, some hundred times slower.
    private static final String REFERENCE = "ref";

    private final OneDnn library;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment arguments = arena.allocate((long) ARGUMENT_BYTES * MOST_ARGUMENTS, 8);
    private final MemorySegment[] memories = new MemorySegment[MOST_ARGUMENTS];
    private final MemorySegment primitive;
    private final String implementation;
    private int count;

    private OneDnnProduct(OneDnn library, Shape shape) {
        this.library = library;
        try (Descriptors own = new Descriptors(library)) {
            MemorySegment source = own.matrix(shape.sourceType, shape.rows, shape.depth, shape.sourceStride, 1);
            MemorySegment weights = shape.outputMajor
                    ? own.matrix(shape.weightType, shape.depth, shape.columns, 1, shape.depth)
                    : own.matrix(shape.weightType, shape.depth, shape.columns, shape.columns, 1);
            MemorySegment destination = own.matrix(OneDnn.F32, shape.rows, shape.columns, shape.columns, 1);
            MemorySegment attributes = own.attributes();
            if (shape.sourceGroup > 0) {
                library.setScales(attributes, OneDnn.ARG_SOURCE, 1, shape.sourceGroup);
                library.setScales(attributes, OneDnn.ARG_WEIGHTS, shape.weightGroup, 1);
            }
            MemorySegment matmul = own.matmul(source, weights, destination, attributes);
            implementation = library.implementation(matmul);
            primitive = library.createPrimitive(matmul);
            add(OneDnn.ARG_SOURCE, source);
            add(OneDnn.ARG_WEIGHTS, weights);
            add(OneDnn.ARG_DESTINATION, destination);
            MemorySegment scratchpad = library.scratchpad(matmul);
            add(OneDnn.ARG_SCRATCHPAD, scratchpad);
            library.setMemory(memories[count - 1], arena.allocate(Math.max(64, library.bytes(scratchpad)), 64));
            if (shape.sourceGroup > 0) {
                long groups = shape.depth / shape.sourceGroup;
                add(OneDnn.ARG_SCALES_OF | OneDnn.ARG_SOURCE, own.matrix(OneDnn.F32, shape.rows, groups, groups, 1));
                groups = shape.depth / shape.weightGroup;
                add(
                        OneDnn.ARG_SCALES_OF | OneDnn.ARG_WEIGHTS,
                        own.matrix(OneDnn.F32, groups, shape.columns, shape.columns, 1));
            }
        }
    }

    /// A product of bytes with a scale for each group of both operands.
    ///
    /// @param rows        of the source, unsigned bytes `(rows, depth)`
    /// @param columns     outputs; weights are signed bytes `(columns, depth)`
    /// @param sourceGroup bytes of a row that share a scale; scales are float32 `(rows, depth / sourceGroup)`
    /// @param weightGroup likewise; scales are float32 `(depth / weightGroup, columns)`
    static OneDnnProduct ofBytes(OneDnn library, int rows, int columns, int depth, int sourceGroup, int weightGroup) {
        return new OneDnnProduct(
                library, new Shape(OneDnn.U8, OneDnn.S8, rows, columns, depth, depth, true, sourceGroup, weightGroup));
    }

    /// A product of float32 `(rows, depth)`, rows `stride` apart, with `(depth, columns)`.
    static OneDnnProduct ofFloats(OneDnn library, int rows, int columns, int depth, int stride) {
        return new OneDnnProduct(library, new Shape(OneDnn.F32, OneDnn.F32, rows, columns, depth, stride, false, 0, 0));
    }

    private record Shape(
            int sourceType,
            int weightType,
            int rows,
            int columns,
            int depth,
            int sourceStride,
            boolean outputMajor,
            int sourceGroup,
            int weightGroup) {}

    private void add(int argument, MemorySegment descriptor) {
        MemorySegment memory = library.createMemory(descriptor);
        memories[count] = memory;
        arguments.set(JAVA_INT, (long) count * ARGUMENT_BYTES, argument);
        arguments.set(ADDRESS, (long) count * ARGUMENT_BYTES + 8, memory);
        count++;
    }

    /// Whether the library has a kernel for it.
    boolean isFast() {
        return !implementation.startsWith(REFERENCE);
    }

    /// For example `brg_matmul:avx512_core_vnni`.
    String implementation() {
        return implementation;
    }

    void run(MemorySegment stream, MemorySegment source, MemorySegment weights, MemorySegment destination) {
        library.setMemory(memories[0], source);
        library.setMemory(memories[1], weights);
        library.setMemory(memories[2], destination);
        library.execute(primitive, stream, count, arguments);
    }

    /// Of bytes.
    void run(
            MemorySegment stream,
            MemorySegment source,
            MemorySegment sourceScales,
            MemorySegment weights,
            MemorySegment weightScales,
            MemorySegment destination) {
        library.setMemory(memories[4], sourceScales);
        library.setMemory(memories[5], weightScales);
        run(stream, source, weights, destination);
    }

    @Override
    public void close() {
        library.destroyPrimitive(primitive);
        for (int i = 0; i < count; i++) {
            library.destroyMemory(memories[i]);
        }
        arena.close();
    }

    /// Descriptors that are needed while a product is made.
    private static final class Descriptors implements AutoCloseable {
        private final OneDnn library;
        private final ArrayDeque<Runnable> destructors = new ArrayDeque<>();

        Descriptors(OneDnn library) {
            this.library = library;
        }

        MemorySegment matrix(int type, long rows, long columns, long rowStride, long columnStride) {
            MemorySegment made = library.describe(type, rows, columns, rowStride, columnStride);
            destructors.push(() -> library.destroyDescriptor(made));
            return made;
        }

        MemorySegment attributes() {
            MemorySegment made = library.createAttributes();
            destructors.push(() -> library.destroyAttributes(made));
            return made;
        }

        MemorySegment matmul(
                MemorySegment source, MemorySegment weights, MemorySegment destination, MemorySegment attributes) {
            MemorySegment made = library.describeMatmul(source, weights, destination, attributes);
            destructors.push(() -> library.destroyMatmul(made));
            return made;
        }

        @Override
        public void close() {
            while (!destructors.isEmpty()) {
                destructors.pop().run();
            }
        }
    }
}
