package dev.lectern.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.internal.safetensors.SafetensorsBuilder;
import dev.lectern.engine.internal.source.GoldenModels;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceLogitsTest {
    @TempDir
    Path folder;

    @Test
    void readsGoldenFiles() {
        ReferenceLogits golden = ReferenceLogits.read(GoldenModels.path("hf/llama3/golden.safetensors"));
        assertThat(golden.tokens()).hasSize(72);
        assertThat(golden.logits()).hasDimensions(72, 320);
        assertThat(golden.greedy()).hasSize(16);
        // The first greedy token is the one with the largest logit after the prompt.
        float[] last = golden.logits()[71];
        int argmax = 0;
        for (int i = 1; i < last.length; i++) {
            argmax = last[i] > last[argmax] ? i : argmax;
        }
        assertThat(golden.greedy()[0]).isEqualTo(argmax);
    }

    @Test
    void filesOfAnotherFormAreNamed() {
        Path file = folder.resolve("g.safetensors");
        assertThatThrownBy(() -> ReferenceLogits.read(file)).isInstanceOf(ModelNotFound.class);
        new SafetensorsBuilder().ints("tokens", 1, 2).ints("greedy", 3).write(file);
        assertCorrupt(file, "tensor 'logits' is missing", "tokens");
        new SafetensorsBuilder()
                .ints("tokens", 1, 2)
                .ints("greedy", 3)
                .ints("logits", 1, 2)
                .write(file);
        assertCorrupt(file, "tensor 'logits': I32 of shape [2]", "F32 with 2 dimensions");
        new SafetensorsBuilder()
                .ints("tokens", 1, 2)
                .ints("greedy", 3)
                .floats("logits", new long[] {1, 2}, 1, 2)
                .write(file);
        assertCorrupt(file, "'logits' has 1 rows for 2 tokens");
        new SafetensorsBuilder()
                .ints("tokens")
                .ints("greedy")
                .floats("logits", new long[] {0, 2})
                .write(file);
        assertCorrupt(file, "'logits' has 0 rows for 0 tokens");
    }

    private static void assertCorrupt(Path file, String... expected) {
        assertThatThrownBy(() -> ReferenceLogits.read(file))
                .isInstanceOf(ModelCorrupt.class)
                .hasMessageStartingWith("[g.safetensors] ")
                .hasMessageContainingAll(expected);
    }
}
