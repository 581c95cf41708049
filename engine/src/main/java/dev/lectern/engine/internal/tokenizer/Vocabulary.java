package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelUnsupported;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Pieces and kinds by id, merges by rank: a byte-pair vocabulary, whatever file it came from. Immutable.
///
/// A piece of kind `TEXT` is spelled in the vocabulary's [Alphabet]; added and control tokens are spelled as they
/// are.
final class Vocabulary {
    /// How pieces spell bytes.
    enum Alphabet {
        /// A character per byte, see [ByteAlphabet] (GPT-2, Llama 3 and 4, Qwen).
        BYTE_LEVEL,
        /// The text itself with `▁` for the space, and tokens `<0x00>` to `<0xFF>` for what has no piece (Llama
        /// 2, Phi 3).
        SENTENCE_PIECE
    }

    /// U+2581, SentencePiece's visible space.
    static final char VISIBLE_SPACE = '▁';

    /// No tokenizer has more ids than this; a file that claims more is damaged.
    static final int MAX_ID = 1 << 24;

    private final Alphabet alphabet;
    private final @Nullable String[] pieces;
    private final TokenKind[] kinds;
    private final Merge[] merges;
    private final Map<String, Integer> textIds;
    private final Map<String, Integer> controlIds;

    /// A pair of pieces that becomes one; earlier merges win.
    record Merge(String left, String right) {}

    private Vocabulary(
            Alphabet alphabet,
            @Nullable String[] pieces,
            TokenKind[] kinds,
            Merge[] merges,
            Map<String, Integer> textIds,
            Map<String, Integer> controlIds) {
        this.alphabet = alphabet;
        this.pieces = pieces;
        this.kinds = kinds;
        this.merges = merges;
        this.textIds = textIds;
        this.controlIds = controlIds;
    }

    /// @param origin names the file, for messages
    /// @param pieces by id; null where no token has the id
    /// @param kinds  by id
    /// @throws ModelCorrupt     for a piece with two ids or a merge of or into an unknown piece
    /// @throws ModelUnsupported when the pieces cannot express every text
    static Vocabulary of(
            String origin, Alphabet alphabet, @Nullable String[] pieces, TokenKind[] kinds, Iterable<Merge> merges) {
        Map<String, Integer> textIds = HashMap.newHashMap(pieces.length);
        Map<String, Integer> controlIds = new HashMap<>();
        for (int id = 0; id < pieces.length; id++) {
            String piece = pieces[id];
            if (piece == null) {
                continue;
            }
            Map<String, Integer> ids = switch (kinds[id]) {
                case TEXT, BYTE, ADDED_TEXT -> textIds;
                case ADDED_MARKUP, CONTROL -> controlIds;
                case NONE -> throw new IllegalArgumentException("a piece without a kind: id " + id);
            };
            Integer other = ids.putIfAbsent(piece, id);
            if (other != null && ids == textIds) {
                throw new ModelCorrupt(
                        "[" + origin + "] token " + shown(piece) + " has two ids, " + other + " and " + id);
            }
        }
        Vocabulary vocabulary = new Vocabulary(
                alphabet, pieces, kinds, textMerges(origin, merges, textIds, controlIds), textIds, controlIds);
        vocabulary.requireEveryByte(origin);
        return vocabulary;
    }

    /// Merges that end in a control token are left out: no text may become one.
    private static Merge[] textMerges(
            String origin, Iterable<Merge> merges, Map<String, Integer> textIds, Map<String, Integer> controlIds) {
        java.util.ArrayList<Merge> kept = new java.util.ArrayList<>();
        int rank = 0;
        for (Merge merge : merges) {
            String[] parts = {merge.left(), merge.right(), merge.left() + merge.right()};
            boolean ofText = true;
            for (String part : parts) {
                if (textIds.containsKey(part)) {
                    continue;
                }
                if (!controlIds.containsKey(part)) {
                    throw new ModelCorrupt("[" + origin + "] merge " + rank + " (" + shown(merge.left()) + ", "
                            + shown(merge.right()) + "): " + shown(part) + " is not in the vocabulary");
                }
                ofText = false;
            }
            if (ofText) {
                kept.add(merge);
            }
            rank++;
        }
        return kept.toArray(new Merge[0]);
    }

    private void requireEveryByte(String origin) {
        int missing = 0;
        for (int value = 0; value < 256; value++) {
            // 0xC0, 0xC1 and 0xF5 to 0xFF occur in no UTF-8 text.
            if (value != 0xC0 && value != 0xC1 && value < 0xF5 && !textIds.containsKey(byteSpelling(value))) {
                missing++;
            }
        }
        if (missing > 0) {
            throw new ModelUnsupported("[" + origin + "] the vocabulary has no token for " + missing
                    + " of the 243 bytes of UTF-8, so it cannot encode every text; supported: byte-level BPE, and BPE"
                    + " with byte fallback (<0x00> to <0xFF>)");
        }
    }

    private String byteSpelling(int value) {
        return switch (alphabet) {
            case BYTE_LEVEL -> String.valueOf(ByteAlphabet.characterOf(value));
            case SENTENCE_PIECE -> String.format(Locale.ROOT, "<0x%02X>", value);
        };
    }

    Alphabet alphabet() {
        return alphabet;
    }

    /// Highest id plus one.
    int size() {
        return pieces.length;
    }

    /// Null where no token has the id.
    @Nullable
    String piece(int id) {
        return pieces[id];
    }

    TokenKind kind(int id) {
        return kinds[id];
    }

    Merge[] merges() {
        return merges;
    }

    OptionalInt controlToken(String content) {
        Integer id = controlIds.get(content);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /// The bytes of text that a token stands for: none for control tokens.
    byte[] bytes(int id) {
        String piece = pieces[id];
        if (piece == null) {
            return new byte[0];
        }
        return switch (kinds[id]) {
            case NONE, CONTROL -> new byte[0];
            case ADDED_TEXT, ADDED_MARKUP -> piece.getBytes(StandardCharsets.UTF_8);
            case BYTE -> new byte[] {(byte) Integer.parseInt(piece, 3, 5, 16)};
            case TEXT ->
                switch (alphabet) {
                    case BYTE_LEVEL -> byteLevel(piece);
                    case SENTENCE_PIECE -> piece.replace(VISIBLE_SPACE, ' ').getBytes(StandardCharsets.UTF_8);
                };
        };
    }

    /// The piece as text where it is no spelling of bytes: some vocabularies hold unreachable pieces with
    /// characters outside the alphabet.
    private static byte[] byteLevel(String piece) {
        byte[] bytes = new byte[piece.length()];
        for (int i = 0; i < bytes.length; i++) {
            int value = ByteAlphabet.byteOf(piece.charAt(i));
            if (value < 0) {
                return piece.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }

    /// Whether no piece has a `▁` after another character, so that no token reaches from one word into the next.
    boolean wordsStandAlone() {
        for (int id = 0; id < pieces.length; id++) {
            String piece = pieces[id];
            if (piece == null || kinds[id] != TokenKind.TEXT) {
                continue;
            }
            for (int i = 1; i < piece.length(); i++) {
                if (piece.charAt(i) == VISIBLE_SPACE && piece.charAt(i - 1) != VISIBLE_SPACE) {
                    return false;
                }
            }
        }
        return true;
    }

    private static String shown(String piece) {
        String printable = piece.codePoints()
                .limit(40)
                .mapToObj(c ->
                        Character.isISOControl(c) ? String.format(Locale.ROOT, "\\u%04X", c) : Character.toString(c))
                .reduce("", String::concat);
        return "'" + printable + (piece.length() > 40 ? "…" : "") + "'";
    }

    @Override
    public String toString() {
        return "Vocabulary[" + alphabet + ", " + pieces.length + " ids, " + merges.length + " merges, "
                + Arrays.stream(kinds).filter(kind -> kind == TokenKind.CONTROL).count() + " control tokens]";
    }
}
