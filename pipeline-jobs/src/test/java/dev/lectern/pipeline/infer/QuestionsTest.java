package dev.lectern.pipeline.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.conf.JobConf;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuestionsTest {
    @TempDir
    Path folder;

    private static JobConf.Task task(String question) {
        return new JobConf.Task(
                "t", "s.json", "q.csv", question, "{document}\n\nQuestion: {question}", 64, 0, true, true);
    }

    private static List<Question> fill(String question, String file, String text) {
        return Questions.fill(task(question), QuestionTable.parse(file, text));
    }

    @Test
    void fillsTheTemplateFromCsv() {
        assertThat(
                        fill(
                                "Who signed {agreement} in {year}?",
                                "q.csv",
                                "\uFEFFquestion_id,agreement,year,document\r\na,KX-482,2031,*.pdf\r\n\r\nb,\"a, \"\"b\"\"\nc\",7,\r\n"))
                .containsExactly(
                        new Question(
                                "t",
                                "a",
                                "Who signed KX-482 in 2031?",
                                "\n\nQuestion: Who signed KX-482 in 2031?",
                                "*.pdf"),
                        new Question(
                                "t",
                                "b",
                                "Who signed a, \"b\"\nc in 7?",
                                "\n\nQuestion: Who signed a, \"b\"\nc in 7?",
                                null));
    }

    @Test
    void fillsTheTemplateFromJsonLines() {
        assertThat(
                        fill(
                                "{question} {n}",
                                "q.jsonl",
                                "{\"question\":\"Is it $1?\",\"n\":93400.0,\"fields\":[\"a\"]}\n\n{\"question\":\"No {n}?\",\"n\":true}"))
                .extracting(Question::text)
                .containsExactly("Is it $1? 93400.0", "No {n}? true");
    }

    @Test
    void idsDoNotDependOnTheLine() {
        String id = fill("{q}", "q.csv", "q\na\nb\n").get(1).id();
        assertThat(id).matches("q-[0-9a-f]{12}");
        assertThat(fill("{q}", "q.csv", "q\nb\n").getFirst().id()).isEqualTo(id);
    }

    @Test
    void bracesThatNameNothingStay() {
        assertThat(fill("Return {\"a\":1} for {q} {}", "q.csv", "q\nx\n")
                        .getFirst()
                        .text())
                .isEqualTo("Return {\"a\":1} for x {}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "q.csv   | q                          | [q.csv] no question in it",
                "q.csv   | other;1                    | [q.csv] no column 'q', which the question of task 't' needs: \"{q}\"; columns: other",
                "q.csv   | q,q;1,2                    | [q.csv] line 1: a column stands twice in the header [q, q]",
                "q.csv   | q,r;1                      | [q.csv] line 2: 1 fields, the header has 2: q, r",
                "q.csv   | q;\"a                      | [q.csv] line 2: a quoted field is not closed",
                "q.csv   | q;\"a\"b                   | [q.csv] line 2: text after a closing quote",
                "q.csv   | question_id,q;x,1;x,2      | [q.csv] line 3: question_id 'x' stands in line 2 already",
                "q.csv   | question_id,q;,1           | [q.csv] line 2: question_id is empty",
                "q.csv   | q;1;1                      | [q.csv] line 3: the same question stands in line 2 already",
                "q.csv   | q,document;1,[             | [q.csv] line 2: document '[' is no glob",
                "q.jsonl | {\"q\":1};[]               | [q.jsonl] line 2: expected an object, found ARRAY",
                "q.jsonl | {\"q\":1};{\"q\":          | [q.jsonl] line 2: not JSON",
                "q.jsonl | {\"q\":1};{\"r\":2}        | [q.jsonl] line 2: no value for {q}",
                "q.jsonl | {\"q\":[1]}                | [q.jsonl] no column 'q'",
            })
    void namesFileAndLineOfWhatIsWrong(String file, String text, String message) {
        assertThatThrownBy(() -> fill("{q}", file, text.replace(';', '\n')))
                .isInstanceOfSatisfying(
                        JobException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessageContaining(message);
    }

    @Test
    void readsFilesAndSaysWhenThereIsNone() throws Exception {
        Path file = Files.writeString(folder.resolve("q.csv"), "q\né\n");
        assertThat(Questions.readText(file.toUri().toString(), new Configuration()))
                .isEqualTo("q\né\n");
        assertThatThrownBy(() -> Questions.readText(folder.resolve("none.csv").toString(), new Configuration()))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("no such file");
        Files.write(file, new byte[] {(byte) 0xFF, 'a'});
        assertThatThrownBy(() -> Questions.readText(file.toString(), new Configuration()))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("is not UTF-8 text");
    }

    @Test
    void damagedFilesEitherParseOrAreNamed() {
        String csv = "question_id,q,document\na,\"x \"\"y\"\"\",*.txt\nb,z,\n";
        String json = "{\"q\":\"x\",\"question_id\":\"a\"}\n{\"q\":2,\"document\":\"*\"}\n";
        for (int seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            boolean lines = random.nextBoolean();
            StringBuilder text = new StringBuilder(lines ? json : csv);
            for (int i = random.nextInt(4); i >= 0; i--) {
                int at = random.nextInt(text.length());
                text.setCharAt(at, "\",\n\r{}[]q\\\0".charAt(random.nextInt(11)));
            }
            try {
                assertThat(fill("{q}", lines ? "q.jsonl" : "q.csv", text.toString()))
                        .isNotEmpty();
            } catch (JobException expected) {
                assertThat(expected).as("seed %d", seed).hasMessageStartingWith("[q.");
            }
        }
    }
}
