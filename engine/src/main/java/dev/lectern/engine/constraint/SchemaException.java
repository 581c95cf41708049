package dev.lectern.engine.constraint;

/// A schema that no answer can be held to: not a schema, a keyword that cannot be enforced exactly, one that nothing
/// satisfies, or one beyond the [CompileLimits]. Thrown before any token is generated; never after.
public final class SchemaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Why a schema was refused.
    public enum Kind {
        /// The text is no JSON Schema.
        INVALID,
        /// A keyword, or a combination of them, that cannot be enforced exactly.
        UNSUPPORTED,
        /// No value satisfies it.
        UNSATISFIABLE,
        /// More states, nodes or steps than the limits admit.
        LIMIT
    }

    private final Kind kind;
    private final String pointer;
    private final String keyword;
    private final String reason;

    /// @param pointer JSON pointer of the schema that has the keyword; empty for the root
    /// @param keyword what was refused, for example `uniqueItems`; empty if the schema as a whole
    public SchemaException(Kind kind, String pointer, String keyword, String reason) {
        super("[schema#" + pointer + (keyword.isEmpty() ? "" : "/" + keyword) + "] " + reason);
        this.kind = kind;
        this.pointer = pointer;
        this.keyword = keyword;
        this.reason = reason;
    }

    public Kind kind() {
        return kind;
    }

    public String pointer() {
        return pointer;
    }

    public String keyword() {
        return keyword;
    }

    public String reason() {
        return reason;
    }
}
