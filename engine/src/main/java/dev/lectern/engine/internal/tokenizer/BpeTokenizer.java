package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.InvalidRequest;
import dev.lectern.engine.EngineException.TokenizerMismatch;
import dev.lectern.engine.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/// A byte-pair tokenizer: Java normalises, places windows, finds the spans and decodes; native code merges.
///
/// Spans come from the lengths of the tokens' bytes, which add up to those of the text, so they are exact in every
/// script. Thread-safe.
final class BpeTokenizer implements Tokenizer {
    /// UTF-16 units that go to native code at a time, and a bit more up to the next certain cut. Short windows
    /// bound native memory and are faster: one core encodes 4 MiB for scout-nano at 680,000 tokens/s in windows of
    /// 4 Ki, 535,000 in 32 Ki, 430,000 in 1 Mi (CPU time, load by others on the machine).
    private static final int WINDOW = 1 << 12;

    private final Vocabulary vocabulary;
    private final TokenizerSpec spec;
    private final NativeBpe merger;
    private final WordCuts cuts;
    private final String fingerprint;
    private final int window;

    /// The bytes of token `id` are `bytes[byteStarts[id]]` to `bytes[byteStarts[id + 1]]`.
    private final byte[] bytes;

    private final int[] byteStarts;

    BpeTokenizer(TokenizerSpec spec) {
        this(spec, WINDOW);
    }

    BpeTokenizer(TokenizerSpec spec, int window) {
        this.spec = spec;
        this.vocabulary = spec.vocabulary();
        this.merger = NativeBpe.of(spec);
        this.cuts = WordCuts.of(spec.preTokenizer(), vocabulary);
        this.fingerprint = spec.fingerprint();
        this.window = window;
        this.byteStarts = new int[vocabulary.size() + 1];
        ByteArrayOutputStream all = new ByteArrayOutputStream(vocabulary.size() * 8);
        for (int id = 0; id < vocabulary.size(); id++) {
            all.writeBytes(vocabulary.bytes(id));
            byteStarts[id + 1] = all.size();
        }
        this.bytes = all.toByteArray();
    }

    @Override
    public Encoding encode(String text) {
        NormalizedText normal = spec.normaliser().apply(NormalizedText.withoutLoneSurrogates(text));
        int[] ids = ids(normal.text());
        return spans(ids, normal);
    }

    private int[] ids(String text) {
        int[] ids = new int[Math.max(16, text.length() / 3)];
        int count = 0;
        int from = 0;
        while (from < text.length()) {
            int to = text.length() - from <= window ? text.length() : cuts.next(text, from + window);
            long[] part = merger.encode(from == 0 && to == text.length() ? text : text.substring(from, to));
            if (ids.length - count < part.length) {
                ids = Arrays.copyOf(ids, Math.max(ids.length + ids.length / 2, count + part.length));
            }
            for (long id : part) {
                ids[count++] = Math.toIntExact(id);
            }
            from = to;
        }
        return Arrays.copyOf(ids, count);
    }

    /// Walks text and tokens together, both measured in bytes of UTF-8. A character belongs to the token that holds
    /// its first byte.
    private Encoding spans(int[] ids, NormalizedText normal) {
        String text = normal.text();
        int[] starts = new int[ids.length];
        int[] ends = new int[ids.length];
        long tokenEnd = 0;
        long textEnd = 0;
        int unit = 0;
        for (int i = 0; i < ids.length; i++) {
            starts[i] = normal.sourceIndex(unit);
            tokenEnd += byteStarts[ids[i] + 1] - byteStarts[ids[i]];
            while (textEnd < tokenEnd && unit < text.length()) {
                char first = text.charAt(unit);
                textEnd += byteLength(first);
                unit += Character.isHighSurrogate(first) ? 2 : 1;
            }
            ends[i] = normal.sourceIndex(unit);
        }
        if (textEnd != tokenEnd || unit != text.length()) {
            throw new TokenizerMismatch("[" + spec.origin() + "] the tokens stand for " + tokenEnd
                    + " bytes, of which the text has " + textEnd + ", and for " + unit + " of its " + text.length()
                    + " UTF-16 units");
        }
        return new Encoding(ids, starts, ends);
    }

    /// Bytes of UTF-8 that tokens hold for a character, told by its first UTF-16 unit: `▁` stands for a space.
    private int byteLength(char first) {
        if (first < 0x80 || (first == Vocabulary.VISIBLE_SPACE && spec.isSentencePiece())) {
            return 1;
        }
        if (first < 0x800) {
            return 2;
        }
        return Character.isHighSurrogate(first) ? 4 : 3;
    }

    @Override
    public String decode(int[] tokenIds) {
        ByteArrayOutputStream text = new ByteArrayOutputStream(tokenIds.length * 4);
        for (int id : tokenIds) {
            if (id < 0) {
                throw new InvalidRequest("token id " + id + " is negative");
            }
            // Embeddings are often padded beyond the vocabulary; those ids stand for no text.
            if (id < vocabulary.size()) {
                text.write(bytes, byteStarts[id], byteStarts[id + 1] - byteStarts[id]);
            }
        }
        String decoded = text.toString(StandardCharsets.UTF_8);
        boolean hasPrefix =
                spec.isSentencePiece() && spec.normaliser().prefix() != TokenizerSpec.Normaliser.Prefix.NONE;
        return hasPrefix && decoded.startsWith(" ") ? decoded.substring(1) : decoded;
    }

    @Override
    public OptionalInt controlToken(String content) {
        return vocabulary.controlToken(content);
    }

    @Override
    public String piece(int tokenId) {
        if (tokenId < 0 || tokenId >= vocabulary.size()) {
            throw new InvalidRequest("token id " + tokenId + " outside the vocabulary of " + vocabulary.size());
        }
        String piece = vocabulary.piece(tokenId);
        return piece == null ? "" : piece;
    }

    @Override
    public int vocabSize() {
        return vocabulary.size();
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public String toString() {
        return "BpeTokenizer[" + spec.origin() + ", " + vocabulary + "]";
    }
}
