package dev.lectern.engine;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.internal.safetensors.SafetensorsFile;
import dev.lectern.engine.internal.safetensors.SafetensorsTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/// What another implementation computed for a model, to compare this one with: a safetensors file with the tensors
/// `tokens` (I32, T), `logits` (F32, T × V) and `greedy` (I32, G).
///
/// @param tokens the prompt, T token ids
/// @param logits (T, V): row t has the logits after `tokens[0 … t]`
/// @param greedy the G tokens that follow the prompt when each is the one with the largest logit
public record ReferenceLogits(int[] tokens, float[][] logits, int[] greedy) {
    private static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Reads a file to the heap.
    ///
    /// @throws EngineException.ModelNotFound when there is no such file
    /// @throws EngineException.ModelCorrupt  when it is not such a file
    public static ReferenceLogits read(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            SafetensorsFile tensors = SafetensorsFile.open(file, arena);
            int[] tokens = require(tensors, "tokens", "I32", 1).data().toArray(INT);
            int[] greedy = require(tensors, "greedy", "I32", 1).data().toArray(INT);
            SafetensorsTensor logits = require(tensors, "logits", "F32", 2);
            List<Long> shape = logits.shape();
            if (shape.getFirst() != tokens.length || tokens.length == 0) {
                throw new ModelCorrupt("[" + tensors.name() + "] tensor 'logits' has " + shape.getFirst() + " rows for "
                        + tokens.length + " tokens; expected as many, at least one");
            }
            long rowBytes = logits.data().byteSize() / tokens.length;
            float[][] rows = new float[tokens.length][];
            for (int t = 0; t < rows.length; t++) {
                MemorySegment row = logits.data().asSlice(t * rowBytes, rowBytes);
                rows[t] = row.toArray(FLOAT);
            }
            return new ReferenceLogits(tokens, rows, greedy);
        }
    }

    private static SafetensorsTensor require(SafetensorsFile file, String name, String dtype, int dimensions) {
        SafetensorsTensor tensor = file.find(name);
        if (tensor == null) {
            throw new ModelCorrupt("[" + file.name() + "] tensor '" + name + "' is missing; expected tokens (I32, T),"
                    + " logits (F32, T x V) and greedy (I32, G), found "
                    + file.tensors().keySet());
        }
        if (!tensor.dtype().equals(dtype) || tensor.shape().size() != dimensions) {
            throw new ModelCorrupt("[" + file.name() + "] tensor '" + name + "': " + tensor.dtype() + " of shape "
                    + tensor.shape() + "; expected " + dtype + " with " + dimensions + " dimensions");
        }
        return tensor;
    }
}
