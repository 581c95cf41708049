package dev.lectern.engine.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.Profile;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// That a profile changes no result, counts what the model needs, and misses nothing.
final class ProfilingBackendTest {
    private final Arena arena = Arena.ofShared();
    private final Fixtures fixtures = new Fixtures(arena, 5);
    private final ProfilingBackend backend = new ProfilingBackend(new ScalarBackend(), Weight::name);

    @AfterEach
    void close() {
        backend.close();
        arena.close();
    }

    @Nested
    final class AroundVectors extends BackendContract {
        @Override
        Backend open() {
            return new ProfilingBackend(new CpuBackend(new VectorKernels(), 2), Weight::name);
        }
    }

    @Test
    void everyOperationIsPassedOn() {
        // Default methods too: the other backend's own form of an operation is what is to be measured.
        assertThat(Arrays.stream(ProfilingBackend.class.getDeclaredMethods()).map(ProfilingBackendTest::signature))
                .containsAll(Arrays.stream(Backend.class.getDeclaredMethods())
                        .map(ProfilingBackendTest::signature)
                        .toList());
    }

    private static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }

    @Test
    void productsCountByTheRoleOfTheirWeight() {
        Weight weight = fixtures.weight(TensorType.Q8_0, Weight.Order.OUTPUT_MAJOR, 8, 64);
        Tensor in = fixtures.random(5, 64);
        Tensor out = fixtures.zeros(5, 8);
        backend.matmul(in, 5, weight, out, Phase.PREFILL);
        backend.matmul(in, 1, weight, out, Phase.DECODE);
        Profile.Operation product = operation(backend.take(), weight.name());
        assertThat(product.calls()).isEqualTo(2);
        assertThat(product.flops()).isEqualTo(2.0 * 6 * 8 * 64);
        assertThat(product.bytes()).isEqualTo(2.0 * 8 * 2 * 34);
        assertThat(product.nanos()).isPositive();
        assertThat(backend.take().operations()).isEmpty();
    }

    @Test
    void expertsWithoutRowsAreNotRead() {
        Weight[] weights = new Weight[3];
        Arrays.setAll(weights, i -> fixtures.weight(TensorType.F32, Weight.Order.OUTPUT_MAJOR, 4, 8));
        int[] starts = {0, 2, 2, 3};
        backend.groupedMatmul(fixtures.random(3, 8), starts, weights, fixtures.zeros(3, 4), Phase.DECODE);
        Profile.Operation product = operation(backend.take(), weights[0].name());
        assertThat(product.flops()).isEqualTo(2.0 * 3 * 4 * 8);
        assertThat(product.bytes()).isEqualTo(2.0 * 4 * 8 * Float.BYTES);
    }

    @Test
    void productsTogetherCountUnderTheFirstsRole() {
        Weight[] weights = new Weight[2];
        Arrays.setAll(weights, i -> fixtures.weight(TensorType.F32, Weight.Order.OUTPUT_MAJOR, 4 + i, 8));
        Tensor[] outs = {fixtures.zeros(3, 4), fixtures.zeros(3, 5)};
        backend.matmuls(fixtures.random(3, 8), 3, weights, outs, Phase.DECODE);
        Profile.Operation product = operation(backend.take(), weights[0].name());
        assertThat(product.calls()).isEqualTo(1);
        assertThat(product.flops()).isEqualTo(2.0 * 3 * 9 * 8);
        assertThat(product.bytes()).isEqualTo(9.0 * 8 * Float.BYTES);
    }

    @Test
    void attentionCountsVisibleKeysAndASharedPrefixOnce() {
        AttentionSpec.GroupedQuery full = AttentionSpec.GroupedQuery.of(2, 1, 8);
        AttentionSpec.GroupedQuery chunked = full.withMask(new AttentionSpec.Mask.Chunked(4));
        MemoryKvSequence prefix = new MemoryKvSequence(arena, 6, 4, 8);
        MemoryKvSequence first = new MemoryKvSequence(arena, prefix, 6, 4, 4, 8, 8);
        MemoryKvSequence second = new MemoryKvSequence(arena, prefix, 6, 4, 4, 8, 8);
        // Positions 6 and 7 of the one, 6 of the other.
        Batch batch = new Batch(
                Phase.DECODE,
                new int[3],
                new int[] {6, 7, 6},
                List.of(new Batch.Span(first, 0, 2, 6), new Batch.Span(second, 2, 1, 6)));
        Tensor queries = fixtures.random(3, 16);
        Tensor out = fixtures.zeros(3, 16);
        backend.attention(queries, batch, 0, full.scores(), null, out);
        backend.attention(queries, batch, 0, chunked.scores(), null, out);
        Profile profile = backend.take();
        Profile.Operation all = operation(profile, "attention, full");
        Profile.Operation local = operation(profile, "attention, chunked");
        int perPair = 2 * 2 * (8 + 8);
        int perKey = (8 + 8) * Float.BYTES;
        assertThat(all.flops()).isEqualTo((double) (7 + 8 + 7) * perPair);
        assertThat(all.bytes()).isEqualTo((double) (6 + 2 + 1) * perKey);
        // The chunk begins at 4: two of the prefix's keys.
        assertThat(local.flops()).isEqualTo((double) (3 + 4 + 3) * perPair);
        assertThat(local.bytes()).isEqualTo((double) (2 + 2 + 1) * perKey);
    }

    private static Profile.Operation operation(Profile profile, String name) {
        return profile.operations().stream()
                .filter(operation -> operation.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
