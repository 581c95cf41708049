package dev.lectern.engine;

import java.util.Map;
import java.util.OptionalInt;

/// What a model file or folder holds.
///
/// @param location       the file or folder
/// @param format         `huggingface` or `gguf`
/// @param architecture   as the file names it: `llama4_text`, `llama4`, `llama`
/// @param parameters     number of stored weights
/// @param fileBytes      bytes of all weight files
/// @param tensorTypes    number of tensors by stored type, for example `{BF16=139}`
/// @param vocabSize      rows of the output matrix
/// @param hiddenSize     width of the residual stream
/// @param numLayers      decoder layers
/// @param numHeads       query heads of a layer
/// @param numKvHeads     key and value heads of a layer; 1 for latent attention
/// @param headDim        width of a key head; for latent attention that of the cached vector
/// @param numExperts     routed experts of a mixture-of-experts layer; 0 for dense models
/// @param contextLength  most tokens of context, question and answer together
/// @param attentionChunk tokens of a local layer's attention chunk (Llama 4: 8192); empty when no layer is chunked
/// @param kvBytesPerToken bytes of keys and values that a token leaves in the layers that keep the whole context
/// @param fingerprint    hex SHA-256 that changes with configuration, tensor directory or weights
public record ModelInfo(
        String location,
        String format,
        String architecture,
        long parameters,
        long fileBytes,
        Map<String, Integer> tensorTypes,
        int vocabSize,
        int hiddenSize,
        int numLayers,
        int numHeads,
        int numKvHeads,
        int headDim,
        int numExperts,
        int contextLength,
        OptionalInt attentionChunk,
        long kvBytesPerToken,
        String fingerprint) {
    public ModelInfo {
        tensorTypes = Map.copyOf(tensorTypes);
    }
}
