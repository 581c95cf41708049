package dev.lectern.engine.internal.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Our words and merges against Hugging Face's tokenizers on random texts of many scripts.
final class PeerTokenizerTest {
    private static final TokenizerSpec SCOUT =
            TokenizerJsonReader.read(Path.of("..", "models", "scout-nano", "tokenizer.json"));

    @Test
    void theBundledModelEncodesAsItsPeer() {
        assertSame(SCOUT);
    }

    /// The bundled model's merges under the patterns of other families.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama-bpe",
                "qwen2",
                "qwen35",
                "tekken",
                "gpt-2",
                "smollm",
                "deepseek-v3",
                "deepseek-llm",
                "deepseek-coder",
                "falcon",
                "default",
                "bloom",
                "viking",
                "seed-coder",
                "minicpm5",
                "youtu",
                "bailingmoe"
            })
    void patternsCutAsTheirPeer(String name) {
        GgufPreTokenizer cutting = GgufPreTokenizer.named("test", name);
        assertSame(new TokenizerSpec(
                name, SCOUT.vocabulary(), SCOUT.normaliser(), cutting.steps(), cutting.ignoreMerges()));
    }

    @Test
    void behavioursCutAsTheirPeer() {
        for (String behavior : new String[] {"Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"}) {
            for (boolean invert : new boolean[] {false, true}) {
                ObjectNode json = TinyTokenizer.byteLevel();
                ObjectNode split = (ObjectNode) json.at("/pre_tokenizer/pretokenizers/0");
                split.putObject("pattern").put("Regex", "[aeiou ]|\\d{2}|\\p{P}+");
                split.put("behavior", behavior).put("invert", invert);
                assertSame(TokenizerJsonReader.read(behavior + invert, json.toString()));
            }
        }
    }

    @Test
    void normalisersDoAsTheirPeer() {
        ObjectNode composed = TinyTokenizer.byteLevel();
        composed.putObject("normalizer").put("type", "NFC");
        assertSameFile("NFC", composed);
        ObjectNode prefixed = TinyTokenizer.byteLevel();
        prefixed.putObject("pre_tokenizer")
                .put("type", "ByteLevel")
                .put("add_prefix_space", true)
                .put("trim_offsets", true)
                .put("use_regex", true);
        assertSameFile("add_prefix_space", prefixed);
        assertSameFile("Prepend and Replace", TinyTokenizer.sentencePiece());
        for (String scheme : new String[] {"first", "always", "never"}) {
            for (boolean split : new boolean[] {false, true}) {
                ObjectNode spaces = TinyTokenizer.sentencePiece();
                spaces.putNull("normalizer");
                spaces.putObject("pre_tokenizer")
                        .put("type", "Metaspace")
                        .put("replacement", "▁")
                        .put("prepend_scheme", scheme)
                        .put("split", split);
                assertSameFile("Metaspace " + scheme + " " + split, spaces);
            }
        }
        ObjectNode gemma = TinyTokenizer.sentencePiece();
        ObjectNode replace = gemma.putObject("normalizer").put("type", "Replace");
        replace.putObject("pattern").put("String", " ");
        replace.put("content", "▁");
        ObjectNode step = gemma.putObject("pre_tokenizer").put("type", "Split");
        step.putObject("pattern").put("String", " ");
        step.put("behavior", "MergedWithPrevious").put("invert", false);
        assertSameFile("Gemma", gemma);
    }

    private static void assertSameFile(String what, ObjectNode json) {
        json.put("version", "1.0");
        json.putArray("added_tokens");
        PeerTokenizer peer = PeerTokenizer.ofJson(json.toString());
        TokenizerSpec spec = TokenizerJsonReader.read(what, json.toString());
        SubwordTokenizer whole = new SubwordTokenizer(spec);
        SubwordTokenizer windowed = new SubwordTokenizer(spec, 3);
        for (long seed = 0; seed < 200; seed++) {
            String text = Texts.random(new Random(seed), 60) + " the an  the e\u0301";
            int[] expected = ids(peer.encode(text));
            assertThat(whole.encode(text).ids()).as("%s, seed %d", what, seed).isEqualTo(expected);
            assertThat(windowed.encode(text).ids())
                    .as("%s in parts, seed %d", what, seed)
                    .isEqualTo(expected);
        }
    }

    @Test
    void longWordsMergeAsTheirPeer() {
        SubwordTokenizer ours = new SubwordTokenizer(SCOUT);
        PeerTokenizer peer = PeerTokenizer.of(SCOUT);
        for (long seed = 0; seed < 20; seed++) {
            StringBuilder word = new StringBuilder();
            Random random = new Random(seed);
            while (word.length() < 3000) {
                word.append("aeiorntshd".charAt(random.nextInt(10)));
            }
            assertThat(ours.encode(word.toString()).ids())
                    .as("seed " + seed)
                    .isEqualTo(ids(peer.encode(word.toString())));
        }
    }

    private static void assertSame(TokenizerSpec spec) {
        SubwordTokenizer whole = new SubwordTokenizer(spec, Integer.MAX_VALUE);
        SubwordTokenizer windowed = new SubwordTokenizer(spec, 11);
        PeerTokenizer peer = PeerTokenizer.of(spec);
        for (long seed = 0; seed < 200; seed++) {
            String text = Texts.random(new Random(seed), 200);
            int[] expected = ids(peer.encode(text));
            assertThat(whole.encode(text).ids())
                    .as("%s, seed %d: %s", spec.origin(), seed, text)
                    .isEqualTo(expected);
            assertThat(windowed.encode(text).ids())
                    .as("%s in parts, seed %d: %s", spec.origin(), seed, text)
                    .isEqualTo(expected);
        }
    }

    private static int[] ids(long[] ids) {
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }
}
