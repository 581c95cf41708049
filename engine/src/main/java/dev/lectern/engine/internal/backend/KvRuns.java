package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kv.KvSequence;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The runs of one sequence and layer that hold a range of positions, looked up once for all workers.
final class KvRuns {
    private final List<KvSequence.Run> runs = new ArrayList<>();

    private KvRuns(KvSequence sequence, int layer, int from, int to) {
        sequence.runs(layer, from, to, runs::add);
    }

    /// The index of the run that holds `position`.
    int indexOf(int position) {
        int low = 0;
        int high = runs.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (runs.get(middle).firstPosition() <= position) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    KvSequence.Run get(int index) {
        return runs.get(index);
    }

    /// Remembers the last look-up, which the next often is a part of.
    static final class Cache {
        private final int layer;
        private @Nullable KvSequence sequence;
        private int from;
        private int to;
        private @Nullable KvRuns runs;

        Cache(int layer) {
            this.layer = layer;
        }

        /// Runs that hold at least the positions `[wantedFrom, wantedTo)`.
        KvRuns get(KvSequence wanted, int wantedFrom, int wantedTo) {
            KvRuns last = runs;
            if (last != null && sequence == wanted && from <= wantedFrom && wantedTo <= to) {
                return last;
            }
            KvRuns found = new KvRuns(wanted, layer, wantedFrom, wantedTo);
            sequence = wanted;
            from = wantedFrom;
            to = wantedTo;
            runs = found;
            return found;
        }
    }
}
