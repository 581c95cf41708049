package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.InvalidRequest;
import dev.lectern.engine.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/// A tokenizer of words' parts, from whatever file its [TokenizerSpec] was read.
///
/// Spans come from the lengths of the tokens' bytes, which add up to those of the text, so they are exact in
/// every script. Thread-safe.
final class SubwordTokenizer implements Tokenizer {
    /// UTF-16 units that are looked at together.
    private static final int WINDOW = 1 << 13;

    private final Vocabulary vocabulary;
    private final TokenizerSpec spec;
    private final SubwordModel model;
    private final WordSplitter splitter;
    private final AddedText addedText;
    private final String fingerprint;
    private final int window;

    /// The bytes of token `id` are `bytes[byteStarts[id]]` to `bytes[byteStarts[id + 1]]`.
    private final byte[] bytes;

    private final int[] byteStarts;

    SubwordTokenizer(TokenizerSpec spec) {
        this(spec, WINDOW);
    }

    SubwordTokenizer(TokenizerSpec spec, int window) {
        this.spec = spec;
        this.vocabulary = spec.vocabulary();
        this.model = spec.model();
        this.splitter = new WordSplitter(spec);
        this.addedText = new AddedText(spec);
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
        Collected all = new Collected(text.length());
        TextEncoder encoder = new TextEncoder(spec, this, window, all);
        encoder.append(text);
        encoder.finish();
        return all.encoding();
    }

    @Override
    public TextStream stream(TokenSink sink) {
        return new TextEncoder(spec, this, window, sink);
    }

    /// All tokens of one text.
    private static final class Collected implements TokenSink {
        private int[] ids;
        private int[] starts;
        private int[] ends;
        private int size;

        Collected(int characters) {
            int guess = Math.max(16, characters / 3);
            this.ids = new int[guess];
            this.starts = new int[guess];
            this.ends = new int[guess];
        }

        @Override
        public void accept(int[] tokenIds, long[] from, long[] to, int count) {
            if (ids.length - size < count) {
                int capacity = Math.max(size + count, ids.length + ids.length / 2);
                ids = Arrays.copyOf(ids, capacity);
                starts = Arrays.copyOf(starts, capacity);
                ends = Arrays.copyOf(ends, capacity);
            }
            System.arraycopy(tokenIds, 0, ids, size, count);
            for (int i = 0; i < count; i++) {
                starts[size + i] = (int) from[i];
                ends[size + i] = (int) to[i];
            }
            size += count;
        }

        Encoding encoding() {
            return new Encoding(Arrays.copyOf(ids, size), Arrays.copyOf(starts, size), Arrays.copyOf(ends, size));
        }
    }

    SubwordModel model() {
        return model;
    }

    WordSplitter splitter() {
        return splitter;
    }

    AddedText addedText() {
        return addedText;
    }

    /// Bytes of text that a token stands for.
    int byteLength(int id) {
        return byteStarts[id + 1] - byteStarts[id];
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
                text.write(bytes, byteStarts[id], byteLength(id));
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
    public byte[] textBytes(int tokenId) {
        boolean text = tokenId >= 0
                && tokenId < vocabulary.size()
                && (vocabulary.isText(tokenId) || vocabulary.kind(tokenId) == TokenKind.BYTE);
        return text ? vocabulary.bytes(tokenId) : new byte[0];
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
        return "SubwordTokenizer[" + spec.origin() + ", " + vocabulary + "]";
    }
}
