package dev.lectern.engine.internal.convert;

/// Values that are in memory already: gains, biases, sinks, rotary divisors.
record VectorRows(float[] values, int rowWeights) implements OutputTensor.Rows {
    @Override
    public void read(long first, int count, float[] weights) {
        System.arraycopy(values, Math.toIntExact(first * rowWeights), weights, 0, count * rowWeights);
    }
}
