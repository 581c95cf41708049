package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.model.MlpSpec;
import java.util.Arrays;

/// Which expert each row goes to, and the rows sorted by expert: filled by [Backend#route], sized once for a
/// workspace. Not thread-safe.
///
/// Slot s of the sorted order is row `slotRow[s]` of the batch at score `slotScore[s]`; expert e has the slots
/// `[expertStart[e], expertStart[e + 1])`, rows ascending. A batch of n rows has n * topK slots.
public final class Routing {
    public final int[] slotRow;
    public final float[] slotScore;
    public final int[] expertStart;
    private final int[] choice;

    public Routing(int maxRows, int experts, int topK) {
        slotRow = new int[Math.multiplyExact(maxRows, topK)];
        slotScore = new float[slotRow.length];
        choice = new int[slotRow.length];
        expertStart = new int[experts + 1];
    }

    public int slots() {
        return expertStart[expertStart.length - 1];
    }

    /// Fills this from router logits: for each row the topK largest, the lower index of equals, with the sigmoid of
    /// the chosen logit as its score.
    ///
    /// @param logits shape (rows, experts)
    void choose(float[] logits, int rows, MlpSpec.Moe spec) {
        int experts = spec.experts();
        int slots = rows * spec.topK();
        if (slots > slotRow.length || experts != expertStart.length - 1) {
            throw new IllegalArgumentException(slots + " slots of " + experts + " experts, sized for " + slotRow.length
                    + " slots of " + (expertStart.length - 1) + " experts");
        }
        int[] chosen = choice;
        Arrays.fill(expertStart, 0);
        for (int row = 0; row < rows; row++) {
            int base = row * experts;
            for (int k = 0; k < spec.topK(); k++) {
                int best = -1;
                for (int e = 0; e < experts; e++) {
                    boolean larger = best < 0 || logits[base + e] > logits[base + best];
                    if (larger && !taken(chosen, row * spec.topK(), k, e)) {
                        best = e;
                    }
                }
                chosen[row * spec.topK() + k] = best;
                expertStart[best + 1]++;
            }
        }
        for (int e = 0; e < experts; e++) {
            expertStart[e + 1] += expertStart[e];
        }
        for (int i = 0; i < slots; i++) {
            int expert = chosen[i];
            int slot = expertStart[expert]++;
            slotRow[slot] = i / spec.topK();
            slotScore[slot] = sigmoid(logits[slotRow[slot] * experts + expert]);
        }
        // The second pass moved each start to the next one's place.
        System.arraycopy(expertStart, 0, expertStart, 1, experts);
        expertStart[0] = 0;
    }

    private static boolean taken(int[] chosen, int from, int count, int expert) {
        for (int i = from; i < from + count; i++) {
            if (chosen[i] == expert) {
                return true;
            }
        }
        return false;
    }

    private static float sigmoid(float logit) {
        return (float) (1 / (1 + Math.exp(-logit)));
    }
}
