package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How the scripts of `bin` choose a JDK, with folders that look like JDKs.
class LauncherTest {
    private static final Path HOME = Path.of(System.getProperty("lectern.home"));

    private record Outcome(int exitCode, String output) {}

    private static Outcome shell(Map<String, String> environment, String command)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("sh", "-c", command).directory(HOME.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), output.strip());
    }

    private static Path jdk(Path folder, String version) throws IOException {
        Files.createDirectories(folder.resolve("bin"));
        for (String tool : new String[] {"java", "javac"}) {
            Path file = Files.writeString(folder.resolve("bin").resolve(tool), "#!/bin/sh\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.writeString(folder.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
        return folder;
    }

    @ParameterizedTest
    @CsvSource({
        "25.0.3, true",
        "25.0.4.1, true",
        "25.1, true",
        "25, false",
        "25.0.2, false",
        "26, false",
        "26.0.3, false",
        "17.0.15, false",
        "1.8.0, false"
    })
    void versionsFromThreeOnFit(String version, boolean fits) throws Exception {
        assertThat(shell(Map.of(), ". bin/setup.sh; fits " + version + " && echo true || echo false")
                        .output())
                .isEqualTo(Boolean.toString(fits));
    }

    @Test
    void javaHomeIsTakenWhenItFits(@TempDir Path folder) throws Exception {
        Path fitting = jdk(folder.resolve("a folder with spaces"), "25.0.9");
        assertThat(shell(Map.of("JAVA_HOME", fitting.toString()), ". bin/setup.sh; find_jdk; echo \"$JAVA_HOME\"")
                        .output())
                .isEqualTo(fitting.toString());
    }

    @Test
    void olderJavaHomeIsPassedOver(@TempDir Path folder) throws Exception {
        Path old = jdk(folder.resolve("old"), "17.0.15");
        Path home = Files.createDirectory(folder.resolve("home"));
        jdk(home.resolve(".jdks/some-25"), "25.0.9");
        Outcome outcome = shell(
                Map.of("JAVA_HOME", old.toString(), "HOME", home.toString()),
                ". bin/setup.sh; find_jdk; echo \"$JAVA_HOME\"");
        // The machine's own JDK may be found before the one in the home folder; the old one never.
        assertThat(outcome.exitCode()).isZero();
        assertThat(outcome.output()).isNotEqualTo(old.toString()).startsWith("/");
    }

    @Test
    void aJdkThatIsNamedMustFit(@TempDir Path folder) throws Exception {
        Path old = jdk(folder.resolve("old"), "25.0.2");
        Outcome outcome = shell(Map.of("LECTERN_JAVA_HOME", old.toString()), "bin/lectern --help");
        assertThat(outcome.exitCode()).isEqualTo(64);
        assertThat(outcome.output()).contains("LECTERN_JAVA_HOME", "25.0.2", "25.0.3");
    }

    @Test
    void withoutOneItSaysWhatToInstall(@TempDir Path folder) throws Exception {
        Path old = jdk(folder.resolve("old"), "21.0.1");
        Outcome outcome = shell(
                Map.of("JAVA_HOME", old.toString()),
                ". bin/setup.sh; candidates() { printf '%s\\n' \"$JAVA_HOME\"; }; find_jdk; echo not reached");
        assertThat(outcome.exitCode()).isEqualTo(64);
        assertThat(outcome.output())
                .contains("21.0.1", "Install", "LECTERN_JAVA_HOME")
                .doesNotContain("not reached");
    }
}
