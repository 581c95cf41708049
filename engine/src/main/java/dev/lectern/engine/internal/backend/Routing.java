package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.model.MlpSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Which expert each row goes to, and the rows sorted by expert: filled by [Backend#route], sized once for a
/// workspace. Not thread-safe.
///
/// Slot s of the sorted order is row `slotRow[s]` of the batch at score `slotScore[s]`; expert e has the slots
/// `[expertStart[e], expertStart[e + 1])`, rows ascending. A batch of n rows has n * topK slots; row r's are
/// `rowSlot[r * topK]` and following, experts ascending.
public final class Routing {
    /// Less than any score.
    private static final float TAKEN = Float.NEGATIVE_INFINITY;

    public final int[] slotRow;
    public final float[] slotScore;
    public final int[] expertStart;
    public final int[] rowSlot;
    private final int[] choice;
    private final float[] chosenScore;
    private int rows;

    public Routing(int maxRows, int experts, int topK) {
        slotRow = new int[Math.multiplyExact(maxRows, topK)];
        slotScore = new float[slotRow.length];
        choice = new int[slotRow.length];
        chosenScore = new float[slotRow.length];
        rowSlot = new int[slotRow.length];
        expertStart = new int[experts + 1];
    }

    public int slots() {
        return expertStart[expertStart.length - 1];
    }

    /// Rows that were routed last.
    int rows() {
        return rows;
    }

    /// Fills this from router logits, as `router` says.
    ///
    /// @param logits        shape (rows, experts); overwritten with scores
    /// @param selectionBias one an expert, added for the choice alone; null for none
    void choose(float[] logits, int rows, MlpSpec.Router router, float @Nullable [] selectionBias) {
        check(rows, router);
        chooseRows(0, rows, logits, router, selectionBias);
        sortByExpert(rows, router);
    }

    void check(int rows, MlpSpec.Router router) {
        int slots = rows * router.topK();
        if (slots > slotRow.length || router.experts() != expertStart.length - 1) {
            throw new IllegalArgumentException(slots + " slots of " + router.experts() + " experts, sized for "
                    + slotRow.length + " slots of " + (expertStart.length - 1) + " experts");
        }
    }

    /// The choice of the rows `[from, to)`, which depends on no other row: several threads may choose for
    /// different rows at a time. [#sortByExpert] then completes it.
    void chooseRows(int from, int to, float[] logits, MlpSpec.Router router, float @Nullable [] selectionBias) {
        int experts = router.experts();
        int topK = router.topK();
        float[] scores = logits;
        // What is left to choose from in the row at hand.
        float[] eligible = new float[experts];
        for (int row = from; row < to; row++) {
            int base = row * experts;
            // The logits order experts as their scores do, but do not round two of them to one.
            if (selectionBias == null && router.groups().isEmpty()) {
                System.arraycopy(logits, base, eligible, 0, experts);
                score(scores, base, router);
            } else {
                score(scores, base, router);
                for (int e = 0; e < experts; e++) {
                    eligible[e] = scores[base + e] + (selectionBias == null ? 0 : selectionBias[e]);
                }
                router.groups().ifPresent(groups -> keepBestGroups(groups, eligible));
            }
            float sum = 0;
            for (int k = 0; k < topK; k++) {
                int best = largest(eligible, 0, experts);
                choice[row * topK + k] = best;
                chosenScore[row * topK + k] = scores[base + best];
                sum += scores[base + best];
                eligible[best] = TAKEN;
            }
            for (int k = 0; k < topK; k++) {
                float score = chosenScore[row * topK + k];
                chosenScore[row * topK + k] = (router.renormalise() ? score / sum : score) * router.scale();
            }
        }
    }

    private static void score(float[] scores, int base, MlpSpec.Router router) {
        int end = base + router.experts();
        switch (router.gating()) {
            case SIGMOID -> {
                for (int i = base; i < end; i++) {
                    scores[i] = (float) (1 / (1 + Math.exp(-scores[i])));
                }
            }
            case SOFTMAX -> {
                double largest = Double.NEGATIVE_INFINITY;
                for (int i = base; i < end; i++) {
                    largest = Math.max(largest, scores[i]);
                }
                double sum = 0;
                for (int i = base; i < end; i++) {
                    sum += Math.exp(scores[i] - largest);
                }
                for (int i = base; i < end; i++) {
                    scores[i] = (float) (Math.exp(scores[i] - largest) / sum);
                }
            }
        }
    }

    /// Takes the experts of all other groups out of the choice.
    private static void keepBestGroups(MlpSpec.Groups groups, float[] eligible) {
        int experts = eligible.length;
        int size = experts / groups.count();
        float[] best = new float[groups.count()];
        for (int g = 0; g < best.length; g++) {
            int first = largest(eligible, g * size, (g + 1) * size);
            best[g] = eligible[first];
            if (size > 1) {
                float held = eligible[first];
                eligible[first] = TAKEN;
                best[g] += eligible[largest(eligible, g * size, (g + 1) * size)];
                eligible[first] = held;
            }
        }
        boolean[] kept = new boolean[best.length];
        for (int chosen = 0; chosen < groups.chosen(); chosen++) {
            int next = -1;
            for (int g = 0; g < best.length; g++) {
                if (!kept[g] && (next < 0 || best[g] > best[next])) {
                    next = g;
                }
            }
            kept[next] = true;
        }
        for (int e = 0; e < experts; e++) {
            if (!kept[e / size]) {
                eligible[e] = TAKEN;
            }
        }
    }

    /// The expert of `[from, to)` with the largest eligible score; a NaN is never larger, so that damaged
    /// weights give wrong numbers but no invalid index.
    private static int largest(float[] eligible, int from, int to) {
        int best = -1;
        for (int e = from; e < to; e++) {
            if (eligible[e] != TAKEN && (best < 0 || eligible[e] > eligible[best])) {
                best = e;
            }
        }
        return best < 0 ? from : best;
    }

    /// Puts the rows' choices in the order of experts.
    void sortByExpert(int rows, MlpSpec.Router router) {
        int topK = router.topK();
        int experts = router.experts();
        this.rows = rows;
        int slots = rows * topK;
        Arrays.fill(expertStart, 0);
        for (int i = 0; i < slots; i++) {
            expertStart[choice[i] + 1]++;
        }
        for (int e = 0; e < experts; e++) {
            expertStart[e + 1] += expertStart[e];
        }
        for (int i = 0; i < slots; i++) {
            int slot = expertStart[choice[i]]++;
            slotRow[slot] = i / topK;
            slotScore[slot] = chosenScore[i];
            rowSlot[i] = slot;
        }
        for (int row = 0; row < rows; row++) {
            Arrays.sort(rowSlot, row * topK, (row + 1) * topK);
        }
        // The second pass moved each start to the next one's place.
        System.arraycopy(expertStart, 0, expertStart, 1, experts);
        expertStart[0] = 0;
    }
}
