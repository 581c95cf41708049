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
    private final TokenSubtrie quotes;
    private final TokenSubtrie commas;
    private final TokenSubtrie commasAfterText;
    private final TokenSubtrie nextItems;
    private final TokenSubtrie nextItemsOfText;

    public SharedLeaves(TokenTrie trie) {
        this.trie = trie;
        this.spelling = new TokenSpelling(trie);
        this.textTokens = new TextTokens(trie, anyText);
        this.longTokens = new LongTokens(trie);
        this.quotes = new TokenSubtrie(trie, bytes -> indexOf(bytes, '"', 0) >= 0);
        this.commas = new TokenSubtrie(trie, bytes -> indexOf(bytes, ',', 0) >= 0);
        this.commasAfterText = new TokenSubtrie(trie, bytes -> {
            int quote = indexOf(bytes, '"', 0);
            return quote >= 0 && indexOf(bytes, ',', quote) >= 0;
        });
        this.nextItems = new TokenSubtrie(trie, bytes -> beginsItem(bytes, 0));
        this.nextItemsOfText = new TokenSubtrie(trie, bytes -> {
            int quote = indexOf(bytes, '"', 0);
            return quote >= 0 && beginsItem(bytes, quote);
        });
    }

    private static int indexOf(byte[] bytes, int value, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == value) {
                return i;
            }
        }
        return -1;
    }

    /// Whether a comma and what may be the next item follow.
    private static boolean beginsItem(byte[] bytes, int from) {
        int comma = indexOf(bytes, ',', from);
        for (int i = comma + 1; comma >= 0 && i < bytes.length; i++) {
            if (!Frame.blank(bytes[i])) {
                return true;
            }
        }
        return false;
    }

    /// The tokens with a quote.
    TokenSubtrie quotes() {
        return quotes;
    }

    /// The tokens with a comma.
    TokenSubtrie commas() {
        return commas;
    }

    /// The tokens with a comma after a quote.
    TokenSubtrie commasAfterText() {
        return commasAfterText;
    }

    /// The tokens in which one item of a list may end and the next begin.
    TokenSubtrie nextItems() {
        return nextItems;
    }

    /// Those of them that end a string first.
    TokenSubtrie nextItemsOfText() {
        return nextItemsOfText;
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
