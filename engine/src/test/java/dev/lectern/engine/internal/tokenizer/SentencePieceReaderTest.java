package dev.lectern.engine.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Small models that SentencePiece trained, against what it makes of some texts (`make_sentencepiece.py`
/// beside them).
final class SentencePieceReaderTest {
    private static final Path MODELS = Path.of("src", "test", "resources", "tokenizer");

    @Test
    void encodesAsSentencePiece() throws IOException {
        for (JsonNode model :
                new ObjectMapper().readTree(MODELS.resolve("sentencepiece.json").toFile())) {
            Tokenizer tokenizer = open(model.get("model").asText());
            for (JsonNode one : model.get("cases")) {
                String text = one.get("text").asText();
                JsonNode ids = one.get("ids");
                assertThat(tokenizer.encode(text).ids())
                        .as(model.get("model") + ": " + text)
                        .containsExactly(IntStream.range(0, ids.size())
                                .map(i -> ids.get(i).asInt())
                                .toArray());
                assertThat(tokenizer.decode(tokenizer.encode(text).ids())).isEqualTo(text);
                Spans.assertCover(tokenizer, text);
            }
        }
    }

    @Test
    void windowsGiveTheIdsOfTheWhole() throws IOException {
        for (String name : new String[] {"bpe.model", "unigram.model"}) {
            TokenizerSpec spec = Tokenizers.readModel(MODELS.resolve(name));
            Tokenizer whole = new SubwordTokenizer(spec, Integer.MAX_VALUE);
            Tokenizer windowed = new SubwordTokenizer(spec, 3);
            for (long seed = 0; seed < 100; seed++) {
                String text = Texts.random(new Random(seed), 60) + " the engine";
                assertThat(windowed.encode(text).ids())
                        .as("%s, seed %d", name, seed)
                        .isEqualTo(whole.encode(text).ids());
            }
        }
    }

    @Test
    void controlTokensInTextStayText() {
        for (String name : new String[] {"bpe.model", "unigram.model"}) {
            Tokenizer tokenizer = open(name);
            assertThat(tokenizer.controlToken("</s>")).hasValue(2);
            assertThat(tokenizer.encode("<s></s><unk>").ids()).doesNotContain(0, 1, 2);
        }
    }

    @Test
    void isFoundInAFolder(@TempDir Path folder) throws IOException {
        Files.copy(MODELS.resolve("bpe.model"), folder.resolve("tokenizer.model"));
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"added_tokens_decoder\": {\"700\": {\"content\": \"<|end|>\", \"special\": true}}}");
        Tokenizer tokenizer = Tokenizers.openFolder(folder);

        assertThat(tokenizer.controlToken("<|end|>")).hasValue(700);
        assertThat(tokenizer.encode("<|end|>").ids()).doesNotContain(700);
        assertThat(tokenizer.vocabSize()).isEqualTo(701);
    }

    @Test
    void refusesByName() {
        assertThatThrownBy(() -> read(field(1, piece("a", 1))))
                .isInstanceOf(ModelUnsupported.class)
                .hasMessageContainingAll("[file]", "remove_extra_whitespaces");
        assertThatThrownBy(() -> read(field(1, piece("a", 1)), field(3, field(1, "nmt_nfkc"), field(2, "map"))))
                .isInstanceOf(ModelUnsupported.class)
                .hasMessageContaining("'nmt_nfkc'");
        assertThatThrownBy(() -> read(field(1, piece("a", 1)), field(2, number(3, 4))))
                .isInstanceOf(ModelUnsupported.class)
                .hasMessageContaining("model_type 4");
        assertThatThrownBy(() -> read(field(1, piece("a", 1)), field(3, number(4, 0))))
                .isInstanceOf(ModelUnsupported.class)
                .hasMessageContaining("byte_fallback");
        assertThatThrownBy(() -> read(field(1, piece("a", 9))))
                .isInstanceOf(ModelCorrupt.class)
                .hasMessageContaining("type 9");
        assertThatThrownBy(() -> read(new byte[0])).isInstanceOf(ModelCorrupt.class);
        assertThatThrownBy(() -> read(new byte[] {0x0A, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F}))
                .isInstanceOf(ModelCorrupt.class)
                .hasMessageContaining("of which 0 are there");
        assertThatThrownBy(() -> read(new byte[] {0x0B}))
                .isInstanceOf(ModelCorrupt.class)
                .hasMessageContaining("wire type 3");
    }

    private static Tokenizer open(String name) {
        return new SubwordTokenizer(Tokenizers.readModel(MODELS.resolve(name)));
    }

    private static TokenizerSpec read(byte[]... fields) {
        return SentencePieceReader.read("file", join(fields), Map.of());
    }

    private static byte[] piece(String text, int type) {
        return join(field(1, text), number(3, type));
    }

    private static byte[] field(int number, String text) {
        return field(number, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] field(int number, byte[]... parts) {
        byte[] value = join(parts);
        return join(new byte[] {(byte) (number << 3 | 2), (byte) value.length}, value);
    }

    private static byte[] number(int number, int value) {
        return new byte[] {(byte) (number << 3), (byte) value};
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
