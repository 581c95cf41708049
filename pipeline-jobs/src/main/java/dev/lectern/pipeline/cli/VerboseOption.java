package dev.lectern.pipeline.cli;

import picocli.CommandLine.Option;

/// `--verbose`, which [Main] reads before logging starts; declared here so that every command knows it.
final class VerboseOption {
    @Option(names = "--verbose", description = "Show the log on the console, with the trace of a failure.")
    private boolean verbose;
}
