package dev.lectern.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ListCoverageTest {
    private static final int ENTRIES = 300;

    private static String name(int i) {
        return "P-" + (1000 + i * 7);
    }

    private static String document(String separator, IntFunction<String> entry) {
        List<String> entries = new ArrayList<>();
        for (int i = 0; i < ENTRIES; i++) {
            entries.add(entry.apply(i));
        }
        return "These are all of them, 300 in number: " + String.join(separator, entries) + ".\nThe end of 2031.";
    }

    private static @Nullable String problem(String text, IntPredicate listed) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode list = answer.putArray("items");
        for (int i = 0; i < ENTRIES; i++) {
            if (listed.test(i)) {
                list.addObject().put("name", name(i)).put("ok", true);
            }
        }
        ListCoverage coverage = new ListCoverage(answer, pointer -> true);
        coverage.scan("d", text, 1000, List.of());
        return coverage.problem();
    }

    @Test
    void aWholeListIsWhole() {
        assertThat(problem(document(", ", ListCoverageTest::name), i -> true)).isNull();
        assertThat(problem(document("\n", ListCoverageTest::name), i -> true)).isNull();
        assertThat(problem(document("\n", i -> name(i) + " | Some " + i + " | EUR 12"), i -> true))
                .isNull();
    }

    @Test
    void anEndThatIsMissingIsSeen() {
        String text = document(", ", ListCoverageTest::name);
        String problem = problem(text, i -> i < 160);
        assertThat(problem)
                .startsWith(
                        "/items has 160 entries and ended, but the document lists more in the same form: after character "
                                + (1000 + text.indexOf(name(159)) + name(159).length()) + ", \", P-2120, P-2127");
        assertThat(problem(text, i -> i < ENTRIES - 1)).isNotNull();
        assertThat(problem(document("\n", i -> name(i) + " | Some " + i + " | EUR 12"), i -> i < 60))
                .isNotNull();
        assertThat(problem(text, i -> i > 40)).as("the beginning").isNotNull();
    }

    @Test
    void numbersWithOnlyCommasBetweenThemAreSeen() {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode list = answer.putArray("items");
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < ENTRIES; i++) {
            text.append(i == 0 ? "" : ",").append(50_000 + 13 * i);
            if (i < 100) {
                list.add(50_000 + 13 * i);
            }
        }
        ListCoverage coverage = new ListCoverage(answer, pointer -> true);
        coverage.scan("d", text + "]", 0, List.of());
        assertThat(coverage.problem()).startsWith("/items has 100 entries and ended");
    }

    @Test
    void whatIsSkippedIsSeen() {
        assertThat(problem(document(", ", ListCoverageTest::name), i -> i != 99))
                .isNotNull();
        assertThat(problem(document(", ", ListCoverageTest::name), i -> i < 99 || i > 104))
                .isNotNull();
    }

    @Test
    void aChoiceIsNoShortList() {
        assertThat(problem(document(", ", ListCoverageTest::name), i -> i % 3 != 0))
                .isNull();
        assertThat(problem(document(", ", ListCoverageTest::name), i -> i % 10 == 0))
                .isNull();
        assertThat(problem(document(", ", ListCoverageTest::name), i -> i < 20))
                .as("too few to tell")
                .isNull();
    }

    @Test
    void whatTheTextDoesNotEnumerateIsNotJudged() {
        StringBuilder prose = new StringBuilder();
        for (int i = 0; i < ENTRIES; i++) {
            prose.append("word ".repeat(1 + i % 17)).append(name(i)).append(i % 2 == 0 ? ". In " : ", and then ");
        }
        assertThat(problem(prose.toString(), i -> i < 100)).isNull();
        assertThat(problem("nothing of it", i -> true)).isNull();
    }
}
