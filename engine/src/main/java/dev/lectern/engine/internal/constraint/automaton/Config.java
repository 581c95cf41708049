package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.mask.TokenSet;
import org.jspecify.annotations.Nullable;

/// A stack of frames. Interned by its [Machine].
final class Config {
    private final Frame top;
    private final @Nullable Config below;
    private final int id;

    /// The state that consists of this config alone.
    @Nullable
    States alone;

    /// The tokens that go beyond the frame which was last above this one, into what this one reads.
    @Nullable
    Beyond beyond;

    /// What it takes to end the stack, where no object has names that matter.
    Endings.@Nullable Sum ending;

    /// @param exits the nodes of the token trie from which they go on, by identity
    record Beyond(int[] exits, TokenSet tokens) {}

    /// The same stack without watches, once it is known.
    @Nullable
    Config plain;

    Config(Frame top, @Nullable Config below, int id) {
        this.top = top;
        this.below = below;
        this.id = id;
    }

    Frame top() {
        return top;
    }

    /// What is beneath; only ends have nothing there.
    Config below() {
        if (below == null) {
            throw new IllegalStateException("nothing is beneath the end");
        }
        return below;
    }

    boolean isWatched() {
        return top instanceof WatchedFrame;
    }

    /// Whether both, having read the same text, are the same.
    boolean same(Config other) {
        return this == other
                || (top instanceof WatchedFrame own
                        && other.top instanceof WatchedFrame its
                        && own.same(its)
                        && below().same(other.below()));
    }

    boolean isEnd() {
        return below == null;
    }

    int id() {
        return id;
    }
}
