package dev.lectern.engine.internal.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.ModelFiles;
import dev.lectern.engine.internal.gguf.LargeGguf;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Opening costs what the directory is long, not what the weights weigh. Time is this thread's on a processor, which
/// other work on the machine does not lengthen.
class LargeFilesTest {
    private static final long MOST_RESIDENT_BYTES = 200L << 20;

    @TempDir
    Path folder;

    @Test
    void opensSixtyGigabytesInTwoSeconds() throws IOException {
        Path file = LargeGguf.scout(folder.resolve("scout.gguf"));
        assertThat(Files.size(file)).isGreaterThan(60_000_000_000L);
        long before = residentBytes();
        long start = cpuNanos();
        try (ModelFiles files = ModelFiles.open(file)) {
            assertThat(Duration.ofNanos(cpuNanos() - start)).isLessThan(Duration.ofSeconds(2));
            assertThat(residentBytes() - before).isLessThan(MOST_RESIDENT_BYTES);
            assertThat(files.info().vocabSize()).isEqualTo(202_048);
            assertThat(files.info().parameters()).isGreaterThan(100_000_000_000L);
            assertThat(files.info().fingerprint()).hasSize(64);
        }
    }

    @Test
    void opensAMillionTensors() throws IOException {
        int count = 1_000_000;
        Path file = LargeGguf.ofTensors(folder.resolve("many.gguf"), count);
        long start = cpuNanos();
        try (ModelSource source = ModelSources.open(file)) {
            assertThat(Duration.ofNanos(cpuNanos() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(source.tensors()).hasSize(count);
            assertThat(source.require("blk.999999.weight").weights()).isOne();
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /// Memory of this process that is in RAM, mapped files included; 0 where the system does not say.
    private static long residentBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        Optional<String> line = Files.readAllLines(status).stream()
                .filter(text -> text.startsWith("VmRSS:"))
                .findFirst();
        return Long.parseLong(line.orElseThrow().replaceAll("\\D", "")) << 10;
    }
}
