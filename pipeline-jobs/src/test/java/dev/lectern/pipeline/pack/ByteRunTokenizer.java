package dev.lectern.pipeline.pack;

import dev.lectern.engine.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// A tokenizer that is as unkind as a byte-level one may be: its tokens are runs of one to `longest` UTF-8 bytes that
/// respect words and lines but not characters, so that a token may hold the end of one character and the start of the
/// next. A newline is a token of its own or ends one.
final class ByteRunTokenizer implements Tokenizer {
    private final int longest;
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<byte[]> pieces = new ArrayList<>();

    ByteRunTokenizer(int longest) {
        this.longest = longest;
    }

    @Override
    public synchronized Encoding encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] characterOfByte = characterOfByte(text, bytes.length);
        int[] tokens = new int[bytes.length];
        int[] starts = new int[bytes.length];
        int[] ends = new int[bytes.length];
        int count = 0;
        int at = 0;
        int covered = 0;
        while (at < bytes.length) {
            int end = at + 1;
            while (end < bytes.length && end - at < longest && joins(bytes, at, end)) {
                end++;
            }
            tokens[count] = id(Arrays.copyOfRange(bytes, at, end));
            // Characters whose first byte lies in the token are the token's.
            starts[count] = covered;
            int last = characterOfByte[end - 1];
            int lastEnd = last + Character.charCount(text.codePointAt(last));
            covered = Math.max(covered, lastEnd);
            ends[count] = covered;
            count++;
            at = end;
        }
        return new Encoding(Arrays.copyOf(tokens, count), Arrays.copyOf(starts, count), Arrays.copyOf(ends, count));
    }

    @Override
    public TextStream stream(TokenSink sink) {
        throw new UnsupportedOperationException("documents are packed whole");
    }

    private boolean joins(byte[] bytes, int at, int end) {
        if (bytes[end] == ' ' || (bytes[end - 1] == '\n' && bytes[end] != '\n')) {
            return false;
        }
        return bytes[end] == '\n' || (bytes[end] * 31 + bytes[end - 1] * 17 + (end - at)) % 5 != 0;
    }

    private static int[] characterOfByte(String text, int length) {
        int[] characters = new int[length];
        int at = 0;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int size = Character.toString(text.codePointAt(i)).getBytes(StandardCharsets.UTF_8).length;
            Arrays.fill(characters, at, at + size, i);
            at += size;
        }
        return characters;
    }

    private int id(byte[] piece) {
        return ids.computeIfAbsent(Arrays.toString(piece), k -> {
            pieces.add(piece);
            return pieces.size() - 1;
        });
    }

    /// The bytes that the tokens stand for.
    synchronized byte[] bytes(int[] tokens, int from, int to) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        for (int i = from; i < to; i++) {
            out.writeBytes(pieces.get(tokens[i]));
        }
        return out.toByteArray();
    }

    @Override
    public String decode(int[] tokenIds) {
        return new String(bytes(tokenIds, 0, tokenIds.length), StandardCharsets.UTF_8);
    }

    @Override
    public OptionalInt controlToken(String content) {
        return OptionalInt.empty();
    }

    @Override
    public synchronized String piece(int tokenId) {
        return new String(pieces.get(tokenId), StandardCharsets.UTF_8);
    }

    @Override
    public synchronized byte[] textBytes(int tokenId) {
        return pieces.get(tokenId).clone();
    }

    @Override
    public int vocabSize() {
        return 1 << 20;
    }

    @Override
    public String fingerprint() {
        return "byte-run-" + longest;
    }
}
