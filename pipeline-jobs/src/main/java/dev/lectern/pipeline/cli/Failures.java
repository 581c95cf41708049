package dev.lectern.pipeline.cli;

import dev.lectern.engine.EngineException;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.run.RunFailure;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// The one place where a failure becomes a message and an exit code: a line that says what is wrong, never a stack
/// trace (the log has it, and so has the console with `--verbose`).
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
    /// A chain of causes longer than this is a loop.
    private static final int MAX_CAUSES = 50;

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandLine commandLine = e.getCommandLine();
        PrintWriter err = commandLine.getErr();
        err.println("lectern: " + e.getMessage());
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("Try '" + commandLine.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE.code();
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine commandLine, @Nullable ParseResult parseResult) {
        PrintWriter err = commandLine.getErr();
        Failure failure = explain(e);
        // The console's level decides whether the trace is shown; the log file always has it.
        LoggerFactory.getLogger(Failures.class).info("command failed", e);
        err.println("lectern: " + failure.message());
        if (!failure.expected()) {
            err.println("Not a failure that Lectern foresees; the log has the details: "
                    + System.getProperty("lectern.log", "see conf/log4j2.properties"));
        }
        err.flush();
        return failure.exitCode().code();
    }

    /// @param expected whether Lectern foresees this kind of failure
    record Failure(ExitCode exitCode, String message, boolean expected) {}

    /// Finds what the user can act on: Spark and the file system wrap it several times.
    static Failure explain(Throwable thrown) {
        boolean expected = false;
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++, cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError) {
                String heap = Sizes.bytes(Runtime.getRuntime().maxMemory());
                return new Failure(
                        ExitCode.ENGINE,
                        "out of memory (" + cause.getMessage() + ") with a heap of " + heap
                                + "; set LECTERN_HEAP higher, for example LECTERN_HEAP=8g",
                        true);
            }
            expected |= cause instanceof JobException || cause instanceof EngineException;
        }
        RunFailure failure = RunFailure.of(thrown);
        return new Failure(failure.exitCode(), failure.message(), expected || failure.exitCode() == ExitCode.STOPPED);
    }
}
