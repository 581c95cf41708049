package dev.lectern.engine.internal.constraint.lexical;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// A set of Unicode scalar values (all code points but the surrogates): sorted ranges that neither overlap
/// nor touch.
final class CodePoints {
    static final int MAX = 0x10FFFF;
    static final CodePoints NONE = new CodePoints(new int[0]);
    static final CodePoints ALL = new CodePoints(new int[] {0, 0xD7FF, 0xE000, MAX});

    /// First and last of each range in turn.
    private final int[] bounds;

    private CodePoints(int[] bounds) {
        this.bounds = bounds;
    }

    static CodePoints of(int codePoint) {
        return range(codePoint, codePoint);
    }

    static CodePoints range(int first, int last) {
        return ofRanges(first, last);
    }

    /// First and last of each range in turn, in any order; surrogates are left out.
    static CodePoints ofRanges(int... bounds) {
        List<int[]> ranges = new ArrayList<>();
        for (int i = 0; i < bounds.length; i += 2) {
            clip(ranges, bounds[i], Math.min(bounds[i + 1], 0xD7FF));
            clip(ranges, Math.max(bounds[i], 0xE000), bounds[i + 1]);
        }
        return merge(ranges);
    }

    private static void clip(List<int[]> ranges, int first, int last) {
        if (first <= last) {
            ranges.add(new int[] {first, last});
        }
    }

    private static CodePoints merge(List<int[]> ranges) {
        ranges.sort(Comparator.comparingInt(range -> range[0]));
        int[] merged = new int[ranges.size() * 2];
        int n = 0;
        for (int[] range : ranges) {
            if (n > 0 && range[0] <= merged[n - 1] + 1) {
                merged[n - 1] = Math.max(merged[n - 1], range[1]);
            } else {
                merged[n++] = range[0];
                merged[n++] = range[1];
            }
        }
        return new CodePoints(Arrays.copyOf(merged, n));
    }

    CodePoints union(CodePoints other) {
        List<int[]> ranges = new ArrayList<>();
        for (int i = 0; i < bounds.length; i += 2) {
            ranges.add(new int[] {bounds[i], bounds[i + 1]});
        }
        for (int i = 0; i < other.bounds.length; i += 2) {
            ranges.add(new int[] {other.bounds[i], other.bounds[i + 1]});
        }
        return merge(ranges);
    }

    CodePoints complement() {
        int[] gaps = new int[bounds.length + 2];
        int next = 0;
        int n = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            if (bounds[i] > next) {
                gaps[n++] = next;
                gaps[n++] = bounds[i] - 1;
            }
            next = bounds[i + 1] + 1;
        }
        if (next <= MAX) {
            gaps[n++] = next;
            gaps[n++] = MAX;
        }
        return ofRanges(Arrays.copyOf(gaps, n));
    }

    CodePoints intersect(CodePoints other) {
        return complement().union(other.complement()).complement();
    }

    boolean isEmpty() {
        return bounds.length == 0;
    }

    boolean contains(int codePoint) {
        for (int i = 0; i < bounds.length; i += 2) {
            if (codePoint >= bounds[i] && codePoint <= bounds[i + 1]) {
                return true;
            }
        }
        return false;
    }

    int ranges() {
        return bounds.length / 2;
    }

    int first(int range) {
        return bounds[2 * range];
    }

    int last(int range) {
        return bounds[2 * range + 1];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CodePoints that && Arrays.equals(bounds, that.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < bounds.length; i += 2) {
            text.append(Integer.toHexString(bounds[i]))
                    .append('-')
                    .append(Integer.toHexString(bounds[i + 1]))
                    .append(' ');
        }
        return text.append(']').toString();
    }
}
