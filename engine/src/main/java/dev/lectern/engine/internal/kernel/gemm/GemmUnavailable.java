package dev.lectern.engine.internal.kernel.gemm;

/// A provider cannot run here; the message says why.
public final class GemmUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1;

    GemmUnavailable(String message) {
        super(message);
    }

    GemmUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
