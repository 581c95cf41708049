package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.internal.tokenizer.Vocabulary.Alphabet;
import dev.lectern.engine.internal.tokenizer.Vocabulary.Merge;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Everything that decides how text becomes ids, wherever it was read.
///
/// @param origin       names the file, for messages; decides nothing
/// @param vocabulary   pieces, kinds, merges
/// @param normaliser   what happens to the text first
/// @param preTokenizer where it is cut into words
/// @param ignoreMerges a word that is a piece becomes that piece, however merges would have built it
record TokenizerSpec(
        String origin, Vocabulary vocabulary, Normaliser normaliser, PreTokenizer preTokenizer, boolean ignoreMerges) {

    /// How text is changed before it is cut.
    ///
    /// @param composed      to Unicode's form C
    /// @param visibleSpaces spaces become `▁`
    /// @param prefix        what is put before the text
    record Normaliser(boolean composed, boolean visibleSpaces, Prefix prefix) {
        static final Normaliser NONE = new Normaliser(false, false, Prefix.NONE);

        /// A space (or `▁`) at the text's beginning, so that the first word is the token that it is elsewhere.
        enum Prefix {
            NONE,
            /// Before a text that does not begin with one.
            IF_MISSING,
            /// Before every text but the empty one.
            ALWAYS
        }

        NormalizedText apply(String text) {
            NormalizedText result = NormalizedText.of(text);
            if (composed) {
                result = result.composed();
            }
            if (visibleSpaces) {
                result = result.replaced(' ', Vocabulary.VISIBLE_SPACE);
            }
            String space = visibleSpaces ? String.valueOf(Vocabulary.VISIBLE_SPACE) : " ";
            boolean wanted = switch (prefix) {
                case NONE -> false;
                case IF_MISSING -> !result.text().startsWith(space);
                case ALWAYS -> true;
            };
            return wanted && !text.isEmpty() ? result.prefixed(space) : result;
        }
    }

    /// Hex SHA-256 over all that decides the encoding.
    String fingerprint() {
        MessageDigest digest = sha256();
        add(digest, "lectern tokenizer 1");
        add(digest, vocabulary.alphabet().name());
        add(digest, normaliser.toString());
        add(digest, preTokenizer.toString());
        add(digest, Boolean.toString(ignoreMerges));
        for (int id = 0; id < vocabulary.size(); id++) {
            String piece = vocabulary.piece(id);
            add(digest, vocabulary.kind(id).name());
            add(digest, piece == null ? "" : piece);
        }
        for (Merge merge : vocabulary.merges()) {
            add(digest, merge.left());
            add(digest, merge.right());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /// With its length before it, so that no two lists of strings are the same bytes.
    private static void add(MessageDigest digest, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    boolean isSentencePiece() {
        return vocabulary.alphabet() == Alphabet.SENTENCE_PIECE;
    }
}
