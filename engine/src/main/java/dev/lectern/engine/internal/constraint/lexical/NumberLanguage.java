package dev.lectern.engine.internal.constraint.lexical;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A set of decimal numbers, as a JSON Schema describes it; arithmetic is exact throughout. Immutable and
/// thread-safe.
public final class NumberLanguage {
    private static final int MAX_COMPLEMENT_STATES = 20_000;

    /// The least and the greatest number, null where there is none.
    private record Range(
            @Nullable BigDecimal low,
            boolean lowExclusive,
            @Nullable BigDecimal high,
            boolean highExclusive) {
        static final Range ALL = new Range(null, false, null, false);

        Range intersect(Range other) {
            int low = compare(other.low, this.low, -1);
            int high = compare(other.high, this.high, 1);
            Range lower = low > 0 ? other : this;
            Range upper = high < 0 ? other : this;
            return new Range(
                    lower.low,
                    low == 0 ? lowExclusive || other.lowExclusive : lower.lowExclusive,
                    upper.high,
                    high == 0 ? highExclusive || other.highExclusive : upper.highExclusive);
        }

        /// With null beyond every number, in the direction given.
        private static int compare(@Nullable BigDecimal one, @Nullable BigDecimal other, int ofNull) {
            if (one == null || other == null) {
                return one == other ? 0 : one == null ? ofNull : -ofNull;
            }
            return one.compareTo(other);
        }

        boolean isEmpty(boolean whole) {
            if (low == null || high == null) {
                return false;
            }
            if (!whole) {
                int order = low.compareTo(high);
                return order > 0 || (order == 0 && (lowExclusive || highExclusive));
            }
            BigDecimal first = low.setScale(0, RoundingMode.CEILING);
            BigDecimal last = high.setScale(0, RoundingMode.FLOOR);
            first = lowExclusive && first.compareTo(low) == 0 ? first.add(BigDecimal.ONE) : first;
            last = highExclusive && last.compareTo(high) == 0 ? last.subtract(BigDecimal.ONE) : last;
            return first.compareTo(last) > 0;
        }
    }

    private static final NumberLanguage ANY = new NumberLanguage(Range.ALL, false, List.of(), List.of());
    private static final NumberLanguage INTEGER = new NumberLanguage(Range.ALL, true, List.of(), List.of());
    private static final NumberLanguage NOTHING = of(Nfa.NOTHING);

    /// They recur with every column.
    private static final Map<Integer, NumberLanguage> OF_DIGITS = new ConcurrentHashMap<>();

    private final Range range;
    private final boolean whole;
    private final List<BigDecimal> divisors;
    private final List<Nfa> others;

    private @Nullable Nfa nfa;
    private @Nullable ByteAutomaton json;

    /// The numbers of a range that are multiples of all the divisors and in all the other automata.
    private NumberLanguage(Range range, boolean whole, List<BigDecimal> divisors, List<Nfa> others) {
        this.range = range;
        this.whole = whole;
        this.divisors = divisors;
        this.others = others;
    }

    private static NumberLanguage of(Nfa nfa) {
        return new NumberLanguage(Range.ALL, false, List.of(), List.of(nfa));
    }

    /// Every number.
    public static NumberLanguage any() {
        return ANY;
    }

    /// Every whole number, written without fraction and exponent.
    public static NumberLanguage integer() {
        return INTEGER;
    }

    /// No number.
    public static NumberLanguage nothing() {
        return NOTHING;
    }

    /// Exactly these numbers, however many zeros they are written with.
    public static NumberLanguage ofValues(Collection<BigDecimal> values) {
        return of(NumberText.values(values));
    }

    /// Those that are at least `bound`, or greater where it is exclusive.
    ///
    /// @throws LexicalException if the bound has too many digits
    public NumberLanguage withMinimum(BigDecimal bound, boolean exclusive) {
        NumberText.checkDigits(bound);
        return within(new Range(bound, exclusive, null, false));
    }

    /// Those that are at most `bound`, or less where it is exclusive.
    ///
    /// @throws LexicalException if the bound has too many digits
    public NumberLanguage withMaximum(BigDecimal bound, boolean exclusive) {
        NumberText.checkDigits(bound);
        return within(new Range(null, false, bound, exclusive));
    }

    private NumberLanguage within(Range other) {
        return new NumberLanguage(range.intersect(other), whole, divisors, others);
    }

    /// Those that are a whole multiple of `divisor`, which is positive.
    ///
    /// @throws LexicalException if the automaton would have too many states
    public NumberLanguage multipleOf(BigDecimal divisor) {
        NumberText.checkDivisor(divisor);
        return new NumberLanguage(range, whole, joined(divisors, List.of(divisor)), others);
    }

    /// Numbers written with at most so many digits that count, neither very great nor very small: those of 15
    /// are told apart by a double.
    ///
    /// @param most at least 1
    public static NumberLanguage ofDigits(int most) {
        return OF_DIGITS.computeIfAbsent(most, digits -> of(NumberText.digits(digits)));
    }

    public NumberLanguage intersect(NumberLanguage other) {
        if (this == ANY) {
            return other;
        }
        return other == ANY
                ? this
                : new NumberLanguage(
                        range.intersect(other.range),
                        whole || other.whole,
                        joined(divisors, other.divisors),
                        joined(others, other.others));
    }

    private static <T> List<T> joined(List<T> some, List<T> more) {
        List<T> all = new ArrayList<>(some);
        for (T one : more) {
            if (!all.contains(one)) {
                all.add(one);
            }
        }
        return List.copyOf(all);
    }

    public NumberLanguage union(NumberLanguage other) {
        return of(Nfa.union(List.of(nfa(), other.nfa())));
    }

    /// The numbers that are not in this language.
    public NumberLanguage complement() {
        Nfa least = NumberText.least();
        return of(NumberText.withZeros(least.intersect(nfa().complement(MAX_COMPLEMENT_STATES))));
    }

    public boolean isEmpty() {
        return range.isEmpty(whole) || (!(divisors.isEmpty() && others.isEmpty()) && nfa().isEmpty());
    }

    /// How many numbers there are, up to `enough`; or fewer, where that takes long to find out.
    public long count(long enough) {
        boolean unlimited = range.low == null || range.high == null;
        if (others.isEmpty() && (unlimited || (!whole && divisors.isEmpty() && !range.isEmpty(false) && isWide()))) {
            return enough;
        }
        try {
            return Dfa.of(nfa().intersect(NumberText.least())).count(0, Integer.MAX_VALUE, enough);
        } catch (LexicalException large) {
            return enough;
        }
    }

    private boolean isWide() {
        return range.low == null || range.high == null || range.low.compareTo(range.high) < 0;
    }

    public boolean contains(BigDecimal value) {
        ByteAutomaton automaton = toJsonText();
        int state = automaton.start();
        String text = NumberText.plain(value);
        for (int i = 0; i < text.length() && state != ByteAutomaton.DEAD; i++) {
            state = automaton.next(state, text.charAt(i));
        }
        return state != ByteAutomaton.DEAD && automaton.accepting(state);
    }

    private synchronized Nfa nfa() {
        Nfa made = nfa;
        if (made == null) {
            made = make();
            nfa = made;
        }
        return made;
    }

    private Nfa make() {
        List<Nfa> parts = new ArrayList<>(others);
        if (range.isEmpty(whole)) {
            return Nfa.NOTHING;
        }
        if (!range.equals(Range.ALL)) {
            parts.add(NumberText.range(range.low, range.lowExclusive, range.high, range.highExclusive, whole));
        } else if (whole && divisors.isEmpty()) {
            parts.add(NumberText.integer());
        }
        for (BigDecimal divisor : divisors) {
            parts.add(NumberText.multipleOf(divisor, whole));
        }
        if (parts.isEmpty()) {
            return NumberText.any();
        }
        Nfa result = parts.getFirst();
        for (Nfa part : parts.subList(1, parts.size())) {
            result = result.intersect(part);
        }
        return whole && range.equals(Range.ALL) && !divisors.isEmpty()
                ? result.intersect(NumberText.integer())
                : result;
    }

    /// The JSON text of the numbers.
    ///
    /// @throws LexicalException if the automaton has too many states
    public synchronized ByteAutomaton toJsonText() {
        ByteAutomaton made = json;
        if (made == null) {
            made = new AsciiText(Dfa.of(nfa()));
            json = made;
        }
        return made;
    }
}
