package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kv.KvSequence;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One layer's keys and values in pages of a few positions, for tests of attention alone.
final class MemoryKvSequence implements KvSequence {
    private final @Nullable MemoryKvSequence prefix;
    private final int prefixLength;
    private final int pageRows;
    private final long keyBytes;
    private final long valueBytes;
    private final List<Run> pages = new ArrayList<>();

    MemoryKvSequence(Arena arena, int positions, int pageRows, int rowFloats) {
        this(arena, null, 0, positions, pageRows, rowFloats, rowFloats);
    }

    /// @param valueFloats 0 where the keys hold the values
    /// @param positions   positions that this one holds itself, after the prefix
    MemoryKvSequence(
            Arena arena,
            @Nullable MemoryKvSequence prefix,
            int prefixLength,
            int positions,
            int pageRows,
            int keyFloats,
            int valueFloats) {
        this.prefix = prefix;
        this.prefixLength = prefixLength;
        this.pageRows = pageRows;
        keyBytes = 4L * keyFloats;
        valueBytes = valueFloats == 0 ? keyBytes : 4L * valueFloats;
        for (int first = 0; first < positions; first += pageRows) {
            int count = Math.min(pageRows, positions - first);
            MemorySegment keys = arena.allocate(count * keyBytes, 64);
            MemorySegment values = valueFloats == 0 ? keys : arena.allocate(count * valueBytes, 64);
            pages.add(new Run(keys, values, prefixLength + first, count));
        }
    }

    @Override
    public void runs(int layer, int from, int to, Consumer<Run> visitor) {
        if (prefix != null && from < prefixLength) {
            prefix.runs(layer, from, Math.min(to, prefixLength), visitor);
        }
        int position = Math.max(from, prefixLength);
        while (position < to) {
            Run page = pages.get((position - prefixLength) / pageRows);
            int skip = position - page.firstPosition();
            int count = Math.min(page.count() - skip, to - position);
            visitor.accept(new Run(
                    page.keys().asSlice(skip * keyBytes, count * keyBytes),
                    page.values().asSlice(skip * valueBytes, count * valueBytes),
                    position,
                    count));
            position += count;
        }
    }

    @Override
    public @Nullable KvSequence prefix() {
        return prefix;
    }

    @Override
    public int prefixLength() {
        return prefixLength;
    }

    @Override
    public int expectedLength() {
        return Integer.MAX_VALUE;
    }
}
