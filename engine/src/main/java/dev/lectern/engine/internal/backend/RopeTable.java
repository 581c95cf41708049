package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.Team;
import dev.lectern.engine.internal.model.Rope;
import java.util.Arrays;

/// Cosines and sines of a batch's positions for one rotary embedding: the same for all heads, for queries and keys
/// and in all layers, so that they are computed once a batch. Angles are doubles: at ten million a float32 angle is
/// off by half a radian.
final class RopeTable {
    private static final int ANGLES_PER_ITEM = 1 << 9;

    private final Rope rope;
    private int[] positions = new int[0];
    private int rows;
    private int pairs;
    private int width;
    private float[] cos = new float[0];
    private float[] sin = new float[0];

    RopeTable(Rope rope) {
        this.rope = rope;
    }

    /// Fills the table for the first `rows` positions, unless it has been filled for them already.
    void prepare(int[] wantedPositions, int wantedRows, Team team) {
        if (wantedRows == rows && Arrays.equals(positions, 0, rows, wantedPositions, 0, rows)) {
            return;
        }
        rows = wantedRows;
        positions = positions.length < rows ? new int[wantedPositions.length] : positions;
        System.arraycopy(wantedPositions, 0, positions, 0, rows);
        float[] inverseFrequencies = rope.inverseFrequencies();
        pairs = inverseFrequencies.length;
        boolean adjacent = rope.pairing() == Rope.Pairing.ADJACENT;
        width = adjacent ? 2 * pairs : pairs;
        int size = Math.multiplyExact(rows, width);
        if (cos.length < size) {
            cos = new float[size];
            sin = new float[size];
        }
        int perItem = Math.max(1, ANGLES_PER_ITEM / Math.max(1, pairs));
        team.run(Math.ceilDiv(rows, perItem), (item, worker) -> {
            int first = item * perItem;
            for (int row = first; row < Math.min(rows, first + perItem); row++) {
                fill(row, inverseFrequencies, adjacent);
            }
        });
    }

    private void fill(int row, float[] inverseFrequencies, boolean adjacent) {
        int at = at(row);
        for (int pair = 0; pair < pairs; pair++) {
            double angle = positions[row] * (double) inverseFrequencies[pair];
            float c = (float) Math.cos(angle) * rope.magnitude();
            float s = (float) Math.sin(angle) * rope.magnitude();
            if (adjacent) {
                cos[at + 2 * pair] = c;
                cos[at + 2 * pair + 1] = c;
                sin[at + 2 * pair] = -s;
                sin[at + 2 * pair + 1] = s;
            } else {
                cos[at + pair] = c;
                sin[at + pair] = s;
            }
        }
    }

    int pairs() {
        return pairs;
    }

    /// Where a row's entries start: one a pair for halves, one an element (with the sine's sign) for adjacent
    /// pairs.
    int at(int row) {
        return row * width;
    }

    float[] cos() {
        return cos;
    }

    float[] sin() {
        return sin;
    }
}
