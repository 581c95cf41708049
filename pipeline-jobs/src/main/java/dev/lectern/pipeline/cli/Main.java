package dev.lectern.pipeline.cli;

import java.util.Arrays;
import picocli.CommandLine;

/// Lectern's command line. `bin/lectern` starts it with the flags and the class path that it needs.
public final class Main {
    private Main() {}

    /// Ends the process with one of [dev.lectern.pipeline.ExitCode]'s numbers.
    public static void main(String[] arguments) {
        // Read when logging starts, which is before any command runs.
        if (Arrays.asList(arguments).contains("--verbose")) {
            System.setProperty("lectern.console.level", "INFO");
        }
        int exitCode = commandLine().execute(arguments);
        System.out.flush();
        System.exit(exitCode);
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new LecternCommand());
        Failures failures = new Failures();
        commandLine.setParameterExceptionHandler(failures);
        commandLine.setExecutionExceptionHandler(failures);
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setUsageHelpAutoWidth(true);
        commandLine.setAbbreviatedOptionsAllowed(false);
        return commandLine;
    }
}
