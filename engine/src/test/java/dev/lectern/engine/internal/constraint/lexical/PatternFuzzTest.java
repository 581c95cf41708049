package dev.lectern.engine.internal.constraint.lexical;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.internal.source.Fuzzing;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Patterns of any kind are read or refused, in bounded time; what is read means what it means to Java.
final class PatternFuzzTest {
    private static final String ALPHABET = "aabbc01-_. \n/$😀éA";
    private static final int[] PIECES =
            "()[]{}|*+?^$\\.,-0123456789abdDwWsSpPuxck<>=!:é😀".codePoints().toArray();

    /// Java's own engine searches with the same meaning in this part of the language.
    @Test
    void agreesWithJava() throws InterruptedException {
        Fuzzing.run(PatternFuzzTest.class, "patterns against Java", 3_000, random -> {
            String pattern = pattern(random, 3, true);
            Pattern java = Pattern.compile(pattern);
            StringLanguage language = StringLanguage.ofPattern(pattern);
            try {
                language.toJsonText();
            } catch (LexicalException refused) {
                assertThat(refused.reason()).isEqualTo(LexicalException.Reason.LIMIT);
                return;
            }
            for (int i = 0; i < 10; i++) {
                String value = Texts.random(random, 7, ALPHABET);
                // Java's $ also holds before a line end that ends the string.
                if (!value.endsWith("\n")) {
                    assertThat(language.contains(value))
                            .as("/%s/ on '%s'", pattern, value)
                            .isEqualTo(java.matcher(value).find());
                }
            }
        });
    }

    @Test
    void survivesAnyPattern() throws InterruptedException {
        Fuzzing.run(PatternFuzzTest.class, "any pattern", 5_000, random -> {
            StringBuilder pattern = new StringBuilder();
            for (int length = random.nextInt(24); length > 0; length--) {
                pattern.appendCodePoint(PIECES[random.nextInt(PIECES.length)]);
            }
            try {
                ByteAutomaton automaton =
                        StringLanguage.ofPattern(pattern.toString()).toJsonText();
                for (int i = 0; i < 3 && !automaton.isEmpty(); i++) {
                    Texts.walk(automaton, random, 30);
                }
            } catch (LexicalException refused) {
                assertThat(refused.getMessage()).isNotEmpty();
            }
        });
    }

    /// Found by the comparison: ECMAScript's repetition (RepeatMatcher) goes on after an empty round while its
    /// minimum is not reached, Java's stops there. node agrees with us.
    @Test
    void emptyRoundsOfARepetitionCount() {
        StringLanguage language = StringLanguage.ofPattern("(?:b|^){2}a");
        assertThat(language.contains("ba")).isTrue();
        assertThat(language.contains("a")).isTrue();
        assertThat(language.contains("ca")).isFalse();
    }

    /// @param anchors whether `^` and `$` may occur: not in what is repeated, where Java differs (see above)
    private static String pattern(Random random, int depth, boolean anchors) {
        StringBuilder pattern = new StringBuilder();
        for (int terms = random.nextInt(4); terms >= 0; terms--) {
            switch (random.nextInt(depth > 0 ? 10 : 6)) {
                case 0 -> pattern.append("ab01".charAt(random.nextInt(4)));
                case 1 ->
                    pattern.append(List.of("\\d", "\\w", "\\S", "\\.", "/").get(random.nextInt(5)));
                case 2 ->
                    pattern.append(
                            List.of("[ab]", "[^a]", "[\\d-]", "[0-9A-Za]").get(random.nextInt(4)));
                case 3 -> pattern.append(anchors ? List.of("^", "$").get(random.nextInt(2)) : "1");
                case 4 -> pattern.append("😀");
                case 5 -> pattern.append("b");
                case 6, 7 ->
                    pattern.append("(?:")
                            .append(pattern(random, depth - 1, false))
                            .append(')')
                            .append(quantifier(random));
                case 8 -> pattern.append("[a-c]").append(quantifier(random));
                default ->
                    pattern.append('(')
                            .append(pattern(random, depth - 1, anchors))
                            .append('|')
                            .append(pattern(random, depth - 1, anchors))
                            .append(')');
            }
        }
        return pattern.toString();
    }

    private static String quantifier(Random random) {
        return List.of("*", "+", "?", "{2}", "{1,3}", "{0,2}?", "{2,}").get(random.nextInt(7));
    }
}
