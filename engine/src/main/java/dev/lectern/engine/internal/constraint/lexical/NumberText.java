package dev.lectern.engine.internal.constraint.lexical;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Automata over the JSON text of numbers.
final class NumberText {
    /// So many digits may a bound have, with the zeros that its exponent stands for.
    private static final int MAX_DIGITS = 2_000;

    private static final int MAX_DIVISOR = 20_000;
    /// Behind the point, before the first digit that counts.
    private static final int MAX_LEADING_ZEROS = 30;

    private NumberText() {}

    /// JSON's grammar of numbers, with exponents of at most 308.
    static Nfa any() {
        Nfa minusZero = Nfa.ofValues(List.of("-0", "-0.0"));
        return Nfa.union(List.of(range(null, false, null, false, false), minusZero));
    }

    /// Whole numbers without fraction and exponent.
    static Nfa integer() {
        Nfa.Builder builder = new Nfa.Builder();
        int start = builder.state(false);
        int minus = builder.state(false);
        int zero = builder.state(true);
        int whole = builder.state(true);
        builder.start(start);
        builder.edge(start, '-', '-', minus);
        for (int from : new int[] {start, minus}) {
            builder.edge(from, '0', '0', zero);
            builder.edge(from, '1', '9', whole);
        }
        builder.edge(whole, '0', '9', whole);
        return builder.build();
    }

    /// JSON's grammar of numbers with so many digits from the first that is not zero on, and magnitudes far
    /// within those of a double: exponents of two digits, few zeros behind the point.
    static Nfa digits(int most) {
        Nfa.Builder builder = new Nfa.Builder();
        int start = builder.state(false);
        builder.start(start);
        int minus = builder.state(false);
        builder.edge(start, '-', '-', minus);
        int exponent = exponentOfTwoDigits(builder);
        int[] fraction = new int[most + 1];
        for (int used = 0; used <= most; used++) {
            fraction[used] = accepting(builder, exponent);
            if (used > 0) {
                builder.edge(fraction[used - 1], used == 1 ? '1' : '0', '9', fraction[used]);
            }
        }
        int zero = accepting(builder, exponent);
        int point = builder.state(false);
        builder.edge(zero, '.', '.', point);
        builder.edge(point, '1', '9', fraction[1]);
        for (int zeros = 0, last = point; zeros < MAX_LEADING_ZEROS; zeros++) {
            int next = accepting(builder, exponent);
            builder.edge(last, '0', '0', next);
            builder.edge(next, '1', '9', fraction[1]);
            last = next;
        }
        for (int used = 1, last = 0; used <= most; used++) {
            int whole = accepting(builder, exponent);
            if (used == 1) {
                for (int from : new int[] {start, minus}) {
                    builder.edge(from, '0', '0', zero);
                    builder.edge(from, '1', '9', whole);
                }
            } else {
                builder.edge(last, '0', '9', whole);
            }
            if (used < most) {
                int wholePoint = builder.state(false);
                builder.edge(whole, '.', '.', wholePoint);
                builder.edge(wholePoint, '0', '9', fraction[used + 1]);
            }
            last = whole;
        }
        return builder.build();
    }

    private static int accepting(Nfa.Builder builder, int exponent) {
        int state = builder.state(true);
        builder.edge(state, 'e', 'e', exponent);
        builder.edge(state, 'E', 'E', exponent);
        return state;
    }

    /// The state behind the `e`.
    private static int exponentOfTwoDigits(Nfa.Builder builder) {
        int exponent = builder.state(false);
        int sign = builder.state(false);
        int one = builder.state(true);
        int two = builder.state(true);
        builder.edge(exponent, '+', '+', sign);
        builder.edge(exponent, '-', '-', sign);
        builder.edge(exponent, '0', '9', one);
        builder.edge(sign, '0', '9', one);
        builder.edge(one, '0', '9', two);
        return exponent;
    }

    static String plain(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }

    /// The plain spelling of each; whole numbers also with `.0`, and numbers that programs commonly write
    /// with an exponent (below 0.0001, from 1e16 on) also in that form.
    static Nfa values(Collection<BigDecimal> values) {
        Set<String> texts = new LinkedHashSet<>();
        for (BigDecimal value : values) {
            BigDecimal least = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
            int exponent = least.precision() - least.scale() - 1;
            checkDigits(value);
            String plain = least.toPlainString();
            texts.add(plain);
            if (least.scale() <= 0) {
                texts.add(plain + ".0");
            }
            if (value.signum() != 0 && (exponent < -3 || exponent > 6)) {
                texts.addAll(scientific(least, exponent));
            }
        }
        return Nfa.ofValues(texts);
    }

    private static List<String> scientific(BigDecimal value, int exponent) {
        String digits = value.unscaledValue().abs().toString();
        String fraction = digits.substring(1);
        List<String> mantissas = new ArrayList<>();
        mantissas.add(digits.charAt(0) + (fraction.isEmpty() ? "" : "." + fraction));
        if (fraction.isEmpty()) {
            mantissas.add(digits + ".0");
        }
        List<String> exponents = new ArrayList<>();
        String magnitude = Integer.toString(Math.abs(exponent));
        for (String sign : exponent < 0 ? List.of("-") : List.of("", "+")) {
            exponents.add(sign + magnitude);
            if (magnitude.length() == 1) {
                exponents.add(sign + "0" + magnitude);
            }
        }
        List<String> texts = new ArrayList<>();
        for (String mantissa : mantissas) {
            for (String power : exponents) {
                texts.add((value.signum() < 0 ? "-" : "") + mantissa + "e" + power);
                texts.add((value.signum() < 0 ? "-" : "") + mantissa + "E" + power);
            }
        }
        return texts;
    }

    /// The decimals of a range in plain digits, zero without a sign. A bound that is null does not limit.
    /// Where the range is all numbers of one sign, exponents are let in too.
    static Nfa range(
            @Nullable BigDecimal low,
            boolean lowExclusive,
            @Nullable BigDecimal high,
            boolean highExclusive,
            boolean whole) {
        checkDigits(low);
        checkDigits(high);
        Nfa.Builder builder = new Nfa.Builder();
        int start = builder.state(false);
        builder.start(start);
        if (high == null || high.signum() >= 0) {
            boolean negativeLow = low == null || low.signum() < 0;
            DecimalRange.add(
                    builder,
                    start,
                    negativeLow ? BigDecimal.ZERO : low,
                    !negativeLow && lowExclusive,
                    high,
                    highExclusive,
                    whole);
        }
        if (low == null || low.signum() < 0) {
            int minus = builder.state(false);
            builder.edge(start, '-', '-', minus);
            boolean positiveHigh = high == null || high.signum() >= 0;
            DecimalRange.add(
                    builder,
                    minus,
                    positiveHigh ? BigDecimal.ZERO : negated(high),
                    positiveHigh || highExclusive,
                    negated(low),
                    lowExclusive,
                    whole);
        }
        if (!whole && high == null && (low == null || low.signum() == 0)) {
            exponents(builder, start, low == null || !lowExclusive);
        }
        if (!whole && low == null && (high == null || high.signum() == 0)) {
            int minus = builder.state(false);
            builder.edge(start, '-', '-', minus);
            exponents(builder, minus, false);
        }
        return builder.build();
    }

    private static @Nullable BigDecimal negated(@Nullable BigDecimal bound) {
        return bound == null ? null : bound.negate();
    }

    static void checkDigits(@Nullable BigDecimal bound) {
        if (bound != null) {
            BigDecimal least = bound.signum() == 0 ? BigDecimal.ZERO : bound.stripTrailingZeros();
            if (Math.abs((long) least.scale()) + least.precision() > MAX_DIGITS) {
                throw new LexicalException(
                        LexicalException.Reason.LIMIT,
                        "a bound of more than " + MAX_DIGITS + " digits: " + least.round(new MathContext(5)));
            }
        }
    }

    /// Whole part, perhaps a fraction, and an exponent behind the state `from`: positive, or zero too.
    private static void exponents(Nfa.Builder builder, int from, boolean zeroToo) {
        int zero = builder.state(false);
        int zeroPoint = builder.state(false);
        int zeroFraction = builder.state(false);
        int whole = builder.state(false);
        int point = builder.state(false);
        int fraction = builder.state(false);
        builder.edge(from, '0', '0', zero);
        builder.edge(from, '1', '9', whole);
        builder.edge(zero, '.', '.', zeroPoint);
        builder.edge(zeroPoint, '0', '0', zeroFraction);
        builder.edge(zeroFraction, '0', '0', zeroFraction);
        builder.edge(zeroPoint, '1', '9', fraction);
        builder.edge(zeroFraction, '1', '9', fraction);
        builder.edge(whole, '0', '9', whole);
        builder.edge(whole, '.', '.', point);
        builder.edge(point, '0', '9', fraction);
        builder.edge(fraction, '0', '9', fraction);
        int e = builder.state(false);
        for (int state : new int[] {whole, fraction}) {
            builder.edge(state, 'e', 'e', e);
            builder.edge(state, 'E', 'E', e);
        }
        if (zeroToo) {
            for (int state : new int[] {zero, zeroFraction}) {
                builder.edge(state, 'e', 'e', e);
                builder.edge(state, 'E', 'E', e);
            }
        }
        // To 308 and no further: beyond it a double is infinite, and some readers of JSON make doubles of
        // numbers.
        int sign = builder.state(false);
        int last = builder.state(true);
        int one = builder.state(true);
        int zeroLed = builder.state(true);
        int two = builder.state(true);
        int three = builder.state(true);
        int thirty = builder.state(true);
        builder.edge(e, '+', '+', sign);
        builder.edge(e, '-', '-', sign);
        for (int state : new int[] {e, sign}) {
            builder.edge(state, '0', '0', zeroLed);
            builder.edge(state, '1', '2', one);
            builder.edge(state, '3', '3', three);
            builder.edge(state, '4', '9', zeroLed);
        }
        builder.edge(zeroLed, '0', '9', last);
        builder.edge(one, '0', '9', two);
        builder.edge(two, '0', '9', last);
        builder.edge(three, '0', '0', thirty);
        builder.edge(three, '1', '9', last);
        builder.edge(thirty, '0', '8', last);
    }

    /// The divisor's digits without the point.
    private static BigInteger scaled(BigDecimal divisor) {
        return divisor.setScale(Math.max(divisor.scale(), 0)).unscaledValue();
    }

    static void checkDivisor(BigDecimal divisor) {
        if (divisor.signum() <= 0) {
            throw new LexicalException(
                    LexicalException.Reason.SYNTAX, "multipleOf is " + divisor + "; it must be greater than 0");
        }
        checkDigits(divisor);
        BigDecimal least = divisor.stripTrailingZeros();
        if (scaled(least).compareTo(BigInteger.valueOf(MAX_DIVISOR)) > 0) {
            throw new LexicalException(
                    LexicalException.Reason.LIMIT,
                    "multipleOf " + divisor + " has too many digits; at most " + MAX_DIVISOR + " without its point");
        }
    }

    /// The decimals that are whole multiples of the divisor, in plain digits.
    ///
    /// With the divisor D / 10^s, a number is a multiple if its digits, with s places behind the point, are
    /// one of D.
    static Nfa multipleOf(BigDecimal divisor, boolean whole) {
        BigDecimal least = divisor.stripTrailingZeros();
        BigInteger scaled = scaled(least);
        int scale = Math.max(least.scale(), 0);
        if (whole) {
            // x * 10^s is a multiple of D if and only if x is one of D / gcd(D, 10^s).
            scaled = scaled.divide(scaled.gcd(BigInteger.TEN.pow(scale)));
            scale = 0;
        }
        int d = scaled.intValueExact();
        Nfa.Builder builder = new Nfa.Builder();
        int start = builder.state(false);
        int minus = builder.state(false);
        builder.start(start);
        builder.edge(start, '-', '-', minus);
        // State of (places of the fraction read, remainder of the digits read).
        int[][] states = new int[scale + 1][d];
        int[] points = new int[d];
        long shift = 1;
        long[] shifts = new long[scale + 1];
        for (int places = scale; places >= 0; places--) {
            shifts[places] = shift;
            shift = shift * 10 % d;
        }
        for (int r = 0; r < d; r++) {
            points[r] = builder.state(false);
            for (int places = 0; places <= scale; places++) {
                states[places][r] = builder.state(r * shifts[places] % d == 0);
            }
        }
        int zero = builder.state(true);
        int zeros = builder.state(true);
        for (int from : new int[] {start, minus}) {
            builder.edge(from, '0', '0', zero);
            for (int digit = 1; digit <= 9; digit++) {
                builder.edge(from, '0' + digit, '0' + digit, states[0][digit % d]);
            }
        }
        builder.edge(zero, '.', '.', points[0]);
        builder.edge(zeros, '0', '0', zeros);
        for (int r = 0; r < d; r++) {
            builder.edge(states[0][r], '.', '.', points[r]);
            for (int digit = 0; digit <= 9; digit++) {
                int next = (int) ((r * 10L + digit) % d);
                builder.edge(states[0][r], '0' + digit, '0' + digit, states[0][next]);
                if (scale > 0) {
                    builder.edge(points[r], '0' + digit, '0' + digit, states[1][next]);
                }
                for (int places = 1; places < scale; places++) {
                    builder.edge(states[places][r], '0' + digit, '0' + digit, states[places + 1][next]);
                }
            }
        }
        if (scale == 0) {
            builder.edge(points[0], '0', '0', zeros);
        } else {
            builder.edge(states[scale][0], '0', '0', zeros);
        }
        return builder.build();
    }

    /// Every number once: plain digits, no zeros at the end of a fraction, no sign before zero.
    static Nfa least() {
        Nfa.Builder builder = new Nfa.Builder();
        int start = builder.state(false);
        int minus = builder.state(false);
        int zero = builder.state(true);
        int minusZero = builder.state(false);
        int whole = builder.state(true);
        int fraction = builder.state(true);
        int fractionZero = builder.state(false);
        builder.start(start);
        builder.edge(start, '-', '-', minus);
        builder.edge(start, '0', '0', zero);
        builder.edge(minus, '0', '0', minusZero);
        builder.edge(start, '1', '9', whole);
        builder.edge(minus, '1', '9', whole);
        builder.edge(whole, '0', '9', whole);
        for (int state : new int[] {zero, minusZero, whole}) {
            builder.edge(state, '.', '.', fractionZero);
        }
        for (int state : new int[] {fraction, fractionZero}) {
            builder.edge(state, '0', '0', fractionZero);
            builder.edge(state, '1', '9', fraction);
        }
        return builder.build();
    }

    /// The same values, of an automaton that takes each in its least spelling, with zeros behind the
    /// fraction too.
    static Nfa withZeros(Nfa least) {
        Nfa.Builder builder = new Nfa.Builder();
        // Each state twice, before the point and behind it, so that it is known where zeros need a point
        // first.
        int n = least.states();
        for (int state = 0; state < 2 * n; state++) {
            builder.state(least.accepting(state % n));
        }
        int point = builder.state(false);
        int zeros = builder.state(true);
        builder.edge(point, '0', '0', zeros);
        builder.edge(zeros, '0', '0', zeros);
        for (int state = 0; state < n; state++) {
            int[] own = least.edges(state);
            for (int i = 0; i < own.length; i += 3) {
                if (own[i] == '.') {
                    builder.edge(state, '.', '.', n + own[i + 2]);
                } else {
                    builder.edge(state, own[i], own[i + 1], own[i + 2]);
                    builder.edge(n + state, own[i], own[i + 1], n + own[i + 2]);
                }
            }
            if (least.accepting(state)) {
                builder.edge(state, '.', '.', point);
                builder.edge(n + state, '0', '0', zeros);
            }
        }
        for (int state : least.start()) {
            builder.start(state);
        }
        return builder.build();
    }
}
