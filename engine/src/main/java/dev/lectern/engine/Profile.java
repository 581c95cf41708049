package dev.lectern.engine;

import java.util.List;

/// Where the time of forward passes went, by operation: what an engine that was opened by [Engine#openProfiled] did
/// since it was asked last.
///
/// @param operations in the order in which they first ran
public record Profile(List<Operation> operations) {
    public Profile {
        operations = List.copyOf(operations);
    }

    /// One kind of operation, all its calls together.
    ///
    /// @param name  what it does in the model: `attention projections`, `experts down`, `attention, full`
    /// @param calls how often it ran
    /// @param nanos wall time of its calls
    /// @param flops multiplications and additions of matrix products and attention, as the model needs them
    ///              (what is computed and thrown away does not count); 0 for operations that only move or scale
    ///              values
    /// @param bytes of weights, or of keys and values, that its calls have to read at least once each; what a
    ///              call reads again does not count
    public record Operation(String name, long calls, long nanos, double flops, double bytes) {}

    /// All operations together.
    public Operation total() {
        return new Operation(
                "total",
                operations.stream().mapToLong(Operation::calls).sum(),
                operations.stream().mapToLong(Operation::nanos).sum(),
                operations.stream().mapToDouble(Operation::flops).sum(),
                operations.stream().mapToDouble(Operation::bytes).sum());
    }
}
