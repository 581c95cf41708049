package dev.lectern.engine.internal.kv;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The cached keys and values of one sequence, layer by layer.
///
/// A sequence may continue an immutable prefix that it shares with others: positions before [#prefixLength] are the
/// prefix's, later ones its own.
public interface KvSequence {
    /// Visits the stored positions `[from, to)` of a layer in ascending runs of contiguous memory, the prefix's
    /// included.
    ///
    /// @throws IllegalStateException when a position of the range is not stored (any more)
    void runs(int layer, int from, int to, Consumer<Run> visitor);

    /// The shared prefix; null for none.
    @Nullable
    KvSequence prefix();

    /// Number of positions that [#prefix] holds; 0 for none.
    int prefixLength();

    /// How many positions the sequence is to have in the end; [Integer#MAX_VALUE] when unknown. A continuation
    /// has its prefix's: what depends on it cannot change after the first key is stored.
    int expectedLength();

    /// Contiguous positions of one layer. Rows of keys are `(kvHeads, keyDim)` float32, rows of values
    /// `(kvHeads, valueDim)`, one after another without gaps; where keys hold the values, the values are the
    /// keys' segment and their rows as far apart. The rows of positions that the sequence has reserved for a
    /// batch are writable.
    ///
    /// @param keys          first byte is the key row of `firstPosition`
    /// @param values        first byte is the value row of `firstPosition`
    /// @param firstPosition absolute position of the run's first row
    /// @param count         rows
    record Run(MemorySegment keys, MemorySegment values, int firstPosition, int count) {}
}
