package dev.lectern.engine.internal.backend;

/// The items that a product over groups of rows is cut into, numbered group after group. For one thread at a time to
/// count, and then for all to read.
final class GroupItems {
    private int groups;

    /// Number of the first item of each group, and of the last's end.
    private int[] start = new int[1];

    /// Begins with no group.
    void clear(int mostGroups) {
        if (start.length < mostGroups + 1) {
            start = new int[mostGroups + 1];
        }
        groups = 0;
    }

    /// Adds a group.
    ///
    /// @param items how many it has, perhaps none
    void add(int items) {
        start[groups + 1] = start[groups] + items;
        groups++;
    }

    /// Cuts groups of rows `[starts[g], starts[g + 1])`, as far as they are in `[from, to)`.
    ///
    /// @param itemsPerRows items that each `rowsPerItem` rows of a group make
    /// @return how many items there are
    int count(int from, int to, int[] starts, int groups, int rowsPerItem, int itemsPerRows) {
        clear(groups);
        for (int g = 0; g < groups; g++) {
            int rows = Math.max(0, Math.min(to, starts[g + 1]) - Math.max(from, starts[g]));
            add(Math.ceilDiv(rows, rowsPerItem) * itemsPerRows);
        }
        return size();
    }

    int size() {
        return start[groups];
    }

    int first(int group) {
        return start[group];
    }

    /// The group that has an item.
    int groupOf(int item) {
        int low = 0;
        int high = groups - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (start[middle + 1] <= item) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
