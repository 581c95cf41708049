package dev.lectern.engine.internal.constraint.automaton;

/// Bytes that end something that is open, and how many tokens spell them.
///
/// @param tokens  of the bytes by themselves
/// @param invents whether they give the open object itself names that the schema does not list, and that depend
///                on which ones it has
record Ending(byte[] text, int tokens, boolean invents) {
    static final Ending NOTHING = new Ending(new byte[0], 0, false);

    boolean isShorterThan(Ending other) {
        return tokens != other.tokens ? tokens < other.tokens : text.length < other.text.length;
    }
}
