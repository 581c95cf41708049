package dev.lectern.pipeline.conf;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/// Reads a job file (YAML) and its overrides into a [JobConf].
///
/// The job file may lie on any Hadoop file system; a path without a scheme is a local file. Paths inside it that
/// have no scheme are on the job file's own file system, the relative ones relative to its folder; so are those in
/// overrides. All mistakes are reported at once, each with its line.
public final class JobConfReader {
    private static final int MAX_BYTES = 16 << 20;

    private JobConfReader() {}

    /// @param overrides `a.b=value`, the value in YAML; a task is named by its position or its name:
    /// `tasks.0.cite=false`
    /// @throws JobException (USAGE) naming every mistake
    public static JobConf read(String jobFile, List<String> overrides) {
        return read(jobFile, overrides, new Configuration());
    }

    /// @param hadoop how to reach the file systems
    public static JobConf read(String jobFile, List<String> overrides, Configuration hadoop) {
        String location = JobPaths.ofJobFile(jobFile);
        return parse(text(jobFile, location, hadoop), location, overrides);
    }

    /// @param location of the job file, with its scheme
    static JobConf parse(String yaml, String location, List<String> overrides) {
        String source = JobPaths.nameOf(location);
        YamlNode root = YamlNode.parse(yaml, source, false);
        if (!(root instanceof YamlNode.Mapping top)) {
            throw new JobException(
                    ExitCode.USAGE, source + ": a job file holds keys and values, found " + root.describe());
        }
        for (String override : overrides) {
            JobOverride.parse(override).applyTo(top);
        }
        JobValues values = new JobValues(JobPaths.folderOf(location), source);
        values.checkKeys(top, "", "");
        JobConf conf = bind(values, top);
        values.throwProblems();
        return conf;
    }

    private static JobConf bind(JobValues values, YamlNode.Mapping top) {
        YamlNode.Mapping input = values.section(top, "input");
        YamlNode.Mapping model = values.section(top, "model");
        YamlNode.Mapping context = values.section(top, "context");
        YamlNode.Mapping sampling = values.section(top, "sampling");
        YamlNode.Mapping limits = values.section(top, "limits");
        YamlNode.Mapping output = values.section(top, "output");
        return new JobConf(
                values.text(top, JobKey.NAME),
                new JobConf.Input(values.paths(input, JobKey.INPUT_PATHS), values.paths(input, JobKey.INPUT_EXCLUDE)),
                new JobConf.Model(
                        values.path(model, JobKey.MODEL_PATH),
                        values.text(model, JobKey.MODEL_BACKEND),
                        values.integer(model, JobKey.MODEL_THREADS),
                        values.truth(model, JobKey.MODEL_SPECULATION)),
                new JobConf.Context(
                        values.choice(context, JobKey.CONTEXT_GROUPING, JobConf.Grouping.class),
                        values.integer(context, JobKey.CONTEXT_MAX_TOKENS),
                        values.choice(context, JobKey.CONTEXT_OVERFLOW, JobConf.Overflow.class),
                        values.truth(context, JobKey.CONTEXT_ALIGN_QUESTIONS),
                        values.truth(context, JobKey.CONTEXT_ALIGN_SENTENCES),
                        values.decimal(context, JobKey.CONTEXT_MAX_PADDING_PERCENT)),
                tasks(values, top),
                new JobConf.Sampling(
                        (float) values.decimal(sampling, JobKey.SAMPLING_TEMPERATURE),
                        values.integer(sampling, JobKey.SAMPLING_TOP_K),
                        (float) values.decimal(sampling, JobKey.SAMPLING_TOP_P),
                        (float) values.decimal(sampling, JobKey.SAMPLING_MIN_P),
                        values.longInteger(sampling, JobKey.SAMPLING_SEED)),
                new JobConf.Limits(
                        values.longInteger(limits, JobKey.LIMITS_TOKENS),
                        values.millis(limits, JobKey.LIMITS_WALL_CLOCK)),
                new JobConf.Output(values.path(output, JobKey.OUTPUT_PATH)));
    }

    private static List<JobConf.Task> tasks(JobValues values, YamlNode.Mapping top) {
        YamlNode node = top.entries().get("tasks");
        if (!(node instanceof YamlNode.Sequence sequence) || sequence.items().isEmpty()) {
            values.problem(
                    node == null ? top.where() : node.where(),
                    "key 'tasks': found " + (node == null ? "nothing" : "no task")
                            + ", expected a list with at least one task (name, schema, question)");
            return List.of();
        }
        List<JobConf.Task> tasks = new ArrayList<>();
        Map<String, String> places = new HashMap<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            YamlNode item = sequence.items().get(i);
            if (!(item instanceof YamlNode.Mapping task)) {
                // checkKeys has said that it is no section.
                continue;
            }
            String name = values.text(task, JobKey.TASK_NAME);
            // Names become folders and SQL views: some file systems do not tell capitals from small
            // letters, and a view's name has no hyphen.
            String other = places.put(name.toLowerCase(Locale.ROOT).replace('-', '_'), item.where());
            if (other != null && !name.isEmpty()) {
                values.problem(
                        item.where(),
                        "task '" + name + "' is there already (" + other
                                + "); names must differ by more than capitals and hyphens");
            }
            tasks.add(new JobConf.Task(
                    name,
                    values.path(task, JobKey.TASK_SCHEMA),
                    values.optionalPath(task, JobKey.TASK_QUESTIONS).orElse(null),
                    values.text(task, JobKey.TASK_QUESTION),
                    values.text(task, JobKey.TASK_PROMPT),
                    values.integer(task, JobKey.TASK_MAX_TOKENS),
                    values.integer(task, JobKey.TASK_MAX_ANSWER_TOKENS),
                    values.truth(task, JobKey.TASK_ENFORCE_SCHEMA),
                    values.truth(task, JobKey.TASK_CITE)));
        }
        return tasks;
    }

    private static String text(String jobFile, String location, Configuration hadoop) {
        try {
            Path path = new Path(location);
            try (InputStream in = path.getFileSystem(hadoop).open(path)) {
                byte[] bytes = in.readNBytes(MAX_BYTES + 1);
                if (bytes.length > MAX_BYTES) {
                    throw new JobException(
                            ExitCode.USAGE, "job file '" + jobFile + "' is larger than 16 MiB; is it a job file?");
                }
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            }
        } catch (FileNotFoundException | NoSuchFileException e) {
            throw new JobException(ExitCode.USAGE, "job file '" + jobFile + "': no such file (" + location + ")", e);
        } catch (CharacterCodingException e) {
            throw new JobException(ExitCode.USAGE, "job file '" + jobFile + "' is not UTF-8 text", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new JobException(ExitCode.USAGE, "job file '" + jobFile + "' cannot be read: " + oneLine(e), e);
        }
    }

    private static String oneLine(Exception e) {
        return Optional.ofNullable(e.getMessage())
                .flatMap(m -> m.lines().findFirst())
                .orElse(e.getClass().getSimpleName());
    }
}
