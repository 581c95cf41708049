package dev.lectern.engine.internal.safetensors;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsFileTest {
    @Test
    void readsTensorsInTheOrderOfTheirData() {
        SafetensorsFile file = read(new SafetensorsBuilder()
                .metadata("format", "pt")
                .floats("b", new long[] {2, 3}, 1, 2, 3, 4, 5, 6)
                .ints("a", 7, 8)
                .tensor("scalar", "U8", new long[] {}, new byte[] {9})
                .tensor("none", "F16", new long[] {0, 4}, new byte[0])
                .bytes());
        assertThat(file.tensors().keySet()).containsExactly("b", "a", "scalar", "none");
        SafetensorsTensor b = Objects.requireNonNull(file.find("b"));
        assertThat(b.dtype()).isEqualTo("F32");
        assertThat(b.shape()).containsExactly(2L, 3L);
        assertThat(b.data().toArray(JAVA_FLOAT_UNALIGNED)).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(Objects.requireNonNull(file.find("none")).data().byteSize()).isZero();
        assertThat(file.find("c")).isNull();
    }

    @Test
    void readsHeadersInAnyOrderAndWithSpacesAfter() {
        SafetensorsFile file = read(SafetensorsBuilder.file("""
                {"x":{"data_offsets":[1,3],"shape":[2],"dtype":"I8"}, "w":{"shape":[1],"dtype":"U8","data_offsets":[0,1]}}   \
                """, new byte[3]));
        assertThat(file.tensors().keySet()).containsExactly("w", "x");
    }

    /// Whoever wants the contents refuses the type; the file as such is right.
    @Test
    void passesTypesItDoesNotKnow() {
        SafetensorsFile file = read(new SafetensorsBuilder()
                .tensor("w", "F4", new long[] {4}, new byte[2])
                .bytes());
        assertThat(Objects.requireNonNull(file.find("w")).dtype()).isEqualTo("F4");
    }

    @Test
    void missingFilesAreNotFound(@TempDir Path folder) {
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("no.safetensors"), arena))
                    .isInstanceOf(ModelNotFound.class)
                    .hasMessageContaining("no.safetensors");
        }
    }

    @Test
    void pointersInPlaceOfFilesAreNamed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("model.safetensors"), "version https://git-lfs.github.com/spec/v1\noid sha256:00\n");
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> SafetensorsFile.open(file, arena))
                    .isInstanceOf(ModelCorrupt.class)
                    .hasMessageContainingAll("[model.safetensors]", "Git LFS pointer", "git lfs pull");
        }
    }

    static Stream<Arguments> corruptFiles() {
        byte[] good = new SafetensorsBuilder().floats("w", new long[] {2}, 1, 2).bytes();
        return Stream.of(
                corrupt("empty", new byte[0], "has 0 bytes"),
                corrupt("cut in the header", Arrays.copyOf(good, 20), "header of", "only 12 follow", "truncated"),
                corrupt(
                        "cut in the data",
                        Arrays.copyOf(good, good.length - 1),
                        "tensor 'w'",
                        "data_offsets [0, 8]",
                        "7 bytes of tensors",
                        "truncated"),
                corrupt("header too long", new byte[] {0, 0, 0, 0, 0, 0, 0, 0x7F}, "9151314442816847872", "100000000"),
                corrupt("header longer than 2^63", new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}, "18446744073709551615"),
                corrupt("no JSON", header("{nonsense}"), "header is not JSON"),
                corrupt("no object", header("[1, 2]"), "header", "START_ARRAY", "an object"),
                corrupt("JSON cut", header("{\"w\":"), "header is not JSON"),
                corrupt("something after it", header("{} {}"), "continues with START_OBJECT"),
                corrupt("deep nesting", header("{\"w\":" + "[".repeat(100_000) + "}"), "tensor 'w'"),
                corrupt(
                        "deep metadata",
                        header("{\"__metadata__\":{\"a\":" + "[".repeat(100_000) + "}"),
                        "header is not JSON",
                        "nesting"),
                corrupt("metadata no object", header("{\"__metadata__\":3}"), "__metadata__", "object of strings"),
                corrupt("tensor no object", header("{\"w\":3}"), "tensor 'w'", "dtype, shape and data_offsets"),
                corrupt("unknown field", header("{\"w\":{\"type\":3}}"), "tensor 'w'", "field 'type'"),
                corrupt("no dtype", header("{\"w\":{\"shape\":[],\"data_offsets\":[0,0]}}"), "dtype is missing"),
                corrupt("no shape", header("{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,0]}}"), "shape is missing"),
                corrupt("no offsets", header("{\"w\":{\"dtype\":\"F32\",\"shape\":[]}}"), "data_offsets is missing"),
                corrupt("dtype no text", entry("3", "[0]", "[0,0]"), "tensor 'w': dtype", "a string"),
                corrupt("fractional shape", entry("\"F32\"", "[0.5]", "[0,0]"), "tensor 'w': shape", "integers"),
                corrupt("huge shape", entry("\"F32\"", "[99999999999999999999]", "[0,0]"), "tensor 'w': shape"),
                corrupt("long shape", entry("\"F32\"", "[1" + ",1".repeat(16) + "]", "[0,0]"), "at most 16 integers"),
                corrupt("negative shape", entry("\"F32\"", "[-1]", "[0,0]"), "shape [-1]", "no negative"),
                corrupt("shape overflow", entry("\"F32\"", "[4294967296, 4294967296]", "[0,0]"), "more than 2^63"),
                corrupt("one offset", entry("\"F32\"", "[0]", "[0]"), "data_offsets [0]", "[begin, end]"),
                corrupt("negative offset", entry("\"F32\"", "[0]", "[-4,0]"), "[-4, 0]", "0 <= begin <= end"),
                corrupt("offsets swapped", entry("\"F32\"", "[0]", "[4,0]"), "[4, 0]", "0 <= begin <= end"),
                corrupt("offset outside", entry("\"F32\"", "[1]", "[0,9223372036854775807]"), "truncated"),
                corrupt(
                        "too short for the shape",
                        entry("\"F32\"", "[2]", "[0,4]", 4),
                        "shape [2] of F32 needs 8 bytes",
                        "[0, 4] have 4"),
                corrupt("tensor twice", header("""
                        {"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},\
                        "w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"""), "Duplicate", "w"),
                corrupt("hole", entry("\"U8\"", "[1]", "[1,2]", 2), "tensor 'w'", "hole", "begin at 0"),
                corrupt("overlap", SafetensorsBuilder.file("""
                        {"v":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},\
                        "w":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", new byte[3]), "tensor 'w'", "overlaps", "begin at 2"),
                corrupt("bytes after the tensors", entry("\"U8\"", "[1]", "[0,1]", 2), "end at byte 1 of 2"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("corruptFiles")
    void corruptFilesAreNamed(String what, byte[] bytes, String[] expected) {
        assertThatThrownBy(() -> read(bytes))
                .isInstanceOf(ModelCorrupt.class)
                .hasMessageStartingWith("[test.safetensors] ")
                .hasMessageContainingAll(expected);
    }

    private static SafetensorsFile read(byte[] bytes) {
        return SafetensorsFile.read("test.safetensors", MemorySegment.ofArray(bytes));
    }

    private static Arguments corrupt(String what, byte[] bytes, String... expected) {
        return Arguments.of(what, bytes, expected);
    }

    private static byte[] header(String json) {
        return SafetensorsBuilder.file(json, new byte[0]);
    }

    private static byte[] entry(String dtype, String shape, String offsets) {
        return entry(dtype, shape, offsets, 0);
    }

    private static byte[] entry(String dtype, String shape, String offsets, int dataBytes) {
        String json = "{\"w\":{\"dtype\":" + dtype + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
        return SafetensorsBuilder.file(json, new byte[dataBytes]);
    }
}
