package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.InvalidRequest;
import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelUnsupported;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Pieces and kinds by id, merges by rank: a byte-pair vocabulary, whatever file it came from. Immutable.
///
/// A piece of kind `TEXT` is spelled in the vocabulary's [Alphabet]; added and control tokens are spelled as
/// they are.
final class Vocabulary {
    /// How pieces spell bytes.
    enum Alphabet {
        /// A character per byte, see [ByteAlphabet] (GPT-2, Llama 3 and 4, Qwen).
        BYTE_LEVEL,
        /// The text itself with `▁` for the space, and tokens `<0x00>` to `<0xFF>` for what has no piece
        /// (Llama 2, Phi 3).
        SENTENCE_PIECE
    }

    /// U+2581, SentencePiece's visible space.
    static final char VISIBLE_SPACE = '▁';

    /// Longer pieces are not split into pairs: the longest in real vocabularies are lines of 128 characters.
    private static final int LONGEST_MERGED = 256;

    private static final int MOST_MISSING_BYTES = 32;

    /// No tokenizer has more ids than this; a file that claims more is damaged.
    static final int MAX_ID = 1 << 24;

    private final String origin;
    private final Alphabet alphabet;
    private final @Nullable String[] pieces;
    private final TokenKind[] kinds;
    private final Merges merges;
    private final Map<String, Integer> textIds;
    private final Map<String, Integer> controlIds;

    /// A pair of pieces that becomes one; earlier merges win.
    record Merge(String left, String right) {}

    private Vocabulary(
            String origin,
            Alphabet alphabet,
            @Nullable String[] pieces,
            TokenKind[] kinds,
            Merges merges,
            Map<String, Integer> textIds,
            Map<String, Integer> controlIds) {
        this.origin = origin;
        this.alphabet = alphabet;
        this.pieces = pieces;
        this.kinds = kinds;
        this.merges = merges;
        this.textIds = textIds;
        this.controlIds = controlIds;
    }

    /// A vocabulary with a list of merges.
    ///
    /// @param origin names the file, for messages
    /// @param pieces by id; null where no token has the id
    /// @param kinds  by id
    /// @throws ModelCorrupt     for a piece with two ids or a merge of or into an unknown piece
    /// @throws ModelUnsupported when the pieces cannot express every text
    static Vocabulary of(
            String origin, Alphabet alphabet, @Nullable String[] pieces, TokenKind[] kinds, Iterable<Merge> merges) {
        Map<String, Integer> controlIds = new HashMap<>();
        Map<String, Integer> textIds = index(origin, pieces, kinds, controlIds);
        return new Vocabulary(
                        origin,
                        alphabet,
                        pieces,
                        kinds,
                        listed(origin, merges, textIds, controlIds),
                        textIds,
                        controlIds)
                .requireEveryByte();
    }

    /// A vocabulary in which any two neighbours merge whose joined spelling is a piece, the lowest rank
    /// first.
    ///
    /// @param ranks by id; equal ranks are decided by position
    static Vocabulary ranked(
            String origin, Alphabet alphabet, @Nullable String[] pieces, TokenKind[] kinds, int[] ranks) {
        Map<String, Integer> controlIds = new HashMap<>();
        Map<String, Integer> textIds = index(origin, pieces, kinds, controlIds);
        return new Vocabulary(
                        origin, alphabet, pieces, kinds, split(pieces, kinds, ranks, textIds), textIds, controlIds)
                .requireEveryByte();
    }

    /// A vocabulary that knows no merges: its pieces have scores instead.
    static Vocabulary unmerged(String origin, Alphabet alphabet, @Nullable String[] pieces, TokenKind[] kinds) {
        return of(origin, alphabet, pieces, kinds, List.of());
    }

    private static Map<String, Integer> index(
            String origin, @Nullable String[] pieces, TokenKind[] kinds, Map<String, Integer> controlIds) {
        Map<String, Integer> textIds = HashMap.newHashMap(pieces.length);
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
        return textIds;
    }

    /// Merges that end in a control token are left out: no text may become one.
    private static Merges listed(
            String origin, Iterable<Merge> merges, Map<String, Integer> textIds, Map<String, Integer> controlIds) {
        Merges.Builder kept = new Merges.Builder();
        int rank = 0;
        for (Merge merge : merges) {
            String[] parts = {merge.left(), merge.right(), merge.left() + merge.right()};
            int[] ids = new int[parts.length];
            boolean ofText = true;
            for (int i = 0; i < parts.length; i++) {
                Integer id = textIds.get(parts[i]);
                if (id != null) {
                    ids[i] = id;
                    continue;
                }
                if (!controlIds.containsKey(parts[i])) {
                    throw new ModelCorrupt("[" + origin + "] merge " + rank + " (" + shown(merge.left()) + ", "
                            + shown(merge.right()) + "): " + shown(parts[i]) + " is not in the vocabulary");
                }
                ofText = false;
            }
            if (ofText) {
                kept.add(ids[0], ids[1], ids[2], rank);
            }
            rank++;
        }
        return kept.build();
    }

    /// Every way to make a piece of two others.
    private static Merges split(
            @Nullable String[] pieces, TokenKind[] kinds, int[] ranks, Map<String, Integer> textIds) {
        Merges.Builder pairs = new Merges.Builder();
        int[] ordered = IntStream.range(0, pieces.length)
                .filter(id -> kinds[id] == TokenKind.TEXT)
                .boxed()
                .sorted(Comparator.comparingInt(id -> ranks[id]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int id : ordered) {
            String piece = pieces[id];
            if (piece == null || piece.length() > LONGEST_MERGED) {
                continue;
            }
            for (int cut = 1; cut < piece.length(); cut++) {
                Integer left = textIds.get(piece.substring(0, cut));
                Integer right = left == null ? null : textIds.get(piece.substring(cut));
                if (left != null && right != null && kinds[left] == TokenKind.TEXT && kinds[right] == TokenKind.TEXT) {
                    pairs.add(left, right, id, ranks[id]);
                }
            }
        }
        return pairs.build();
    }

    /// A few real vocabularies (StarCoder, Falcon) lack control characters or bytes of rare scripts; a text
    /// that has them is refused when it comes.
    private Vocabulary requireEveryByte() {
        int missing = 0;
        int missingPrintable = 0;
        for (int value = 0; value < 256; value++) {
            // 0xC0, 0xC1 and 0xF5 to 0xFF occur in no UTF-8 text.
            if (value != 0xC0 && value != 0xC1 && value < 0xF5 && !textIds.containsKey(byteSpelling(value))) {
                missing++;
                missingPrintable += value >= ' ' && value <= '~' ? 1 : 0;
            }
        }
        if (missingPrintable > 0 || missing > MOST_MISSING_BYTES) {
            throw new ModelUnsupported("[" + origin + "] the vocabulary has no token for " + missing
                    + " of the 243 bytes of UTF-8, so it cannot encode every text; supported: byte-level BPE, and BPE"
                    + " with byte fallback (<0x00> to <0xFF>)");
        }
        return this;
    }

    /// The error for a text with a character that this vocabulary cannot express.
    InvalidRequest noTokenFor(int value, int character) {
        return new InvalidRequest(String.format(
                Locale.ROOT,
                "[%s] the text has U+%04X, and the vocabulary no token for its byte 0x%02X",
                origin,
                character,
                value));
    }

    /// Id of each byte's token, -1 for those that occur in no UTF-8 text and have none.
    int[] byteIds() {
        int[] ids = new int[256];
        for (int value = 0; value < ids.length; value++) {
            ids[value] = textIds.getOrDefault(byteSpelling(value), -1);
        }
        return ids;
    }

    /// Id of a token that text can become, by its spelling, or -1.
    int textId(String spelling) {
        return textIds.getOrDefault(spelling, -1);
    }

    /// Whether text can become the token by merging.
    boolean isText(int id) {
        return kinds[id] == TokenKind.TEXT || kinds[id] == TokenKind.ADDED_TEXT;
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

    Merges merges() {
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
        return "Vocabulary[" + alphabet + ", " + pieces.length + " ids, " + merges.size() + " merges, "
                + Arrays.stream(kinds).filter(kind -> kind == TokenKind.CONTROL).count() + " control tokens]";
    }
}
