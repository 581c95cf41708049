package dev.lectern.engine.internal.backend;

/// Which kernels a batch runs through. The choice is the caller's, never made from the number of rows: a row's
/// result is then the same to the last bit whatever else is in the batch.
public enum Phase {
    /// Many rows a sequence: matrix-matrix products on packed panels.
    PREFILL,
    /// One row a sequence, or the few that a schema forces: products straight on the stored weights.
    DECODE
}
