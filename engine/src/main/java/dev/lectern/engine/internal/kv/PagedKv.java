package dev.lectern.engine.internal.kv;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The cached keys and values of one sequence in pages of a [KvPool].
///
/// Layers whose mask has a limit keep only what a later query can still see: at a chunk's border nothing. A
/// sequence that continues a prefix reads the prefix's pages and writes its own, so many questions share one context
/// without a copy. Not thread-safe while it grows; a sequence that no longer grows can be read by many.
public final class PagedKv implements KvSequence, AutoCloseable {
    private final KvPool pool;
    private final List<ModelConfig.LayerSpec> layers;
    private final @Nullable PagedKv prefix;
    private final List<List<KvPool.@Nullable Page>> pages;
    private final int firstOwnPage;
    private final int expectedLength;
    private int length;

    /// @param prefix         complete and not growing any more; must outlive this sequence
    /// @param expectedLength of a sequence without a prefix; with one, the prefix's counts
    public PagedKv(KvPool pool, List<ModelConfig.LayerSpec> layers, @Nullable PagedKv prefix, int expectedLength) {
        this.pool = pool;
        this.expectedLength = prefix == null ? expectedLength : prefix.expectedLength;
        this.layers = layers;
        this.prefix = prefix;
        this.length = prefixLength();
        this.firstOwnPage = length / KvPool.PAGE_TOKENS;
        this.pages = new ArrayList<>();
        for (int layer = 0; layer < layers.size(); layer++) {
            pages.add(new ArrayList<>());
        }
    }

    /// Positions that are stored or were (the prefix's included).
    public int length() {
        return length;
    }

    @Override
    public @Nullable PagedKv prefix() {
        return prefix;
    }

    @Override
    public int prefixLength() {
        return prefix == null ? 0 : prefix.length;
    }

    @Override
    public int expectedLength() {
        return expectedLength;
    }

    /// Makes room for `rows` more positions in every layer and counts them as stored; the forward pass fills
    /// them.
    ///
    /// @throws dev.lectern.engine.EngineException.NotEnoughMemory when the pool's budget has no room
    public void grow(int rows) {
        int end = Math.addExact(length, rows);
        int pagesNeeded = Math.ceilDiv(end, KvPool.PAGE_TOKENS) - firstOwnPage;
        for (int layer = 0; layer < layers.size(); layer++) {
            List<KvPool.@Nullable Page> own = pages.get(layer);
            while (own.size() < pagesNeeded) {
                own.add(pool.take(rowBytes(layers.get(layer))));
            }
        }
        length = end;
    }

    /// Forgets the positions from `newLength` on: tokens that were only proposed, and turned out wrong.
    ///
    /// @param newLength at least what the sequence had when [#dropInvisible] was last called
    public void truncate(int newLength) {
        if (newLength < prefixLength() || newLength > length) {
            throw new IllegalArgumentException("length " + newLength + " for a sequence of " + length + ", "
                    + prefixLength() + " of them its prefix's");
        }
        int pagesNeeded = Math.ceilDiv(newLength, KvPool.PAGE_TOKENS) - firstOwnPage;
        for (List<KvPool.@Nullable Page> own : pages) {
            while (own.size() > Math.max(0, pagesNeeded)) {
                KvPool.Page page = own.removeLast();
                if (page != null) {
                    pool.giveBack(page);
                }
            }
        }
        length = newLength;
    }

    /// Gives back the pages that no query at or after [#length] can see.
    public void dropInvisible() {
        for (int layer = 0; layer < layers.size(); layer++) {
            AttentionSpec.Mask mask = layers.get(layer).attention().mask();
            int firstVisiblePage = mask.firstVisible(length) / KvPool.PAGE_TOKENS;
            List<KvPool.@Nullable Page> own = pages.get(layer);
            for (int i = Math.min(own.size(), firstVisiblePage - firstOwnPage) - 1; i >= 0; i--) {
                KvPool.Page page = own.get(i);
                if (page == null) {
                    break;
                }
                pool.giveBack(page);
                own.set(i, null);
            }
        }
    }

    @Override
    public void runs(int layer, int from, int to, Consumer<Run> visitor) {
        int prefixEnd = prefixLength();
        if (prefix != null && from < prefixEnd) {
            prefix.runs(layer, from, Math.min(to, prefixEnd), visitor);
        }
        if (to > length) {
            throw new IllegalStateException("positions up to " + to + " of a sequence of " + length);
        }
        List<KvPool.@Nullable Page> own = pages.get(layer);
        for (int position = Math.max(from, prefixEnd); position < to; ) {
            int pageIndex = position / KvPool.PAGE_TOKENS;
            KvPool.Page page = own.get(pageIndex - firstOwnPage);
            if (page == null) {
                throw new IllegalStateException("layer " + layer + ", position " + position + ": no longer stored");
            }
            int end = Math.min(to, (pageIndex + 1) * KvPool.PAGE_TOKENS);
            long row = position - (long) pageIndex * KvPool.PAGE_TOKENS;
            visitor.accept(new Run(
                    page.keys().asSlice(row * page.rowBytes().keys()),
                    page.values().asSlice(row * page.valueStride()),
                    position,
                    end - position));
            position = end;
        }
    }

    /// Bytes of pages that a new sequence of `tokens` positions holds in the end, processed in pieces of
    /// `pieceRows`.
    public static long bytes(List<ModelConfig.LayerSpec> layers, long tokens, int pieceRows) {
        long bytes = 0;
        for (ModelConfig.LayerSpec layer : layers) {
            // A window's or chunk's first key may lie at the end of a page, and the piece's last at the
            // start of one.
            long kept = Math.min(tokens, (long) layer.attention().mask().reach() + pieceRows + KvPool.PAGE_TOKENS);
            bytes += Math.ceilDiv(kept, KvPool.PAGE_TOKENS) * rowBytes(layer).page();
        }
        return bytes;
    }

    /// Bytes that one more token leaves in the layers that keep the whole sequence.
    public static long bytesPerToken(List<ModelConfig.LayerSpec> layers) {
        return layers.stream()
                .filter(layer -> layer.attention().mask() instanceof AttentionSpec.Mask.Full)
                .mapToLong(layer -> rowBytes(layer).page() / KvPool.PAGE_TOKENS)
                .sum();
    }

    private static KvPool.RowBytes rowBytes(ModelConfig.LayerSpec layer) {
        AttentionSpec.Scores scores = layer.attention().scores();
        return new KvPool.RowBytes(scores.keyWidth() * Float.BYTES, scores.valueWidth() * Float.BYTES);
    }

    @Override
    public void close() {
        for (List<KvPool.@Nullable Page> own : pages) {
            for (KvPool.Page page : own) {
                if (page != null) {
                    pool.giveBack(page);
                }
            }
            own.clear();
        }
    }
}
