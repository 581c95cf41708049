package dev.lectern.engine.constraint;

/// White space between the parts of a JSON text as far as it is layout: nothing, a single space, or the end of a
/// line with an indentation. A state machine over its bytes.
final class WhiteSpace {
    /// No white space yet.
    static final int NONE = 0;
    /// More than layout needs.
    static final int TOO_MUCH = -1;
    static final int STATES = 36;

    private static final int SPACE = 1;
    private static final int RETURN = 2;
    /// At the beginning of a line; each column of indentation is a state more.
    private static final int LINE = 3;

    private WhiteSpace() {}

    static int next(int state, byte value) {
        return switch (state) {
            case NONE ->
                switch (value) {
                    case ' ' -> SPACE;
                    case '\n' -> LINE;
                    case '\r' -> RETURN;
                    default -> TOO_MUCH;
                };
            case RETURN -> value == '\n' ? LINE : TOO_MUCH;
            case SPACE, TOO_MUCH -> TOO_MUCH;
            default -> (value == ' ' || value == '\t') && state + 1 < STATES ? state + 1 : TOO_MUCH;
        };
    }
}
