package dev.lectern.engine.internal.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.decoder.WeightsLoader;
import dev.lectern.engine.internal.decoder.Workspace;
import dev.lectern.engine.internal.family.ModelFamily;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Configurations of every family with values that contradict their files or each other: each ends in an
/// [EngineException] or in a decoder whose weights have all been found.
class ModelMetadataFuzzTest {
    private static final int FEW = 4_000;

    private static final List<Object> HOSTILE = List.of(
            0L,
            1L,
            -1L,
            2L,
            3L,
            7L,
            1000L,
            (long) Integer.MAX_VALUE,
            (long) Integer.MIN_VALUE,
            1L << 24,
            1L << 40,
            Long.MAX_VALUE,
            0.0,
            -1.0,
            0.5,
            1e30,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            true,
            false,
            "",
            "yarn",
            "longrope",
            "linear",
            "llama3",
            "gelu",
            List.of(),
            List.of(1L, -1L, Long.MAX_VALUE),
            List.of("sliding_attention"),
            List.of(0.0, Double.NaN));

    @Test
    void contradictionsNeverDoWorseThanAMessage() throws InterruptedException {
        List<ModelSource> models = Stream.concat(GoldenModels.HUGGING_FACE.stream(), GoldenModels.GGUF.stream())
                .map(name -> name.startsWith("gguf") ? name + "/model.gguf" : name)
                .map(GoldenModels::path)
                .map(ModelSources::open)
                .toList();
        try {
            double loaded = Fuzzing.run(ModelMetadataFuzzTest.class, "model metadata", FEW, random -> {
                ModelSource source = models.get(random.nextInt(models.size()));
                List<String> damage = new ArrayList<>();
                ModelSource damaged = new Damaged(source, damage(source.metadata(), random, damage));
                try {
                    ModelFamily.Definition definition = ModelFamily.of(damaged).define(damaged);
                    WeightsLoader.load(damaged, definition);
                    assertThat(Workspace.bytes(definition.config(), 32, 1)).isPositive();
                } catch (EngineException e) {
                    throw e;
                } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                    throw new AssertionError(source.location() + ": " + damage, e);
                }
            });
            // Both outcomes must occur, or the damage is too small or too great to try anything.
            assertThat(loaded).isBetween(0.01, 0.9);
        } finally {
            models.forEach(ModelSource::close);
        }
    }

    private static Metadata damage(Metadata metadata, Random random, List<String> log) {
        Map<String, Object> values = new HashMap<>(metadata.values());
        List<String> keys = values.keySet().stream()
                .filter(key -> !key.startsWith("tokenizer."))
                .sorted()
                .toList();
        int injuries = 1 + random.nextInt(3);
        for (int i = 0; i < injuries; i++) {
            String key = keys.get(random.nextInt(keys.size()));
            Object value = HOSTILE.get(random.nextInt(HOSTILE.size()));
            if (random.nextInt(8) == 0) {
                values.remove(key);
                log.add(key + " removed");
            } else {
                values.put(key, value);
                log.add(key + " = " + value);
            }
        }
        return Metadata.ofValues(metadata.file(), values);
    }

    /// A model with other metadata.
    private record Damaged(ModelSource original, Metadata metadata) implements ModelSource {
        @Override
        public Path location() {
            return original.location();
        }

        @Override
        public String format() {
            return original.format();
        }

        @Override
        public String architecture() {
            return original.architecture();
        }

        @Override
        public @Nullable TensorData find(String name) {
            return original.find(name);
        }

        @Override
        public TensorData require(String name) {
            return original.require(name);
        }

        @Override
        public List<TensorData> tensors() {
            return original.tensors();
        }

        @Override
        public long fileBytes() {
            return original.fileBytes();
        }

        @Override
        public String fingerprint() {
            return original.fingerprint();
        }

        @Override
        public void close() {
            // The original is closed by whoever opened it.
        }
    }
}
