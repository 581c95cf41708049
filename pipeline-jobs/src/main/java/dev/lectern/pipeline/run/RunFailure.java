package dev.lectern.pipeline.run;

import dev.lectern.engine.EngineException;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/// What a failure means to the user: how the process ends, and one line that says why.
///
/// @param exitCode never `OK`
/// @param message  without a stack trace
public record RunFailure(ExitCode exitCode, String message) {
    private static final String TOLD_TO_END = "the process was told to end; the same command goes on where it stopped";

    /// The innermost cause that was written for the user decides; failures of Spark tasks arrive wrapped.
    /// Everything else is a defect of this program or of the machine and ends as an engine failure, with the type
    /// in the message. Only what fails while the process ends is neither: Spark stops under the work's feet then.
    public static RunFailure of(Throwable failure) {
        Throwable root = failure;
        RunFailure told = null;
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        // Causes may form a loop.
        for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
            root = cause;
            if (cause instanceof JobException job) {
                told = new RunFailure(job.exitCode(), text(job));
            } else if (cause instanceof EngineException engine) {
                told = new RunFailure(exitCode(engine), text(engine));
            }
        }
        if (told == null && processEnds()) {
            return new RunFailure(ExitCode.STOPPED, TOLD_TO_END);
        }
        return told != null
                ? told
                : new RunFailure(ExitCode.ENGINE, root.getClass().getSimpleName() + ": " + text(root));
    }

    /// Whether the JVM is on its way out: it refuses hooks then.
    public static boolean processEnds() {
        Thread hook = new Thread(() -> {}, "never run");
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            Runtime.getRuntime().removeShutdownHook(hook);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    /// A model that cannot be read is bad input; one that this machine cannot run is the engine's failure.
    public static ExitCode exitCode(EngineException failure) {
        return switch (failure) {
            case EngineException.ModelNotFound _,
                    EngineException.ModelCorrupt _,
                    EngineException.ModelUnsupported _,
                    EngineException.TokenizerMismatch _,
                    EngineException.ContextTooLong _ -> ExitCode.INPUT;
            case EngineException.InvalidRequest _ -> ExitCode.USAGE;
            case EngineException.NotEnoughMemory _,
                    EngineException.BackendUnavailable _,
                    EngineException.OutputFailed _ -> ExitCode.ENGINE;
            case EngineException.Cancelled _ -> ExitCode.STOPPED;
        };
    }

    private static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? "no message" : message.lines().findFirst().orElse("no message");
    }
}
