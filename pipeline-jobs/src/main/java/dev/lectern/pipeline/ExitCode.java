package dev.lectern.pipeline;

/// How a job's process ends. The numbers lie outside those that Spark uses (1, 2, 3, 11, 50-58, 101, 124, 127).
public enum ExitCode {
    OK(0),
    /// The command line, the job file or a query is wrong: nothing was run.
    USAGE(64),
    /// The input is missing, empty or not what it claims to be.
    INPUT(65),
    /// The engine cannot run: model, memory, backend.
    ENGINE(70),
    /// Stopped by a limit or a signal; the same command goes on where it stopped.
    STOPPED(75),
    /// The run finished but its account does not balance, a table breaks its contract, or answers that were
    /// held to their schema are refused by the validator.
    QUALITY(78);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
