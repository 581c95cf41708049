package dev.lectern.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Where an engine says that its time went.
class ProfileTest {
    private static final Path MODEL = Path.of("..", "models", "scout-nano");
    private static final Path GOLDEN = Path.of("src/test/resources/golden/hf");

    private static EngineConfig config(Path model) {
        return new EngineConfig(model, "auto", 2, 64 << 20);
    }

    @TestFactory
    Stream<DynamicTest> everyMatrixOfEveryFamilyHasARole() throws IOException {
        try (Stream<Path> folders = Files.list(GOLDEN)) {
            return folders.filter(folder -> Files.exists(folder.resolve("config.json"))).sorted().toList().stream()
                    .map(folder -> DynamicTest.dynamicTest(folder.getFileName().toString(), () -> {
                        try (Engine engine = Engine.openProfiled(config(folder))) {
                            engine.logits(new int[] {1, 2, 3, 4, 5}, 0);
                            Profile profile = engine.takeProfile();
                            assertThat(names(profile))
                                    .contains("attention projections", "output", "embedding", "norm")
                                    .doesNotContain("other products");
                            assertThat(profile.total().nanos()).isPositive();
                        }
                    }));
        }
    }

    private static List<String> names(Profile profile) {
        return profile.operations().stream().map(Profile.Operation::name).toList();
    }

    @Test
    void aProfileHoldsWhatRanSinceTheLastOne() {
        int[] tokens = IntStream.range(0, 700).map(i -> i % 3000).toArray();
        try (Engine engine = Engine.openProfiled(config(MODEL));
                Context context = engine.prefill(tokens, PrefillOptions.DEFAULT)) {
            Profile prefill = engine.takeProfile();
            assertThat(names(prefill)).contains("attention, full", "attention, chunked", "experts down", "routing");
            // Nothing is asked yet.
            assertThat(names(prefill)).doesNotContain("output");
            GenerationRequest request =
                    new GenerationRequest(new int[] {7}, 3, SamplingParams.GREEDY, new int[0], null);
            engine.generate(context, List.of(request), Cancellation.NONE);
            assertThat(names(engine.takeProfile())).contains("output");
            assertThat(engine.takeProfile().operations()).isEmpty();
            assertThat(engine.takeProfile().total().flops()).isZero();
        }
    }

    @Test
    void anEngineMeasuresOnlyWhenAsked() {
        try (Engine engine = Engine.open(config(MODEL))) {
            assertThatThrownBy(engine::takeProfile)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("openProfiled");
        }
    }

    @Test
    void machineLimitsArePositiveAndTheLargerOnesCount() {
        MachineLimits limits = MachineLimits.measure(2, 20);
        assertThat(limits.gflopsOneThread()).isPositive();
        assertThat(limits.gflopsAllThreads()).isPositive();
        assertThat(limits.gigabytesOneThread()).isPositive();
        assertThat(limits.gigabytesAllThreads()).isPositive();
        MachineLimits larger = limits.max(new MachineLimits(2, 1e9, 0, 0, 1e9));
        assertThat(larger.gflopsOneThread()).isEqualTo(1e9);
        assertThat(larger.gflopsAllThreads()).isEqualTo(limits.gflopsAllThreads());
        assertThat(larger.gigabytesAllThreads()).isEqualTo(1e9);
        assertThatThrownBy(() -> limits.max(new MachineLimits(3, 1, 1, 1, 1))).hasMessageContaining("3 threads");
    }
}
