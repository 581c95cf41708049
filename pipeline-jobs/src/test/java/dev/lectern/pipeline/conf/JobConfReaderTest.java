package dev.lectern.pipeline.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JobConfReaderTest {
    private static final String LOCATION = "file:/jobs/contracts/job.yaml";

    private static final String MINIMAL = """
            name: contracts
            input: { paths: ["data/**"] }
            model: { path: models/nano }
            tasks:
              - name: agreement
                schema: tasks/agreement.schema.json
                question: "What are the terms?"
            output: { path: out }
            """;

    @TempDir
    private Path folder;

    @Test
    void whatIsLeftOutHasItsDefault() {
        JobConf conf = parse(MINIMAL);

        assertThat(conf)
                .isEqualTo(new JobConf(
                        "contracts",
                        new JobConf.Input(List.of("file:/jobs/contracts/data/**"), List.of()),
                        new JobConf.Model("file:/jobs/contracts/models/nano", "auto", 0),
                        new JobConf.Context(JobConf.Grouping.DOCUMENT, 0, JobConf.Overflow.SPLIT, true, true, 3.0),
                        List.of(new JobConf.Task(
                                "agreement",
                                "file:/jobs/contracts/tasks/agreement.schema.json",
                                null,
                                "What are the terms?",
                                "{document}\n\nQuestion: {question}",
                                256,
                                0,
                                true,
                                true)),
                        new JobConf.Sampling(0, 0, 1, 0, 0),
                        new JobConf.Limits(0, 0),
                        new JobConf.Output("file:/jobs/contracts/out")));
    }

    @Test
    void overridesReplaceAddAndReachIntoTasks() {
        JobConf conf = parse(
                MINIMAL,
                "context.maxTokens=8192",
                "context.grouping=packed",
                "context.overflow=reject",
                "input.paths=[/data/a.txt, 's3a://bucket/b/*.pdf']",
                "input.exclude=['**/drafts/**', old/*]",
                "tasks.agreement.cite=false",
                "tasks.0.maxTokens=64",
                "tasks.agreement.question=What?",
                "sampling.seed=-5",
                "sampling.topP=0.9",
                "limits.tokens=50_000_000",
                "limits.wallClock=1h30m");

        assertThat(conf.context().maxTokens()).isEqualTo(8192);
        assertThat(conf.context().grouping()).isEqualTo(JobConf.Grouping.PACKED);
        assertThat(conf.context().overflow()).isEqualTo(JobConf.Overflow.REJECT);
        assertThat(conf.input().paths()).containsExactly("file:/data/a.txt", "s3a://bucket/b/*.pdf");
        assertThat(conf.input().exclude()).containsExactly("**/drafts/**", "file:/jobs/contracts/old/*");
        JobConf.Task task = conf.tasks().getFirst();
        assertThat(task.cite()).isFalse();
        assertThat(task.maxTokens()).isEqualTo(64);
        assertThat(task.question()).isEqualTo("What?");
        assertThat(conf.sampling()).isEqualTo(new JobConf.Sampling(0, 0, 0.9f, 0, -5));
        assertThat(conf.limits()).isEqualTo(new JobConf.Limits(50_000_000, 5_400_000));
    }

    @Test
    void allMistakesAreNamedAtOnceWithTheirLines() {
        String yaml = """
                name: contracts
                inputs: { paths: ["data/**"] }
                model:
                  path: models/nano
                  backend: cdua
                  threads: many
                context:
                  maxToken: 100
                  alignQuestions: "yes"
                tasks:
                  - name: agreement
                    schema: a.json
                    question: Q
                    maxPaddingPercent: 4
                limits:
                  wallClock: 90
                """;

        JobException e = failure(yaml);

        assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(e.getMessage().lines())
                .containsExactlyInAnyOrder(
                        "job.yaml:2: unknown key 'inputs'; did you mean 'input'?",
                        "job.yaml:8: unknown key 'context.maxToken'; did you mean 'context.maxTokens'?",
                        "job.yaml:14: unknown key 'tasks[0].maxPaddingPercent'; did you mean"
                                + " 'context.maxPaddingPercent'?",
                        "job.yaml: key 'input.paths' is missing; expected a list of paths, URIs or globs",
                        "job.yaml:5: key 'model.backend': found text 'cdua', expected auto, cpu, scalar or cuda; did you"
                                + " mean cuda?",
                        "job.yaml:6: key 'model.threads': found text 'many', expected a whole number from 0 to"
                                + " 2147483647",
                        "job.yaml:9: key 'context.alignQuestions': found text 'yes', expected true or false",
                        "job.yaml:16: key 'limits.wallClock': found the number '90', expected a duration with its unit,"
                                + " such as 6h, 30m, 90s or 1h30m, or 0",
                        "job.yaml: key 'output.path' is missing; expected a path or URI");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "context.maxTokens=-1|found the number '-1', expected a whole number from 0",
                "context.maxTokens=2147483648|expected a whole number from 0 to 2147483647",
                "context.maxTokens=1.5|expected a whole number",
                "context.maxTokens=1e400000000|expected a whole number",
                "context.maxPaddingPercent=101|expected a number from 0 to 100",
                "context.maxPaddingPercent=.nan|expected a number from 0 to 100",
                "context.grouping=packd|found text 'packd', expected document or packed",
                "context=7|key 'context': found the number '7', expected a section with grouping, maxTokens",
                "tasks=[]|key 'tasks': found no task",
                "tasks=[a]|'tasks[0]': found text 'a', expected a section",
                "tasks.0.maxTokens=0|expected a whole number from 1",
                "tasks.0.name=a/b|expected a name of letters",
                "tasks.0.name=..|expected a name of letters",
                "tasks.0.prompt='Question: {question} {document}'|expected a template that begins with {document}",
                "tasks.0.prompt='{document} only'|expected a template that begins with {document}",
                "tasks.0.question=|expected text",
                "tasks.1.cite=false|has no item '1'",
                "tasks.agreement=x|names a whole task",
                "input.paths=data|found text 'data', expected a list of paths",
                "input.paths=[]|the list is empty",
                "input.paths=[[a]]|found a list in the list",
                "output.path=|key 'output.path': found nothing, expected a path or URI",
                "outptu.path=x|--set outptu.path=x: unknown key 'outptu'; did you mean 'output'?",
                "seed=4|unknown key 'seed'; did you mean 'sampling.seed'?",
                "context.qqq=4|keys of context: grouping, maxTokens, overflow",
                "noequals|expected key=value",
                "a..b=1|expected key=value",
                "limits.wallClock=1x|expected a duration",
                "limits.wallClock=[6h]|found a list, expected a duration"
            })
    void aWrongOverrideIsNamed(String override, String message) {
        assertThatThrownBy(() -> parse(MINIMAL, override))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("--set " + override)
                .hasMessageContaining(message);
    }

    @Test
    void duplicateKeysTasksAndDocumentsAreRefused() {
        assertThat(failure(MINIMAL + "name: again\n"))
                .hasMessage("job.yaml:9: key 'name' is there already (job.yaml:1); keep one");
        assertThat(failure(MINIMAL.replace("output:", "  - {name: Agreement, schema: b.json, question: Q}\noutput:")))
                .hasMessageContaining("job.yaml:8: task 'Agreement' is there already (job.yaml:5)");
        assertThat(failure(MINIMAL + "---\nname: other\n")).hasMessageContaining("more than one YAML document");
        assertThat(failure("name: &a x\nmodel: *a\n")).hasMessageContaining("anchors and aliases");
        assertThat(failure("name: [\n")).hasMessageStartingWith("job.yaml:2: not YAML: ");
        assertThat(failure("")).hasMessageContaining("a job file holds keys and values, found nothing");
    }

    @Test
    void aFileOnAnyHadoopFileSystemIsRead() throws IOException {
        Path file = Files.createDirectories(folder.resolve("a b")).resolve("job.yaml");
        Files.writeString(file, MINIMAL);

        JobConf byPath = JobConfReader.read(file.toString(), List.of());
        JobConf byUri = JobConfReader.read("file://" + file, List.of());

        assertThat(byPath).isEqualTo(byUri);
        assertThat(byPath.output().path()).isEqualTo("file:" + folder + "/a b/out");
        assertThatThrownBy(() -> JobConfReader.read(folder + "/none.yaml", List.of()))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("none.yaml': no such file");
        assertThatThrownBy(() -> JobConfReader.read("nosuch://host/job.yaml", List.of()))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("nosuch");
        assertThatThrownBy(() -> JobConfReader.read(folder.toString(), List.of()))
                .isInstanceOf(JobException.class);
        Files.write(file, new byte[] {'a', (byte) 0xff});
        assertThatThrownBy(() -> JobConfReader.read(file.toString(), List.of()))
                .hasMessageContaining("is not UTF-8 text");
    }

    @ParameterizedTest
    @CsvSource({
        "file:/jobs/, a/../b/./c, file:/jobs/b/c",
        "file:///jobs/, a, file:/jobs/a",
        "hdfs://name:8020/jobs/, a/*.txt, hdfs://name:8020/jobs/a/*.txt",
        "hdfs://name:8020/jobs/, /a, hdfs://name:8020/a",
        "s3a://bucket/, a, s3a://bucket/a",
        "s3a://bucket/jobs/, ../../../a, s3a://bucket/a",
        "s3a://bucket/jobs/, file:/a/b, file:/a/b"
    })
    void relativePathsStartFromTheFolder(String base, String path, String expected) {
        assertThat(JobPaths.resolve(base, path)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"maxToken,maxTokens,1", "maxTokens,maxTokens,0", "inptu,input,1", "'',abc,3", "abc,acd,2"})
    void editDistanceCountsSwapsOnce(String a, String b, int distance) {
        assertThat(NearestKey.distance(a, b)).isEqualTo(distance);
        assertThat(NearestKey.distance(b, a)).isEqualTo(distance);
    }

    @Test
    void aJobSurvivesSerialisation() throws Exception {
        JobConf conf = parse(MINIMAL);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(conf);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(conf);
        }
    }

    @Test
    void hostileFilesAreRefusedOrRead() {
        long seed = 11;
        Random random = new Random(seed);
        String alphabet = "{}[]:,-#&*!|>'\"%@`\n\t \\0aé\u0000😀";
        for (int i = 0; i < 3_000; i++) {
            StringBuilder yaml = new StringBuilder(MINIMAL);
            for (int n = random.nextInt(6); n >= 0; n--) {
                int at = random.nextInt(yaml.length());
                int end = Math.min(yaml.length(), at + random.nextInt(3));
                yaml.replace(at, end, String.valueOf(alphabet.charAt(random.nextInt(alphabet.length()))));
            }
            try {
                parse(yaml.toString());
            } catch (JobException expected) {
                assertThat(expected.exitCode()).isEqualTo(ExitCode.USAGE);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", case " + i + ":\n" + yaml, e);
            }
        }
        assertThat(failure("[".repeat(100_000)).exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(failure("a: ".repeat(10) + new String(new byte[1_000], StandardCharsets.ISO_8859_1))
                        .exitCode())
                .isEqualTo(ExitCode.USAGE);
    }

    private static JobConf parse(String yaml, String... overrides) {
        return JobConfReader.parse(yaml, LOCATION, List.of(overrides));
    }

    private static JobException failure(String yaml) {
        return catchThrowableOfType(JobException.class, () -> parse(yaml));
    }
}
