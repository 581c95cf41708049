package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.source.Metadata;

/// Inverse frequencies of rotary embeddings and their scalings, computed as the reference does: powers in double, the
/// result rounded once to float32.
final class RopeFrequencies {
    private RopeFrequencies() {}

    /// `theta^(-2j / dimensions)` for pair j.
    static float[] plain(double theta, int dimensions) {
        float[] frequencies = new float[dimensions / 2];
        for (int j = 0; j < frequencies.length; j++) {
            frequencies[j] = (float) (1.0 / Math.pow(theta, 2.0 * j / dimensions));
        }
        return frequencies;
    }

    /// GGUF's `rope_freqs`: one divisor a pair.
    static float[] divided(float[] frequencies, float[] divisors, String where) {
        if (divisors.length != frequencies.length) {
            throw new EngineException.ModelCorrupt(
                    where + ": " + divisors.length + " rotary divisors for " + frequencies.length + " pairs");
        }
        float[] scaled = new float[frequencies.length];
        for (int j = 0; j < scaled.length; j++) {
            scaled[j] = frequencies[j] / divisors[j];
        }
        return scaled;
    }

    /// Hugging Face's `rope_parameters` (or the older `rope_scaling` beside `rope_theta`).
    static float[] huggingFace(Metadata config, int dimensions, String where) {
        String block = config.has("rope_parameters.rope_type") || config.has("rope_parameters.rope_theta")
                ? "rope_parameters."
                : "rope_scaling.";
        double theta = config.doubleOr("rope_parameters.rope_theta", config.doubleOr("rope_theta", 10000.0));
        String type = config.stringOr(block + "rope_type", config.stringOr(block + "type", "default"));
        float[] plain = plain(theta, dimensions);
        return switch (type) {
            case "default" -> plain;
            case "llama3" ->
                llama3(
                        plain,
                        config.requireDouble(block + "factor"),
                        config.requireDouble(block + "low_freq_factor"),
                        config.requireDouble(block + "high_freq_factor"),
                        config.requireDouble(block + "original_max_position_embeddings"));
            case "linear" -> {
                float factor = (float) config.requireDouble(block + "factor");
                for (int j = 0; j < plain.length; j++) {
                    plain[j] /= factor;
                }
                yield plain;
            }
            default ->
                throw new EngineException.ModelUnsupported(
                        where + ": rope_type '" + type + "' unknown; supported: default, llama3, linear");
        };
    }

    /// Llama 3.1's scaling: long wavelengths are divided by `factor`, short ones kept, those between interpolated
    /// (transformers `_compute_llama3_parameters`; with low = high, as in Llama 4 Scout, there is nothing between).
    private static float[] llama3(float[] plain, double factor, double low, double high, double original) {
        float[] scaled = new float[plain.length];
        for (int j = 0; j < plain.length; j++) {
            double wavelength = 2 * Math.PI / plain[j];
            if (wavelength > original / low) {
                scaled[j] = (float) (plain[j] / factor);
            } else if (wavelength < original / high || high == low) {
                scaled[j] = plain[j];
            } else {
                double smooth = (original / wavelength - low) / (high - low);
                scaled[j] = (float) ((1 - smooth) * plain[j] / factor + smooth * plain[j]);
            }
        }
        return scaled;
    }
}
