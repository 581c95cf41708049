package dev.lectern.engine.internal.constraint.lexical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.internal.constraint.lexical.LexicalException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RegexTest {
    private static boolean matches(String pattern, String value) {
        return StringLanguage.ofPattern(pattern).contains(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "b~abc~true",
                "^b~abc~false",
                "c$~abc~true",
                "^a|c$~xc~true",
                "^a|c$~cx~false",
                "^(a|bc)+$~abcabc~true",
                "^a{2,3}$~a~false",
                "^a{2,3}$~aaa~true",
                "^a{2,}?$~aaaa~true",
                "^(?:a*)*$~aaa~true",
                "^(?<name>a)b$~ab~true",
                "^[^\\d\\s]+$~ab~true",
                "^[^\\d\\s]+$~a1~false",
                "^[\\w-.]+$~a-b.c~true",
                "^[a-zA-Z-_0-9]$~-~true",
                "^[]$~a~false",
                "^[^]$~a~true",
                "^\\x41\\u0042\\u{43}$~ABC~true",
                "^\\ud83d\\ude00$~😀~true",
                "^.$~😀~true",
                "^\\p{L}+$~aé~true",
                "^\\p{Lu}$~a~false",
                "^\\P{L}$~1~true",
                "^\\p{Script=Greek}+$~αβ~true",
                "^\\cJ$~`\n`~true",
                "^\\/\\-\\@$~/-@~true",
                "^a{,2$~a{,2~true",
                "^{a}]$~{a}]~true",
                "(^a)|b~xb~true",
                "a$b~a$b~false",
                "^$~``~true",
                "^$~a~false",
                "($|x)y~xy~true",
                "\\bfoo\\b~a foo b~true",
                "\\bfoo\\b~afoo b~false",
                "^\\b~``~false",
                "a\\Bb~ab~true",
                "a\\bb~ab~false",
                "a\\b~ba~true",
                "^(?!aa)[a-c]+$~ab~true",
                "^(?!aa)[a-c]+$~aab~false",
                "^(?=.*\\d)(?=.*[a-z]).{2,}$~a1~true",
                "^(?=.*\\d)(?=.*[a-z]).{2,}$~aa~false",
            })
    void matchesAsEcmaScriptDoes(String pattern, String value, boolean expected) {
        assertThat(matches(pattern, value)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "(a~SYNTAX~'(' without ')' at character 0 of the pattern",
                "a)~SYNTAX~')' without '(' at character 1 of the pattern",
                "ab[c~SYNTAX~'[' without ']' at character 2 of the pattern",
                "*a~SYNTAX~nothing for '*' to repeat at character 0 of the pattern",
                "a**~SYNTAX~nothing for '*' to repeat at character 2 of the pattern",
                "a{3,2}~SYNTAX~bounds out of order: 3 to 2 at character 6 of the pattern",
                "[b-a]~SYNTAX~a range out of order at character 1 of the pattern",
                "\\q~SYNTAX~the unknown escape \\q at character 0 of the pattern",
                "a\\~SYNTAX~a backslash at the end at character 1 of the pattern",
                "\\u12~SYNTAX~an escape with fewer than 4 hex digits at character 0 of the pattern",
                "x(?<=a)b~UNSUPPORTED~a look-behind at character 1 of the pattern",
                "(a)\\1~UNSUPPORTED~a back-reference at character 3 of the pattern",
                "(?<n>a)\\k<n>~UNSUPPORTED~a back-reference at character 7 of the pattern",
                "a(?i)b~UNSUPPORTED~a group '(?i' at character 1 of the pattern",
                "\\p{Nope}~UNSUPPORTED~the unknown property \\p{Nope} at character 0 of the pattern",
                "a(?!b)c~UNSUPPORTED~a look-ahead at character 1 of the pattern; it is understood right behind a leading ^ only",
            })
    void refusesWithThePlace(String pattern, Reason reason, String message) {
        assertThatThrownBy(() -> StringLanguage.ofPattern(pattern))
                .isInstanceOfSatisfying(
                        LexicalException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason))
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.{40}$",
                "((a{0,99}){0,99}){0,99}",
                "(((((a*)*)*)*)*){99}",
                "(a|b|ab)*c{500}(a|b)*d.{30}$",
                "^(x{1000}){1000}$",
                "((((((((((a?){9}){9}){9}){9}){9}){9}){9}){9}){9}){9}",
                "[ab]*a[ab]{25}$",
                "(\\w+\\s?){200}$"
            })
    void explosionsAreRefusedInTime(String pattern) {
        long started = System.nanoTime();
        try {
            StringLanguage.ofPattern(pattern).toJsonText();
        } catch (LexicalException refused) {
            assertThat(refused.reason()).isEqualTo(Reason.LIMIT);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void deepNestingIsRefused() {
        assertThatThrownBy(() -> StringLanguage.ofPattern("(".repeat(5_000) + "a" + ")".repeat(5_000)))
                .isInstanceOf(LexicalException.class)
                .hasMessageContaining("deep");
        assertThatThrownBy(() -> StringLanguage.ofPattern("a".repeat(60_000))).isInstanceOf(LexicalException.class);
    }

    /// Patterns as schemas have them, against Java, on strings made from the pattern and near it.
    @Test
    void agreesWithJavaOnPatternsOfSchemas() {
        Random random = new Random(31);
        for (String pattern : List.of(
                "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$",
                "^([0-9]{1,3}\\.){3}[0-9]{1,3}(/([0-9]|[1-2][0-9]|3[0-2]))?$",
                "^(?:0|[1-9][0-9]*)(?:\\.(?:0|[1-9][0-9]*))*$",
                "^dev|alpha|beta|rc|RC|stable$",
                "(^Hpt_|^Int_|_Armour_)",
                "^[a-zA-Z0-9]([a-zA-Z0-9-]+[a-zA-Z0-9])?$",
                "^(\\/?((\\.{2})|([a-z0-9\\-]*))($|\\/))*$",
                "\\.ya?ml$",
                "^((c1d3g3).{4,8}){2,6}",
                "(t|8){10,10}..$")) {
            StringLanguage language = StringLanguage.ofPattern(pattern);
            Pattern java = Pattern.compile(pattern);
            Dfa dfa = language.dfa();
            for (int i = 0; i < 200; i++) {
                String value = sample(dfa, random);
                assertThat(java.matcher(value).find())
                        .as("/%s/ on '%s'", pattern, value)
                        .isTrue();
                int at = random.nextInt(value.length() + 1);
                String near = value.substring(0, at) + "x-.1/".charAt(random.nextInt(5)) + value.substring(at);
                assertThat(language.contains(near))
                        .as("/%s/ on '%s'", pattern, near)
                        .isEqualTo(java.matcher(near).find());
            }
        }
    }

    private static String sample(Dfa dfa, Random random) {
        while (true) {
            StringBuilder value = new StringBuilder();
            int state = dfa.start();
            for (int step = 0; step < 200; step++) {
                int[] moves = dfa.moves(state);
                if (dfa.accepting(state) && (moves.length == 0 || random.nextInt(4) == 0)) {
                    return value.toString();
                }
                int move = 3 * random.nextInt(moves.length / 3);
                int first = Math.max(moves[move], Math.min(' ', moves[move + 1]));
                value.append((char) (first + random.nextInt(1 + Math.min(90, moves[move + 1] - first))));
                state = moves[move + 2];
                if (value.charAt(value.length() - 1) >= 0x7F) {
                    break;
                }
            }
        }
    }
}
