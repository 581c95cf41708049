package dev.lectern.engine.internal.gguf;

import static dev.lectern.engine.internal.gguf.GgufBuilder.array;
import static dev.lectern.engine.internal.gguf.GgufBuilder.concat;
import static dev.lectern.engine.internal.gguf.GgufBuilder.int32;
import static dev.lectern.engine.internal.gguf.GgufBuilder.int64;
import static dev.lectern.engine.internal.gguf.GgufBuilder.string;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GgufFileTest {
    private static final long[] TWO_BY_THREE = {2, 3};

    @Test
    void readsEveryValueType() {
        GgufFile file = read(new GgufBuilder()
                .key("u8", GgufValueType.UINT8, new byte[] {(byte) 200})
                .key("i8", GgufValueType.INT8, new byte[] {(byte) -3})
                .key("u16", GgufValueType.UINT16, new byte[] {(byte) 0xFF, (byte) 0xFF})
                .key("i16", GgufValueType.INT16, new byte[] {(byte) 0xFF, (byte) 0xFF})
                .key("u32", -1)
                .key("i32", GgufValueType.INT32, int32(-1))
                .key("u64", -1L)
                .key("i64", GgufValueType.INT64, int64(-1))
                .key("f32", 0.5f)
                .key("f64", 0.25)
                .key("bool", true)
                .key("text", "Zürich 🦙")
                .key("ints", new int[] {-1, 7})
                .key("floats", new float[] {-1, 0.5f})
                .key("words", List.of("a", "", "ö"))
                .key("none", List.of())
                .key(
                        "nested",
                        GgufValueType.ARRAY,
                        array(
                                GgufValueType.ARRAY,
                                array(GgufValueType.UINT8, new byte[] {1}, new byte[] {2}),
                                array(GgufValueType.STRING, string("x"))))
                .bytes());
        assertThat(file.metadata())
                .containsEntry("u8", 200L)
                .containsEntry("i8", -3L)
                .containsEntry("u16", 65_535L)
                .containsEntry("i16", -1L)
                .containsEntry("u32", 4_294_967_295L)
                .containsEntry("i32", -1L)
                .containsEntry("u64", BigInteger.TWO.pow(64).subtract(BigInteger.ONE))
                .containsEntry("i64", -1L)
                .containsEntry("f32", 0.5)
                .containsEntry("f64", 0.25)
                .containsEntry("bool", true)
                .containsEntry("text", "Zürich 🦙")
                .containsEntry("ints", List.of(-1L, 7L))
                .containsEntry("floats", List.of(-1.0, 0.5))
                .containsEntry("words", List.of("a", "", "ö"))
                .containsEntry("none", List.of())
                .containsEntry("nested", List.of(List.of(1L, 2L), List.of("x")));
        assertThat(file.tensors()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void readsTensorsWithTheOutermostDimensionFirst(int version) {
        GgufFile file = read(new GgufBuilder()
                .version(version)
                .tensor("a", new long[] {1}, 9)
                .tensor("b", TWO_BY_THREE, 1, 2, 3, 4, 5, 6)
                .bytes());
        assertThat(file.version()).isEqualTo(version);
        assertThat(file.tensors()).extracting(GgufTensor::name).containsExactly("a", "b");
        GgufTensor b = file.tensors().getLast();
        assertThat(b.type()).isEqualTo(TensorType.F32);
        assertThat(b.shape()).containsExactly(2L, 3L);
        assertThat(b.data().toArray(JAVA_FLOAT_UNALIGNED)).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void obeysTheFilesAlignment() {
        byte[] bytes = new GgufBuilder()
                .alignment(128)
                .tensor("a", new long[] {1}, 1)
                .tensor("b", new long[] {1}, 2)
                .bytes();
        GgufFile file = read(bytes);
        assertThat(file.tensors().getLast().data().get(JAVA_FLOAT_UNALIGNED, 0)).isEqualTo(2);
    }

    @Test
    void leavesIntegerTensorsOut() {
        GgufFile file = read(new GgufBuilder()
                .tensor("ids", 26, new long[] {2}, new byte[8])
                .tensor("w", new long[] {1}, 1)
                .bytes());
        assertThat(file.tensors()).extracting(GgufTensor::name).containsExactly("w");
    }

    @Test
    void missingFilesAreNotFound(@TempDir Path folder) {
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> GgufFile.open(folder.resolve("no.gguf"), arena))
                    .isInstanceOf(ModelNotFound.class)
                    .hasMessageContaining("no.gguf");
        }
    }

    static Stream<Arguments> corruptFiles() {
        byte[] good = new GgufBuilder()
                .key("k", "v")
                .tensor("w", TWO_BY_THREE, 1, 2, 3, 4, 5, 6)
                .bytes();
        byte[] fiveDeep = array(GgufValueType.UINT8);
        for (int depth = 0; depth < 5; depth++) {
            fiveDeep = array(GgufValueType.ARRAY, fiveDeep);
        }
        return Stream.of(
                corrupt("empty", new byte[0], "the header", "ends at byte 0"),
                corrupt("cut in the magic", Arrays.copyOf(good, 3), "the header", "ends at byte 3", "truncated"),
                corrupt("cut in the counts", Arrays.copyOf(good, 20), "the header", "only 4 bytes follow"),
                corrupt("cut in a key", Arrays.copyOf(good, 30), "1 tensors", "only 14 bytes follow"),
                corrupt(
                        "cut in the data",
                        Arrays.copyOf(good, good.length - 1),
                        "tensor 'w'",
                        "24 bytes at offset 0",
                        "which has 23 bytes",
                        "truncated"),
                corrupt(
                        "no GGUF",
                        "PK archive of some kind".getBytes(US_ASCII),
                        "starts with bytes 504b2061",
                        "'GGUF'"),
                corrupt(
                        "tensor count",
                        patch(good, 8, int64(Long.MAX_VALUE)),
                        "9223372036854775807 tensors",
                        "bytes follow"),
                corrupt("negative tensor count", patch(good, 8, int64(-1)), "18446744073709551615 tensors"),
                corrupt("key count", patch(good, 16, int64(1L << 62)), "4611686018427387904 metadata keys"),
                corrupt(
                        "key length",
                        patch(good, 24, int64(Long.MAX_VALUE)),
                        "metadata key 0 of 1",
                        "9223372036854775807 bytes of key"),
                corrupt("empty key", new GgufBuilder().key("", 1).bytes(), "a key of 0 bytes"),
                corrupt("key not UTF-8", patch(good, 32, (byte) 0xFF), "metadata key 0", "not UTF-8"),
                corrupt("value type", patch(good, 33, int32(13)), "key 'k'", "value type 13", "0 to 12"),
                corrupt("text length", patch(good, 37, int64(-2)), "key 'k'", "18446744073709551614 bytes of text"),
                corrupt(
                        "boolean",
                        new GgufBuilder()
                                .key("b", GgufValueType.BOOL, new byte[] {2})
                                .bytes(),
                        "key 'b'",
                        "boolean 2"),
                corrupt("key twice", new GgufBuilder().key("k", 1).key("k", 2).bytes(), "key 'k'", "twice"),
                corrupt(
                        "array count",
                        new GgufBuilder()
                                .key("a", GgufValueType.ARRAY, concat(int32(4), int64(1L << 61)))
                                .bytes(),
                        "key 'a'",
                        "2305843009213693952 array elements"),
                corrupt(
                        "text in an array",
                        new GgufBuilder()
                                .key("a", GgufValueType.ARRAY, array(GgufValueType.STRING, int64(Long.MAX_VALUE)))
                                .bytes(),
                        "key 'a'",
                        "9223372036854775807 bytes of text"),
                corrupt(
                        "nested arrays",
                        new GgufBuilder()
                                .key("a", GgufValueType.ARRAY, fiveDeep)
                                .bytes(),
                        "key 'a'",
                        "nested more than 4 deep"),
                corrupt(
                        "alignment 0",
                        new GgufBuilder().key("general.alignment", 0).bytes(),
                        "'general.alignment': 0",
                        "power of two"),
                corrupt(
                        "alignment 24",
                        new GgufBuilder().key("general.alignment", 24).bytes(),
                        "'general.alignment': 24",
                        "power of two"),
                corrupt(
                        "alignment of text",
                        new GgufBuilder().key("general.alignment", "32").bytes(),
                        "'general.alignment': 32",
                        "power of two"),
                corrupt(
                        "tensor twice",
                        new GgufBuilder()
                                .tensor("w", new long[] {1}, 1)
                                .tensor("w", new long[] {1}, 1)
                                .bytes(),
                        "tensor 'w'",
                        "twice"),
                corrupt("no dimensions", info(new long[0], 0), "tensor 'w'", "0 dimensions", "1 to 4"),
                corrupt("five dimensions", info(new long[] {1, 1, 1, 1, 1}, 0), "tensor 'w'", "5 dimensions"),
                corrupt(
                        "fewer than no rows",
                        info(new long[] {-1, 3}, 0),
                        "tensor 'w'",
                        "dimension 1 is 18446744073709551615"),
                corrupt("negative rows", info(new long[] {-1, 3}, 0), "tensor 'w'", "18446744073709551615"),
                corrupt("too many weights", info(new long[] {1L << 40, 1L << 40}, 0), "tensor 'w'", "more than 2^63"),
                corrupt("too many bytes", info(new long[] {1L << 62}, 0), "tensor 'w'", "more than 2^63"),
                corrupt("offset not aligned", info(new long[] {1}, 4), "tensor 'w'", "offset 4", "multiple of 32"),
                corrupt("offset negative", info(new long[] {1}, -32), "tensor 'w'", "offset 18446744073709551584"),
                corrupt("offset outside", info(new long[] {1}, 1 << 20), "tensor 'w'", "offset 1048576", "truncated"),
                corrupt(
                        "half a block",
                        new GgufBuilder()
                                .tensor("w", TensorType.Q8_0.ggmlId(), new long[] {2, 48}, new byte[102])
                                .bytes(),
                        "tensor 'w'",
                        "48",
                        "multiple of 32 for Q8_0"),
                corrupt(
                        "overlap",
                        new GgufBuilder()
                                .tensor("w", new long[] {16}, new float[16])
                                .info("v", 0, new long[] {1}, 32)
                                .bytes(),
                        "'w' and 'v' overlap"));
    }

    /// Some converters write them for a vocabulary that they do not have; whoever needs the rows will say so.
    @Test
    void tensorsWithoutRowsHaveNoBytes() {
        GgufFile file = read(new GgufBuilder()
                .tensor("empty", new long[] {0, 3})
                .tensor("w", new long[] {1}, 5)
                .info("empty too", 0, new long[] {0}, 0)
                .bytes());
        assertThat(file.tensors()).extracting(GgufTensor::name).containsExactly("empty", "w", "empty too");
        assertThat(file.tensors().getFirst().data().byteSize()).isZero();
        assertThat(file.tensorCount()).isEqualTo(3);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("corruptFiles")
    void corruptFilesAreNamed(String what, byte[] bytes, String[] expected) {
        assertThatThrownBy(() -> read(bytes))
                .isInstanceOf(ModelCorrupt.class)
                .hasMessageStartingWith("[test.gguf] ")
                .hasMessageContainingAll(expected);
    }

    static Stream<Arguments> unsupportedFiles() {
        byte[] good = new GgufBuilder().bytes();
        return Stream.of(
                corrupt("version 1", patch(good, 4, int32(1)), "version 1", "supported: 2 and 3"),
                corrupt("version 4", patch(good, 4, int32(4)), "version 4", "supported: 2 and 3"),
                corrupt("big-endian", patch(good, 4, int32(Integer.reverseBytes(3))), "big-endian GGUF version 3"),
                corrupt(
                        "type 99",
                        new GgufBuilder().info("w", 99, new long[] {1}, 0).bytes(),
                        "tensor 'w': type 99 unknown; supported: F32, F16, BF16, Q8_0, Q4_0"),
                corrupt(
                        "type 15",
                        new GgufBuilder().info("w", 15, new long[] {1}, 0).bytes(),
                        "tensor 'w': type 15 (Q8_K) unknown",
                        "llama-quantize"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unsupportedFiles")
    void unsupportedFilesAreNamed(String what, byte[] bytes, String[] expected) {
        assertThatThrownBy(() -> read(bytes))
                .isInstanceOf(ModelUnsupported.class)
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith("[test.gguf] ")
                .hasMessageContainingAll(expected);
    }

    private static GgufFile read(byte[] bytes) {
        return GgufFile.read("test.gguf", MemorySegment.ofArray(bytes));
    }

    private static Arguments corrupt(String what, byte[] bytes, String... expected) {
        return Arguments.of(what, bytes, expected);
    }

    private static byte[] info(long[] shape, long offset) {
        return new GgufBuilder()
                .info("w", TensorType.F32.ggmlId(), shape, offset)
                .bytes();
    }

    private static byte[] patch(byte[] bytes, int at, byte... replacement) {
        byte[] patched = bytes.clone();
        System.arraycopy(replacement, 0, patched, at, replacement.length);
        return patched;
    }
}
