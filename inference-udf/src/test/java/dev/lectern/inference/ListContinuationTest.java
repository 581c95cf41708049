package dev.lectern.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.FinishReason;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ListContinuationTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static AskedQuestion.Reply cut(String written, String closing, int requests) {
        return new AskedQuestion.Reply(
                written + closing, written.length(), FinishReason.LENGTH, requests, 9, 64, 0, GuessedTokens.NONE, 0, 1);
    }

    private static ListContinuation after(String written) {
        return Objects.requireNonNull(ListContinuation.of(written, 0));
    }

    @Test
    void goesOnAfterTheLastWholeItem() {
        ListContinuation next = after("{\"t\": 1, \"items\": [{\"a\": [1]}, {\"a\": [2]}, {\"a\": ");
        assertThat(next.begun()).isEqualTo("{\"t\": 1, \"items\": [{\"a\": [1]}, {\"a\": [2]}");
        assertThat(next.shown()).isEqualTo(next.begun());
    }

    @Test
    void showsOnlyTheEndOfALongList() {
        StringBuilder written = new StringBuilder("{\"groups\": [{\"n\": \"x\"}, {\"n\": \"y\", \"items\": [");
        for (int i = 0; i < 1000; i++) {
            written.append("\"item ").append(i).append("\", ");
        }
        ListContinuation next = after(written + "\"it");
        assertThat(next.begun()).endsWith("\"item 999\"");
        assertThat(next.shown())
                .startsWith("{\"groups\": [ {\"n\": \"y\", \"items\": [\"item ")
                .endsWith("\"item 998\", \"item 999\"")
                .hasSizeLessThan(600);
        // The last item is shown however long it is.
        String item = "\"" + "x".repeat(5_000) + "\"";
        next = after("{\"items\": [" + item + ", " + item + ", ");
        assertThat(next.shown()).isEqualTo("{\"items\": [" + item);
    }

    @Test
    void doesNotGoOnWithoutAnotherItem() {
        String written = "{\"items\": [\"a\", \"b";
        assertThat(ListContinuation.of(written, 0)).isNotNull();
        assertThat(ListContinuation.of(written, "{\"items\": [\"a\"".length())).isNull();
        assertThat(ListContinuation.of("{\"items\": [\"a", 0)).isNull();
        assertThat(ListContinuation.of("{\"items\": [1", 0)).as("may become 12").isNull();
        assertThat(ListContinuation.of("{\"items\": [1], \"b\": \"", 0)).isNull();
        assertThat(ListContinuation.of("", 0)).isNull();
    }

    @Test
    void fallsBackToTheListAround() {
        ListContinuation next = after("{\"items\": [{\"tags\": [\"a\"]}, {\"tags\": [\"b");
        assertThat(next.begun()).isEqualTo("{\"items\": [{\"tags\": [\"a\"]}");
    }

    @Test
    void saysWhatWasCut() {
        assertThat(CutAnswer.message(cut("{\"items\": [{\"name\": \"a\"}, {\"name\": \"b", "\"}], \"total\": 0}", 3)))
                .isEqualTo("cut at /items/1/name after 64 tokens in 3 requests and closed there; /items holds 1 whole"
                        + " entries; not the model's: /items/1/name, /total; raise the task's maxTokens or"
                        + " maxAnswerTokens to get the rest");
        assertThat(CutAnswer.message(cut("{\"a/b\": \"x", "\"}", 1)))
                .isEqualTo("cut at /a~1b after 64 tokens and closed there; not the model's: /a~1b; raise the task's"
                        + " maxTokens to get the rest");
        assertThat(CutAnswer.message(cut("{", "}", 1))).startsWith("cut at / after 64 tokens and closed there; raise");
    }

    /// Every prefix of a text has the outline of what is whole in it.
    @Test
    void readsEveryPrefix() throws Exception {
        String text =
                "{\"a\\u00e9\\\"\": [1, -2.5e3, [], [true, null], {\"b\": \"x\\\\\", \"c\": {}}], \"d\" : {\"e\":[ \"y\"]}}";
        JsonNode tree = JSON.readTree(text);
        for (int end = 0; end <= text.length(); end++) {
            for (AnswerOutline.Value value :
                    AnswerOutline.of(text.substring(0, end)).values()) {
                assertThat(JSON.readTree(text.substring(value.start(), value.end())))
                        .isEqualTo(tree.at(value.pointer()));
            }
        }
        assertThat(AnswerOutline.of(text).values()).hasSize(14);
    }

    @Test
    void survivesWhatIsNoJson() {
        Random random = new Random(5);
        String letters = "{}[]\",:\\ue1 \n-x";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(24); length > 0; length--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            AnswerOutline.of(text.toString().replace("\\u", "\\n"));
        }
    }
}
