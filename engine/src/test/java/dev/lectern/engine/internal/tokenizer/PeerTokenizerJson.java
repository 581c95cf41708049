package dev.lectern.engine.internal.tokenizer;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lectern.engine.internal.tokenizer.PreTokenizer.Step;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/// Writes the tokenizer.json of a [TokenizerSpec]'s text half for [PeerTokenizer]: no control tokens, no
/// normaliser, no post-processor.
final class PeerTokenizerJson {
    private PeerTokenizerJson() {}

    static String write(TokenizerSpec spec) {
        StringWriter text = new StringWriter(1 << 16);
        try (JsonGenerator json = TokenizerJsonReader.JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("version", "1.0");
            json.writeNullField("truncation");
            json.writeNullField("padding");
            writeAddedText(json, spec.vocabulary());
            json.writeNullField("normalizer");
            json.writeFieldName("pre_tokenizer");
            writePreTokenizer(json, spec.preTokenizer());
            json.writeNullField("post_processor");
            json.writeNullField("decoder");
            writeModel(json, spec);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing JSON to memory", e);
        }
        return text.toString();
    }

    private static void writeAddedText(JsonGenerator json, Vocabulary vocabulary) throws IOException {
        json.writeArrayFieldStart("added_tokens");
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.kind(id) != TokenKind.ADDED_TEXT) {
                continue;
            }
            json.writeStartObject();
            json.writeNumberField("id", id);
            json.writeStringField("content", vocabulary.piece(id));
            for (String flag : new String[] {"single_word", "lstrip", "rstrip", "normalized", "special"}) {
                json.writeBooleanField(flag, false);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writePreTokenizer(JsonGenerator json, PreTokenizer preTokenizer) throws IOException {
        if (preTokenizer.steps().isEmpty()) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeStringField("type", "Sequence");
        json.writeArrayFieldStart("pretokenizers");
        for (Step step : preTokenizer.steps()) {
            json.writeStartObject();
            switch (step) {
                case Step.Split split -> {
                    json.writeStringField("type", "Split");
                    json.writeObjectFieldStart("pattern");
                    json.writeStringField(split.regex() ? "Regex" : "String", split.pattern());
                    json.writeEndObject();
                    json.writeStringField("behavior", split.behavior());
                    json.writeBooleanField("invert", split.invert());
                }
                case Step.ByteLevel byteLevel -> {
                    json.writeStringField("type", "ByteLevel");
                    json.writeBooleanField("add_prefix_space", false);
                    json.writeBooleanField("trim_offsets", false);
                    json.writeBooleanField("use_regex", byteLevel.useRegex());
                }
                case Step.Digits digits -> {
                    json.writeStringField("type", "Digits");
                    json.writeBooleanField("individual_digits", digits.individual());
                }
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeModel(JsonGenerator json, TokenizerSpec spec) throws IOException {
        Vocabulary vocabulary = spec.vocabulary();
        json.writeObjectFieldStart("model");
        json.writeStringField("type", "BPE");
        json.writeNullField("dropout");
        json.writeNullField("unk_token");
        json.writeNullField("continuing_subword_prefix");
        json.writeNullField("end_of_word_suffix");
        json.writeBooleanField("fuse_unk", false);
        json.writeBooleanField("byte_fallback", spec.isSentencePiece());
        json.writeBooleanField("ignore_merges", spec.ignoreMerges());
        json.writeObjectFieldStart("vocab");
        for (int id = 0; id < vocabulary.size(); id++) {
            // Added tokens too: the library gives those that are not here ids of its own.
            TokenKind kind = vocabulary.kind(id);
            if (kind == TokenKind.TEXT || kind == TokenKind.BYTE || kind == TokenKind.ADDED_TEXT) {
                json.writeNumberField(vocabulary.piece(id), id);
            }
        }
        json.writeEndObject();
        json.writeArrayFieldStart("merges");
        Merges merges = vocabulary.merges();
        for (int i = 0; i < merges.size(); i++) {
            json.writeStartArray();
            json.writeString(vocabulary.piece(merges.left(i)));
            json.writeString(vocabulary.piece(merges.right(i)));
            json.writeEndArray();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
