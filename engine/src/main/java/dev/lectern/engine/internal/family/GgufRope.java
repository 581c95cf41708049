package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.quant.WeightDecoder;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.source.TensorData;
import java.util.Map;

/// Rotary frequencies of a GGUF file: `rope.freq_base`, divided pair by pair by the tensor `rope_freqs` where
/// there is one (llama.cpp's converter writes Llama 3's and Scout's scaling into it), or by `rope.scaling.factor`
/// when that is linear.
final class GgufRope {
    private GgufRope() {}

    /// @param keys the architecture's keys, without their prefix
    static float[] frequencies(ModelSource source, Metadata keys, int headDim, Map<TensorRole, String> names) {
        String where = "[" + source.location() + "]";
        int dimensions = keys.intOr("rope.dimension_count", headDim);
        float[] plain = RopeFrequencies.plain(keys.doubleOr("rope.freq_base", 10000.0), dimensions);
        TensorData divisors = source.find(TensorNames.required(names, TensorRole.ROPE_DIVISORS));
        if (divisors != null) {
            float[] values = new float[Math.toIntExact(divisors.weights())];
            WeightDecoder.decode(divisors.type(), divisors.data(), 0, values, 0, values.length);
            return RopeFrequencies.divided(plain, values, where + " " + divisors.name());
        }
        String scaling = keys.stringOr("rope.scaling.type", "none");
        switch (scaling) {
            case "none" -> {}
            case "linear" -> {
                float factor = (float) keys.doubleOr("rope.scaling.factor", 1.0);
                for (int j = 0; j < plain.length; j++) {
                    plain[j] /= factor;
                }
            }
            default ->
                throw new EngineException.ModelUnsupported(where + " rope.scaling.type '" + scaling
                        + "' unknown; supported: none, linear, or a tensor rope_freqs");
        }
        return plain;
    }
}
