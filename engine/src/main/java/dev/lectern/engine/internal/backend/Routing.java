package dev.lectern.engine.internal.backend;

/// Which expert each row goes to, and the rows sorted by expert: filled by [Backend#route], sized once for a workspace.
/// Not thread-safe.
///
/// Slot s of the sorted order is row `slotRow[s]` of the batch at score `slotScore[s]`; expert e has the slots
/// `[expertStart[e], expertStart[e + 1])`, rows ascending. A batch of n rows has n * topK slots.
public final class Routing {
    public final int[] slotRow;
    public final float[] slotScore;
    public final int[] expertStart;

    public Routing(int maxRows, int experts, int topK) {
        slotRow = new int[Math.multiplyExact(maxRows, topK)];
        slotScore = new float[slotRow.length];
        expertStart = new int[experts + 1];
    }

    public int slots() {
        return expertStart[expertStart.length - 1];
    }
}
