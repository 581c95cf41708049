package dev.lectern.engine.internal.constraint.lexical;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A set of strings, as a JSON Schema describes it: by pattern, format, length and values, and by what
/// follows from these with and, or and not. Immutable and thread-safe; the automaton is made when it is
/// asked for.
///
/// Lengths are in code points. Strings with lone surrogates belong to no language.
public final class StringLanguage {
    static final int MAX_COMPLEMENT_STATES = 20_000;
    private static final int MAX_LISTED_STATES = 500;
    private static final int MAX_LISTING_STEPS = 10_000;
    private static final int MAX_COUNTED_STATES = 20_000;

    private static final StringLanguage ANY = new StringLanguage(Nfa.ANY, 0, Integer.MAX_VALUE);
    private static final StringLanguage NOTHING = new StringLanguage(Nfa.NOTHING, 0, Integer.MAX_VALUE);

    private final Nfa nfa;
    private final int minLength;
    private final int maxLength;
    /// The language with all that any reader of its patterns takes into it, where readers disagree: what its
    /// complement must leave out. Null if it is this one.
    private final @Nullable Supplier<StringLanguage> wide;

    private @Nullable Lengths lengths;
    private @Nullable Dfa dfa;
    private @Nullable ByteAutomaton json;

    private StringLanguage(Nfa nfa, int minLength, int maxLength, @Nullable Supplier<StringLanguage> wide) {
        this.nfa = nfa;
        this.minLength = minLength;
        this.maxLength = maxLength;
        this.wide = wide;
    }

    private StringLanguage(Nfa nfa, int minLength, int maxLength) {
        this(nfa, minLength, maxLength, null);
    }

    /// The same language, known to be only a part of what is meant: all of that is in `whole`, so what is
    /// not in there is surely not meant. If that is null, nothing can be said of the complement.
    StringLanguage asPartOf(@Nullable StringLanguage whole, String name) {
        return new StringLanguage(nfa, minLength, maxLength, () -> {
            if (whole == null) {
                throw new LexicalException(
                        LexicalException.Reason.UNSUPPORTED, name + " can be enforced but not its opposite");
            }
            return whole;
        });
    }

    private StringLanguage wide() {
        return wide == null ? this : wide.get();
    }

    private static @Nullable Supplier<StringLanguage> wide(
            StringLanguage one, StringLanguage other, BinaryOperator<StringLanguage> operation) {
        return one.wide == null && other.wide == null ? null : () -> operation.apply(one.wide(), other.wide());
    }

    /// Every string.
    public static StringLanguage any() {
        return ANY;
    }

    /// No string.
    public static StringLanguage nothing() {
        return NOTHING;
    }

    /// The strings in which an ECMA regular expression finds a match.
    ///
    /// @throws LexicalException if it is none, or one that no automaton can decide, or needs too many states
    public static StringLanguage ofPattern(String ecmaRegex) {
        Regex tree = RegexParser.parse(ecmaRegex);
        return ofTree(tree, false);
    }

    static StringLanguage ofTree(Regex tree, boolean widely) {
        RegexCompiler.Compiled compiled = RegexCompiler.compile(tree, widely);
        return new StringLanguage(
                compiled.nfa(), compiled.minLength(), compiled.maxLength(), () -> ofTree(tree, !widely));
    }

    /// Whether the name is that of a format that [#ofFormat] knows.
    public static boolean knowsFormat(String format) {
        return Formats.names().contains(format);
    }

    /// The strings of a format of JSON Schema.
    ///
    /// @throws LexicalException if the format is not known
    public static StringLanguage ofFormat(String format) {
        StringLanguage language = Formats.of(format);
        if (language == null) {
            throw new LexicalException(
                    LexicalException.Reason.UNSUPPORTED,
                    "the unknown format '" + format + "'; known are " + new TreeSet<>(Formats.names()));
        }
        return language;
    }

    /// Exactly these strings.
    public static StringLanguage ofValues(Collection<String> values) {
        return new StringLanguage(Nfa.ofValues(values), 0, Integer.MAX_VALUE);
    }

    /// A string of this language, then one of these, none of which is empty.
    StringLanguage then(Collection<String> values) {
        return new StringLanguage(counted().then(Nfa.ofValues(values)), 0, Integer.MAX_VALUE);
    }

    /// Those of at least `min` and at most `max` code points ([Integer#MAX_VALUE]: no limit).
    public StringLanguage withLength(int min, int max) {
        int lower = Math.max(min, minLength);
        int upper = Math.min(max, maxLength);
        return lower > upper
                ? NOTHING
                : new StringLanguage(nfa, lower, upper, wide == null ? null : () -> wide().withLength(min, max));
    }

    public StringLanguage intersect(StringLanguage other) {
        int min = Math.max(minLength, other.minLength);
        int max = Math.min(maxLength, other.maxLength);
        return min > max
                ? NOTHING
                : new StringLanguage(nfa.intersect(other.nfa), min, max, wide(this, other, StringLanguage::intersect));
    }

    public StringLanguage union(StringLanguage other) {
        Supplier<StringLanguage> either = wide(this, other, StringLanguage::union);
        if (minLength == other.minLength && maxLength == other.maxLength) {
            return new StringLanguage(Nfa.union(List.of(nfa, other.nfa)), minLength, maxLength, either);
        }
        return new StringLanguage(Nfa.union(List.of(counted(), other.counted())), 0, Integer.MAX_VALUE, either);
    }

    /// The strings that are not in this language.
    ///
    /// @throws LexicalException if its automaton would have too many states
    public StringLanguage complement() {
        StringLanguage excluded = wide();
        List<Nfa> parts = new ArrayList<>();
        parts.add(excluded.nfa.complement(MAX_COMPLEMENT_STATES));
        if (excluded.minLength > 0) {
            parts.add(bounded(0, excluded.minLength - 1));
        }
        if (excluded.maxLength < Integer.MAX_VALUE) {
            parts.add(bounded(excluded.maxLength + 1, Integer.MAX_VALUE));
        }
        return new StringLanguage(
                Nfa.union(parts), 0, Integer.MAX_VALUE, wide == null ? null : () -> complementOf(this));
    }

    private static StringLanguage complementOf(StringLanguage narrow) {
        return new StringLanguage(narrow.nfa, narrow.minLength, narrow.maxLength).complement();
    }

    /// The automaton with the limits on the length unrolled.
    private Nfa counted() {
        return minLength == 0 && maxLength == Integer.MAX_VALUE ? nfa : nfa.intersect(bounded(minLength, maxLength));
    }

    private static Nfa bounded(int min, int max) {
        int last = max == Integer.MAX_VALUE ? min : max;
        if (last > MAX_COUNTED_STATES) {
            throw new LexicalException(
                    LexicalException.Reason.LIMIT,
                    "a length of " + last + " cannot be combined in this way; use at most " + MAX_COUNTED_STATES);
        }
        return Nfa.ofLength(min, max);
    }

    /// Whether nothing but the length is restricted.
    public boolean restrictsLengthOnly() {
        return nfa == Nfa.ANY;
    }

    public int minLength() {
        return minLength;
    }

    /// [Integer#MAX_VALUE] for no limit.
    public int maxLength() {
        return maxLength;
    }

    public boolean isEmpty() {
        return toJsonText().isEmpty();
    }

    /// The strings, sorted, if they are known to be at most so many; else null.
    public String @Nullable [] listed(int most) {
        if (this == ANY || nfa.isEmpty() || dfa().count(0, Integer.MAX_VALUE, most + 1L) > most) {
            return null;
        }
        List<String> strings = new ArrayList<>();
        dfa().collect(text -> {
            int length = text.codePointCount(0, text.length());
            if (length >= minLength && length <= maxLength) {
                strings.add(text);
            }
        });
        strings.sort(null);
        return strings.toArray(String[]::new);
    }

    /// How many strings there are, up to `enough`; or fewer, where that takes long to find out.
    public long count(long enough) {
        if (this == ANY) {
            return enough;
        }
        return nfa.isEmpty() ? 0 : dfa().count(minLength, maxLength, enough);
    }

    public boolean contains(String value) {
        int length = value.codePointCount(0, value.length());
        if (length < minLength || length > maxLength || nfa.isEmpty()) {
            return false;
        }
        Dfa automaton = dfa();
        int state = automaton.start();
        for (int i = 0; i < value.length() && state >= 0; ) {
            int codePoint = value.codePointAt(i);
            state = automaton.next(state, codePoint);
            i += Character.charCount(codePoint);
        }
        return state >= 0 && automaton.accepting(state);
    }

    /// All its strings if these are at most so many; null if there are more, or it would take long to tell.
    public @Nullable List<String> values(int most) {
        List<String> values = new ArrayList<>();
        if (nfa.isEmpty()) {
            return values;
        }
        Dfa automaton = dfa();
        if (automaton.start() < 0) {
            return values;
        }
        if (automaton.states() > MAX_LISTED_STATES) {
            return null;
        }
        int longest = Math.min(maxLength, automaton.states());
        return new Listing(automaton, longest, most, values).collect(automaton.start(), 0) ? values : null;
    }

    /// Collects the strings in the order of their characters.
    private final class Listing {
        private final Dfa automaton;
        private final int longest;
        private final int most;
        private final List<String> values;
        private final StringBuilder begun = new StringBuilder();
        private int steps;

        Listing(Dfa automaton, int longest, int most, List<String> values) {
            this.automaton = automaton;
            this.longest = longest;
            this.most = most;
            this.values = values;
        }

        /// Whether these are all.
        boolean collect(int state, int length) {
            if (automaton.accepting(state) && length >= minLength) {
                values.add(begun.toString());
            }
            int[] moves = automaton.moves(state);
            if (values.size() > most
                    || ++steps > MAX_LISTING_STEPS
                    || moves.length > 0 && length == longest && longest < maxLength) {
                return false; // Longer than there are states: it goes in circles.
            }
            for (int i = 0; i < moves.length && length < longest; i += 3) {
                if (moves[i + 1] - moves[i] >= most) {
                    return false;
                }
                for (int codePoint = moves[i]; codePoint <= moves[i + 1]; codePoint++) {
                    int before = begun.length();
                    begun.appendCodePoint(codePoint);
                    if (!collect(moves[i + 2], length + 1)) {
                        return false;
                    }
                    begun.setLength(before);
                }
            }
            return true;
        }
    }

    synchronized Dfa dfa() {
        Dfa made = dfa;
        if (made == null) {
            made = Dfa.of(nfa);
            dfa = made;
        }
        return made;
    }

    /// The JSON text of the strings, with their quotes, in UTF-8: each character raw or in any of its
    /// escapes.
    ///
    /// @throws LexicalException if the automaton has too many states
    public synchronized ByteAutomaton toJsonText() {
        ByteAutomaton made = json;
        if (made == null) {
            made = limited()
                    ? new CountedString(new JsonString(dfa()), dfa(), lengths(), minLength, maxLength)
                    : new JsonString(dfa());
            json = made;
        }
        return made;
    }

    /// Whether the limits on the length exclude anything that the automaton accepts.
    private boolean limited() {
        return (minLength > 0 || maxLength < Integer.MAX_VALUE)
                && dfa().start() >= 0
                && lengths().exceed(dfa().start(), minLength, maxLength);
    }

    private Lengths lengths() {
        Lengths made = lengths;
        if (made == null) {
            made = new Lengths(nfa, dfa(), maxLength);
            lengths = made;
        }
        return made;
    }
}
