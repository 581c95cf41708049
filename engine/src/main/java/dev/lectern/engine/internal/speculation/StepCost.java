package dev.lectern.engine.internal.speculation;

/// What a decode step costs by its rows, learned from the steps' times: a line through them, the last ones counting
/// most. Guides how many tokens are worth proposing; results never depend on it. Not thread-safe.
public final class StepCost {
    private static final double MEMORY = 0.97;
    private static final double LEAST_STEPS = 8;
    /// Rows that cost as much as a step without any, until it is known.
    private static final double EXPECTED_ROWS = 6;

    /// Noise must not let rows appear to be free, nor steps.
    private static final double LEAST_ROWS = 0.5;

    private static final double MOST_ROWS = 32;

    private double steps;
    private double rowSum;
    private double rowSquares;
    private double nanoSum;
    private double products;

    /// @param rows  of a step
    /// @param nanos that it took
    public void learn(int rows, long nanos) {
        steps = steps * MEMORY + 1;
        rowSum = rowSum * MEMORY + rows;
        rowSquares = rowSquares * MEMORY + (double) rows * rows;
        nanoSum = nanoSum * MEMORY + nanos;
        products = products * MEMORY + (double) rows * nanos;
    }

    /// How likely a proposed token has to be right for its row to be worth its time, in a step of so many
    /// sequences: the row's time over that of the step, of which it spares each sequence's share.
    public double leastProbability(int sequences) {
        return sequences / (sequences + fixedRows());
    }

    /// The rows that cost as much as what a step costs besides its rows.
    private double fixedRows() {
        double spread = rowSquares * steps - rowSum * rowSum;
        if (steps < LEAST_STEPS || spread < 0.5 * steps * steps) {
            return EXPECTED_ROWS;
        }
        double perRow = (products * steps - rowSum * nanoSum) / spread;
        double fixed = (nanoSum - perRow * rowSum) / steps;
        if (perRow <= 0) {
            return MOST_ROWS;
        }
        return Math.clamp(fixed / perRow, LEAST_ROWS, MOST_ROWS);
    }
}
