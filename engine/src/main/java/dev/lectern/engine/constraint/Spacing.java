package dev.lectern.engine.constraint;

/// Reads along in a JSON text, outside of its strings, and knows what white space it has had after colons, commas
/// and opening brackets. Immutable.
///
/// @param known   two bits for each kind of place: not seen, none, a space, anything else
/// @param pending the kind of place that has just been passed, or -1
/// @param blanks  the white space since then, as in `known` from 1 on
/// @param loose   whether there has been white space before a colon, a comma or a closing bracket
record Spacing(int known, int pending, int blanks, boolean loose) {
    static final int COLON = 0;
    static final int OBJECT_COMMA = 1;
    static final int LIST_COMMA = 2;
    static final int OBJECT_OPEN = 3;
    static final int LIST_OPEN = 4;

    private static final int NONE = 1;
    private static final int SPACE = 2;
    private static final int OTHER = 3;

    static final Spacing START = new Spacing(0, -1, NONE, false);

    /// That of `json.dumps`.
    static final Spacing SPACED = new Spacing(
            SPACE << 2 * COLON
                    | SPACE << 2 * OBJECT_COMMA
                    | SPACE << 2 * LIST_COMMA
                    | NONE << 2 * OBJECT_OPEN
                    | NONE << 2 * LIST_OPEN,
            -1,
            NONE,
            false);

    /// After a byte outside of strings, or a quote that begins one.
    ///
    /// @param object whether the innermost open bracket, before the byte, is an object's
    Spacing after(byte value, boolean object) {
        if (ConstraintVocabulary.isBlank(value)) {
            if (pending < 0) {
                return loose ? this : new Spacing(known, pending, blanks, true);
            }
            int more = blanks == NONE && value == ' ' ? SPACE : OTHER;
            return more == blanks ? this : new Spacing(known, pending, more, loose);
        }
        boolean closes = value == '}' || value == ']';
        int learnt = pending < 0 || (closes && blanks == NONE) ? known : with(pending, blanks);
        int next = switch (value) {
            case ':' -> COLON;
            case ',' -> object ? OBJECT_COMMA : LIST_COMMA;
            case '{' -> OBJECT_OPEN;
            case '[' -> LIST_OPEN;
            default -> -1;
        };
        return next == pending && next < 0 ? this : new Spacing(learnt, next, NONE, loose);
    }

    private int with(int place, int seen) {
        int before = known >> 2 * place & 3;
        int now = before == 0 || before == seen ? seen : OTHER;
        return known & ~(3 << 2 * place) | now << 2 * place;
    }

    private int at(int place) {
        return known >> 2 * place & 3;
    }

    /// How many spaces there are before a byte that is not white space, if the text goes on as before; -1 if
    /// that is not known.
    ///
    /// @param object whether the innermost open bracket, before the byte, is an object's
    int before(int value, boolean object) {
        if (pending < 0) {
            boolean closes = value == '}' || value == ']';
            boolean separate = closes && at(object ? OBJECT_OPEN : LIST_OPEN) != NONE;
            return loose || separate ? -1 : 0;
        }
        int usual = at(pending);
        if (usual == NONE && blanks == NONE || usual == SPACE && blanks == SPACE) {
            return 0;
        }
        return usual == SPACE && blanks == NONE ? 1 : -1;
    }
}
