package dev.lectern.engine.internal.constraint.lexical;

/// A pattern, format or set of values that cannot be made into an automaton. The message says why, and
/// where in the pattern; the schema compiler adds the JSON pointer.
public final class LexicalException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What kind of failure.
    public enum Reason {
        /// Not a regular expression.
        SYNTAX,
        /// A part of the language of regular expressions that no finite automaton has, or a format not
        /// known here.
        UNSUPPORTED,
        /// More states than a schema may ask for.
        LIMIT
    }

    private final Reason reason;

    LexicalException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
