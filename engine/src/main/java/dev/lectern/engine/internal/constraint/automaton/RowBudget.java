package dev.lectern.engine.internal.constraint.automaton;

import java.util.concurrent.atomic.AtomicInteger;

/// How many rows the tables of one schema's leaves may have in all, a kilobyte each: a schema can have hundreds of
/// patterns for one string, and each of them thousands of states. Thread-safe.
final class RowBudget {
    private static final int MAX_ROWS = 1 << 16;

    private final AtomicInteger left = new AtomicInteger(MAX_ROWS);

    boolean isSpent() {
        return left.get() <= 0;
    }

    /// @return whether there may be one more
    boolean take() {
        return left.getAndDecrement() > 0;
    }
}
