package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.NumberLanguage;
import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import dev.lectern.engine.internal.constraint.mask.TokenSpelling;
import dev.lectern.engine.internal.constraint.mask.TokenTrie;

/// The leaves that most schemas have, so that their masks are worked out once for a vocabulary. Thread-safe.
public final class SharedLeaves {
    private final TokenTrie trie;
    private final RowBudget budget = new RowBudget();
    private final AnyText anyText = new AnyText(StringLanguage.any().toJsonText());
    private final Leaf anyString = new Leaf(anyText, budget);
    private final Leaf anyNumber = new Leaf(NumberLanguage.any().toJsonText(), budget);
    private final Leaf restOfName = new Leaf(CanonicalText.INSTANCE, budget);

    private final TokenSpelling spelling;
    private final TextTokens textTokens;
    private final LongTokens longTokens;

    public SharedLeaves(TokenTrie trie) {
        this.trie = trie;
        this.spelling = new TokenSpelling(trie);
        this.textTokens = new TextTokens(trie, anyText);
        this.longTokens = new LongTokens(trie);
    }

    TokenTrie trie() {
        return trie;
    }

    public TokenSpelling spelling() {
        return spelling;
    }

    AnyText anyText() {
        return anyText;
    }

    LongTokens longTokens() {
        return longTokens;
    }

    TextTokens textTokens() {
        return textTokens;
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
