package dev.lectern.engine.internal.kv;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PagedKvTest {
    private static final int PAGE = KvPool.PAGE_TOKENS;
    private static final int LOCAL = 0;
    private static final int GLOBAL = 1;
    private static final int CHUNK = 2 * PAGE;
    private static final List<ModelConfig.LayerSpec> LAYERS =
            List.of(layer(new AttentionSpec.Mask.Chunked(CHUNK)), layer(new AttentionSpec.Mask.Full()));
    private static final long PAGE_BYTES = 2L * PAGE * 2 * 4 * Float.BYTES;

    @Test
    void runsCoverAnyRangeInOrderAcrossPrefixAndOwnPages() {
        try (KvPool pool = new KvPool(1 << 26);
                PagedKv prefix = new PagedKv(pool, LAYERS, null, Integer.MAX_VALUE)) {
            grow(prefix, 3 * PAGE + 17, GLOBAL);
            try (PagedKv question = new PagedKv(pool, LAYERS, prefix, Integer.MAX_VALUE)) {
                grow(question, 2 * PAGE, GLOBAL);
                for (int from : new int[] {0, 5, PAGE, 3 * PAGE + 16, 3 * PAGE + 17, 4 * PAGE}) {
                    for (int to : new int[] {from + 1, 4 * PAGE + 3, question.length()}) {
                        assertThat(marks(question, GLOBAL, from, to))
                                .as("[%d, %d)", from, to)
                                .isEqualTo(java.util.stream.IntStream.range(from, to)
                                        .boxed()
                                        .toList());
                    }
                }
                assertThat(question.prefixLength()).isEqualTo(3 * PAGE + 17);
            }
        }
    }

    @Test
    void localLayersKeepOnlyTheirCurrentChunk() {
        try (KvPool pool = new KvPool(1 << 26);
                PagedKv sequence = new PagedKv(pool, LAYERS, null, Integer.MAX_VALUE)) {
            long all = pool.leftBytes();
            grow(sequence, 3 * CHUNK, LOCAL);
            sequence.dropInvisible();
            // At a chunk border nothing of the local layer is left; the global layer keeps all.
            assertThat(all - pool.leftBytes()).isEqualTo(3L * CHUNK / PAGE * PAGE_BYTES);
            assertThatThrownBy(() -> marks(sequence, LOCAL, 3 * CHUNK - 1, 3 * CHUNK))
                    .isInstanceOf(IllegalStateException.class);
            grow(sequence, PAGE + 1, LOCAL);
            sequence.dropInvisible();
            assertThat(marks(sequence, LOCAL, 3 * CHUNK, 3 * CHUNK + PAGE + 1)).hasSize(PAGE + 1);
        }
    }

    @Test
    void pagesAreReusedAndTheBudgetHolds() {
        try (KvPool pool = new KvPool(4 * PAGE_BYTES)) {
            for (int round = 0; round < 5; round++) {
                try (PagedKv sequence = new PagedKv(pool, LAYERS, null, Integer.MAX_VALUE)) {
                    sequence.grow(2 * PAGE);
                    assertThat(pool.leftBytes()).isZero();
                    assertThatThrownBy(() -> sequence.grow(1))
                            .isInstanceOf(EngineException.NotEnoughMemory.class)
                            .hasMessageContaining("set aside");
                }
                assertThat(pool.leftBytes()).isEqualTo(4 * PAGE_BYTES);
            }
            assertThat(pool.peakBytes()).isEqualTo(4 * PAGE_BYTES);
            assertThatThrownBy(() -> pool.require(5 * PAGE_BYTES, "a context of 9 tokens"))
                    .isInstanceOf(EngineException.NotEnoughMemory.class)
                    .hasMessageContaining("a context of 9 tokens");
        }
    }

    private static void grow(PagedKv sequence, int rows, int layer) {
        int from = sequence.length();
        sequence.grow(rows);
        sequence.runs(layer, from, sequence.length(), run -> {
            for (int i = 0; i < run.count(); i++) {
                run.keys().set(JAVA_FLOAT, (long) i * 8 * Float.BYTES, run.firstPosition() + i);
            }
        });
    }

    private static List<Integer> marks(PagedKv sequence, int layer, int from, int to) {
        List<Integer> marks = new ArrayList<>();
        sequence.runs(layer, from, to, run -> {
            for (int i = 0; i < run.count(); i++) {
                marks.add((int) run.keys().get(JAVA_FLOAT, (long) i * 8 * Float.BYTES));
            }
        });
        return marks;
    }

    private static ModelConfig.LayerSpec layer(AttentionSpec.Mask mask) {
        return new ModelConfig.LayerSpec(
                AttentionSpec.GroupedQuery.of(4, 2, 4).withMask(mask), new MlpSpec.Dense(8, MlpSpec.Activation.SILU));
    }
}
