package dev.lectern.engine.internal.source;

import dev.lectern.engine.EngineException.ModelUnsupported;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// `quantization_config` of config.json, as far as reading the weights takes it: the method is known, and how large
/// the groups are that share a scale. What is said about activations and caches is not followed: these stay float32.
///
/// @param method `quant_method`
/// @param groups of matrices with a scale a group
record QuantizationConfig(String method, TensorScales.Groups groups) {
    private static final String KEY = "quantization_config";
    private static final String SUPPORTED = "; supported: fp8 and fbgemm_fp8 (e4m3), mxfp4, and compressed-tensors of"
            + " 4-bit integers (pack-quantized, symmetric) or 8-bit floats (float-quantized); also folders without"
            + " quantization, and GGUF files";

    /// Empty when the weights are not quantised.
    ///
    /// @throws ModelUnsupported for a method, or a variant of one, that this engine does not read
    static Optional<QuantizationConfig> of(Metadata metadata) {
        for (Metadata config : List.of(metadata, metadata.sub("text_config"))) {
            if (config.has(KEY)) {
                return Optional.of(of(config, config.sub(KEY)));
            }
        }
        return Optional.empty();
    }

    private static QuantizationConfig of(Metadata parent, Metadata config) {
        String method = config.stringOr("quant_method", "unnamed");
        return switch (method) {
            case "fp8", "fbgemm_fp8" -> {
                require(config, "fmt", config.stringOr("fmt", "e4m3"), Set.of("e4m3"));
                yield new QuantizationConfig(method, blocks(config, "weight_block_size"));
            }
            case "mxfp4" -> new QuantizationConfig(method, new TensorScales.Groups(0, 32));
            case "compressed-tensors" -> new QuantizationConfig(method, compressedTensors(config));
            default -> throw unsupported(parent, KEY + ".quant_method", method);
        };
    }

    private static TensorScales.Groups compressedTensors(Metadata config) {
        require(config, "sparsity_config.format", config.stringOr("sparsity_config.format", "dense"), Set.of("dense"));
        Set<String> names = new TreeSet<>();
        for (String key : config.sub("config_groups").keys()) {
            names.add(key.substring(0, Math.max(key.indexOf('.'), 0)));
        }
        TensorScales.Groups groups = null;
        String format = config.stringOr("format", "pack-quantized");
        for (String name : names) {
            Metadata group = config.sub("config_groups." + name);
            if (!group.has("weights")) {
                continue;
            }
            TensorScales.Groups found = weights(group, group.stringOr("format", format));
            groups = merge(config, name, groups, found);
        }
        if (groups == null) {
            throw unsupported(config, "config_groups", "without weights");
        }
        return groups;
    }

    private static TensorScales.Groups weights(Metadata group, String format) {
        Metadata weights = group.sub("weights");
        String kind = weights.intOr("num_bits", 8) + "-bit " + weights.stringOr("type", "int");
        switch (format) {
            case "pack-quantized" -> require(weights, "type", kind, Set.of("4-bit int"));
            case "float-quantized", "naive-quantized" -> require(weights, "type", kind, Set.of("8-bit float"));
            default -> throw unsupported(group, "format", format);
        }
        if (!weights.booleanOr("symmetric", true)) {
            throw unsupported(weights, "symmetric", "false");
        }
        String strategy = weights.stringOr("strategy", "tensor");
        require(weights, "strategy", strategy, Set.of("tensor", "channel", "group", "block"));
        return switch (strategy) {
            case "group" ->
                new TensorScales.Groups(0, positive(weights, "group_size", weights.requireInt("group_size")));
            case "block" -> blocks(weights, "block_structure");
            default -> new TensorScales.Groups(0, 0);
        };
    }

    /// One pair of numbers has to do for the whole model, because groups name modules by patterns.
    private static TensorScales.Groups merge(
            Metadata config, String name, TensorScales.@Nullable Groups known, TensorScales.Groups found) {
        if (known == null || known.equals(found) || known.equals(new TensorScales.Groups(0, 0))) {
            return found;
        }
        if (found.equals(new TensorScales.Groups(0, 0))) {
            return known;
        }
        throw unsupported(config, "config_groups." + name, "with scales of " + found + " beside " + known);
    }

    private static TensorScales.Groups blocks(Metadata config, String key) {
        int[] block = config.ints(key).orElse(new int[] {0, 0});
        if (block.length != 2) {
            throw config.wrong(key, "rows and columns of a block");
        }
        return config.has(key)
                ? new TensorScales.Groups(positive(config, key, block[0]), positive(config, key, block[1]))
                : new TensorScales.Groups(0, 0);
    }

    private static int positive(Metadata config, String key, int size) {
        if (size < 1) {
            throw config.wrong(key, "at least 1");
        }
        return size;
    }

    private static void require(Metadata config, String key, String found, Set<String> known) {
        if (!known.contains(found)) {
            throw unsupported(config, key, found);
        }
    }

    private static ModelUnsupported unsupported(Metadata config, String key, String found) {
        return new ModelUnsupported(config.where(key) + " is '" + found + "', not supported" + SUPPORTED);
    }
}
