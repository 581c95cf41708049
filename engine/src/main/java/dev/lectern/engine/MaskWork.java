package dev.lectern.engine;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// Masks of one step that are worked out on another thread while the forward pass runs. Closing waits for them, so that
/// no thread touches an answer any more.
final class MaskWork implements AutoCloseable {
    private static final MaskWork NONE = new MaskWork(CompletableFuture.completedFuture(null));

    private final CompletableFuture<Void> work;

    private MaskWork(CompletableFuture<Void> work) {
        this.work = work;
    }

    /// @param answers whose masks to prepare; not to be used until [#await] has returned
    static MaskWork start(List<ConstrainedAnswer> answers) {
        return answers.isEmpty()
                ? NONE
                : new MaskWork(CompletableFuture.runAsync(() -> answers.forEach(ConstrainedAnswer::prepare)));
    }

    /// Returns when all masks are ready; throws what working them out threw.
    void await() {
        try {
            work.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        work.handle((nothing, failure) -> true).join();
    }
}
