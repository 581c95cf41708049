package dev.lectern.pipeline.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoFolderTest {
    @TempDir
    private Path folder;

    @Test
    void anEarlierDemoIsReplacedAndNothingElseTouched() throws IOException {
        Files.writeString(folder.resolve("run.json"), "{\"name\": \"demo\"}");
        Files.createDirectories(folder.resolve("results/task=agreement"));
        Files.writeString(folder.resolve("results/task=agreement/part-0.parquet"), "rows");
        Files.writeString(folder.resolve("notes.txt"), "mine");
        DemoFolder.clear(folder);
        assertThat(folder).isDirectoryNotContaining("glob:**/{run.json,results}");
        assertThat(folder.resolve("notes.txt")).hasContent("mine");
    }

    @Test
    void anyOtherFolderIsRefused() throws IOException {
        Files.writeString(folder.resolve("thesis.txt"), "years of work");
        assertThatThrownBy(() -> DemoFolder.clear(folder))
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessageContaining("--out");
        Files.writeString(folder.resolve("run.json"), "{\"name\": \"contracts\"}");
        assertThatThrownBy(() -> DemoFolder.clear(folder)).isInstanceOf(JobException.class);
        assertThat(folder.resolve("thesis.txt")).exists();
    }

    @Test
    void aNewOrEmptyFolderIsFine() {
        DemoFolder.clear(folder);
        DemoFolder.clear(folder.resolve("new"));
        assertThat(folder.resolve("new")).doesNotExist();
    }
}
