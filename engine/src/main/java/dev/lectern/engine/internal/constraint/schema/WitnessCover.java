package dev.lectern.engine.internal.constraint.schema;

import java.util.Arrays;

/// How few members of an object find all witnesses that are missing: a set cover over a handful of bits, worked out
/// member by member. Mutable, for one question.
public final class WitnessCover {
    private static final int NEVER = Integer.MAX_VALUE / 2;

    private final int wanted;
    /// By the witnesses found: how many members have been added for that.
    private int[] added;

    /// @param wanted the witnesses that are missing, as bits
    public WitnessCover(int wanted) {
        this.wanted = wanted;
        this.added = new int[wanted + 1];
        Arrays.fill(added, NEVER);
        added[0] = 0;
    }

    /// A member that comes anyhow, as one of its choices.
    ///
    /// @param witnesses of each choice
    public void required(int[] witnesses) {
        int[] next = new int[added.length];
        Arrays.fill(next, NEVER);
        extend(witnesses, next, 0);
        added = next;
    }

    /// A member that may be added, once.
    public void optional(int[] witnesses) {
        int[] next = added.clone();
        extend(witnesses, next, 1);
        added = next;
    }

    private void extend(int[] witnesses, int[] next, int more) {
        for (int found = 0; found < added.length; found++) {
            for (int own : added[found] == NEVER ? new int[0] : witnesses) {
                int after = found | own & wanted;
                next[after] = Math.min(next[after], added[found] + more);
            }
        }
    }

    /// Members of which any number may be added: by their choices.
    public void repeatable(int[] witnesses) {
        for (int own : witnesses) {
            optional(new int[] {own});
        }
    }

    /// How many members are to be added at least; negative if none would be enough.
    public int fewest() {
        return added[wanted] == NEVER ? -1 : added[wanted];
    }
}
