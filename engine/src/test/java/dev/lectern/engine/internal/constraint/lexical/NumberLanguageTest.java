package dev.lectern.engine.internal.constraint.lexical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NumberLanguageTest {
    private record Case(String name, NumberLanguage language, Predicate<BigDecimal> oracle) {}

    /// Random bounds, divisors and combinations, against plain arithmetic: members in their shortest
    /// spelling are taken, and whatever a walk spells out is a member.
    @Test
    void agreesWithArithmetic() {
        Random random = new Random(17);
        for (int i = 0; i < 400; i++) {
            Case tested = randomCase(random);
            for (int j = 0; j < 40; j++) {
                BigDecimal value = decimal(random);
                boolean whole =
                        value.signum() == 0 || value.stripTrailingZeros().scale() <= 0;
                assertThat(tested.language().contains(value))
                        .as("%s in %s, case %d", value, tested.name(), i)
                        .isEqualTo(tested.oracle().test(value)
                                && (whole || !tested.name().contains("integer")));
            }
            if (tested.language().isEmpty()) {
                continue;
            }
            for (int j = 0; j < 20; j++) {
                byte[] text = Texts.walk(tested.language().toJsonText(), random, 60);
                if (text != null) {
                    String number = new String(text, StandardCharsets.US_ASCII);
                    assertThat(tested.oracle().test(new BigDecimal(number)))
                            .as("%s in %s, case %d", number, tested.name(), i)
                            .isTrue();
                }
            }
        }
    }

    private static Case randomCase(Random random) {
        NumberLanguage language = random.nextBoolean() ? NumberLanguage.any() : NumberLanguage.integer();
        String name = language == NumberLanguage.integer() ? "integer" : "number";
        Predicate<BigDecimal> oracle =
                name.equals("integer") ? value -> value.stripTrailingZeros().scale() <= 0 : value -> true;
        if (random.nextBoolean()) {
            BigDecimal bound = decimal(random);
            boolean exclusive = random.nextBoolean();
            language = language.withMinimum(bound, exclusive);
            oracle = oracle.and(value -> value.compareTo(bound) > (exclusive ? 0 : -1));
            name += (exclusive ? " > " : " >= ") + bound;
        }
        if (random.nextBoolean()) {
            BigDecimal bound = decimal(random);
            boolean exclusive = random.nextBoolean();
            language = language.withMaximum(bound, exclusive);
            oracle = oracle.and(value -> value.compareTo(bound) < (exclusive ? 0 : 1));
            name += (exclusive ? " < " : " <= ") + bound;
        }
        if (random.nextInt(3) == 0) {
            BigDecimal divisor = new BigDecimal(
                    List.of("1", "2", "3", "7", "11", "0.5", "0.01", "2.5", "6.75", "0.3", "100", "1e2", "1.10")
                            .get(random.nextInt(13)));
            language = language.multipleOf(divisor);
            oracle = oracle.and(value -> value.remainder(divisor).signum() == 0);
            name += " multiple of " + divisor;
        }
        if (random.nextInt(4) == 0) {
            language = language.complement();
            oracle = oracle.negate();
            name = "not (" + name.replace("integer", "whole") + ")";
        }
        return new Case(name, language, oracle);
    }

    private static BigDecimal decimal(Random random) {
        int scale = random.nextInt(5) - 1;
        int magnitude = 1 + random.nextInt(4);
        long digits = random.nextLong((long) Math.pow(10, magnitude));
        return BigDecimal.valueOf(random.nextBoolean() ? digits : -digits, scale);
    }

    @Test
    void boundsAreExactToTheLastDigit() {
        for (String bound : List.of(
                "0", "1", "9", "10", "99", "100", "0.1", "-0.01", "1.999", "-10", "123456789012345678901234567890.5")) {
            BigDecimal value = new BigDecimal(bound);
            BigDecimal little = new BigDecimal("1e-20");
            NumberLanguage atLeast = NumberLanguage.any().withMinimum(value, false);
            NumberLanguage above = NumberLanguage.any().withMinimum(value, true);
            NumberLanguage atMost = NumberLanguage.any().withMaximum(value, false);
            assertThat(atLeast.contains(value)).isTrue();
            assertThat(atLeast.contains(value.subtract(little))).isFalse();
            assertThat(above.contains(value)).isFalse();
            assertThat(above.contains(value.add(little))).isTrue();
            assertThat(atMost.contains(value)).isTrue();
            assertThat(atMost.contains(value.add(little))).isFalse();
            assertThat(atLeast.intersect(atMost).contains(value)).isTrue();
            assertThat(above.intersect(atMost).isEmpty()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "1",
                "-1",
                "10",
                "0.5",
                "1.0",
                "1e5",
                "1E+05",
                "-2.50e-300",
                "1.7976931348623157e+308",
                "5e-308",
                "123456789012345678901234567890"
            })
    void anyNumberTakesJsonNumbers(String text) {
        assertThat(Texts.accepts(NumberLanguage.any().toJsonText(), text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "+1",
                "01",
                "-01",
                ".5",
                "1.",
                "1.e5",
                "1e",
                "1e+",
                "0x1",
                "NaN",
                "Infinity",
                "1 ",
                "1_0",
                "1e309",
                "1e9999"
            })
    void anyNumberRefusesTheRest(String text) {
        assertThat(Texts.accepts(NumberLanguage.any().toJsonText(), text)).isFalse();
        assertThat(Texts.accepts(NumberLanguage.integer().toJsonText(), text)).isFalse();
    }

    @Test
    void integersAreWrittenWithoutPoint() {
        ByteAutomaton integer = NumberLanguage.integer().toJsonText();
        assertThat(Texts.accepts(integer, "-12")).isTrue();
        assertThat(Texts.accepts(integer, "1.0")).isFalse();
        assertThat(Texts.accepts(integer, "1e2")).isFalse();
    }

    @Test
    void exponentsOnlyWhereTheSignDecides() {
        ByteAutomaton positive =
                NumberLanguage.any().withMinimum(BigDecimal.ZERO, true).toJsonText();
        assertThat(Texts.accepts(positive, "1e-05")).isTrue();
        assertThat(Texts.accepts(positive, "0.00e5")).isFalse();
        assertThat(Texts.accepts(positive, "0.01e5")).isTrue();
        assertThat(Texts.accepts(positive, "-1e5")).isFalse();
        ByteAutomaton upToOne =
                NumberLanguage.any().withMaximum(BigDecimal.ONE, false).toJsonText();
        assertThat(Texts.accepts(upToOne, "1e1")).isFalse();
        assertThat(Texts.accepts(upToOne, "0.5")).isTrue();
    }

    @Test
    void valuesAreEqualInValue() {
        NumberLanguage values = NumberLanguage.ofValues(
                List.of(new BigDecimal("1.0"), new BigDecimal("2.50"), new BigDecimal("1e-5"), BigDecimal.ZERO));
        for (String text : List.of("1", "1.0", "2.5", "1e-05", "1e-5", "1E-5", "0.00001", "0", "0.0")) {
            assertThat(Texts.accepts(values.toJsonText(), text)).as(text).isTrue();
        }
        for (String text : List.of("10", "1.1", "2", "1e5", "0.0001", "-1", "")) {
            assertThat(Texts.accepts(values.toJsonText(), text)).as(text).isFalse();
        }
        assertThat(values.withMinimum(BigDecimal.ONE, true).contains(new BigDecimal("2.5")))
                .isTrue();
        assertThat(values.withMinimum(BigDecimal.ONE, true).contains(BigDecimal.ONE))
                .isFalse();
    }

    @Test
    void refusesWhatWouldExplode() {
        assertThatThrownBy(() -> NumberLanguage.any().withMinimum(new BigDecimal("1e999999999"), false))
                .isInstanceOf(LexicalException.class)
                .hasMessageContaining("digits");
        assertThatThrownBy(() -> NumberLanguage.any().multipleOf(BigDecimal.ZERO))
                .isInstanceOf(LexicalException.class)
                .hasMessageContaining("greater than 0");
        assertThat(reason(() -> NumberLanguage.integer().multipleOf(new BigDecimal("0.1234567890123456789"))))
                .isEqualTo(LexicalException.Reason.LIMIT);
        assertThat(NumberLanguage.integer()
                        .withMaximum(new BigDecimal("1e308"), false)
                        .contains(new BigDecimal("1e308")))
                .isTrue();
    }

    private static LexicalException.@Nullable Reason reason(Runnable action) {
        try {
            action.run();
            return null;
        } catch (LexicalException refused) {
            return refused.reason();
        }
    }

    @Test
    void unionsHoldBoth() {
        List<NumberLanguage> ranges = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ranges.add(NumberLanguage.integer()
                    .withMinimum(BigDecimal.valueOf(10 * i), false)
                    .withMaximum(BigDecimal.valueOf(10 * i + 5), false));
        }
        NumberLanguage union = ranges.get(0).union(ranges.get(1)).union(ranges.get(2));
        for (int i = -5; i < 40; i++) {
            assertThat(union.contains(BigDecimal.valueOf(i))).isEqualTo(i >= 0 && i < 30 && i % 10 <= 5);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "0.0",
                "7",
                "-120",
                "0.00012345",
                "12.345",
                "123456789012345",
                "1.5e-7",
                "0.000000000000000000000000000000123456789012345",
            })
    void takesNumbersOfFewDigits(String number) {
        assertThat(Texts.accepts(NumberLanguage.ofDigits(15).toJsonText(), number))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "01",
                "1.",
                ".5",
                "1e",
                "1e123",
                "1234567890123456",
                "1.234567890123456",
                "0.1234567890123456"
            })
    void takesNoOthers(String number) {
        assertThat(Texts.accepts(NumberLanguage.ofDigits(15).toJsonText(), number))
                .isFalse();
    }

    @Test
    void doublesTellNumbersOfFifteenDigitsApart() {
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            byte[] text = Texts.walk(NumberLanguage.ofDigits(15).toJsonText(), random, 60);
            if (text != null) {
                BigDecimal number = new BigDecimal(new String(text, StandardCharsets.US_ASCII));
                assertThat(new BigDecimal(Double.toString(number.doubleValue())))
                        .as("case %d", i)
                        .isEqualByComparingTo(number);
            }
        }
    }
}
