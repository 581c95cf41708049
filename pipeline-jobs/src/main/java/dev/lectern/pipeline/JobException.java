package dev.lectern.pipeline;

/// A failure for the user: the message says what, where, actual, expected and the fix, and is shown without a stack
/// trace; the process ends with the exit code.
public final class JobException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;

    public JobException(ExitCode exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public JobException(ExitCode exitCode, String message, Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    public ExitCode exitCode() {
        return exitCode;
    }
}
