package dev.lectern.engine.internal.backend;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.MemorySegment;

/// Stands in until the quant package has its own decoder.
final class WeightDecoder {
    private WeightDecoder() {}

    static void decode(TensorType type, MemorySegment data, long offset, float[] weights, int at, int count) {
        for (int i = 0; i < count; i++) {
            long block = offset + (long) (i / type.blockWeights()) * type.blockBytes();
            int within = i % type.blockWeights();
            weights[at + i] = switch (type) {
                case F32 -> data.get(JAVA_FLOAT_UNALIGNED, block);
                case F16 -> Float.float16ToFloat(data.get(JAVA_SHORT_UNALIGNED, block));
                case BF16 -> Float.intBitsToFloat(data.get(JAVA_SHORT_UNALIGNED, block) << 16);
                case Q8_0 -> Float.float16ToFloat(data.get(JAVA_SHORT_UNALIGNED, block)) * data.get(JAVA_BYTE, block + 2 + within);
                case Q4_0 -> {
                    int pair = data.get(JAVA_BYTE, block + 2 + within % 16);
                    int quant = (within < 16 ? pair : pair >>> 4) & 0xF;
                    yield Float.float16ToFloat(data.get(JAVA_SHORT_UNALIGNED, block)) * (quant - 8);
                }
            };
        }
    }
}
