package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.internal.tokenizer.Vocabulary.Alphabet;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/// Everything that decides how text becomes ids, wherever it was read.
///
/// @param origin       names the file, for messages; decides nothing
/// @param vocabulary   pieces, kinds, merges
/// @param normaliser   what happens to the text first
/// @param preTokenizer where it is cut into words
/// @param ignoreMerges a word that is a piece becomes that piece, however merges would have built it
/// @param scores       of a unigram model, by id; empty: byte-pair encoding
record TokenizerSpec(
        String origin,
        Vocabulary vocabulary,
        Normaliser normaliser,
        PreTokenizer preTokenizer,
        boolean ignoreMerges,
        float[] scores) {

    /// Of byte-pair encoding.
    TokenizerSpec(
            String origin,
            Vocabulary vocabulary,
            Normaliser normaliser,
            PreTokenizer preTokenizer,
            boolean ignoreMerges) {
        this(origin, vocabulary, normaliser, preTokenizer, ignoreMerges, new float[0]);
    }

    /// What turns words into tokens.
    SubwordModel model() {
        return scores.length == 0 ? new BpeModel(vocabulary, ignoreMerges) : new UnigramModel(vocabulary, scores);
    }

    /// How text is changed before it is cut.
    ///
    /// @param composed      to Unicode's form C
    /// @param visibleSpaces spaces become `▁`
    /// @param prefix        what is put before the text
    record Normaliser(boolean composed, boolean visibleSpaces, Prefix prefix) {
        static final Normaliser NONE = new Normaliser(false, false, Prefix.NONE);

        /// A space (or `▁`) at the text's beginning, so that the first word is the token that it is
        /// elsewhere.
        enum Prefix {
            NONE,
            /// Before a text that does not begin with one.
            IF_MISSING,
            /// Before every text but the empty one.
            ALWAYS
        }
    }

    /// Rank of each piece by its score: 0 for the highest, equal ones for equal scores.
    static int[] ranksByScore(List<Float> scores) {
        float[] distinct = new float[scores.size()];
        for (int i = 0; i < distinct.length; i++) {
            distinct[i] = scores.get(i);
        }
        Arrays.sort(distinct);
        int[] ranks = new int[distinct.length];
        for (int i = 0; i < ranks.length; i++) {
            ranks[i] = distinct.length - 1 - Arrays.binarySearch(distinct, scores.get(i));
        }
        return ranks;
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
        Merges merges = vocabulary.merges();
        for (int i = 0; i < merges.size(); i++) {
            add(digest, Objects.requireNonNull(vocabulary.piece(merges.left(i))));
            add(digest, Objects.requireNonNull(vocabulary.piece(merges.right(i))));
        }
        for (float score : scores) {
            add(digest, Float.toString(score));
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
