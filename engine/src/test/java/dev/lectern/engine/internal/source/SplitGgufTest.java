package dev.lectern.engine.internal.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.gguf.GgufBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models in parts as `llama-gguf-split` writes them.
class SplitGgufTest {
    private static final long[] TWO = {2};

    @TempDir
    Path folder;

    @BeforeEach
    void threeParts() {
        part(0, 3, 4)
                .key("general.architecture", "llama")
                .tensor("a", TWO, 1, 2)
                .write(file(1));
        part(1, 3, 4).tensor("b", TWO, 3, 4).tensor("c", TWO, 5, 6).write(file(2));
        part(2, 3, 4).tensor("ids", 26, TWO, new byte[8]).write(file(3));
    }

    @Test
    void theFirstPartOpensAll() throws IOException {
        String fingerprint;
        try (ModelSource source = ModelSources.open(file(1))) {
            assertThat(source.tensors()).extracting(TensorData::name).containsExactly("a", "b", "c");
            assertThat(source.architecture()).isEqualTo("llama");
            assertThat(source.fileBytes()).isEqualTo(Files.size(file(1)) + Files.size(file(2)) + Files.size(file(3)));
            fingerprint = source.fingerprint();
        }
        part(1, 3, 4).tensor("b", TWO, 3, 4).tensor("c", TWO, 5, 7).write(file(2));
        try (ModelSource source = ModelSources.open(file(1))) {
            assertThat(source.fingerprint()).as("a weight of another part").isNotEqualTo(fingerprint);
        }
    }

    @Test
    void aFolderOfOneModelsPartsOpensAll() throws IOException {
        try (ModelSource source = ModelSources.open(folder)) {
            assertThat(source.location()).isEqualTo(file(1));
            assertThat(source.tensors()).hasSize(3);
        }
        Files.copy(file(1), folder.resolve("other.gguf"));
        assertFails(folder, ModelNotFound.class, "several GGUF files", "other.gguf");
    }

    @Test
    void aMissingPartIsNamed() throws IOException {
        Files.delete(file(2));
        assertFails(file(1), ModelNotFound.class, "m-00002-of-00003.gguf] not found", "part 2 of 3");
        Files.delete(file(1));
        assertFails(
                folder,
                ModelUnsupported.class,
                "[m-00003-of-00003.gguf] is part 3 of 3",
                "open the first part, m-00001");
    }

    @Test
    void partsOfOtherModelsAreCorrupt() {
        part(1, 3, 5).tensor("a", TWO, 3, 4).tensor("c", TWO, 5, 6).write(file(2));
        assertFails(file(1), ModelCorrupt.class, "[m-00002-of-00003.gguf] tensor 'a' is also in m-00001-of-00003.gguf");
        part(1, 3, 4).tensor("b", TWO, 3, 4).write(file(2));
        assertFails(file(1), ModelCorrupt.class, "3 parts have 3 tensors; expected 4");
        part(2, 3, 4).tensor("b", TWO, 3, 4).write(file(2));
        assertFails(file(1), ModelCorrupt.class, "[m-00002-of-00003.gguf]", "part 3 of 3", "expected part 2 of 3");
        part(1, 2, 4).tensor("b", TWO, 3, 4).write(file(2));
        assertFails(file(1), ModelCorrupt.class, "part 2 of 2", "expected part 2 of 3");
        new GgufBuilder().tensor("b", TWO, 3, 4).write(file(2));
        assertFails(file(1), ModelCorrupt.class, "part 0 of 1", "expected part 2 of 3");
    }

    @Test
    void renamedPartsAreRefused() throws IOException {
        Files.move(file(1), folder.resolve("model.gguf"));
        assertFails(
                folder.resolve("model.gguf"),
                ModelUnsupported.class,
                "[model.gguf] is one of 3 parts",
                "expected NAME-00001-of-00003.gguf");
        Files.move(file(2), file(1));
        assertFails(file(1), ModelCorrupt.class, "says that it is part 2 of 3", "expected part 1 of 3");
    }

    @Test
    void hostileCountsAreRefused() {
        new GgufBuilder().key("split.count", 0).write(file(1));
        assertFails(file(1), ModelUnsupported.class, "one of 0 parts");
        new GgufBuilder().key("split.count", -1).write(file(1));
        assertFails(file(1), ModelCorrupt.class, "'split.count': 4294967295");
        new GgufBuilder().key("split.count", "three").write(file(1));
        assertFails(file(1), ModelCorrupt.class, "'split.count': three");
    }

    private static void assertFails(Path path, Class<? extends EngineException> type, String... parts) {
        assertThatThrownBy(() -> ModelSources.open(path)).isInstanceOf(type).hasMessageContainingAll(parts);
    }

    private static GgufBuilder part(int number, int count, int tensors) {
        return new GgufBuilder()
                .key("split.no", number)
                .key("split.count", count)
                .key("split.tensors.count", tensors);
    }

    private Path file(int number) {
        return folder.resolve("m-0000" + number + "-of-00003.gguf");
    }
}
