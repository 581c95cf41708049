package dev.lectern.pipeline.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// `conf/job.yaml` is where a user looks a key up: it holds every key, each with a comment and its default.
final class DefaultJobFileTest {
    private static final Path FILE =
            Path.of(Objects.requireNonNull(System.getProperty("lectern.home"), "lectern.home"), "conf", "job.yaml");

    @Test
    void itIsAValidJob() {
        JobConf conf = JobConfReader.read(FILE.toString(), List.of());

        assertThat(conf.name()).isEqualTo("contracts");
        assertThat(conf.tasks()).hasSize(1);
    }

    @Test
    void itHoldsEveryKeyWithItsDefault() throws IOException {
        Map<String, YamlNode> found = new LinkedHashMap<>();
        collect("", YamlNode.parse(Files.readString(FILE), "job.yaml", false), found);

        for (JobKey key : JobKey.values()) {
            assertThat(found).as("conf/job.yaml lacks %s", key.path()).containsKey(key.path());
        }
        assertThat(found).hasSize(JobKey.values().length);
        for (JobKey key : JobKey.values()) {
            if (key.defaultYaml().isPresent() && key != JobKey.TASK_QUESTIONS) {
                YamlNode byDefault = YamlNode.parse(key.defaultYaml().get(), "default", true);
                assertThat(Objects.requireNonNull(found.get(key.path())).describe())
                        .as(key.path())
                        .isEqualTo(byDefault.describe());
            }
        }
    }

    @Test
    void everyKeyIsExplained() throws IOException {
        List<String> bare = new ArrayList<>();
        String above = "";
        for (String line : Files.readAllLines(FILE)) {
            boolean section = line.endsWith(":");
            if (!line.isBlank() && !line.strip().startsWith("#") && !section && !above.startsWith("#")) {
                bare.add(line);
            }
            above = line.strip();
        }

        assertThat(bare).isEmpty();
    }

    private static void collect(String path, YamlNode node, Map<String, YamlNode> found) {
        switch (node) {
            case YamlNode.Mapping mapping ->
                mapping.entries()
                        .forEach((name, value) -> collect(path.isEmpty() ? name : path + "." + name, value, found));
            case YamlNode.Sequence sequence
            when path.equals("tasks") -> sequence.items().forEach(item -> collect("tasks[]", item, found));
            case YamlNode.Sequence sequence -> found.put(path, sequence);
            case YamlNode.Scalar scalar -> found.put(path, scalar);
        }
    }
}
