package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.kernel.vector.BlockFits;
import java.util.Comparator;
import java.util.stream.IntStream;

/// The values that a quant can stand for before it is scaled, in ascending order; a quant is the number of its
/// value.
sealed interface Levels {
    float lowest();

    float highest();

    /// `sums[0] = Σ x·v`, `sums[1] = Σ v²`, `v` the value nearest to `x·inverse`.
    void sums(float[] x, int at, int count, float inverse, float[] sums);

    /// `Σ (x - scale·v)²`, `v` the value nearest to `x·inverse`.
    float error(float[] x, int at, int count, float inverse, float scale);

    /// `quants[to + i]` = the number of the value nearest to `x[at + i]·inverse`.
    void nearest(float[] x, int at, int count, float inverse, int[] quants, int to);

    /// Whether [#sums] of weights with their signs turned differ in the sign of the first sum alone.
    boolean symmetric();

    /// All integers of a range.
    record Range(int first, int last) implements Levels {
        @Override
        public float lowest() {
            return first;
        }

        @Override
        public float highest() {
            return last;
        }

        @Override
        public void sums(float[] x, int at, int count, float inverse, float[] sums) {
            BlockFits.scaleSums(x, at, count, inverse, first, last, sums);
        }

        @Override
        public float error(float[] x, int at, int count, float inverse, float scale) {
            return BlockFits.scaleError(x, at, count, inverse, scale, first, last);
        }

        @Override
        public void nearest(float[] x, int at, int count, float inverse, int[] quants, int to) {
            BlockFits.scaleQuants(x, at, count, inverse, first, last, quants, to);
        }

        @Override
        public boolean symmetric() {
            return first == -last;
        }
    }

    /// Values that are listed.
    final class Table implements Levels {
        private final float[] values;
        private final int[] codes;
        private final float[] borders;
        private final float[] steps;

        /// @param byCode what each code stands for, in any order; of equal values the first is used
        Table(byte[] byCode) {
            codes = IntStream.range(0, byCode.length)
                    .filter(code -> IntStream.range(0, code).noneMatch(before -> byCode[before] == byCode[code]))
                    .boxed()
                    .sorted(Comparator.comparingInt(code -> byCode[code]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            values = new float[codes.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = byCode[codes[i]];
            }
            borders = new float[values.length - 1];
            steps = new float[values.length - 1];
            for (int i = 0; i < borders.length; i++) {
                borders[i] = (values[i] + values[i + 1]) / 2;
                steps[i] = values[i + 1] - values[i];
            }
        }

        /// Replaces quants with their codes.
        void encode(int[] quants) {
            for (int i = 0; i < quants.length; i++) {
                quants[i] = codes[quants[i]];
            }
        }

        @Override
        public float lowest() {
            return values[0];
        }

        @Override
        public float highest() {
            return values[values.length - 1];
        }

        @Override
        public void sums(float[] x, int at, int count, float inverse, float[] sums) {
            BlockFits.tableSums(x, at, count, inverse, values[0], borders, steps, sums);
        }

        @Override
        public float error(float[] x, int at, int count, float inverse, float scale) {
            return BlockFits.tableError(x, at, count, inverse, scale, values[0], borders, steps);
        }

        @Override
        public void nearest(float[] x, int at, int count, float inverse, int[] quants, int to) {
            BlockFits.tableQuants(x, at, count, inverse, borders, quants, to);
        }

        @Override
        public boolean symmetric() {
            // Half way between two values, the lower is taken on both sides of zero.
            return false;
        }
    }
}
