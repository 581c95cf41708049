package dev.lectern.engine.internal.kernel.gemm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The functions of oneDNN's C interface (`oneapi/dnnl/dnnl.h`, version 3) that are used here, and one of the OpenMP
/// library that it runs on. Loaded for the life of the process. Safe for use by several threads.
final class OneDnn {
    static final int F32 = 3;
    static final int S8 = 5;
    static final int U8 = 6;

    static final int ARG_SOURCE = 1;
    static final int ARG_DESTINATION = 17;
    static final int ARG_WEIGHTS = 33;
    static final int ARG_SCRATCHPAD = 80;
    static final int ARG_SCALES_OF = 4096;

    private static final int MAJOR_VERSION = 3;
    private static final int ENGINE_CPU = 1;
    private static final int STREAM_IN_ORDER = 1;
    private static final int SCRATCHPAD_OF_USER = 1;
    private static final int QUERY_IMPLEMENTATION = 8;
    private static final int QUERY_SCRATCHPAD = 136;
    /// A scale for each position of both dimensions of a matrix, or group of them.
    private static final int MASK_BOTH = 3;

    private static final int MOST_DIMENSIONS = 12;
    private static final int AVX2_VNNI = 0xf;
    private static final int AVX512_VNNI = 0x67;

    private final Linker linker = Linker.nativeLinker();
    private final SymbolLookup library;
    private final MethodHandle attributesCreate;
    private final MethodHandle attributesDestroy;
    private final MethodHandle attributesScratchpad;
    private final MethodHandle attributesScales;
    private final MethodHandle descriptorCreate;
    private final MethodHandle descriptorDestroy;
    private final MethodHandle descriptorBytes;
    private final MethodHandle matmulCreate;
    private final MethodHandle matmulQuery;
    private final MethodHandle matmulQueryMemory;
    private final MethodHandle matmulDestroy;
    private final MethodHandle memoryCreate;
    private final MethodHandle memorySet;
    private final MethodHandle memoryDestroy;
    private final MethodHandle primitiveCreate;
    private final MethodHandle primitiveExecute;
    private final MethodHandle primitiveDestroy;
    private final MethodHandle streamCreate;
    private final MethodHandle streamWait;
    private final MethodHandle streamDestroy;
    private final MethodHandle threads;
    private final MemorySegment engine;
    private final String version;

    /// @throws GemmUnavailable when the library or the processor lacks something
    OneDnn(SymbolLookup library) {
        this.library = library;
        MemorySegment found = call(function("dnnl_version", FunctionDescriptor.of(ADDRESS)));
        MemorySegment numbers = found.reinterpret(3L * Integer.BYTES);
        int major = numbers.getAtIndex(JAVA_INT, 0);
        version = major + "." + numbers.getAtIndex(JAVA_INT, 1) + "." + numbers.getAtIndex(JAVA_INT, 2);
        if (major != MAJOR_VERSION) {
            throw new GemmUnavailable("oneDNN " + version + " found, expected version " + MAJOR_VERSION);
        }
        int isa = (int) invoke(function("dnnl_get_effective_cpu_isa", FunctionDescriptor.of(JAVA_INT)));
        if ((isa & AVX512_VNNI) != AVX512_VNNI && (isa & AVX2_VNNI) != AVX2_VNNI) {
            throw new GemmUnavailable("this processor has no VNNI (oneDNN's instruction set 0x"
                    + Integer.toHexString(isa) + "), without which products of bytes are neither exact nor fast");
        }
        attributesCreate = status("dnnl_primitive_attr_create", ADDRESS);
        attributesDestroy = status("dnnl_primitive_attr_destroy", ADDRESS);
        attributesScratchpad = status("dnnl_primitive_attr_set_scratchpad_mode", ADDRESS, JAVA_INT);
        attributesScales =
                status("dnnl_primitive_attr_set_scales", ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
        descriptorCreate =
                status("dnnl_memory_desc_create_with_strides", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
        descriptorDestroy = status("dnnl_memory_desc_destroy", ADDRESS);
        descriptorBytes = function("dnnl_memory_desc_get_size", FunctionDescriptor.of(JAVA_LONG, ADDRESS));
        matmulCreate = status(
                "dnnl_matmul_primitive_desc_create", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
        matmulQuery = status("dnnl_primitive_desc_query", ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
        matmulQueryMemory =
                function("dnnl_primitive_desc_query_md", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
        matmulDestroy = status("dnnl_primitive_desc_destroy", ADDRESS);
        memoryCreate = status("dnnl_memory_create", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
        memorySet = status("dnnl_memory_set_data_handle", ADDRESS, ADDRESS);
        memoryDestroy = status("dnnl_memory_destroy", ADDRESS);
        primitiveCreate = status("dnnl_primitive_create", ADDRESS, ADDRESS);
        primitiveExecute = status("dnnl_primitive_execute", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
        primitiveDestroy = status("dnnl_primitive_destroy", ADDRESS);
        streamCreate = status("dnnl_stream_create", ADDRESS, ADDRESS, JAVA_INT);
        streamWait = status("dnnl_stream_wait", ADDRESS);
        streamDestroy = status("dnnl_stream_destroy", ADDRESS);
        threads = function("omp_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT));
        MethodHandle engineCreate = status("dnnl_engine_create", ADDRESS, JAVA_INT, JAVA_LONG);
        engine = created("dnnl_engine_create", out -> (int) engineCreate.invokeExact(out, ENGINE_CPU, 0L));
    }

    /// For example `3.13.0`.
    String version() {
        return version;
    }

    /// Makes the library work on the calling thread alone; holds for this thread.
    void useOneThread() {
        try {
            threads.invokeExact(1);
        } catch (Throwable thrown) {
            throw failed("omp_set_num_threads", thrown);
        }
    }

    MemorySegment createStream() {
        return created("dnnl_stream_create", out -> (int) streamCreate.invokeExact(out, engine, STREAM_IN_ORDER));
    }

    void destroyStream(MemorySegment stream) {
        check("dnnl_stream_destroy", () -> (int) streamDestroy.invokeExact(stream));
    }

    /// A matrix with any distances of rows and columns, in elements.
    MemorySegment describe(int type, long rows, long columns, long rowStride, long columnStride) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment shape = dimensions(arena, rows, columns);
            MemorySegment strides = dimensions(arena, rowStride, columnStride);
            return created("dnnl_memory_desc_create_with_strides", out ->
                    (int) descriptorCreate.invokeExact(out, 2, shape, type, strides));
        }
    }

    void destroyDescriptor(MemorySegment descriptor) {
        check("dnnl_memory_desc_destroy", () -> (int) descriptorDestroy.invokeExact(descriptor));
    }

    private static MemorySegment dimensions(Arena arena, long first, long second) {
        MemorySegment dimensions = arena.allocate(JAVA_LONG, MOST_DIMENSIONS);
        dimensions.setAtIndex(JAVA_LONG, 0, first);
        dimensions.setAtIndex(JAVA_LONG, 1, second);
        return dimensions;
    }

    MemorySegment createAttributes() {
        MemorySegment attributes =
                created("dnnl_primitive_attr_create", out -> (int) attributesCreate.invokeExact(out));
        check("dnnl_primitive_attr_set_scratchpad_mode", () ->
                (int) attributesScratchpad.invokeExact(attributes, SCRATCHPAD_OF_USER));
        return attributes;
    }

    /// Scales of `rows` by `columns` elements each.
    void setScales(MemorySegment attributes, int argument, long rows, long columns) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment group = dimensions(arena, rows, columns);
            check("dnnl_primitive_attr_set_scales", () ->
                    (int) attributesScales.invokeExact(attributes, argument, MASK_BOTH, 2, group, F32));
        }
    }

    void destroyAttributes(MemorySegment attributes) {
        check("dnnl_primitive_attr_destroy", () -> (int) attributesDestroy.invokeExact(attributes));
    }

    MemorySegment describeMatmul(
            MemorySegment source, MemorySegment weights, MemorySegment destination, MemorySegment attributes) {
        return created("dnnl_matmul_primitive_desc_create", out -> (int)
                matmulCreate.invokeExact(out, engine, source, weights, MemorySegment.NULL, destination, attributes));
    }

    /// Name of what the library would run, for example `brg_matmul:avx512_core_vnni`.
    String implementation(MemorySegment matmul) {
        MemorySegment name = created("dnnl_primitive_desc_query", out ->
                (int) matmulQuery.invokeExact(matmul, QUERY_IMPLEMENTATION, 0, out));
        return name.reinterpret(Long.MAX_VALUE).getString(0);
    }

    /// Descriptor of the memory that a product needs beside its operands; lives as long as `matmul`.
    MemorySegment scratchpad(MemorySegment matmul) {
        try {
            return (MemorySegment) matmulQueryMemory.invokeExact(matmul, QUERY_SCRATCHPAD, 0);
        } catch (Throwable thrown) {
            throw failed("dnnl_primitive_desc_query_md", thrown);
        }
    }

    long bytes(MemorySegment descriptor) {
        try {
            return (long) descriptorBytes.invokeExact(descriptor);
        } catch (Throwable thrown) {
            throw failed("dnnl_memory_desc_get_size", thrown);
        }
    }

    void destroyMatmul(MemorySegment matmul) {
        check("dnnl_primitive_desc_destroy", () -> (int) matmulDestroy.invokeExact(matmul));
    }

    /// An operand that points nowhere yet.
    MemorySegment createMemory(MemorySegment descriptor) {
        return created("dnnl_memory_create", out ->
                (int) memoryCreate.invokeExact(out, descriptor, engine, MemorySegment.NULL));
    }

    void setMemory(MemorySegment memory, MemorySegment data) {
        check("dnnl_memory_set_data_handle", () -> (int) memorySet.invokeExact(memory, data));
    }

    void destroyMemory(MemorySegment memory) {
        check("dnnl_memory_destroy", () -> (int) memoryDestroy.invokeExact(memory));
    }

    MemorySegment createPrimitive(MemorySegment matmul) {
        return created("dnnl_primitive_create", out -> (int) primitiveCreate.invokeExact(out, matmul));
    }

    /// Runs to the end.
    void execute(MemorySegment primitive, MemorySegment stream, int count, MemorySegment arguments) {
        check("dnnl_primitive_execute", () -> (int) primitiveExecute.invokeExact(primitive, stream, count, arguments));
        check("dnnl_stream_wait", () -> (int) streamWait.invokeExact(stream));
    }

    void destroyPrimitive(MemorySegment primitive) {
        check("dnnl_primitive_destroy", () -> (int) primitiveDestroy.invokeExact(primitive));
    }

    private MethodHandle status(String name, ValueLayout... parameters) {
        return function(name, FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private MethodHandle function(String name, FunctionDescriptor descriptor) {
        MemorySegment address = library.find(name)
                .orElseThrow(() -> new GemmUnavailable("oneDNN's library lacks the function " + name));
        return linker.downcallHandle(address, descriptor);
    }

    private static MemorySegment call(MethodHandle function) {
        return (MemorySegment) invoke(function);
    }

    private static Object invoke(MethodHandle function) {
        try {
            return function.invoke();
        } catch (Throwable thrown) {
            throw failed("a function without arguments", thrown);
        }
    }

    @FunctionalInterface
    private interface Creation {
        int into(MemorySegment out) throws Throwable;
    }

    @FunctionalInterface
    private interface Call {
        int run() throws Throwable;
    }

    private static MemorySegment created(String function, Creation creation) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            check(function, () -> creation.into(out));
            return out.get(ADDRESS, 0);
        }
    }

    private static void check(String function, Call call) {
        int status;
        try {
            status = call.run();
        } catch (Throwable thrown) {
            throw failed(function, thrown);
        }
        if (status != 0) {
            throw new GemmFailure("oneDNN: " + function + " returned status " + status);
        }
    }

    /// Foreign calls declare that they throw anything.
    private static GemmFailure failed(String function, Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return new GemmFailure("oneDNN: " + function + " could not be called", thrown);
    }
}
