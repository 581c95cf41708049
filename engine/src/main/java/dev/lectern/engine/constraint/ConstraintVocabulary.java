package dev.lectern.engine.constraint;

import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.constraint.automaton.SharedLeaves;
import dev.lectern.engine.internal.constraint.mask.IntList;
import dev.lectern.engine.internal.constraint.mask.TokenSet;
import dev.lectern.engine.internal.constraint.mask.TokenTrie;
import org.jspecify.annotations.Nullable;

/// What constraints need of a tokenizer: the bytes of its tokens as a tree, and the masks that all schemas share. To
/// be made once per tokenizer (some tenths of a second for 200,000 tokens, about 10 MB). Thread-safe.
public final class ConstraintVocabulary {
    private final byte[][] spellings;
    private final SharedLeaves shared;
    private final TokenSet blanks;
    private final int[] blankTokens;
    private final @Nullable TokenSet[] beyondLayout = new TokenSet[WhiteSpace.STATES + 1];
    private final int[] quotes;
    private final int[] doubleQuotes;
    private final int[] openings;

    private ConstraintVocabulary(byte[][] spellings) {
        TokenTrie trie = TokenTrie.of(spellings);
        this.spellings = spellings;
        this.shared = new SharedLeaves(trie);
        IntList beginBlank = new IntList();
        for (int id = 0; id < spellings.length; id++) {
            if (spellings[id].length > 0 && isBlank(spellings[id][0])) {
                beginBlank.add(id);
            }
        }
        this.quotes = withQuotes(1);
        this.doubleQuotes = withQuotes(2);
        this.openings = goingOnAfterQuote();
        this.blankTokens = beginBlank.toArray();
        this.blanks = TokenSet.of(beginBlank, spellings.length);
    }

    /// A vocabulary whose tokens are the 256 bytes: for reading texts, where there is no model.
    public static ConstraintVocabulary ofBytes() {
        byte[][] spellings = new byte[256][];
        for (int value = 0; value < spellings.length; value++) {
            spellings[value] = new byte[] {(byte) value};
        }
        return new ConstraintVocabulary(spellings);
    }

    private int[] withQuotes(int least) {
        IntList tokens = new IntList();
        for (int id = 0; id < spellings.length; id++) {
            int quotes = 0;
            for (byte value : spellings[id]) {
                quotes += value == '"' ? 1 : 0;
            }
            if (quotes >= least) {
                tokens.add(id);
            }
        }
        return tokens.toArray();
    }

    private int[] goingOnAfterQuote() {
        IntList tokens = new IntList();
        for (int token : quotes) {
            if (spellings[token][spellings[token].length - 1] != '"') {
                tokens.add(token);
            }
        }
        return tokens.toArray();
    }

    public static ConstraintVocabulary of(Tokenizer tokenizer) {
        byte[][] spellings = new byte[tokenizer.vocabSize()][];
        for (int id = 0; id < spellings.length; id++) {
            spellings[id] = tokenizer.textBytes(id);
        }
        return new ConstraintVocabulary(spellings);
    }

    public int size() {
        return spellings.length;
    }

    static boolean isBlank(byte value) {
        return value == ' ' || value == '\n' || value == '\r' || value == '\t';
    }

    /// Not to be changed.
    byte[] spelling(int tokenId) {
        return spellings[tokenId];
    }

    SharedLeaves shared() {
        return shared;
    }

    /// The tokens with a quote.
    int[] quotes() {
        return quotes;
    }

    /// The tokens with two quotes or more.
    int[] doubleQuotes() {
        return doubleQuotes;
    }

    /// The tokens that go on after a quote.
    int[] openings() {
        return openings;
    }

    /// The tokens that begin with more white space than layout needs.
    ///
    /// @param state of [WhiteSpace]
    synchronized TokenSet beyondLayout(int state) {
        TokenSet known = beyondLayout[state + 1];
        if (known == null) {
            IntList beyond = new IntList();
            for (int token : blankTokens) {
                int after = state;
                for (int i = 0; i < spellings[token].length && isBlank(spellings[token][i]); i++) {
                    after = WhiteSpace.next(after, spellings[token][i]);
                }
                if (after == WhiteSpace.TOO_MUCH) {
                    beyond.add(token);
                }
            }
            known = TokenSet.of(beyond, spellings.length);
            beyondLayout[state + 1] = known;
        }
        return known;
    }

    /// The tokens that begin with white space.
    TokenSet blanks() {
        return blanks;
    }
}
