package dev.lectern.engine.constraint;

import dev.lectern.engine.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// A vocabulary for tests: every byte, then pieces of JSON that cross from one part of it to the next. Encodes byte by
/// byte.
final class ByteVocabulary implements Tokenizer {
    private static final List<String> PIECES = List.of(
            "\"",
            "{\"",
            "\"}",
            "\":",
            "\": ",
            "\": \"",
            "\", \"",
            "\",",
            "},",
            "}, {\"",
            "[]",
            "{}",
            "]}",
            "}}",
            "\"]",
            "[\"",
            ", ",
            ": ",
            "tr",
            "true",
            "ue",
            "false",
            "null",
            "nu",
            "10",
            "100",
            ".5",
            "-1",
            "1,",
            "1}",
            "name",
            "\"name",
            "\"name\"",
            "na",
            "me\": ",
            "a\"",
            "ab\": 1",
            "abc",
            "  ",
            "\n",
            "\\u00",
            "\\\"",
            "é",
            "€\"",
            "a\",\"b");

    private final List<byte[]> tokens = new ArrayList<>();

    ByteVocabulary() {
        for (int value = 0; value < 256; value++) {
            tokens.add(new byte[] {(byte) value});
        }
        PIECES.forEach(piece -> tokens.add(piece.getBytes(StandardCharsets.UTF_8)));
        tokens.add(new byte[0]); // A control token.
        tokens.add("name".getBytes(StandardCharsets.UTF_8)); // A second token of the same bytes.
        tokens.add(" of a long word that stays in a string".getBytes(StandardCharsets.UTF_8));
        tokens.add("a long word and its end, the quote\", \"".getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public byte[] textBytes(int tokenId) {
        return tokens.get(tokenId);
    }

    @Override
    public Encoding encode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i] & 0xFF;
        }
        return new Encoding(ids, new int[ids.length], new int[ids.length]);
    }

    @Override
    public TextStream stream(TokenSink sink) {
        throw new UnsupportedOperationException("not for tests of constraints");
    }

    @Override
    public String decode(int[] tokenIds) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : tokenIds) {
            bytes.writeBytes(tokens.get(id));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public OptionalInt controlToken(String content) {
        return OptionalInt.empty();
    }

    @Override
    public String piece(int tokenId) {
        return new String(tokens.get(tokenId), StandardCharsets.UTF_8);
    }

    @Override
    public int vocabSize() {
        return tokens.size();
    }

    @Override
    public String fingerprint() {
        return "bytes";
    }
}
