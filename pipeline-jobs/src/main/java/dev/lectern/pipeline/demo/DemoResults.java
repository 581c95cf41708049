package dev.lectern.pipeline.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.table.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/// The demo's answers beside the truth.
public final class DemoResults {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Characters shown around a cited value.
    private static final int AROUND = 60;

    private final List<Answer> answers;

    private DemoResults(List<Answer> answers) {
        this.answers = List.copyOf(answers);
    }

    /// @param document  the file's name
    /// @param kind      `full record`, `one or two fields` or `absent`
    /// @param text      as the model wrote it
    /// @param right     whether it is the truth, as JSON values
    /// @param citations of the fields that stand in the document
    public record Answer(
            String questionId,
            String question,
            String document,
            String kind,
            String text,
            String truth,
            boolean right,
            List<Cited> citations) {
        public Answer {
            citations = List.copyOf(citations);
        }
    }

    /// A field's first place in its document.
    ///
    /// @param field       as a path: `amount`
    /// @param page        from 1; null for documents without pages
    /// @param around      the document's text around the place, the value in brackets
    /// @param occurrences number of places where the value stands
    public record Cited(
            String field,
            String document,
            @Nullable Integer page,
            int charStart,
            int charEnd,
            String around,
            int occurrences) {
        public String describe() {
            return String.format(
                    Locale.ROOT,
                    "%s: %s, %scharacters %d to %d%s: …%s…",
                    field,
                    document,
                    page == null ? "" : "page " + page + ", ",
                    charStart,
                    charEnd,
                    occurrences > 1 ? ", the first of " + occurrences + " places" : "",
                    around);
        }
    }

    /// Right answers of a number of questions.
    public record Score(int right, int questions) {
        Score plus(boolean isRight) {
            return new Score(right + (isRight ? 1 : 0), questions + 1);
        }
    }

    /// @param out  the run's output folder
    /// @param demo the folder with `questions.csv` and `truth.jsonl`
    public static DemoResults read(SparkSession spark, String out, Path demo) {
        Map<String, JsonNode> truths = truths(demo.resolve("truth.jsonl"));
        Map<String, Row> documents = new HashMap<>();
        for (Row row : Tables.read(spark, out, "documents")
                .select("doc_id", "uri", "text")
                .collectAsList()) {
            documents.put(row.getString(0), row);
        }
        Dataset<Row> results = Tables.read(spark, out, "results")
                .select("question_id", "doc_id", "text", "citations")
                .orderBy("question_id");
        Map<String, String> questions = questions(demo.resolve("questions.csv"));
        List<Answer> answers = new ArrayList<>();
        for (Row row : results.collectAsList()) {
            JsonNode truth = truths.get(row.getString(0));
            if (truth == null) {
                throw new JobException(
                        ExitCode.QUALITY,
                        "result for question " + row.getString(0) + ", which the truth does not know");
            }
            answers.add(answer(row, truth, questions.getOrDefault(row.getString(0), ""), documents));
        }
        if (answers.size() != truths.size()) {
            throw new JobException(
                    ExitCode.QUALITY, "results for " + answers.size() + " questions; expected " + truths.size());
        }
        return new DemoResults(answers);
    }

    private static Answer answer(Row row, JsonNode truth, String question, Map<String, Row> documents) {
        String text = row.isNullAt(2) ? "" : row.getString(2);
        List<Cited> citations = new ArrayList<>();
        for (Row citation : row.<Row>getList(3)) {
            Row document = documents.get(citation.<String>getAs("doc_id"));
            if (document != null) {
                citations.add(cited(citation, document));
            }
        }
        Row document = documents.get(row.getString(1));
        return new Answer(
                row.getString(0),
                question,
                document == null ? "" : name(document),
                kind(truth.path("kind").asText()),
                text,
                truth.path("answer").toString(),
                isTruth(text, truth.path("answer")),
                citations);
    }

    private static Cited cited(Row citation, Row document) {
        int start = citation.<Integer>getAs("char_start");
        int end = citation.<Integer>getAs("char_end");
        String text = document.getString(2);
        String around = text.substring(Math.max(0, start - AROUND), start) + "[" + text.substring(start, end) + "]"
                + text.substring(end, Math.min(text.length(), end + AROUND));
        return new Cited(
                citation.<String>getAs("field").substring(1),
                name(document),
                citation.getAs("page"),
                start,
                end,
                around.replaceAll("\\s+", " "),
                citation.<Integer>getAs("occurrences"));
    }

    private static String name(Row document) {
        String uri = document.getString(1);
        return uri.substring(uri.lastIndexOf('/') + 1);
    }

    private static String kind(String kind) {
        return switch (kind) {
            case "full" -> "full record";
            case "absent" -> "absent";
            default -> "one or two fields";
        };
    }

    private static boolean isTruth(String text, JsonNode truth) {
        try {
            return truth.equals(JSON.readTree(text));
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static Map<String, JsonNode> truths(Path file) {
        Map<String, JsonNode> truths = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                JsonNode truth = JSON.readTree(line);
                truths.put(truth.path("question_id").asText(), truth);
            }
        } catch (IOException e) {
            throw new JobException(ExitCode.INPUT, file + ": cannot be read: " + e.getMessage(), e);
        }
        return truths;
    }

    /// The questions' texts by id; the demo's questions hold no quotes and no commas.
    private static Map<String, String> questions(Path file) {
        Map<String, String> questions = new HashMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                String[] columns = line.split(",", 3);
                questions.put(columns[0], columns[2]);
            }
        } catch (IOException e) {
            throw new JobException(ExitCode.INPUT, file + ": cannot be read: " + e.getMessage(), e);
        }
        return questions;
    }

    public List<Answer> answers() {
        return answers;
    }

    public List<Answer> wrong() {
        return answers.stream().filter(answer -> !answer.right()).toList();
    }

    /// One full record a document, those with pages first.
    public List<Answer> answersToShow(int count) {
        Map<String, Answer> byDocument = new LinkedHashMap<>();
        answers.stream()
                .filter(answer -> answer.kind().equals("full record") && answer.right())
                .sorted((a, b) -> Boolean.compare(hasPages(b), hasPages(a)))
                .forEach(answer -> byDocument.putIfAbsent(answer.document(), answer));
        return byDocument.values().stream().limit(count).toList();
    }

    private static boolean hasPages(Answer answer) {
        return answer.citations().stream().anyMatch(cited -> cited.page() != null);
    }

    /// Scores by kind, and of all.
    public Map<String, Score> accuracy() {
        Map<String, Score> scores = new LinkedHashMap<>();
        for (String kind : List.of("full record", "one or two fields", "absent", "all")) {
            Score score = new Score(0, 0);
            for (Answer answer : answers) {
                if (kind.equals("all") || kind.equals(answer.kind())) {
                    score = score.plus(answer.right());
                }
            }
            scores.put(kind, score);
        }
        return scores;
    }
}
