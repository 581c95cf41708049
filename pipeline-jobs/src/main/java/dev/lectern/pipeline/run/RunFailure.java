package dev.lectern.pipeline.run;

import dev.lectern.engine.EngineException;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;

/// What a failure means to the user: how the process ends, and one line that says why.
///
/// @param exitCode never `OK`
/// @param message  without a stack trace
public record RunFailure(ExitCode exitCode, String message) {
    /// The innermost cause that was written for the user decides; failures of Spark tasks arrive wrapped. Everything else
    /// is a defect of this program or of the machine and ends as an engine failure, with the type in the message.
    public static RunFailure of(Throwable failure) {
        Throwable root = failure;
        RunFailure told = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            root = cause;
            if (cause instanceof JobException job) {
                told = new RunFailure(job.exitCode(), text(job));
            } else if (cause instanceof EngineException.Cancelled cancelled) {
                told = new RunFailure(ExitCode.STOPPED, text(cancelled));
            } else if (cause instanceof EngineException engine) {
                told = new RunFailure(ExitCode.ENGINE, text(engine));
            }
        }
        return told != null ? told : new RunFailure(ExitCode.ENGINE, root.getClass().getSimpleName() + ": " + text(root));
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? "no message" : message.lines().findFirst().orElse("no message");
    }
}
