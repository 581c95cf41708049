package dev.lectern.engine.internal.chat.jinja;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A template that cannot be parsed or rendered: where, and why.
///
/// Operations on values do not know where they stand in the template; the innermost expression or statement that they
/// were part of adds its place on the way out.
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What kind of failure; `pythonName` is the exception that transformers shows for it.
    public enum Reason {
        /// The source is no template.
        SYNTAX("TemplateSyntaxError"),
        /// The template itself refused its input with `raise_exception`.
        RAISED("TemplateError"),
        /// A name, attribute or item that is not there was used for more than a test or an output.
        UNDEFINED("UndefinedError"),
        /// A value of the wrong type or size for an operation.
        TYPE("TypeError"),
        /// A part of the language that this interpreter does not have.
        UNSUPPORTED("TemplateRuntimeError"),
        /// The template asks for more work, text or depth than a chat template may.
        LIMIT("OverflowError");

        private final String pythonName;

        Reason(String pythonName) {
            this.pythonName = pythonName;
        }

        public String pythonName() {
            return pythonName;
        }
    }

    private final Reason reason;
    private final String detail;

    @Nullable
    private final Position position;

    TemplateException(Reason reason, String detail) {
        this(reason, detail, null);
    }

    TemplateException(Reason reason, String detail, @Nullable Position position) {
        super(position == null ? detail : position + ": " + detail);
        this.reason = reason;
        this.detail = detail;
        this.position = position;
    }

    static TemplateException type(String detail) {
        return new TemplateException(Reason.TYPE, detail);
    }

    static TemplateException undefined(Value.Undefined value) {
        return new TemplateException(Reason.UNDEFINED, value.hint());
    }

    static TemplateException unsupported(String detail) {
        return new TemplateException(Reason.UNSUPPORTED, detail);
    }

    static TemplateException limit(String detail) {
        return new TemplateException(Reason.LIMIT, detail);
    }

    /// The same failure with its place, unless it has one already.
    TemplateException at(Position place) {
        return position != null ? this : new TemplateException(reason, detail, place);
    }

    public Reason reason() {
        return reason;
    }

    /// Why, without the place. For [Reason#RAISED] the template's own words.
    public String detail() {
        return detail;
    }

    public Optional<Position> position() {
        return Optional.ofNullable(position);
    }
}
