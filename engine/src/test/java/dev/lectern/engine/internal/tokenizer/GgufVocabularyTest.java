package dev.lectern.engine.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.Tokenizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Tokenizers from small GGUF vocabularies; real ones are [TokenizerConformance]'s.
final class GgufVocabularyTest {
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;

    @Test
    void buildsByteLevelTokenizers() {
        Tokenizer tokenizer = open(byteLevel("llama-bpe"));

        assertThat(tokenizer.encode("the<|eot|>").ids()).startsWith(257).doesNotContain(258);
        assertThat(tokenizer.controlToken("<|eot|>")).hasValue(258);
        Spans.assertCover(tokenizer, "the é🦙 the");
    }

    @Test
    void cutsWordsByTheNamedPattern() {
        String text = "x12345y";

        // Only a digit pair inside a group of three can merge, and none where digits stand alone.
        assertThat(open(withDigitPair("gpt-2")).encode(text).ids()).hasSize(6);
        assertThat(open(withDigitPair("llama-bpe")).encode(text).ids()).hasSize(6);
        assertThat(open(withDigitPair("qwen2")).encode(text).ids()).hasSize(7);
        assertThat(open(withDigitPair("smollm")).encode(text).ids()).hasSize(7);
        assertThat(open(withDigitPair("default")).encode(text).ids()).hasSize(6);
    }

    @Test
    void buildsSentencePieceTokenizersFromScores() {
        Tokenizer tokenizer = open(sentencePiece());

        assertThat(IntStream.of(tokenizer.encode("abc abc").ids()).mapToObj(tokenizer::piece))
                .containsExactly("▁a", "bc", "▁a", "bc");
        assertThat(tokenizer.decode(tokenizer.encode("abc é").ids())).isEqualTo("abc é");
        assertThat(tokenizer.controlToken("<s>")).hasValue(1);
        Spans.assertCover(tokenizer, "abc 🦙 \n é");
    }

    @Test
    void refusesByName() {
        assertThatThrownBy(() -> open(byteLevel("martian")))
                .isInstanceOf(ModelUnsupported.class)
                .hasMessageContainingAll("[tiny]", "'martian'", "llama-bpe", "qwen2");
        GgufVocabulary good = byteLevel("gpt-2");
        assertThatThrownBy(() -> open(new GgufVocabulary(
                        "tiny", "t5", "", good.tokens(), good.types(), good.merges(), List.of(), true)))
                .isInstanceOf(ModelUnsupported.class)
                .hasMessageContainingAll("'t5'", "gpt2", "llama");
        assertThatThrownBy(() -> new GgufVocabulary(
                        "tiny", "gpt2", "gpt-2", good.tokens(), List.of(1, 2), good.merges(), List.of(), true))
                .isInstanceOf(ModelCorrupt.class)
                .hasMessageContainingAll("token_type", "2 entries for 259");
        assertThatThrownBy(() -> open(new GgufVocabulary(
                        "tiny", "llama", "", good.tokens(), good.types(), List.of(), List.of(), true)))
                .isInstanceOf(ModelCorrupt.class)
                .hasMessageContaining("tokenizer.ggml.scores");
        assertThatThrownBy(() -> open(new GgufVocabulary(
                        "tiny", "gpt2", "gpt-2", List.of("a", "b"), List.of(), List.of(), List.of(), true)))
                .isInstanceOf(ModelUnsupported.class)
                .hasMessageContaining("no token for 241 of the 243 bytes");
    }

    private static Tokenizer open(GgufVocabulary vocabulary) {
        return new SubwordTokenizer(vocabulary.toSpec());
    }

    static GgufVocabulary byteLevel(String pre) {
        return byteLevel(pre, List.of("th", "the"), List.of("t h", "th e"));
    }

    private static GgufVocabulary withDigitPair(String pre) {
        return byteLevel(pre, List.of("12"), List.of("1 2"));
    }

    private static GgufVocabulary byteLevel(String pre, List<String> pieces, List<String> merges) {
        List<String> tokens = new ArrayList<>();
        IntStream.range(0, 256).forEach(value -> tokens.add(String.valueOf(ByteAlphabet.characterOf(value))));
        tokens.addAll(pieces);
        List<Integer> types = new ArrayList<>(Collections.nCopies(tokens.size(), NORMAL));
        tokens.add("<|eot|>");
        types.add(CONTROL);
        return new GgufVocabulary("tiny", "gpt2", pre, tokens, types, merges, List.of(), true);
    }

    static GgufVocabulary sentencePiece() {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>"));
        List<Integer> types = new ArrayList<>(List.of(2, CONTROL));
        for (int value = 0; value < 256; value++) {
            tokens.add("<0x%02X>".formatted(value));
            types.add(BYTE);
        }
        for (String piece : List.of("▁a", "bc", "ab", "▁", "a", "b", "c", "é")) {
            tokens.add(piece);
            types.add(NORMAL);
        }
        List<Float> scores = new ArrayList<>();
        IntStream.range(0, tokens.size()).forEach(id -> scores.add((float) -id));
        return new GgufVocabulary("tiny", "llama", "default", tokens, types, List.of(), scores, true);
    }
}
