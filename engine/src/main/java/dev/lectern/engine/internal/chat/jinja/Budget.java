package dev.lectern.engine.internal.chat.jinja;

/// What one rendering may cost. A chat template comes with a model from anywhere, so it must neither hang nor fill the
/// memory, whatever it says: every evaluated node, every produced element and every produced character is paid for
/// before it exists.
///
/// The largest published templates spend under 50,000 units on a conversation of a few turns.
final class Budget {
    /// Allowed whatever the input; a quarter of a second of work and 4 million characters.
    static final long BASE_UNITS = 1_000_000;

    /// Allowed per character and per value of the input on top of [#BASE_UNITS], since templates read their input
    /// several times.
    static final long UNITS_PER_INPUT_CHARACTER = 16;

    static final long UNITS_PER_INPUT_VALUE = 2_000;

    /// Nested expressions, statements and macro calls. Each takes a few frames of some hundred bytes on a thread's
    /// stack.
    static final int MAX_DEPTH = 300;

    private static final int CHARACTERS_PER_UNIT = 4;
    private static final int UNITS_PER_ELEMENT = 4;

    private final long limit;
    private long spent;
    private int depth;

    Budget(long inputCharacters, long inputValues) {
        this.limit = BASE_UNITS + UNITS_PER_INPUT_CHARACTER * inputCharacters + UNITS_PER_INPUT_VALUE * inputValues;
    }

    /// @param units non-negative
    void spend(long units) {
        // Compared like this, no sum overflows.
        if (units > limit - spent) {
            throw TemplateException.limit("the template does more work than a chat template may: its limit is " + limit
                    + " steps; the template may be looping, or building a text without end");
        }
        spent += units;
    }

    /// Before a text of that many characters is made or searched.
    void characters(long count) {
        spend(1 + count / CHARACTERS_PER_UNIT);
    }

    /// Before that many new values are made.
    void elements(long count) {
        spend(1 + Math.multiplyExact(UNITS_PER_ELEMENT, Math.min(count, Long.MAX_VALUE / UNITS_PER_ELEMENT)));
    }

    /// Before that many existing values are put into a new list.
    void copies(long count) {
        spend(1 + count / 2);
    }

    void enter() {
        spend(1);
        if (++depth > MAX_DEPTH) {
            throw TemplateException.limit("the template nests deeper than " + MAX_DEPTH
                    + " expressions, statements and macro calls; it may be calling itself without end");
        }
    }

    void leave() {
        depth--;
    }

    long spent() {
        return spent;
    }
}
