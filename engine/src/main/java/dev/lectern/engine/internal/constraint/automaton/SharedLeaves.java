package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.NumberLanguage;
import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import dev.lectern.engine.internal.constraint.mask.TokenTrie;

/// The leaves that most schemas have, so that their masks are worked out once for a vocabulary. Thread-safe.
public final class SharedLeaves {
    private final TokenTrie trie;
    private final Leaf anyString = new Leaf(StringLanguage.any().toJsonText());
    private final Leaf anyNumber = new Leaf(NumberLanguage.any().toJsonText());
    private final Leaf restOfName = new Leaf(CanonicalText.INSTANCE);

    public SharedLeaves(TokenTrie trie) {
        this.trie = trie;
    }

    TokenTrie trie() {
        return trie;
    }

    Leaf anyString() {
        return anyString;
    }

    Leaf anyNumber() {
        return anyNumber;
    }

    Leaf restOfName() {
        return restOfName;
    }
}
