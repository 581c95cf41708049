package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.mask.TokenSet;

/// The tokens that a frame admits whatever is beneath it.
///
/// @param inside  tokens that end within the frame, or at its end
/// @param removed tokens of `inside` that are not admitted after all (so that frames can share `inside`)
/// @param added   further tokens
/// @param exits   nodes of the token trie at which the frame has ended: their subtrees go on beneath it
record FrameMask(TokenSet inside, int[] removed, TokenSet added, int[] exits) {}
