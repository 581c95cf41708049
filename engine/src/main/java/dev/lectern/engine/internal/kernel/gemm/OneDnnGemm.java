package dev.lectern.engine.internal.kernel.gemm;

import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.NativeBuffer;
import dev.lectern.engine.internal.kernel.vector.IntegerPlanes;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.GroupScales;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Products of quantised weights by oneDNN's integer kernels (VNNI, AMX).
///
/// Stored weights are whole numbers times a scale for each group of 32, and are taken as they are. A row's floats
/// become whole numbers too, in groups of up to 128 with a scale each: of 16 bits, as two rows of bytes whose
/// products are added, or of 8 bits. With 16 bits the numbers are right to `1.6e-5` of the largest of their group,
/// which changes a product by some `3e-5` of its size; with 8 bits by some `1e-2`, as much as in programs that
/// quantise activations. Integer sums are exact; the groups' are added in float32 in the order of the depth.
///
/// The library wants unsigned bytes in rows, so that zero is stored as 128 or 32768. What this adds to a product,
/// and what the groups' minima take off, is a product of float32 of a hundredth of the depth, whose rows are
/// [#pack]ed along.
public final class OneDnnGemm implements Gemm {
    private static final int OUTPUTS = 64;
    private static final int WEIGHT_GROUP = GroupScales.GROUP_WEIGHTS;
    private static final int LARGEST_ROW_GROUP = 128;
    private static final int MOST_ROWS = 512;
    private static final int LEAST_ROWS = 8;

    private final OneDnn library;
    private final Kernels kernels;
    private final int planes;
    private final Worker[] workers;
    private final Map<Integer, Boolean> depths = new HashMap<>();

    private final NativeBuffer codes = new NativeBuffer();
    private final NativeBuffer scales = new NativeBuffer();
    private final NativeBuffer terms = new NativeBuffer();
    private int inputs;

    private OneDnnGemm(OneDnn library, Kernels kernels, int planes, int workers) {
        this.library = library;
        this.kernels = kernels;
        this.planes = planes;
        this.workers = new Worker[workers];
        Arrays.setAll(this.workers, worker -> new Worker(library));
    }

    /// @param bits    of a row's whole numbers, 8 or 16
    /// @param workers most threads that compute at a time
    /// @throws GemmUnavailable when the library is not there or does not run on this processor
    public static OneDnnGemm open(Kernels kernels, int bits, int workers) {
        if (bits != 8 && bits != 16) {
            throw new IllegalArgumentException("bits " + bits + ": expected 8 or 16");
        }
        OneDnn library = OneDnnLibrary.load();
        OneDnnCheck.run(library);
        return new OneDnnGemm(library, kernels, bits / 8, workers);
    }

    @Override
    public String name() {
        return "oneDNN " + library.version() + ", " + 8 * planes + "-bit rows";
    }

    @Override
    public boolean takes(Weight weight) {
        return weight.order() == Weight.Order.OUTPUT_MAJOR
                && weight.scales() == null
                && GroupScales.has(weight.type())
                && weight.inputs() % WEIGHT_GROUP == 0
                && depths.computeIfAbsent(weight.inputs(), this::hasKernels);
    }

    private boolean hasKernels(int depth) {
        library.useOneThread();
        try (OneDnnProduct bytes = bytes(MOST_ROWS, depth);
                OneDnnProduct floats = floats(MOST_ROWS, depth, true)) {
            return bytes.isFast() && floats.isFast();
        }
    }

    @Override
    public int outputsPerCall() {
        return OUTPUTS;
    }

    @Override
    public void reserve(int rows, int inputs) {
        this.inputs = inputs;
        // Pieces are rounded up: past the last row there is room, and what stands there goes nowhere.
        long padded = (long) rows + LEAST_ROWS;
        codes.reserve(padded * planes * inputs);
        scales.reserve(padded * planes * rowGroups(inputs) * Float.BYTES);
        terms.reserve(padded * termsPerRow(inputs) * Float.BYTES);
    }

    @Override
    public void pack(MemorySegment in, long offset, long rowBytes, int first, int rows, int worker) {
        for (int row = first; row < first + rows; row++) {
            IntegerPlanes.splitRow(
                    in,
                    offset + (row - first) * rowBytes,
                    inputs,
                    rowGroup(inputs),
                    planes,
                    codes.data(),
                    codesAt(row),
                    scales.data(),
                    scalesAt(row),
                    terms.data(),
                    termsAt(row));
        }
    }

    @Override
    public void multiply(
            Weight weight,
            int output,
            int width,
            int first,
            int end,
            MemorySegment out,
            long offset,
            long rowBytes,
            int worker) {
        library.useOneThread();
        Worker own = workers[worker];
        boolean minima = GroupScales.hasMinima(weight.type());
        own.load(weight, output, width);
        int row = first;
        while (row < end) {
            int rows = MOST_ROWS;
            while (rows / 2 >= LEAST_ROWS && rows > end - row) {
                rows /= 2;
            }
            own.run(row, rows, minima);
            int wanted = Math.min(rows, end - row);
            for (int r = 0; r < wanted; r++) {
                IntegerPlanes.joinRow(
                        own.products.data(),
                        4L * r * planes * OUTPUTS,
                        planes,
                        OUTPUTS,
                        own.rest.data(),
                        4L * r * OUTPUTS,
                        out,
                        offset + (row - first + r) * rowBytes,
                        width);
            }
            row += rows;
        }
    }

    private long codesAt(int row) {
        return (long) row * planes * inputs;
    }

    private long scalesAt(int row) {
        return (long) row * planes * rowGroups(inputs) * Float.BYTES;
    }

    private long termsAt(int row) {
        return (long) row * termsPerRow(inputs) * Float.BYTES;
    }

    /// Floats of a row that share a scale.
    private static int rowGroup(int depth) {
        return depth % LARGEST_ROW_GROUP == 0 ? LARGEST_ROW_GROUP : WEIGHT_GROUP;
    }

    private static int rowGroups(int depth) {
        return depth / rowGroup(depth);
    }

    /// A term for each group of the row, for what stands for zero; one for each group of weights, for their
    /// minima.
    private static int termsPerRow(int depth) {
        return rowGroups(depth) + depth / WEIGHT_GROUP;
    }

    private OneDnnProduct bytes(int rows, int depth) {
        return OneDnnProduct.ofBytes(library, planes * rows, OUTPUTS, depth, rowGroup(depth), WEIGHT_GROUP);
    }

    private OneDnnProduct floats(int rows, int depth, boolean minima) {
        int terms = termsPerRow(depth);
        return OneDnnProduct.ofFloats(library, rows, OUTPUTS, minima ? terms : rowGroups(depth), terms);
    }

    @Override
    public void close() {
        for (Worker worker : workers) {
            worker.close();
        }
        codes.close();
        scales.close();
        terms.close();
    }

    private record Key(int rows, int depth, boolean minima) {}

    /// One thread's decoded weights, results and products.
    private final class Worker implements AutoCloseable {
        private final MemorySegment stream;
        private final Map<Key, OneDnnProduct> byteProducts = new HashMap<>();
        private final Map<Key, OneDnnProduct> floatProducts = new HashMap<>();
        private final NativeBuffer quants = new NativeBuffer();
        private final NativeBuffer quantScales = new NativeBuffer();
        private final NativeBuffer corrections = new NativeBuffer();
        private final NativeBuffer products = new NativeBuffer();
        private final NativeBuffer rest = new NativeBuffer();
        private float[] decoded = new float[0];
        private float[] groupScales = new float[0];
        private float[] groupMinima = new float[0];
        private float[] sums = new float[0];

        Worker(OneDnn library) {
            stream = library.createStream();
        }

        /// Brings outputs `[output, output + width)` to whole numbers; further columns get scales of zero.
        void load(Weight weight, int output, int width) {
            int depth = weight.inputs();
            int groups = depth / WEIGHT_GROUP;
            int rowGroups = rowGroups(depth);
            reserve(depth, groups);
            if (width < OUTPUTS) {
                Arrays.fill(groupScales, 0);
                Arrays.fill(groupMinima, 0);
                Arrays.fill(sums, 0);
            } else if (!GroupScales.hasMinima(weight.type())) {
                Arrays.fill(groupMinima, 0);
            }
            for (int c = 0; c < width; c++) {
                kernels.decode(weight, output + c, 0, 1, depth, decoded, depth);
                GroupScales.read(
                        weight.type(),
                        weight.data(),
                        weight.rowOffset(output + c),
                        groups,
                        groupScales,
                        groupMinima,
                        c,
                        OUTPUTS);
                IntegerPlanes.recoverRow(
                        decoded,
                        0,
                        depth,
                        rowGroup(depth),
                        groupScales,
                        groupMinima,
                        c,
                        OUTPUTS,
                        quants.data(),
                        (long) c * depth,
                        sums);
            }
            int counted = groups * OUTPUTS;
            MemorySegment.copy(groupScales, 0, quantScales.data(), ValueLayout.JAVA_FLOAT, 0, counted);
            MemorySegment.copy(sums, 0, corrections.data(), ValueLayout.JAVA_FLOAT, 0, rowGroups * OUTPUTS);
            MemorySegment.copy(
                    groupMinima, 0, corrections.data(), ValueLayout.JAVA_FLOAT, 4L * rowGroups * OUTPUTS, counted);
        }

        private void reserve(int depth, int groups) {
            quants.reserve((long) OUTPUTS * depth);
            quantScales.reserve(4L * OUTPUTS * groups);
            corrections.reserve(4L * OUTPUTS * termsPerRow(depth));
            products.reserve(4L * MOST_ROWS * planes * OUTPUTS);
            rest.reserve(4L * MOST_ROWS * OUTPUTS);
            if (decoded.length < depth) {
                decoded = new float[depth];
                groupScales = new float[groups * OUTPUTS];
                groupMinima = new float[groups * OUTPUTS];
                sums = new float[groups * OUTPUTS];
            }
        }

        /// Multiplies packed rows `[first, first + rows)` with the loaded weights.
        void run(int first, int rows, boolean minima) {
            byteProducts
                    .computeIfAbsent(new Key(rows, inputs, false), key -> bytes(key.rows, key.depth))
                    .run(
                            stream,
                            codes.data().asSlice(codesAt(first)),
                            scales.data().asSlice(scalesAt(first)),
                            quants.data(),
                            quantScales.data(),
                            products.data());
            floatProducts
                    .computeIfAbsent(new Key(rows, inputs, minima), key -> floats(key.rows, key.depth, key.minima))
                    .run(stream, terms.data().asSlice(termsAt(first)), corrections.data(), rest.data());
        }

        @Override
        public void close() {
            byteProducts.values().forEach(OneDnnProduct::close);
            floatProducts.values().forEach(OneDnnProduct::close);
            library.destroyStream(stream);
            quants.close();
            quantScales.close();
            corrections.close();
            products.close();
            rest.close();
        }
    }
}
