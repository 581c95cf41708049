package dev.lectern.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What need not be sampled is forced in the layout that the answer has shown, and no further than that is known.
class ForcedTest {
    private static final ConstraintVocabulary VOCABULARY = ConstraintVocabulary.of(new ByteVocabulary());
    private static final String SCHEMA = """
            {"type": "object", "required": ["name", "kind", "sizes", "last"], "additionalProperties": false,
             "properties": {"name": {"type": "integer"}, "kind": {"const": "k"},
               "sizes": {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 2},
               "last": {"type": "object", "required": ["a"], "properties": {"a": {"type": "null"}},
                 "additionalProperties": false}}}
            """;

    /// A bar ends the texts, and stands in for line breaks within them.
    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
                    <>~<{>
                    <{>~<>
                    <{ >~<>
                    <{">~<name":>
                    <{"n>~<ame":>
                    <{"name":>~<>
                    <{"name": >~<>
                    <{"name": 1>~<>
                    <{"name": 1,>~<>
                    <{"name": 1, >~<>
                    <{"name": 1, ">~<kind": "k", "sizes": [>
                    <{"name":1,">~<kind":"k","sizes":[>
                    <{"name":1, "k>~<ind":"k", "sizes":[>
                    <{"name": 1, "kind": "k", "sizes": [t>~<rue,>
                    <{"name": 1, "kind": "k", "sizes": [true, >~<>
                    <{"name": 1, "kind": "k", "sizes": [true, f>~<alse], "last": {"a": null}}>
                    <{|"name": 1,|"k>~<ind": "k",>
                    <{ "name": 1, "k>~<ind": "k", "sizes": [>
                    <{ "name" : 1, "k>~<ind">
                    """)
    void followsTheLayoutThatWasShown(String begun, String forced) {
        Matcher matcher = Constraint.compile(SCHEMA, VOCABULARY).matcher();
        assertThat(matcher.acceptBytes(bytes(begun))).isTrue();
        assertThat(matcher.forced(Layout.AS_SHOWN))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(text(forced));
    }

    private static String text(String marked) {
        return marked.substring(1, marked.length() - 1).replace('|', '\n');
    }

    private static byte[] bytes(String marked) {
        return text(marked).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void leavesNamesThatAreNotListedToTheModel() {
        Matcher matcher = Constraint.compile(
                        "{\"type\": \"object\", \"properties\": {\"ab\": {}}, \"required\": [\"ab\"]}", VOCABULARY)
                .matcher();
        assertThat(matcher.acceptBytes(bytes("<{\"ab\": 1, \"a>"))).isTrue();
        assertThat(matcher.forced(Layout.AS_SHOWN)).isEmpty();
    }

    @Test
    void forcesAWholeAnswerInTheUsualLayout() {
        Matcher matcher = Constraint.compile("{\"const\": {\"a\": [1, {\"b\": \"é\"}], \"c\": {}}}", VOCABULARY)
                .matcher();
        assertThat(matcher.forced(Layout.SPACED))
                .asString(StandardCharsets.UTF_8)
                .startsWith("{\"a\": [1");
        assertThat(matcher.acceptBytes(bytes("<{\"a\": [1, {\">"))).isTrue();
        assertThat(matcher.forced(Layout.SPACED))
                .asString(StandardCharsets.UTF_8)
                .startsWith("b\": \"");
    }
}
