package dev.lectern.engine.internal.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lectern.engine.EngineException.ModelCorrupt;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class MetadataTest {
    private static final Metadata CONFIG = json("""
            {"model_type": "llama4", "vocab_size": 320, "max": 8192.0, "big": 3000000000, "huge": 99999999999999999999,
             "eps": 1e-05, "tie": true, "nothing": null, "layers": [1, 0], "mixed": [1, "a"], "names": ["a", "b"],
             "flags": [true, false], "empty": {}, "experts": [{"n": 1}],
             "rope_parameters": {"factor": 16.0, "deep": {"er": 1}},
             "text_config": {"hidden_size": 64, "rope_scaling": null}}
            """);

    @Test
    void readsEachType() {
        assertThat(CONFIG.requireString("model_type")).isEqualTo("llama4");
        assertThat(CONFIG.requireInt("vocab_size")).isEqualTo(320);
        assertThat(CONFIG.requireInt("max"))
                .as("a whole number written as a fraction")
                .isEqualTo(8192);
        assertThat(CONFIG.requireDouble("eps")).isEqualTo(1e-5);
        assertThat(CONFIG.requireDouble("vocab_size"))
                .as("an integer where a number is wanted")
                .isEqualTo(320);
        assertThat(CONFIG.requireBoolean("tie")).isTrue();
        assertThat(CONFIG.ints("layers").orElseThrow()).containsExactly(1, 0);
        assertThat(CONFIG.floats("layers").orElseThrow()).containsExactly(1, 0);
        assertThat(CONFIG.strings("names").orElseThrow()).containsExactly("a", "b");
        assertThat(CONFIG.booleans("flags").orElseThrow()).containsExactly(true, false);
        assertThat(CONFIG.isList("layers")).isTrue();
        assertThat(CONFIG.isList("tie")).isFalse();
    }

    @Test
    void nestedObjectsAreReachedByDotsOrAsAView() {
        assertThat(CONFIG.requireDouble("rope_parameters.factor")).isEqualTo(16);
        assertThat(CONFIG.requireInt("rope_parameters.deep.er")).isEqualTo(1);
        Metadata text = CONFIG.sub("text_config");
        assertThat(text.requireInt("hidden_size")).isEqualTo(64);
        assertThat(text.keys()).containsExactly("hidden_size");
        assertThat(CONFIG.sub("rope_parameters").sub("deep").requireInt("er")).isEqualTo(1);
        assertThat(CONFIG.sub("vision_config").keys()).isEmpty();
    }

    @Test
    void nullIsAbsent() {
        assertThat(CONFIG.has("nothing")).isFalse();
        assertThat(CONFIG.intOr("nothing", 7)).isEqualTo(7);
        assertThat(CONFIG.has("text_config.rope_scaling")).isFalse();
        assertThat(CONFIG.has("text_config")).isTrue();
        assertThat(CONFIG.has("text")).as("the beginning of a key").isFalse();
        assertThat(CONFIG.has("empty")).isFalse();
    }

    @Test
    void defaultsStandForAbsentKeysOnly() {
        assertThat(CONFIG.intOr("absent", 1)).isEqualTo(1);
        assertThat(CONFIG.doubleOr("absent", 0.5)).isEqualTo(0.5);
        assertThat(CONFIG.stringOr("absent", "x")).isEqualTo("x");
        assertThat(CONFIG.booleanOr("absent", true)).isTrue();
        assertThat(CONFIG.string("absent")).isEmpty();
        assertThat(CONFIG.ints("absent")).isEmpty();
        assertThatThrownBy(() -> CONFIG.intOr("model_type", 1)).isInstanceOf(ModelCorrupt.class);
        assertThatThrownBy(() -> CONFIG.booleanOr("vocab_size", true)).isInstanceOf(ModelCorrupt.class);
    }

    @Test
    void errorsNameFileKeyFoundAndExpected() {
        assertWrong(() -> CONFIG.requireInt("absent"), "key 'absent' is missing; expected a 32-bit integer");
        assertWrong(() -> CONFIG.requireInt("model_type"), "key 'model_type' is 'llama4'; expected a 32-bit integer");
        assertWrong(() -> CONFIG.requireInt("eps"), "key 'eps' is 1.0E-5; expected a 32-bit integer");
        assertWrong(() -> CONFIG.requireInt("big"), "key 'big' is 3000000000; expected a 32-bit integer");
        assertWrong(() -> CONFIG.requireInt("huge"), "key 'huge' is 99999999999999999999; expected");
        assertWrong(() -> CONFIG.requireDouble("tie"), "key 'tie' is true; expected a number");
        assertWrong(() -> CONFIG.requireString("layers"), "key 'layers' is a list of 2; expected a string");
        assertWrong(() -> CONFIG.ints("vocab_size"), "key 'vocab_size' is 320; expected a list of 32-bit integers");
        assertWrong(() -> CONFIG.ints("mixed"), "key 'mixed' is 'a'; expected a 32-bit integer");
        assertWrong(
                () -> CONFIG.sub("text_config").requireString("hidden_size"),
                "key 'text_config.hidden_size' is 64; expected a string");
        assertWrong(
                () -> {
                    throw CONFIG.wrong("vocab_size", "a multiple of 64");
                },
                "key 'vocab_size' is 320; expected a multiple of 64");
    }

    @Test
    void aKeyBothNestedAndDottedIsAnError() {
        assertThatThrownBy(() -> json("{\"a\": {\"b\": 1}, \"a.b\": 2}"))
                .isInstanceOf(ModelCorrupt.class)
                .hasMessageContainingAll("'a.b'", "twice");
    }

    @Test
    void longValuesAreShortenedInMessages() {
        Metadata metadata = Metadata.ofValues("m.gguf", Map.of("template", "x".repeat(5000), "tokens", List.of("a")));
        assertThatThrownBy(() -> metadata.requireInt("template"))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200))
                .hasMessageStartingWith("[m.gguf] key 'template' is 'xxx");
        assertThat(metadata.strings("tokens").orElseThrow()).containsExactly("a");
    }

    private static void assertWrong(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(ModelCorrupt.class).hasMessageStartingWith("[config.json] " + message);
    }

    private static Metadata json(String text) {
        try {
            return Metadata.ofJson("config.json", new JsonMapper().readTree(text));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
