package dev.lectern.engine;

/// Asked between prefill pieces and between decoded tokens; `true` stops the work. Called on the working thread,
/// so it must be cheap and must not block.
@FunctionalInterface
public interface Cancellation {
    /// Never cancels.
    Cancellation NONE = () -> false;

    boolean requested();
}
