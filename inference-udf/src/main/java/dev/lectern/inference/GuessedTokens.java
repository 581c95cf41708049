package dev.lectern.inference;

import java.io.Serializable;

/// How well answers could be guessed from what was there already.
///
/// @param proposed tokens that were guessed and verified in the pass of the token before them
/// @param accepted of them, those that were right and spared a pass each
public record GuessedTokens(long proposed, long accepted) implements Serializable {
    public static final GuessedTokens NONE = new GuessedTokens(0, 0);

    public GuessedTokens plus(GuessedTokens other) {
        return new GuessedTokens(proposed + other.proposed, accepted + other.accepted);
    }
}
