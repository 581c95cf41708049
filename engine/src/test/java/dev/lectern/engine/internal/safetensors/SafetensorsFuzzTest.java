package dev.lectern.engine.internal.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.source.Mutations;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Damaged files end in an [EngineException] or read as files whose every byte is in bounds; nothing else may happen.
class SafetensorsFuzzTest {
    private static final int CASES = 40_000;

    private static final byte[] SEED_FILE = new SafetensorsBuilder()
            .metadata("format", "pt")
            .floats("model.norm.weight", new long[] {2, 2}, 1, 2, 3, 4)
            .ints("tokens", 1, 2)
            .tensor("mask", "BOOL", new long[] {3}, new byte[3])
            .bytes();

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void damagedFilesNeverDoWorseThanAMessage() {
        int read = 0;
        for (long seed = 0; seed < CASES; seed++) {
            byte[] damaged = Mutations.damage(SEED_FILE, new Random(seed));
            try {
                SafetensorsFile file = SafetensorsFile.read("fuzz.safetensors", MemorySegment.ofArray(damaged));
                for (SafetensorsTensor tensor : file.tensors().values()) {
                    if (tensor.data().byteSize() > 0) {
                        tensor.data().get(ValueLayout.JAVA_BYTE, tensor.data().byteSize() - 1);
                    }
                }
                read++;
            } catch (EngineException e) {
                assertThat(e).as("seed %d", seed).hasMessageStartingWith("[fuzz.safetensors] ");
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                fail("seed " + seed + ", file " + HexFormat.of().formatHex(damaged), e);
            }
        }
        // Both outcomes must occur, or the damage is too small or too great to try anything.
        assertThat(read).isBetween(CASES / 100, CASES * 3 / 4);
    }
}
