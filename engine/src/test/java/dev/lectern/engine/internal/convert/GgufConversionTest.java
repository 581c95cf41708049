package dev.lectern.engine.internal.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.ModelConverter;
import dev.lectern.engine.ModelConverter.Options;
import dev.lectern.engine.ModelConverter.Progress;
import dev.lectern.engine.ModelConverter.Summary;
import dev.lectern.engine.internal.gguf.GgufBuilder;
import dev.lectern.engine.internal.gguf.GgufFile;
import dev.lectern.engine.internal.gguf.GgufTensor;
import dev.lectern.engine.internal.quant.TensorType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GgufConversionTest {
    @TempDir
    private Path folder;

    private Path model;
    private Path out;

    @BeforeEach
    void writeModel() throws IOException {
        model = folder.resolve("model.gguf");
        out = folder.resolve("out.gguf");
        new GgufBuilder()
                .alignment(64)
                .key("general.architecture", "llama")
                .key("general.file_type", 1)
                .key("llama.block_count", 2)
                .key("split.count", 1)
                .key("test.long", 1L << 40)
                .key("test.float", 0.1f)
                .key("test.double", 0.1)
                .key("test.flag", true)
                .key("tokenizer.ggml.tokens", List.of("a", "ü", "\u0000"))
                .key("tokenizer.ggml.scores", new float[] {-1, 0, 2.5f})
                .key("tokenizer.ggml.token_type", new int[] {1, -1, 3})
                .tensor("token_embd.weight", new long[] {5, 256}, normal(1, 5 * 256))
                .tensor("blk.0.attn_norm.weight", new long[] {256}, normal(2, 256))
                .tensor("blk.0.ffn_gate_inp.weight", new long[] {4, 256}, normal(3, 4 * 256))
                .tensor("blk.0.ffn_gate_exps.weight", new long[] {4, 3, 512}, normal(4, 4 * 3 * 512))
                .tensor("blk.0.ffn_gate_exps.bias", new long[] {4, 3}, normal(5, 4 * 3))
                .tensor("blk.0.attn_v.weight", new long[] {2, 96}, normal(6, 2 * 96))
                .tensor("blk.0.attn_k.weight", new long[] {2, 40}, normal(7, 2 * 40))
                .write(model);
    }

    private static float[] normal(int seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static Options options(String type) {
        return new Options(type, Optional.empty(), 2, false);
    }

    @ParameterizedTest
    @EnumSource(TargetType.class)
    void keepsMetadataNamesAndShapes(TargetType type) {
        Summary summary = ModelConverter.convert(model, out, options(type.name()), Progress.NONE);
        try (Arena arena = Arena.ofConfined()) {
            GgufFile before = GgufFile.open(model, arena);
            GgufFile after = GgufFile.open(out, arena);
            Map<String, Object> expected = new TreeMap<>(before.metadata());
            expected.keySet().removeAll(List.of("general.alignment", "split.count"));
            expected.put("general.file_type", (long) type.fileType());
            expected.put("general.quantization_version", 2L);
            assertThat(new TreeMap<>(after.metadata())).isEqualTo(expected);
            assertThat(after.tensors())
                    .extracting(GgufTensor::name)
                    .containsExactlyElementsOf(
                            before.tensors().stream().map(GgufTensor::name).toList());
            assertThat(after.tensors())
                    .extracting(GgufTensor::shape)
                    .containsExactlyElementsOf(
                            before.tensors().stream().map(GgufTensor::shape).toList());
            for (GgufTensor tensor : after.tensors()) {
                boolean kept = !tensor.name().endsWith("weight")
                        || tensor.name().contains("norm")
                        || tensor.name().contains("gate_inp");
                if (kept) {
                    assertThat(tensor.type()).as(tensor.name()).isEqualTo(TensorType.F32);
                } else if (tensor.shape().getLast() % type.type().blockWeights() == 0) {
                    assertThat(tensor.type()).as(tensor.name()).isEqualTo(type.type());
                } else {
                    assertThat(tensor.shape().getLast() % tensor.type().blockWeights())
                            .isZero();
                    assertThat(summary.remarks()).anyMatch(remark -> remark.contains("do not fill blocks"));
                }
            }
        }
        assertThat(summary.bytes()).isEqualTo(out.toFile().length());
        assertThat(summary.relativeError()).isLessThan(0.6);
        assertThat(filesBeside()).containsExactlyInAnyOrder("model.gguf", "out.gguf");
    }

    @Test
    void fallsBackAsLlamaQuantizeDoes() {
        Summary summary = ModelConverter.convert(model, out, options("Q4_K"), Progress.NONE);
        assertThat(types(out))
                .containsEntry("token_embd.weight", TensorType.Q4_K)
                .containsEntry("blk.0.attn_v.weight", TensorType.Q5_0)
                .containsEntry("blk.0.attn_k.weight", TensorType.F16);
        assertThat(summary.remarks())
                .containsExactly(
                        "blk.0.attn_v.weight became Q5_0: rows of 96 weights do not fill blocks of 256",
                        "blk.0.attn_k.weight became F16: rows of 40 weights do not fill blocks of 256");
        assertThat(summary.types()).isEqualTo(Map.of("Q4_K", 2, "Q5_0", 1, "F16", 1, "F32", 3));
    }

    @Test
    void theOutputMatrixCanHaveATypeOfItsOwn() {
        // Without output.weight the embedding is the output matrix.
        Options options = new Options("q4_k", Optional.of("q6_k"), 0, false);
        ModelConverter.convert(model, out, options, Progress.NONE);
        assertThat(types(out))
                .containsEntry("token_embd.weight", TensorType.Q6_K)
                .containsEntry("blk.0.ffn_gate_exps.weight", TensorType.Q4_K);
    }

    @Test
    void threadsChangeNothing() throws IOException {
        byte[] expected = null;
        for (int threads : new int[] {1, 2, 5}) {
            Options options = new Options("Q5_K", Optional.empty(), threads, true);
            Summary summary = ModelConverter.convert(model, out, options, Progress.NONE);
            byte[] bytes = Files.readAllBytes(out);
            assertThat(bytes).isEqualTo(expected == null ? bytes : expected);
            assertThat(summary.worst()).isPresent();
            expected = bytes;
        }
    }

    @Test
    void whatHasTheTypeIsCopied() throws IOException {
        ModelConverter.convert(model, out, options("Q8_0"), Progress.NONE);
        Path again = folder.resolve("again.gguf");
        Summary summary = ModelConverter.convert(out, again, options("Q8_0"), Progress.NONE);
        assertThat(Files.readAllBytes(again)).isEqualTo(Files.readAllBytes(out));
        assertThat(summary.copied()).isEqualTo(7);
        assertThat(summary.worst()).isEmpty();
    }

    @Test
    void saysThatWeightsAreQuantisedTwice() {
        ModelConverter.convert(model, out, options("Q8_0"), Progress.NONE);
        Summary summary = ModelConverter.convert(out, folder.resolve("again.gguf"), options("Q4_0"), Progress.NONE);
        assertThat(summary.remarks()).anyMatch(remark -> remark.startsWith("the weights were quantised before (Q8_0)"));
    }

    @Test
    void tellsHowFarItIs() {
        List<Long> done = new ArrayList<>();
        ModelConverter.convert(model, out, options("F16"), (tensor, at, total) -> {
            done.add(at);
            assertThat(at).as(tensor).isLessThanOrEqualTo(total);
        });
        assertThat(done).hasSize(7).isSorted();
    }

    @Test
    void replacesAFileOnlyWhenTold() throws IOException {
        Files.writeString(out, "precious");
        assertThatThrownBy(() -> ModelConverter.convert(model, out, options("Q8_0"), Progress.NONE))
                .isInstanceOf(EngineException.InvalidRequest.class)
                .hasMessageContaining("is there already");
        assertThat(out).hasContent("precious");
        Options force = new Options("Q8_0", Optional.empty(), 1, true);
        ModelConverter.convert(model, out, force, Progress.NONE);
        assertThat(types(out)).hasSize(7);
        assertThatThrownBy(() -> ModelConverter.convert(model, model, force, Progress.NONE))
                .isInstanceOf(EngineException.InvalidRequest.class)
                .hasMessageContaining("is the model itself");
        assertThatThrownBy(() -> ModelConverter.convert(model, folder, force, Progress.NONE))
                .isInstanceOf(EngineException.InvalidRequest.class)
                .hasMessageContaining("is a folder");
    }

    @Test
    void refusesUnknownTypesWithTheList() {
        assertThatThrownBy(() -> ModelConverter.convert(model, out, options("IQ2_XXS"), Progress.NONE))
                .isInstanceOf(EngineException.InvalidRequest.class)
                .hasMessageContaining("IQ2_XXS")
                .hasMessageContaining("Q4_K, Q5_K, Q6_K");
    }

    @Test
    void aFolderThatIsNotThereIsSaid() {
        Path nowhere = folder.resolve("nowhere").resolve("out.gguf");
        assertThatThrownBy(() -> ModelConverter.convert(model, nowhere, options("Q8_0"), Progress.NONE))
                .isInstanceOf(EngineException.OutputFailed.class)
                .hasMessageContaining("there is no folder");
    }

    @ParameterizedTest
    @EnumSource(TargetType.class)
    void aWeightThatIsNoNumberLeavesNoFile(TargetType type) throws IOException {
        float[] weights = normal(8, 3 * 256);
        weights[256 + 7] = Float.NaN;
        Path damaged = folder.resolve("damaged.gguf");
        new GgufBuilder()
                .key("general.architecture", "llama")
                .tensor("a.weight", new long[] {2, 256}, normal(9, 2 * 256))
                .tensor("b.weight", new long[] {3, 256}, weights)
                .write(damaged);
        if (type == TargetType.F32) {
            // Nothing is looked at: the bytes are copied.
            ModelConverter.convert(damaged, out, options("F32"), Progress.NONE);
            return;
        }
        assertThatThrownBy(() -> ModelConverter.convert(damaged, out, options(type.name()), Progress.NONE))
                .isInstanceOf(EngineException.ModelCorrupt.class)
                .hasMessageContaining("tensor 'b.weight', row 1, weight 7: NaN");
        assertThat(filesBeside()).containsExactlyInAnyOrder("model.gguf", "damaged.gguf");
    }

    @Test
    void aWeightBeyondTheTypesRangeIsSaid() throws IOException {
        Path large = folder.resolve("large.gguf");
        new GgufBuilder()
                .key("general.architecture", "llama")
                .tensor("a.weight", new long[] {1, 2}, 1f, -70_000f)
                .write(large);
        assertThatThrownBy(() -> ModelConverter.convert(large, out, options("F16"), Progress.NONE))
                .isInstanceOf(EngineException.ModelUnsupported.class)
                .hasMessageContaining("row 0, weight 1: -70000.0 is beyond the range of F16");
        assertThat(out).doesNotExist();
    }

    /// Matrices with a factor beside them (`X.scale`) keep it: it multiplies the new weights as it did the old.
    @Test
    void factorsBesideMatricesStay() throws IOException {
        Path scaled = folder.resolve("scaled.gguf");
        new GgufBuilder()
                .key("general.architecture", "llama")
                .tensor("a.weight", new long[] {2, 256}, normal(10, 2 * 256))
                .tensor("a.scale", new long[] {1}, 3.5f)
                .tensor("empty.weight", new long[] {0, 256})
                .write(scaled);
        ModelConverter.convert(scaled, out, options("Q4_K"), Progress.NONE);
        assertThat(types(out))
                .containsEntry("a.weight", TensorType.Q4_K)
                .containsEntry("a.scale", TensorType.F32)
                .containsEntry("empty.weight", TensorType.F32);
    }

    private static Map<String, TensorType> types(Path file) {
        Map<String, TensorType> types = new TreeMap<>();
        try (Arena arena = Arena.ofConfined()) {
            GgufFile.open(file, arena).tensors().forEach(tensor -> types.put(tensor.name(), tensor.type()));
        }
        return types;
    }

    private List<String> filesBeside() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
