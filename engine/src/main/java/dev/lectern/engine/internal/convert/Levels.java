package dev.lectern.engine.internal.convert;

import dev.lectern.engine.internal.kernel.vector.BlockFits;
import java.util.Comparator;
import java.util.stream.IntStream;

/// The values that a quant can stand for before it is scaled, in ascending order; a quant is the number of its value.
sealed interface Levels {
    float lowest();

    float highest();

    /// `sums[0] = Σ x·v`, `sums[1] = Σ v²`, `v` the value nearest to `x·inverse`.
    void sums(float[] x, int at, int count, float inverse, float[] sums);

    /// `Σ (x - scale·v)²`, `v` the value nearest to `x·inverse`.
    float error(float[] x, int at, int count, float inverse, float scale);

    /// The number of the value nearest to `scaled`.
    int nearest(float scaled);

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
        public int nearest(float scaled) {
            return Math.clamp((int) Math.rint(scaled), first, last) - first;
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

        /// The code of a quant.
        int code(int quant) {
            return codes[quant];
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
        public int nearest(float scaled) {
            int quant = 0;
            for (float border : borders) {
                quant += scaled > border ? 1 : 0;
            }
            return quant;
        }
    }
}
