package dev.lectern.engine.internal.constraint.lexical;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A set of decimal numbers, as a JSON Schema describes it; arithmetic is exact throughout. Immutable and
/// thread-safe.
public final class NumberLanguage {
    private static final NumberLanguage ANY = new NumberLanguage(NumberText.any());
    private static final NumberLanguage INTEGER = new NumberLanguage(NumberText.integer());
    private static final NumberLanguage NOTHING = new NumberLanguage(Nfa.NOTHING);

    private static final int MAX_COMPLEMENT_STATES = 20_000;

    private final Nfa nfa;
    private @Nullable ByteAutomaton json;

    private NumberLanguage(Nfa nfa) {
        this.nfa = nfa;
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
        return new NumberLanguage(NumberText.values(values));
    }

    /// Those that are at least `bound`, or greater where it is exclusive.
    public NumberLanguage withMinimum(BigDecimal bound, boolean exclusive) {
        return new NumberLanguage(nfa.intersect(NumberText.range(bound, exclusive, null, false)));
    }

    /// Those that are at most `bound`, or less where it is exclusive.
    public NumberLanguage withMaximum(BigDecimal bound, boolean exclusive) {
        return new NumberLanguage(nfa.intersect(NumberText.range(null, false, bound, exclusive)));
    }

    /// Those that are a whole multiple of `divisor`, which is positive.
    ///
    /// @throws LexicalException if the automaton would have too many states
    public NumberLanguage multipleOf(BigDecimal divisor) {
        return new NumberLanguage(nfa.intersect(NumberText.multipleOf(divisor)));
    }

    public NumberLanguage intersect(NumberLanguage other) {
        return new NumberLanguage(nfa.intersect(other.nfa));
    }

    public NumberLanguage union(NumberLanguage other) {
        return new NumberLanguage(Nfa.union(List.of(nfa, other.nfa)));
    }

    /// The numbers that are not in this language.
    public NumberLanguage complement() {
        Nfa least = NumberText.least();
        return new NumberLanguage(NumberText.withZeros(least.intersect(nfa.complement(MAX_COMPLEMENT_STATES))));
    }

    public boolean isEmpty() {
        return nfa.isEmpty();
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

    /// The JSON text of the numbers.
    public synchronized ByteAutomaton toJsonText() {
        ByteAutomaton made = json;
        if (made == null) {
            made = new AsciiText(Dfa.of(nfa));
            json = made;
        }
        return made;
    }
}
