package dev.lectern.engine;

import dev.lectern.engine.internal.backend.Phase;
import dev.lectern.engine.internal.kv.PagedKv;
import java.util.List;

/// The logits that a context gives to tokens that follow it, for comparisons to the last bit.
final class PagedLogits {
    private PagedLogits() {}

    static void collect(Engine engine, Context context, int[] tokens, List<float[]> rows) {
        PagedKv prefix = context.acquire();
        try (PagedKv sequence = engine.newSequence(prefix, tokens.length)) {
            engine.locked(Cancellation.NONE, workspace -> {
                engine.forward(List.of(new Engine.Rows(sequence, tokens)), Phase.PREFILL, true);
                engine.eachLogits(
                        new int[] {tokens.length - 1}, Phase.PREFILL, (row, logits) -> rows.add(logits.clone()));
            });
        } finally {
            context.release();
        }
    }
}
