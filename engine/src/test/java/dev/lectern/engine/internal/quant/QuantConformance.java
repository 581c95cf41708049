package dev.lectern.engine.internal.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.safetensors.SafetensorsFile;
import dev.lectern.engine.internal.safetensors.SafetensorsTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Quantised blocks against the values that they stand for, by the scalar decoder and by the vector kernels: every
/// `TYPE.blocks` with its `TYPE.values` in `golden/quants/*.safetensors` of `bin/conformance DIR` (made by
/// `make_quants.py` with ggml and the gguf package).
final class QuantConformance {
    private static final String BLOCKS = ".blocks";
    private static final Path FIGURES = Path.of("target", "conformance", "QuantConformance.txt");
    private static final Path FOLDER =
            Path.of(System.getProperty("lectern.conformance.dir", "missing: run bin/conformance DIR"), "golden/quants");

    @BeforeAll
    static void newFigures() throws IOException {
        Files.createDirectories(FIGURES.getParent());
        Files.deleteIfExists(FIGURES);
    }

    static List<Arguments> types() throws IOException {
        List<Arguments> types = new ArrayList<>();
        if (Files.isDirectory(FOLDER)) {
            try (Stream<Path> files = Files.list(FOLDER);
                    Arena arena = Arena.ofConfined()) {
                for (Path file : files.filter(path -> path.toString().endsWith(".safetensors"))
                        .sorted()
                        .toList()) {
                    SafetensorsFile.open(file, arena).tensors().keySet().stream()
                            .filter(name -> name.endsWith(BLOCKS))
                            .sorted()
                            .map(name -> Arguments.of(file.getFileName().toString(), name.replace(BLOCKS, "")))
                            .forEach(types::add);
                }
            }
        }
        return types.isEmpty() ? List.of(Arguments.of("no file", "no type")) : types;
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("types")
    void decodesAsTheReference(String file, String name) throws IOException {
        assumeThat(FOLDER.resolve(file)).exists();
        assertThat(Arrays.stream(TensorType.values()).map(TensorType::name)).contains(name);
        TensorType type = TensorType.valueOf(name);
        try (Arena arena = Arena.ofConfined()) {
            SafetensorsFile tensors = SafetensorsFile.open(FOLDER.resolve(file), arena);
            SafetensorsTensor blocks = Objects.requireNonNull(tensors.find(name + BLOCKS));
            SafetensorsTensor values = Objects.requireNonNull(tensors.find(name + ".values"));
            float[] expected = new float[(int) (values.data().byteSize() / Float.BYTES)];
            WeightDecoder.decode(TensorType.F32, values.data(), 0, expected, 0, expected.length);
            assertThat(blocks.data().byteSize()).isEqualTo(type.bytes(expected.length));
            float[] actual = new float[expected.length];
            WeightDecoder.decode(type, blocks.data(), 0, actual, 0, actual.length);
            long largest = largestUlps(actual, expected);
            int rows = Math.toIntExact(values.shape().getFirst());
            int columns = expected.length / rows;
            Weight weight = new Weight(
                    name, type, rows, columns, Weight.Order.OUTPUT_MAJOR, type.bytes(columns), blocks.data());
            new VectorKernels().decode(weight, 0, 0, rows, columns, actual, columns);
            largest = Math.max(largest, largestUlps(actual, expected));
            record(type, expected.length, largest);
            assertThat(largest).as("ulps").isZero();
        }
    }

    private static long largestUlps(float[] actual, float[] expected) {
        long largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, ulps(actual[i], expected[i]));
        }
        return largest;
    }

    /// How many floats lie between two, the signs of zeros counting.
    private static long ulps(float a, float b) {
        return Math.abs(ordered(a) - ordered(b));
    }

    private static long ordered(float value) {
        int bits = Float.floatToIntBits(value);
        return bits >= 0 ? bits : -1L - (bits & Integer.MAX_VALUE);
    }

    private static void record(TensorType type, int values, long ulps) throws IOException {
        String line = String.format(
                Locale.ROOT,
                "quants %-8s %d weights, max difference %d ulp, %s",
                type,
                values,
                ulps,
                ulps == 0 ? "passed" : "FAILED");
        Files.write(FIGURES, List.of(line), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
