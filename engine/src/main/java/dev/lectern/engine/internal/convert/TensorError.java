package dev.lectern.engine.internal.convert;

/// How far the written weights are from those that were read: sums of squares, of which roots of means are taken.
///
/// @param weights      how many
/// @param errorSquares of written less read
/// @param squares      of read
record TensorError(long weights, double errorSquares, double squares) {
    static final TensorError NONE = new TensorError(0, 0, 0);

    TensorError plus(TensorError other) {
        return new TensorError(weights + other.weights, errorSquares + other.errorSquares, squares + other.squares);
    }

    double rms() {
        return weights == 0 ? 0 : Math.sqrt(errorSquares / weights);
    }

    /// The error's root mean square, in units of the weights'.
    double relative() {
        return squares == 0 ? 0 : Math.sqrt(errorSquares / squares);
    }
}
