package dev.lectern.engine.internal.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.internal.source.Fuzzing;
import dev.lectern.engine.internal.source.Mutations;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Damaged files end in an [EngineException] or read as files whose every byte is in bounds; nothing else may happen.
class GgufFuzzTest {
    private static final int FEW = 40_000;

    /// Without tensor data the damage falls on what is parsed.
    private static final byte[] SEED_FILE = new GgufBuilder()
            .key("general.architecture", "llama")
            .key("general.alignment", 32)
            .key("llama.block_count", 2)
            .key("llama.rope.freq_base", 10_000f)
            .key("flag", true)
            .key("tokens", List.of("<s>", "a", "bc", "déf"))
            .key("scores", new float[] {0, -1, -2, -3})
            .key(
                    "nested",
                    GgufValueType.ARRAY,
                    GgufBuilder.array(
                            GgufValueType.ARRAY, GgufBuilder.array(GgufValueType.STRING, GgufBuilder.string("x"))))
            .tensor("a", new long[] {2, 2}, 1, 2, 3, 4)
            .tensor("b", 8, new long[] {1, 32}, new byte[34])
            .tensor("c", 26, new long[] {2}, new byte[8])
            .bytes();

    @Test
    void damagedFilesNeverDoWorseThanAMessage() throws InterruptedException {
        double read = Fuzzing.run(GgufFuzzTest.class, "GGUF", FEW, random -> {
            byte[] damaged = Mutations.damage(SEED_FILE, random);
            touchEverything(GgufFile.read("fuzz.gguf", MemorySegment.ofArray(damaged)));
        });
        // Both outcomes must occur, or the damage is too small or too great to try anything.
        assertThat(read).isBetween(0.01, 0.75);
    }

    private static void touchEverything(GgufFile file) {
        file.metadata().values().forEach(GgufFuzzTest::touch);
        for (GgufTensor tensor : file.tensors()) {
            long weights = tensor.shape().stream().reduce(1L, Math::multiplyExact);
            assertThat(tensor.data().byteSize()).isEqualTo(tensor.type().bytes(weights));
            if (tensor.data().byteSize() > 0) {
                tensor.data().get(ValueLayout.JAVA_BYTE, tensor.data().byteSize() - 1);
            }
        }
    }

    private static void touch(Object value) {
        if (value instanceof List<?> list) {
            list.forEach(GgufFuzzTest::touch);
        }
    }
}
