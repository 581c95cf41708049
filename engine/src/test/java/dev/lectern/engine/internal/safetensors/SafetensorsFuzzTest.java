package dev.lectern.engine.internal.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.internal.source.Fuzzing;
import dev.lectern.engine.internal.source.Mutations;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/// Damaged files end in an [EngineException] or read as files whose every byte is in bounds; nothing else may happen.
class SafetensorsFuzzTest {
    private static final int FEW = 40_000;

    private static final byte[] SEED_FILE = new SafetensorsBuilder()
            .metadata("format", "pt")
            .floats("model.norm.weight", new long[] {2, 2}, 1, 2, 3, 4)
            .ints("tokens", 1, 2)
            .tensor("mask", "BOOL", new long[] {3}, new byte[3])
            .bytes();

    @Test
    void damagedFilesNeverDoWorseThanAMessage() throws InterruptedException {
        double read = Fuzzing.run(SafetensorsFuzzTest.class, "safetensors", FEW, random -> {
            byte[] damaged = Mutations.damage(SEED_FILE, random);
            SafetensorsFile file = SafetensorsFile.read("fuzz.safetensors", MemorySegment.ofArray(damaged));
            for (SafetensorsTensor tensor : file.tensors().values()) {
                if (tensor.data().byteSize() > 0) {
                    tensor.data().get(ValueLayout.JAVA_BYTE, tensor.data().byteSize() - 1);
                }
            }
        });
        // Both outcomes must occur, or the damage is too small or too great to try anything.
        assertThat(read).isBetween(0.01, 0.75);
    }
}
