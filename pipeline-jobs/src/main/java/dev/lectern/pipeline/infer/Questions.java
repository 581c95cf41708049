package dev.lectern.pipeline.infer;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.conf.JobConf;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.GlobPattern;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/// A job's questions: its tasks' templates filled with the rows of their questions files.
public final class Questions {
    private static final String ID = "question_id";
    private static final String DOCUMENT = "document";
    private static final String DOCUMENT_SLOT = "{document}";
    private static final String QUESTION_SLOT = "{question}";
    private static final Pattern SLOT = Pattern.compile("\\{([\\p{L}_][\\p{L}\\p{N}_ .-]*)}");
    private static final int MAX_BYTES = 256 << 20;
    private static final int ID_DIGITS = 12;

    private Questions() {}

    /// The questions of all tasks, in the order of tasks and files.
    ///
    /// @throws JobException (USAGE) naming file and line of what is wrong
    public static List<Question> read(JobConf conf, Configuration hadoop) {
        List<Question> questions = new ArrayList<>();
        for (JobConf.Task task : conf.tasks()) {
            String file = task.questions();
            questions.addAll(
                    file == null
                            ? List.of(fill(task, Map.of(), "task '" + task.name() + "' without a questions file"))
                            : fill(task, QuestionTable.parse(file, readText(file, hadoop))));
        }
        return questions;
    }

    static List<Question> fill(JobConf.Task task, QuestionTable table) {
        Matcher slots = SLOT.matcher(task.question());
        while (slots.find()) {
            if (!table.columns().contains(slots.group(1))) {
                throw new JobException(
                        ExitCode.USAGE,
                        "[" + table.source() + "] no column '" + slots.group(1) + "', which the question of task '"
                                + task.name() + "' needs: \"" + task.question() + "\"; columns: "
                                + String.join(", ", table.columns()));
            }
        }
        List<Question> questions = new ArrayList<>();
        Map<String, Integer> lineOf = new HashMap<>();
        for (QuestionTable.Entry row : table.rows()) {
            Question question = fill(task, row.values(), "[" + table.source() + "] line " + row.line());
            Integer other = lineOf.putIfAbsent(question.id(), row.line());
            if (other != null) {
                throw QuestionTable.problem(
                        table.source(),
                        row.line(),
                        row.values().containsKey(ID)
                                ? "question_id '" + question.id() + "' stands in line " + other + " already"
                                : "the same question stands in line " + other + " already");
            }
            questions.add(question);
        }
        return questions;
    }

    private static Question fill(JobConf.Task task, Map<String, String> values, String where) {
        String text = SLOT.matcher(task.question()).replaceAll(slot -> {
            String value = values.get(slot.group(1));
            if (value == null) {
                throw new JobException(
                        ExitCode.USAGE,
                        where + ": no value for {" + slot.group(1) + "} of the question \"" + task.question() + "\"");
            }
            return Matcher.quoteReplacement(value);
        });
        String glob = values.get(DOCUMENT);
        if (glob != null && glob.isBlank()) {
            glob = null;
        }
        if (glob != null) {
            checkGlob(glob, where);
        }
        String id = values.get(ID);
        if (id == null || id.isBlank()) {
            if (values.containsKey(ID)) {
                throw new JobException(ExitCode.USAGE, where + ": question_id is empty; name the question");
            }
            id = defaultId(text, glob);
        }
        return new Question(task.name(), id, text, prompt(task, text), glob);
    }

    /// Depends on the question alone, so that adding or moving lines renames no other question.
    private static String defaultId(String text, @Nullable String glob) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((text + "\0" + (glob == null ? "" : glob)).getBytes(StandardCharsets.UTF_8));
            return "q-" + HexFormat.of().formatHex(hash).substring(0, ID_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String prompt(JobConf.Task task, String question) {
        String template = task.prompt();
        if (!template.startsWith(DOCUMENT_SLOT) || !template.contains(QUESTION_SLOT)) {
            throw new JobException(
                    ExitCode.USAGE,
                    "task '" + task.name() + "': prompt \"" + template + "\" must begin with {document}, so that one"
                            + " reading serves all questions, and hold {question}");
        }
        return template.substring(DOCUMENT_SLOT.length()).replace(QUESTION_SLOT, question);
    }

    private static void checkGlob(String glob, String where) {
        try {
            new GlobPattern(glob);
        } catch (RuntimeException e) {
            throw new JobException(
                    ExitCode.USAGE, where + ": document '" + glob + "' is no glob: " + e.getMessage(), e);
        }
    }

    static String readText(String file, Configuration hadoop) {
        try {
            Path path = new Path(file);
            try (InputStream in = path.getFileSystem(hadoop).open(path)) {
                byte[] bytes = in.readNBytes(MAX_BYTES + 1);
                if (bytes.length > MAX_BYTES) {
                    throw new JobException(
                            ExitCode.USAGE, "[" + file + "] is larger than " + (MAX_BYTES >> 20) + " MiB; split it");
                }
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
            }
        } catch (FileNotFoundException e) {
            throw new JobException(ExitCode.USAGE, "[" + file + "] no such file", e);
        } catch (CharacterCodingException e) {
            throw new JobException(ExitCode.USAGE, "[" + file + "] is not UTF-8 text", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new JobException(ExitCode.USAGE, "[" + file + "] cannot be read: " + e.getMessage(), e);
        }
    }
}
