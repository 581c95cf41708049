package dev.lectern.engine.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lectern.engine.EngineException.InvalidRequest;
import dev.lectern.engine.EngineException.TokenizerMismatch;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.Tokenizer.Encoding;
import dev.lectern.engine.Tokenizer.TextStream;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Ids, spans and decoding, on the bundled model's vocabulary and on tiny ones.
final class SubwordTokenizerTest {
    private static final Path MODEL = Path.of("..", "models", "scout-nano");
    private static final Tokenizer SCOUT = Tokenizers.openFolder(MODEL);

    @Test
    void everyScriptComesBackWithItsSpans() {
        for (String text : Texts.SAMPLES) {
            assertThat(SCOUT.decode(SCOUT.encode(text).ids())).isEqualTo(text);
            Spans.assertCover(SCOUT, text);
        }
    }

    @Test
    void randomTextComesBackWithItsSpans() {
        for (long seed = 0; seed < 200; seed++) {
            String text = Texts.random(new Random(seed), 60);
            assertThat(SCOUT.decode(SCOUT.encode(text).ids()))
                    .as("seed " + seed)
                    .isEqualTo(text);
            Spans.assertCover(SCOUT, text);
        }
    }

    @Test
    void aCharacterInSeveralTokensBelongsToTheFirst() {
        Encoding encoding = TinyTokenizer.withControlTokens().encode("a🦙b");

        assertThat(encoding.ids()).containsExactly('a', 0xF0, 0x9F, 0xA6, 0x99, 'b');
        assertThat(encoding.starts()).containsExactly(0, 1, 3, 3, 3, 3);
        assertThat(encoding.ends()).containsExactly(1, 3, 3, 3, 3, 4);
    }

    @Test
    void loneSurrogatesBecomeReplacementCharactersInPlace() {
        Encoding encoding = TinyTokenizer.withControlTokens().encode("a\uD83Eb\uDD99");

        assertThat(encoding.ids()).containsExactly('a', 0xEF, 0xBF, 0xBD, 'b', 0xEF, 0xBF, 0xBD);
        assertThat(encoding.starts()).containsExactly(0, 1, 2, 2, 2, 3, 4, 4);
        assertThat(encoding.ends()).containsExactly(1, 2, 2, 2, 3, 4, 4, 4);
        assertThat(SCOUT.decode(SCOUT.encode("a\uD83Eb\uDD99").ids())).isEqualTo("a\uFFFDb\uFFFD");
    }

    @Test
    void controlTokensInTextStayText() {
        assertThat(SCOUT.controlToken("<|eot|>")).hasValue(3061);
        assertThat(SCOUT.controlToken("eot")).isEmpty();
        String text = "stop<|eot|> <|begin_of_text|>";
        int[] ids = SCOUT.encode(text).ids();

        assertThat(IntStream.of(ids)).allMatch(id -> id < 3056);
        assertThat(SCOUT.decode(ids)).isEqualTo(text);
        assertThat(SCOUT.decode(new int[] {3056, ids[0], 3061})).isEqualTo(SCOUT.decode(new int[] {ids[0]}));
    }

    @Test
    void textDoesNotMergeIntoAControlToken() {
        ObjectNode json = TinyTokenizer.byteLevel();
        TinyTokenizer.addToken(json, 257, "the", true);
        Tokenizer tokenizer = TinyTokenizer.open(json);

        assertThat(tokenizer.encode("the").ids()).containsExactly(256, 'e');
        assertThat(tokenizer.controlToken("the")).hasValue(257);
    }

    @Test
    void addedMarkupIsReachedByIdOnlyAndShown() {
        ObjectNode json = TinyTokenizer.byteLevel();
        TinyTokenizer.addToken(json, 300, "<think>", false);
        TinyTokenizer.addToken(json, 301, "    ", false);
        Tokenizer tokenizer = TinyTokenizer.open(json);

        assertThat(tokenizer.encode("<think>").ids()).doesNotContain(300);
        assertThat(tokenizer.controlToken("<think>")).hasValue(300);
        assertThat(tokenizer.decode(new int[] {300, 'a', 299, 5000})).isEqualTo("<think>a");
        assertThat(tokenizer.encode("x    y").ids()).containsExactly('x', 301, 'y');
        assertThat(tokenizer.vocabSize()).isEqualTo(302);
    }

    @Test
    void decodesACutCharacterAsReplacement() {
        Tokenizer tokenizer = TinyTokenizer.withControlTokens();

        assertThat(tokenizer.decode(new int[] {'a', 0xF0, 0x9F})).isEqualTo("a\uFFFD");
        assertThat(tokenizer.decode(new int[] {0xA9, 'b'})).isEqualTo("\uFFFDb");
        assertThatThrownBy(() -> tokenizer.decode(new int[] {-1})).isInstanceOf(InvalidRequest.class);
    }

    @Test
    void windowsGiveTheIdsOfTheWhole() {
        TokenizerSpec spec = TokenizerJsonReader.read(MODEL.resolve("tokenizer.json"));
        Tokenizer whole = new SubwordTokenizer(spec, Integer.MAX_VALUE);
        List<Tokenizer> windowed = IntStream.of(1, 7, 64)
                .mapToObj(w -> (Tokenizer) new SubwordTokenizer(spec, w))
                .toList();
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            String text = seed % 2 == 0
                    ? Texts.random(random, 400)
                    : Texts.SAMPLES.get(random.nextInt(Texts.SAMPLES.size())).repeat(3) + Texts.random(random, 50);
            Encoding expected = whole.encode(text);
            for (Tokenizer tokenizer : windowed) {
                Encoding actual = tokenizer.encode(text);
                assertThat(actual.ids()).as("seed %d, %s", seed, text).isEqualTo(expected.ids());
                assertThat(actual.starts()).isEqualTo(expected.starts());
                assertThat(actual.ends()).isEqualTo(expected.ends());
            }
        }
    }

    @Test
    void windowsGiveTheIdsOfTheWholeInSentencePiece() {
        Tokenizer whole = TinyTokenizer.open(TinyTokenizer.sentencePiece(), Integer.MAX_VALUE);
        Tokenizer windowed = TinyTokenizer.open(TinyTokenizer.sentencePiece(), 3);
        for (long seed = 0; seed < 200; seed++) {
            String text = Texts.random(new Random(seed), 40) + " the an  the   a" + seed;
            assertThat(windowed.encode(text).ids())
                    .as("seed " + seed)
                    .isEqualTo(whole.encode(text).ids());
            Spans.assertCover(windowed, text.replace('▁', '_'));
        }
    }

    @Test
    void streamsGiveTheIdsOfTheWholeAtOnce() {
        TokenizerSpec spec = TokenizerJsonReader.read(MODEL.resolve("tokenizer.json"));
        Random random = new Random(11);
        StringBuilder all = new StringBuilder();
        while (all.length() < 2_000_000) {
            all.append(random.nextInt(3) == 0 ? Texts.random(random, 2000) : "The agreement ends in 2031. ".repeat(99));
            all.append(random.nextInt(20) == 0 ? "a".repeat(3000) + " ".repeat(3000) + "\n".repeat(500) : "");
        }
        String text = all.toString();
        Encoding whole = new SubwordTokenizer(spec, Integer.MAX_VALUE).encode(text);
        int[] count = {0};
        long[] covered = {0};
        TextStream stream = SCOUT.stream((ids, starts, ends, size) -> {
            for (int i = 0; i < size; i++) {
                int at = count[0]++;
                if (ids[i] != whole.ids()[at] || starts[i] != whole.starts()[at] || ends[i] != whole.ends()[at]) {
                    throw new AssertionError("token " + at + " is " + ids[i] + " at " + starts[i] + " to " + ends[i]
                            + "; expected " + whole.ids()[at] + " at " + whole.starts()[at]);
                }
                covered[0] = ends[i];
            }
        });
        long heldMost = 0;
        for (int from = 0; from < text.length(); ) {
            int to = Math.min(text.length(), from + 1 + random.nextInt(5000));
            stream.append(text.substring(from, to));
            heldMost = Math.max(heldMost, to - covered[0]);
            from = to;
        }
        stream.finish();

        assertThat(count[0]).isEqualTo(whole.length());
        assertThat(covered[0]).isEqualTo(text.length());
        assertThat(heldMost).isLessThan(40_000);
        assertThatThrownBy(() -> stream.append("x")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void elementsOfHtmlAreText() {
        ObjectNode json = TinyTokenizer.byteLevel();
        TinyTokenizer.addToken(json, 300, "<table>", false);
        TinyTokenizer.addToken(json, 301, "</s>", false);
        TinyTokenizer.addToken(json, 302, "<tool_call>", false);
        Tokenizer tokenizer = TinyTokenizer.open(json);

        assertThat(tokenizer.encode("a<table>").ids()).containsExactly('a', 300);
        assertThat(tokenizer.encode("</s><tool_call>").ids()).doesNotContain(301, 302);
        Spans.assertCover(tokenizer, "a<table>é<table></s>");
    }

    @Test
    void sentencePieceHidesTheSpaceThatItAdds() {
        Tokenizer tokenizer = TinyTokenizer.open(TinyTokenizer.sentencePiece());
        Encoding encoding = tokenizer.encode("the  中z");

        assertThat(IntStream.of(encoding.ids()).mapToObj(tokenizer::piece))
                .containsExactly("▁the", "▁▁", "中", "<0x7A>");
        assertThat(encoding.starts()).containsExactly(0, 3, 5, 6);
        assertThat(encoding.ends()).containsExactly(3, 5, 6, 7);
        assertThat(tokenizer.decode(encoding.ids())).isEqualTo("the  中z");
        assertThat(tokenizer.encode("").ids()).isEmpty();
    }

    @Test
    void composedTextKeepsItsSpans() {
        ObjectNode json = TinyTokenizer.byteLevel();
        json.putObject("normalizer").put("type", "NFC");
        Tokenizer tokenizer = TinyTokenizer.open(json);
        Encoding encoding = tokenizer.encode("xe\u0301y");

        assertThat(encoding.ids()).containsExactly('x', 268, 'y');
        assertThat(encoding.starts()).containsExactly(0, 1, 3);
        assertThat(encoding.ends()).containsExactly(1, 3, 4);
        for (long seed = 0; seed < 200; seed++) {
            String text = Texts.random(new Random(seed), 60);
            Encoding random = tokenizer.encode(text);
            assertThat(tokenizer.decode(random.ids()))
                    .as("seed " + seed)
                    .isEqualTo(Normalizer.normalize(text, Normalizer.Form.NFC));
            int[] starts = random.starts();
            int[] ends = random.ends();
            assertThat(starts[0]).isZero();
            assertThat(ends[ends.length - 1]).isEqualTo(text.length());
            assertThat(Arrays.copyOfRange(starts, 1, starts.length)).isEqualTo(Arrays.copyOf(ends, ends.length - 1));
        }
    }

    @Test
    void encodesInManyThreads() {
        List<int[]> alone =
                Texts.SAMPLES.stream().map(text -> SCOUT.encode(text).ids()).toList();
        IntStream.range(0, 400).parallel().forEach(i -> {
            int sample = i % Texts.SAMPLES.size();
            assertThat(SCOUT.encode(Texts.SAMPLES.get(sample)).ids()).isEqualTo(alone.get(sample));
        });
    }

    @Test
    void fingerprintsTellTokenizersApart() {
        ObjectNode changed = TinyTokenizer.byteLevel();
        ((ObjectNode) changed.get("model")).put("ignore_merges", false);

        assertThat(TinyTokenizer.withControlTokens("<|a|>").fingerprint())
                .isEqualTo(TinyTokenizer.withControlTokens("<|a|>").fingerprint())
                .isNotEqualTo(TinyTokenizer.withControlTokens("<|b|>").fingerprint())
                .hasSize(64);
        assertThat(TinyTokenizer.open(changed).fingerprint())
                .isNotEqualTo(TinyTokenizer.withControlTokens().fingerprint());
    }

    @Test
    void checksItsSizeAgainstTheEmbedding() {
        Tokenizers.checkAgainst(SCOUT, MODEL, 3072);
        assertThatThrownBy(() -> Tokenizers.checkAgainst(SCOUT, MODEL, 3071))
                .isInstanceOf(TokenizerMismatch.class)
                .hasMessageContaining("3071")
                .hasMessageContaining("scout-nano");
    }
}
