package dev.lectern.engine.internal.convert;

import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.chat.GgufChatKeys;
import dev.lectern.engine.internal.decoder.DecoderWeights;
import dev.lectern.engine.internal.decoder.WeightsLoader;
import dev.lectern.engine.internal.family.ModelFamily;
import dev.lectern.engine.internal.family.TensorMap;
import dev.lectern.engine.internal.family.TensorPart;
import dev.lectern.engine.internal.family.TensorRole;
import dev.lectern.engine.internal.model.ModelConfig;
import dev.lectern.engine.internal.quant.TensorType;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.tokenizer.GgufTokenizerKeys;
import dev.lectern.engine.internal.tokenizer.Tokenizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// From a Hugging Face folder: the decoder's specification and weights as the engine reads them, written under GGUF's
/// names. The keys are read back before anything is written: a model that GGUF cannot describe is refused, not changed.
final class HuggingFacePlan {
    private final ModelSource source;
    private final GgufArchitecture architecture;
    private final GgufMetadata metadata = new GgufMetadata();
    private final List<String> remarks = new ArrayList<>();

    private HuggingFacePlan(ModelSource source) {
        this.source = source;
        this.architecture = GgufArchitecture.of(source);
    }

    /// @throws ModelUnsupported for an architecture, or something in a model, that GGUF has no keys for
    static ConversionPlan of(ModelSource source, TargetType type, @Nullable TargetType output) {
        return new HuggingFacePlan(source).plan(type, output);
    }

    private ConversionPlan plan(TargetType type, @Nullable TargetType output) {
        ModelFamily.Definition stored = ModelFamily.of(source).define(source);
        DecoderWeights weights = WeightsLoader.load(source, stored);
        metadata.putString("general.architecture", architecture.key());
        metadata.putString("general.type", "model");
        metadata.putString("general.name", name());
        ConversionPlan.describeType(metadata, type);
        ModelKeys.put(architecture, stored.config(), metadata);
        Map<String, float[]> divisors = RopeKeys.put(architecture, textConfig(), stored.config(), metadata);
        ModelFamily.Definition wanted = readBack(stored.config(), weights, divisors);
        putTokenizer(stored.config());
        stored.config().attentionChunk().ifPresent(chunk -> {
            if (chunk != ModelKeys.LLAMA4_CHUNK) {
                remarks.add("attention chunks of " + chunk + " tokens are in keys that only Lectern knows; llama.cpp"
                        + " takes " + ModelKeys.LLAMA4_CHUNK + " and computes another model from token " + chunk
                        + " on");
            }
        });
        if (source.metadata().has("vision_config")) {
            remarks.add("only the text model was converted; images need the vision model, which llama.cpp keeps in a"
                    + " file of its own");
        }
        TypeRules rules = new TypeRules(type, output, weights.output() == weights.embedding(), false);
        TypeRemarks typeRemarks = new TypeRemarks();
        List<OutputTensor> tensors = new ArrayList<>();
        divisors.forEach((name, values) -> tensors.add(new OutputTensor(
                name, TensorType.F32, List.of((long) values.length), new VectorRows(values, values.length), null)));
        for (DecoderTensors.Shaped tensor :
                DecoderTensors.of(weights, stored.config(), wanted.config(), wanted.tensors())) {
            TypeRules.Choice choice = rules.choose(tensor.name(), tensor.shape(), TensorType.F32);
            typeRemarks.add(tensor.name(), choice);
            tensors.add(new OutputTensor(tensor.name(), choice.type(), tensor.shape(), tensor.rows(), null));
        }
        remarks.addAll(typeRemarks.texts());
        return new ConversionPlan(metadata, tensors, remarks);
    }

    private String name() {
        Path folder = source.location().toAbsolutePath().normalize().getFileName();
        return folder == null ? architecture.key() : folder.toString();
    }

    private Metadata textConfig() {
        Metadata config = source.metadata();
        return config.has("text_config.hidden_size") ? config.sub("text_config") : config;
    }

    /// What the reader of the new file will see; must be what was read from the old one.
    private ModelFamily.Definition readBack(ModelConfig stored, DecoderWeights weights, Map<String, float[]> divisors) {
        PlannedModel planned = new PlannedModel(source.location(), architecture.key(), metadata);
        planned.add("token_embd.weight", List.of((long) stored.vocabSize(), (long) stored.hiddenSize()));
        divisors.forEach(planned::add);
        TensorMap names = TensorMap.gguf();
        for (int layer = 0; layer < weights.layers().size(); layer++) {
            DecoderWeights.Layer one = weights.layers().get(layer);
            if (one.attention() instanceof DecoderWeights.GroupedQuery grouped) {
                addBias(
                        planned,
                        names,
                        TensorRole.QUERY_BIAS,
                        layer,
                        grouped.query().bias());
                addBias(
                        planned,
                        names,
                        TensorRole.ATTENTION_OUTPUT_BIAS,
                        layer,
                        grouped.output().bias());
            }
            if (one.mlp() instanceof DecoderWeights.Moe moe) {
                addBias(planned, names, TensorRole.SELECTION_BIAS, layer, moe.selectionBias());
            }
        }
        ModelFamily.Definition wanted = ModelFamily.of(planned).define(planned);
        Optional<String> difference = ConfigDifference.of(stored, wanted.config());
        if (difference.isPresent()) {
            throw new ModelUnsupported("[" + source.location() + "] GGUF of architecture '" + architecture.key()
                    + "' cannot describe this model: " + difference.get());
        }
        return wanted;
    }

    /// Readers tell from such tensors that there are biases.
    private static void addBias(
            PlannedModel planned, TensorMap names, TensorRole role, int layer, float @Nullable [] bias) {
        if (bias != null) {
            TensorPart place = names.places(role).getFirst();
            planned.add(place.name(layer, 0), bias);
        }
    }

    /// A folder without a tokenizer gives a file without one; one whose tokenizer GGUF cannot hold is refused.
    private void putTokenizer(ModelConfig config) {
        Path folder = source.location();
        Tokenizer tokenizer;
        try {
            tokenizer = Tokenizers.open(source);
        } catch (ModelNotFound e) {
            metadata.putString("tokenizer.ggml.model", "none");
            remarks.add("the folder has no tokenizer, so the file has none");
            return;
        }
        Tokenizers.checkAgainst(tokenizer, folder, config.vocabSize());
        Map<String, Object> keys = GgufTokenizerKeys.ofFolder(folder, config.vocabSize());
        keys.forEach(metadata::put);
        GgufChatKeys.ofFolder(folder, tokenizer, keys).forEach(metadata::put);
        if (!Files.exists(folder.resolve("chat_template.jinja")) && !metadata.has("tokenizer.chat_template")) {
            remarks.add("the folder has no chat template, so the file has none");
        }
    }
}
