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
    private final long rowBytes;
    private final List<Run> pages = new ArrayList<>();

    MemoryKvSequence(Arena arena, int positions, int pageRows, int rowFloats) {
        this(arena, null, 0, positions, pageRows, rowFloats);
    }

    /// @param positions positions that this one holds itself, after the prefix
    MemoryKvSequence(
            Arena arena,
            @Nullable MemoryKvSequence prefix,
            int prefixLength,
            int positions,
            int pageRows,
            int rowFloats) {
        this.prefix = prefix;
        this.prefixLength = prefixLength;
        this.pageRows = pageRows;
        rowBytes = 4L * rowFloats;
        for (int first = 0; first < positions; first += pageRows) {
            int count = Math.min(pageRows, positions - first);
            MemorySegment keys = arena.allocate(count * rowBytes, 64);
            MemorySegment values = arena.allocate(count * rowBytes, 64);
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
                    page.keys().asSlice(skip * rowBytes, count * rowBytes),
                    page.values().asSlice(skip * rowBytes, count * rowBytes),
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
}
