package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.quant.WeightDecoder;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.source.TensorData;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/// Rotary frequencies from a file's metadata, and their scalings to longer contexts (transformers
/// `modeling_rope_utils.py`, llama.cpp `ggml_rope_ext`): powers in double, the result rounded once to float32.
final class RopeScaling {
    private RopeScaling() {}

    /// What the files do not say about YaRN.
    ///
    /// @param truncate  whether the range of interpolated pairs is widened to whole pairs; Hugging Face files
    ///                  may say otherwise
    /// @param magnitude whether queries and keys grow with the context (the default). DeepSeek puts this into
    ///                  the scale of the attention instead
    record Yarn(boolean truncate, boolean magnitude) {
        static final Yarn DEFAULT = new Yarn(true, true);
    }

    /// Hugging Face's `rope_parameters`, or `rope_scaling` beside `rope_theta` in older files.
    ///
    /// @param dimensions elements of a head that are turned
    static Rope huggingFace(Metadata config, int dimensions, Rope.Pairing pairing, String where) {
        String block = config.has("rope_parameters.rope_type") || config.has("rope_parameters.rope_theta")
                ? "rope_parameters"
                : "rope_scaling";
        double theta = config.doubleOr("rope_parameters.rope_theta", config.doubleOr("rope_theta", 10000.0));
        return huggingFace(config, config.sub(block), theta, dimensions, pairing, where);
    }

    /// One block of parameters, for families with several.
    static Rope huggingFace(
            Metadata config, Metadata block, double theta, int dimensions, Rope.Pairing pairing, String where) {
        String type = block.stringOr("rope_type", block.stringOr("type", "default"));
        double[] plain = plain(theta, dimensions);
        return switch (type) {
            case "default" -> rope(pairing, plain, 1);
            case "linear" -> rope(pairing, divided(plain, block.requireDouble("factor")), 1);
            case "llama3" ->
                rope(
                        pairing,
                        llama3(
                                plain,
                                block.requireDouble("factor"),
                                block.requireDouble("low_freq_factor"),
                                block.requireDouble("high_freq_factor"),
                                block.requireDouble("original_max_position_embeddings")),
                        1);
            case "yarn" -> {
                double original = block.doubleOr(
                        "original_max_position_embeddings",
                        config.doubleOr(
                                "original_max_position_embeddings", config.requireDouble("max_position_embeddings")));
                double factor = block.doubleOr("factor", config.requireDouble("max_position_embeddings") / original);
                double[] scaled = yarn(
                        plain,
                        theta,
                        factor,
                        original,
                        block.doubleOr("beta_fast", 32),
                        block.doubleOr("beta_slow", 1),
                        block.booleanOr("truncate", true));
                double mscale = block.doubleOr("mscale", 0);
                double mscaleAllDim = block.doubleOr("mscale_all_dim", 0);
                double magnitude = mscale != 0 && mscaleAllDim != 0
                        ? yarnMagnitude(factor, mscale) / yarnMagnitude(factor, mscaleAllDim)
                        : yarnMagnitude(factor, 1);
                yield rope(pairing, scaled, block.doubleOr("attention_factor", magnitude));
            }
            case "longrope", "su" -> {
                double original = block.doubleOr(
                        "original_max_position_embeddings", config.doubleOr("original_max_position_embeddings", 0));
                if (original <= 0) {
                    throw block.wrong("original_max_position_embeddings", "a positive number of tokens");
                }
                int longest = config.requireInt("max_position_embeddings");
                double factor = block.doubleOr("factor", longest / original);
                double magnitude = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
                float[] shorter = longRopeDivisors(block, "short_factor");
                float[] longer = longRopeDivisors(block, "long_factor");
                yield longRope(
                        pairing,
                        divided(plain, shorter, where + " short_factor"),
                        divided(plain, longer, where + " long_factor"),
                        block.doubleOr("attention_factor", magnitude),
                        (int) original,
                        longest);
            }
            default ->
                throw new EngineException.ModelUnsupported(where + ": rope_type '" + type
                        + "' unknown; supported: default, linear, llama3, longrope, yarn");
        };
    }

    /// GGUF's keys: `rope.freq_base`, divided pair by pair by the tensor `rope_freqs` where there is one
    /// (llama.cpp's converter writes Llama 3's and Scout's scaling into it) or by LongRoPE's tensors, or scaled
    /// as `rope.scaling.type` says.
    ///
    /// @param keys the architecture's keys, without their prefix
    static Rope gguf(
            ModelSource source, Metadata keys, int headDim, Rope.Pairing pairing, TensorMap tensors, Yarn yarn) {
        String where = "[" + source.location() + "]";
        int dimensions = keys.has("rope.dimension_count")
                ? DecoderShape.positive(keys, "rope.dimension_count", headDim)
                : headDim;
        double theta = keys.doubleOr("rope.freq_base", 10000.0);
        double[] plain = plain(theta, dimensions);
        double magnitude = keys.doubleOr("rope.scaling.attn_factor", 1);
        float[] divisors = divisors(source, tensors, TensorRole.ROPE_DIVISORS);
        if (divisors != null) {
            return rope(pairing, divided(plain, divisors, where + " rope_freqs"), magnitude);
        }
        float[] longer = divisors(source, tensors, TensorRole.ROPE_DIVISORS_LONG);
        float[] shorter = divisors(source, tensors, TensorRole.ROPE_DIVISORS_SHORT);
        if (longer != null && shorter != null) {
            return longRope(
                    pairing,
                    divided(plain, shorter, where + " rope_factors_short"),
                    divided(plain, longer, where + " rope_factors_long"),
                    magnitude,
                    DecoderShape.positive(keys, "rope.scaling.original_context_length", Integer.MAX_VALUE),
                    keys.requireInt("context_length"));
        }
        String scaling = keys.stringOr("rope.scaling.type", "none");
        double factor = keys.doubleOr("rope.scaling.factor", 1.0);
        return switch (scaling) {
            case "none" -> rope(pairing, plain, magnitude);
            case "linear" -> rope(pairing, divided(plain, factor), magnitude);
            case "yarn" -> {
                double[] scaled = yarn(
                        plain,
                        theta,
                        factor,
                        keys.requireInt("rope.scaling.original_context_length"),
                        keys.doubleOr("rope.scaling.yarn_beta_fast", 32),
                        keys.doubleOr("rope.scaling.yarn_beta_slow", 1),
                        yarn.truncate);
                yield rope(pairing, scaled, yarn.magnitude ? magnitude * yarnMagnitude(factor, 1) : magnitude);
            }
            default ->
                throw new EngineException.ModelUnsupported(where + " rope.scaling.type '" + scaling
                        + "' unknown; supported: none, linear, yarn, or a tensor rope_freqs, rope_factors_long");
        };
    }

    private static float @Nullable [] divisors(ModelSource source, TensorMap tensors, TensorRole role) {
        TensorPart part = tensors.find(source, role, 0);
        if (part == null) {
            return null;
        }
        TensorData tensor = source.require(part.name());
        float[] values = new float[Math.toIntExact(tensor.weights())];
        WeightDecoder.decode(tensor.type(), tensor.data(), 0, values, 0, values.length);
        return values;
    }

    private static float[] longRopeDivisors(Metadata block, String name) {
        return block.floats(name).orElseThrow(() -> block.wrong(name, "a list of numbers"));
    }

    /// LongRoPE (arXiv 2402.13753): sequences within the original context have other divisors than longer ones.
    private static Rope longRope(
            Rope.Pairing pairing, double[] within, double[] beyond, double magnitude, int original, int longest) {
        if (longest <= original) {
            return rope(pairing, within, magnitude);
        }
        return new Rope(
                pairing, rounded(beyond), (float) magnitude, Optional.of(new Rope.Within(original, rounded(within))));
    }

    /// Pairs of another theta without scaling.
    static Rope unscaled(double theta, int dimensions, Rope.Pairing pairing) {
        return rope(pairing, plain(theta, dimensions), 1);
    }

    /// `0.1 mscale ln(factor) + 1` for factors above 1 (YaRN, section 3.4).
    static double yarnMagnitude(double factor, double mscale) {
        return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
    }

    private static Rope rope(Rope.Pairing pairing, double[] frequencies, double magnitude) {
        return new Rope(pairing, rounded(frequencies), (float) magnitude);
    }

    private static float[] rounded(double[] frequencies) {
        float[] rounded = new float[frequencies.length];
        for (int j = 0; j < rounded.length; j++) {
            rounded[j] = (float) frequencies[j];
        }
        return rounded;
    }

    /// `theta^(-2j / dimensions)` for pair j.
    private static double[] plain(double theta, int dimensions) {
        double[] frequencies = new double[dimensions / 2];
        for (int j = 0; j < frequencies.length; j++) {
            // Rounded as the reference does before it scales.
            frequencies[j] = (float) (1.0 / Math.pow(theta, 2.0 * j / dimensions));
        }
        return frequencies;
    }

    private static double[] divided(double[] frequencies, double divisor) {
        return each(frequencies, frequency -> frequency / divisor);
    }

    private static double[] divided(double[] frequencies, float[] divisors, String where) {
        if (divisors.length != frequencies.length) {
            throw new EngineException.ModelCorrupt(
                    where + ": " + divisors.length + " rotary divisors for " + frequencies.length + " pairs");
        }
        double[] scaled = new double[frequencies.length];
        for (int j = 0; j < scaled.length; j++) {
            scaled[j] = frequencies[j] / divisors[j];
        }
        return scaled;
    }

    private static double[] each(double[] frequencies, DoubleUnaryOperator scaling) {
        double[] scaled = new double[frequencies.length];
        for (int j = 0; j < scaled.length; j++) {
            scaled[j] = scaling.applyAsDouble(frequencies[j]);
        }
        return scaled;
    }

    /// Llama 3.1's scaling: long wavelengths are divided by `factor`, short ones kept, those between
    /// interpolated (transformers `_compute_llama3_parameters`; with low = high, as in Llama 4 Scout, there is
    /// nothing between).
    private static double[] llama3(double[] plain, double factor, double low, double high, double original) {
        return each(plain, frequency -> {
            double wavelength = 2 * Math.PI / frequency;
            if (wavelength > original / low) {
                return frequency / factor;
            }
            if (wavelength < original / high || high == low) {
                return frequency;
            }
            double smooth = (original / wavelength - low) / (high - low);
            return (1 - smooth) * frequency / factor + smooth * frequency;
        });
    }

    /// YaRN (arXiv 2309.00071, section 3.2): pairs that turn more than `fast` times within the original context
    /// are kept, those that turn less than `slow` times divided by `factor`, those between interpolated by
    /// their index.
    private static double[] yarn(
            double[] plain, double theta, double factor, double original, double fast, double slow, boolean truncate) {
        int dimensions = 2 * plain.length;
        double low = pairThatTurns(fast, theta, dimensions, original);
        double high = pairThatTurns(slow, theta, dimensions, original);
        if (truncate) {
            low = Math.floor(low);
            high = Math.ceil(high);
        }
        low = Math.max(low, 0);
        high = Math.min(high, dimensions - 1);
        double width = high == low ? 0.001 : high - low;
        double[] scaled = new double[plain.length];
        for (int j = 0; j < scaled.length; j++) {
            double interpolated = Math.clamp((j - low) / width, 0.0, 1.0);
            scaled[j] = plain[j] / factor * interpolated + plain[j] * (1 - interpolated);
        }
        return scaled;
    }

    /// The (fractional) pair that turns `rotations` times in `original` positions.
    private static double pairThatTurns(double rotations, double theta, int dimensions, double original) {
        return dimensions * Math.log(original / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
    }
}
