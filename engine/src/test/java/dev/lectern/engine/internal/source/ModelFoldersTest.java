package dev.lectern.engine.internal.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.gguf.GgufBuilder;
import dev.lectern.engine.internal.safetensors.SafetensorsBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What [ModelSources] makes of folders and files of all sorts, made up here.
class ModelFoldersTest {
    private static final String CONFIG = "{\"model_type\": \"llama\", \"vocab_size\": 2}";
    private static final long[] ONE = {1};

    @TempDir
    Path folder;

    @BeforeEach
    void writeConfig() throws IOException {
        config(CONFIG);
    }

    @Test
    void shardsAreOneModel() throws IOException {
        shard("model-00001-of-00002.safetensors", "a", 1);
        shard("model-00002-of-00002.safetensors", "b", 2);
        index("a", "model-00001-of-00002.safetensors", "b", "model-00002-of-00002.safetensors");
        try (ModelSource source = open()) {
            assertThat(source.tensors()).extracting(TensorData::name).containsExactly("a", "b");
            assertThat(source.fileBytes())
                    .isEqualTo(Files.size(folder.resolve("model-00001-of-00002.safetensors"))
                            + Files.size(folder.resolve("model-00002-of-00002.safetensors")));
        }
    }

    @Test
    void indexAndShardsMustAgree() throws IOException {
        shard("s1.safetensors", "a", 1);
        shard("s2.safetensors", "b", 2);
        index("a", "s1.safetensors", "b", "s1.safetensors");
        assertFails(ModelCorrupt.class, "[model.safetensors.index.json]", "tensor 'b'", "s1.safetensors");
        index("a", "s1.safetensors", "b", "s3.safetensors");
        assertFails(ModelNotFound.class, "s3.safetensors", "model.safetensors.index.json");
        shard("s1.safetensors", "a", 1, "b", 2);
        index("a", "s1.safetensors");
        assertFails(ModelCorrupt.class, "[s1.safetensors]", "tensor 'b'", "nothing about it");
        shard("s2.safetensors", "b", 2);
        index("a", "s1.safetensors", "b", "s2.safetensors");
        assertFails(ModelCorrupt.class, "[s1.safetensors]", "tensor 'b'", "s2.safetensors");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../model.safetensors",
                "/etc/model.safetensors",
                "sub/model.safetensors",
                "..\\\\model.safetensors",
                ".hidden.safetensors",
                "model.bin",
                "model\\u0000.safetensors",
                ""
            })
    void shardNamesCannotLeaveTheFolder(String shard) throws IOException {
        index("a", shard);
        assertFails(ModelCorrupt.class, "weight_map 'a'", "in the same folder");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{\"weight_map\": {}}", "{\"weight_map\": []}", "[]", "{\"weight_map\": {\"a\": 1}}", ""})
    void indicesOfAnotherFormAreNamed(String json) throws IOException {
        Files.writeString(folder.resolve("model.safetensors.index.json"), json);
        assertFails(ModelCorrupt.class, "[model.safetensors.index.json]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1]", "null", "{\"a\": 1, \"a\": 2}", "{\"model_type\": 3}", "{}"})
    void configurationsOfAnotherFormAreNamed(String json) throws IOException {
        shard("model.safetensors", "a", 1);
        config(json);
        assertFails(ModelCorrupt.class, "[config.json]");
    }

    @Test
    void theLanguagePartOfAMultimodalConfigurationIsAView() throws IOException {
        shard("model.safetensors", "a", 1);
        config("{\"model_type\": \"llama4\", \"text_config\": {\"model_type\": \"llama4_text\", \"vocab_size\": 9}}");
        try (ModelSource source = open()) {
            assertThat(source.architecture()).isEqualTo("llama4");
            assertThat(source.metadata().sub("text_config").requireInt("vocab_size"))
                    .isEqualTo(9);
        }
    }

    @Test
    void missingPartsAreNotFoundAndNamed() throws IOException {
        assertThatThrownBy(() -> ModelSources.open(folder.resolve("nowhere")))
                .isInstanceOf(ModelNotFound.class)
                .hasMessageContainingAll("nowhere", "no such file or folder", ".gguf", "config.json");
        assertFails(ModelNotFound.class, "config.json (found)", "model.safetensors.index.json (missing)", ".gguf");
        shard("model.safetensors", "a", 1);
        Files.delete(folder.resolve("config.json"));
        assertFails(ModelNotFound.class, "config.json (missing)", "(found)");
        assertThatThrownBy(() -> ModelSources.open(folder.resolve("model.safetensors")))
                .isInstanceOf(ModelNotFound.class)
                .hasMessageContainingAll("model.safetensors", "give the folder");
    }

    @Test
    void aFolderWithOneGgufFileIsThatModel() throws IOException {
        GgufBuilder gguf =
                new GgufBuilder().key("general.architecture", "llama").tensor("w", ONE, 5);
        gguf.write(folder.resolve("m.gguf"));
        try (ModelSource source = open()) {
            assertThat(source.location()).isEqualTo(folder.resolve("m.gguf"));
        }
        gguf.write(folder.resolve("n.GGUF"));
        assertFails(ModelNotFound.class, "several", "m.gguf, n.GGUF", "name one");
    }

    @Test
    void ggufMatricesHaveTheirFactors() {
        GgufBuilder gguf = new GgufBuilder()
                .key("general.architecture", "llama")
                .tensor("a.weight", new long[] {1, 2}, 3, 4)
                .tensor("a.scale", ONE, 0.5f)
                .tensor("e.weight", new long[] {2, 1, 1}, 1, 2)
                .tensor("e.scale", new long[] {2}, 5, 6)
                .tensor("b.scale", ONE, 7);
        gguf.write(folder.resolve("m.gguf"));
        try (ModelSource source = open()) {
            assertThat(source.tensors())
                    .extracting(TensorData::name)
                    .containsExactly("a.weight", "e.weight", "b.scale");
            TensorScales scales = source.require("e.weight").scales();
            assertThat(scales).isNotNull();
            if (scales != null) {
                float[] weight = {2};
                scales.matrix(1).apply(0, 0, 1, weight, 0);
                assertThat(weight[0]).isEqualTo(12);
            }
        }
        gguf.tensor("c.weight", new long[] {1, 1}, 1).tensor("c.scale", new long[] {2}, 1, 2);
        gguf.write(folder.resolve("m.gguf"));
        assertFails(ModelCorrupt.class, "[m.gguf] tensor 'c.scale': F32[2]; expected F32[1]", "c.weight");
    }

    @Test
    void ggufWithoutArchitectureIsCorrupt() {
        new GgufBuilder().tensor("w", ONE, 5).write(folder.resolve("m.gguf"));
        assertFails(ModelCorrupt.class, "[m.gguf]", "'general.architecture'", "missing");
    }

    @Test
    void weightsOfUnknownTypesAreNamed() {
        new SafetensorsBuilder().tensor("w", "F8_E5M2", ONE, new byte[1]).write(folder.resolve("model.safetensors"));
        assertFails(ModelUnsupported.class, "tensor 'w': type F8_E5M2 unknown; supported: F32, F16, BF16");
    }

    @Test
    void integersAreNotWeights() {
        new SafetensorsBuilder()
                .tensor("position_ids", "I64", ONE, new byte[8])
                .tensor("mask", "BOOL", ONE, new byte[1])
                .floats("w", ONE, 1)
                .write(folder.resolve("model.safetensors"));
        try (ModelSource source = open()) {
            assertThat(source.tensors()).extracting(TensorData::name).containsExactly("w");
        }
    }

    @Test
    void packedWeightsAreRefusedByMethod() throws IOException {
        shard("model.safetensors", "a", 1);
        config("{\"model_type\": \"llama\", \"quantization_config\": {\"quant_method\": \"gptq\"}}");
        assertFails(ModelUnsupported.class, "[config.json]", "'gptq'", "supported");
    }

    @Test
    void theFingerprintSeesWeightsShapesAndConfiguration() throws IOException {
        shard("model.safetensors", "a", 1, "b", 2);
        String first = fingerprint();
        assertThat(first).matches("[0-9a-f]{64}").isEqualTo(fingerprint());
        shard("model.safetensors", "b", 2, "a", 1);
        assertThat(fingerprint()).as("order of tensors").isEqualTo(first);
        shard("model.safetensors", "a", 1, "b", 3);
        assertThat(fingerprint()).as("a weight").isNotEqualTo(first);
        shard("model.safetensors", "a", 1, "c", 2);
        assertThat(fingerprint()).as("a name").isNotEqualTo(first);
        shard("model.safetensors", "a", 1, "b", 2);
        config(CONFIG + " ");
        assertThat(fingerprint()).as("the configuration").isNotEqualTo(first);
    }

    @Test
    void theFingerprintSamplesLargeTensorsFromEndToEnd() {
        float[] weights = new float[100_000];
        new SafetensorsBuilder()
                .floats("w", new long[] {weights.length}, weights)
                .write(folder.resolve("model.safetensors"));
        String zeros = fingerprint();
        for (int changed : new int[] {0, weights.length - 1}) {
            weights[changed] = 1;
            new SafetensorsBuilder()
                    .floats("w", new long[] {weights.length}, weights)
                    .write(folder.resolve("model.safetensors"));
            assertThat(fingerprint()).as("weight %d", changed).isNotEqualTo(zeros);
            weights[changed] = 0;
        }
    }

    @Test
    void closingEndsTheMapping() throws IOException {
        shard("model.safetensors", "a", 1);
        ModelSource source = open();
        TensorData tensor = source.require("a");
        source.close();
        source.close();
        assertThat(tensor.data().scope().isAlive()).isFalse();
    }

    @Test
    void damagedConfigurationsAndIndicesNeverDoWorseThanAMessage() throws IOException {
        shard("s1.safetensors", "a", 1);
        byte[] config = Files.readAllBytes(GoldenModels.path("hf/llama4-scout/config.json"));
        byte[] index = "{\"metadata\":{\"total_size\":4},\"weight_map\":{\"a\":\"s1.safetensors\"}}"
                .getBytes(StandardCharsets.UTF_8);
        for (long seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            Files.write(folder.resolve("config.json"), seed % 2 == 0 ? Mutations.damage(config, random) : config);
            Files.write(
                    folder.resolve("model.safetensors.index.json"),
                    seed % 2 == 1 ? Mutations.damage(index, random) : index);
            try (ModelSource source = open()) {
                assertThat(source.tensors()).as("seed %d", seed).hasSize(1);
            } catch (EngineException e) {
                assertThat(e).as("seed %d", seed).hasMessageStartingWith("[");
            }
        }
    }

    private ModelSource open() {
        return ModelSources.open(folder);
    }

    private String fingerprint() {
        try (ModelSource source = open()) {
            return source.fingerprint();
        }
    }

    private void assertFails(Class<? extends EngineException> kind, String... expected) {
        assertThatThrownBy(this::open).isInstanceOf(kind).hasMessageContainingAll(expected);
    }

    private void config(String json) throws IOException {
        Files.writeString(folder.resolve("config.json"), json);
    }

    /// @param namesAndValues tensors of one weight
    private void shard(String file, Object... namesAndValues) {
        SafetensorsBuilder builder = new SafetensorsBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            builder.floats((String) namesAndValues[i], ONE, ((Integer) namesAndValues[i + 1]).floatValue());
        }
        builder.write(folder.resolve(file));
    }

    private void index(String... tensorsAndShards) throws IOException {
        StringBuilder json = new StringBuilder("{\"weight_map\": {");
        for (int i = 0; i < tensorsAndShards.length; i += 2) {
            json.append(i == 0 ? "" : ", ")
                    .append('"')
                    .append(tensorsAndShards[i])
                    .append("\": \"")
                    .append(tensorsAndShards[i + 1])
                    .append('"');
        }
        Files.writeString(folder.resolve("model.safetensors.index.json"), json.append("}}"));
    }
}
