package dev.lectern.engine.internal.constraint.lexical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StringLanguageTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HARD =
            "ab01 \"\\/\b\f\n\r\t\u0001\u001fé߿ࠀ€\ud7ff\ue000\uffff😀\ud800\udc00\udbff\udfff";

    /// What an automaton lets through is JSON that readers read, and reading it gives a string of the
    /// language; what it stops after any number of bytes could not have become one. Walks see every kind of
    /// state.
    @ParameterizedTest
    @ValueSource(
            strings = {"", ".*", "^é+$", "^[\\u0080-\\u07ff]{2}$", "^\\p{Lu}", "^😀", "^[^a]{0,3}$", "\"", "^\\\\"})
    void everyWalkIsJsonOfTheLanguage(String pattern) throws JsonProcessingException, CharacterCodingException {
        StringLanguage language = StringLanguage.ofPattern(pattern);
        for (StringLanguage tested : List.of(language, language.withLength(2, 20))) {
            ByteAutomaton automaton = tested.toJsonText();
            Random random = new Random(11);
            int complete = 0;
            for (int i = 0; i < 300; i++) {
                byte[] text = Texts.walk(automaton, random, 400);
                if (text != null) {
                    complete++;
                    // Strict: malformed input would throw.
                    String json = StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(text))
                            .toString();
                    String value = JSON.readValue(json, String.class);
                    assertThat(tested.contains(value))
                            .as("%s from %s", value, json)
                            .isTrue();
                }
            }
            assertThat(complete).isGreaterThan(50);
        }
    }

    @Test
    void takesEverySpellingAndNothingElse() {
        Random random = new Random(5);
        StringLanguage any = StringLanguage.any();
        StringLanguage letters = StringLanguage.ofPattern("^[a-b😀\\u{10000}\\n\"]*$");
        StringLanguage few = StringLanguage.any().withLength(1, 4);
        for (int i = 0; i < 5_000; i++) {
            String value = Texts.random(random, 6, HARD);
            String json = Texts.spelled(value, random);
            for (StringLanguage language : List.of(any, letters, few)) {
                assertThat(Texts.accepts(language.toJsonText(), json))
                        .as("%s as %s", value, json)
                        .isEqualTo(language.contains(value));
            }
            int length = value.codePointCount(0, value.length());
            assertThat(few.contains(value)).isEqualTo(length >= 1 && length <= 4);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "\"a",
                "\"a\"b",
                "\"\n\"",
                "\"\\x41\"",
                "\"\\u12\"",
                "\"\\u00g0\"",
                "\"\\ud800\"",
                "\"\\udc00\"",
                "\"\\ud800x\"",
                "\"\\ud800\\n\"",
                "\"\\ud800\\u0041\"",
                "\"\\ud800\\ud800\"",
                "\"\t\"",
                "'a'",
                "\"\\'\""
            })
    void refusesWhatIsNoJsonString(String text) {
        assertThat(Texts.accepts(StringLanguage.any().toJsonText(), text)).isFalse();
        assertThat(Texts.accepts(StringLanguage.ofPattern("^[^q]*$").toJsonText(), text))
                .isFalse();
    }

    /// Every sequence of up to three bytes in a string, against Java's strict decoder.
    @Test
    void takesExactlyWellFormedUtf8() {
        for (StringLanguage language : List.of(
                StringLanguage.any(),
                StringLanguage.ofPattern("^[^€]*$"),
                StringLanguage.any().withLength(0, 9))) {
            ByteAutomaton automaton = language.toJsonText();
            Random random = new Random(3);
            for (int i = 0; i < 200_000; i++) {
                byte[] text = new byte[2 + 1 + random.nextInt(4)];
                random.nextBytes(text);
                for (int at = 0; at < text.length; at++) {
                    // Half of them continuation bytes, so that many sequences are whole.
                    text[at] = random.nextBoolean() ? (byte) (0x80 | (text[at] & 0x3F)) : (byte) (text[at] | 0xC0);
                }
                text[0] = '"';
                text[text.length - 1] = '"';
                boolean wellFormed;
                try {
                    String value = StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(text))
                            .toString();
                    wellFormed = language.contains(value.substring(1, value.length() - 1));
                } catch (CharacterCodingException malformed) {
                    wellFormed = false;
                }
                assertThat(Texts.accepts(automaton, text)).isEqualTo(wellFormed);
            }
        }
    }

    @Test
    void countsCodePoints() {
        StringLanguage three = StringLanguage.any().withLength(3, 3);
        assertThat(three.contains("😀é1")).isTrue();
        assertThat(three.contains("😀😀")).isFalse();
        assertThat(Texts.accepts(three.toJsonText(), "\"\\ud83d\\ude00é1\"")).isTrue();
        assertThat(Texts.accepts(three.toJsonText(), "\"\\ud83d\\ude00é\"")).isFalse();
        ByteAutomaton long1 = StringLanguage.any().withLength(0, 1_000_000).toJsonText();
        assertThat(Texts.accepts(long1, '"' + "é".repeat(70_000) + '"')).isTrue();
        assertThat(StringLanguage.ofPattern("^(ab)*$").withLength(3, 3).isEmpty())
                .isTrue();
        assertThat(StringLanguage.ofPattern("^(abc|de)*$").withLength(7, 7).contains("abcdede"))
                .isTrue();
    }

    /// A limit on the length that only some ways of going on can meet must stop the others at once.
    @Test
    void noDeadEndsUnderLimitsOnTheLength() {
        StringLanguage language = StringLanguage.ofPattern("^(a{3})*(b|c{5})$").withLength(4, 6);
        ByteAutomaton automaton = language.toJsonText();
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            assertThat(Texts.walk(automaton, random, 100)).isNotNull();
        }
        assertThat(language.contains("aaab")).isTrue();
        assertThat(language.contains("ccccc")).isTrue();
        assertThat(language.contains("b")).isFalse();
        assertThat(Texts.accepts(automaton, "\"aaaaaab\"")).isFalse();
    }

    @Test
    void statesFarFromTheLimitsAreAlike() {
        ByteAutomaton automaton = StringLanguage.any().withLength(40, 500).toJsonText();
        int state = automaton.next(automaton.start(), '"');
        int[] states = new int[501];
        for (int i = 0; i <= 500; i++) {
            states[i] = state;
            state = automaton.next(state, 'x');
        }
        assertThat(automaton.representative(states[100], 32)).isEqualTo(automaton.representative(states[300], 32));
        assertThat(automaton.representative(states[0], 32)).isEqualTo(automaton.representative(states[5], 32));
        assertThat(automaton.representative(states[490], 32)).isEqualTo(states[490]);
        Random random = new Random(9);
        for (int i = 0; i < 3_000; i++) {
            int from = states[random.nextInt(501)];
            int alike = automaton.representative(from, 32);
            for (int step = 0; step < 32 && from != ByteAutomaton.DEAD; step++) {
                int b = random.nextInt(4) > 0 ? 'y' : random.nextInt(256);
                from = automaton.next(from, b);
                alike = automaton.next(alike, b);
                assertThat(alike == ByteAutomaton.DEAD).isEqualTo(from == ByteAutomaton.DEAD);
                if (from != ByteAutomaton.DEAD) {
                    assertThat(automaton.accepting(alike)).isEqualTo(automaton.accepting(from));
                }
            }
        }
    }

    @Test
    void valuesInEverySpelling() {
        StringLanguage values = StringLanguage.ofValues(List.of("", "a", "ab", "é\"", "😀"));
        Random random = new Random(2);
        for (String value : List.of("", "a", "ab", "é\"", "😀", "b", "abc", "é", "x")) {
            for (int i = 0; i < 20; i++) {
                assertThat(Texts.accepts(values.toJsonText(), Texts.spelled(value, random)))
                        .isEqualTo(Set.of("", "a", "ab", "é\"", "😀").contains(value));
            }
        }
        List<String> many =
                IntStream.range(0, 5_000).mapToObj(i -> "value-" + i).toList();
        StringLanguage large = StringLanguage.ofValues(many);
        assertThat(large.contains("value-4999")).isTrue();
        assertThat(large.contains("value-5000")).isFalse();
        assertThat(large.contains("value-")).isFalse();
    }

    @Test
    void setOperationsAgreeWithMembership() {
        List<StringLanguage> languages = List.of(
                StringLanguage.ofPattern("a.*b"),
                StringLanguage.ofPattern("^[^b]*$"),
                StringLanguage.any().withLength(2, 4),
                StringLanguage.ofValues(List.of("a", "ab", "abab")),
                StringLanguage.ofPattern("^\\s|\\S$").withLength(0, 5),
                StringLanguage.nothing());
        Random random = new Random(4);
        for (StringLanguage one : languages) {
            StringLanguage opposite = one.complement();
            assertThat(one.intersect(opposite).isEmpty()).isTrue();
            for (StringLanguage other : languages) {
                StringLanguage both = one.intersect(other);
                StringLanguage either = one.union(other);
                for (int i = 0; i < 200; i++) {
                    String value = Texts.random(random, 6, "aab \n");
                    assertThat(both.contains(value)).isEqualTo(one.contains(value) && other.contains(value));
                    assertThat(either.contains(value)).isEqualTo(one.contains(value) || other.contains(value));
                    assertThat(opposite.contains(value)).isEqualTo(!one.contains(value));
                    assertThat(Texts.accepts(both.toJsonText(), Texts.spelled(value, random)))
                            .isEqualTo(both.contains(value));
                }
            }
        }
    }

    @Test
    void emptyLanguagesAreKnownToBe() {
        assertThat(StringLanguage.nothing().isEmpty()).isTrue();
        assertThat(StringLanguage.any().isEmpty()).isFalse();
        assertThat(StringLanguage.ofPattern("a^b").isEmpty()).isTrue();
        assertThat(StringLanguage.ofPattern("[]").isEmpty()).isTrue();
        assertThat(StringLanguage.ofPattern("^a$").withLength(2, 9).isEmpty()).isTrue();
        assertThat(StringLanguage.any().complement().isEmpty()).isTrue();
        assertThat(StringLanguage.ofPattern("^a")
                        .intersect(StringLanguage.ofPattern("^b"))
                        .isEmpty())
                .isTrue();
    }

    /// What readers disagree on is in neither a pattern nor its complement.
    @Test
    void leavesOutWhatReadersDisagreeOn() {
        StringLanguage space = StringLanguage.ofPattern("^\\s$");
        assertThat(space.contains(" ")).isTrue();
        assertThat(space.contains("\u00a0")).isFalse();
        assertThat(space.complement().contains("\u00a0")).isFalse();
        assertThat(space.complement().contains("x")).isTrue();
        assertThat(space.complement().complement().contains("\u00a0")).isFalse();
        assertThatThrownBy(() -> StringLanguage.ofFormat("uri-reference").complement())
                .isInstanceOf(LexicalException.class)
                .hasMessage("the format 'uri-reference' can be enforced but not its opposite");
    }
}
