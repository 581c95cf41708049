package dev.lectern.engine.internal.kernel.gemm;

/// A provider failed at run time; what it was to compute is computed in Java.
public final class GemmFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    GemmFailure(String message) {
        super(message);
    }

    GemmFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
