package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "lectern",
        description = {
            "Reads documents into long contexts and answers typed questions about them, with citations, as tables.",
            ""
        },
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            RunCommand.class,
            IngestCommand.class,
            PackCommand.class,
            InferCommand.class,
            SqlCommand.class,
            GenerateCommand.class,
            BenchCommand.class,
            TokenizeCommand.class,
            SchemaCommand.class,
            ModelCommand.class,
            ConvertCommand.class,
            DoctorCommand.class,
            CompletionCommand.class,
            VersionCommand.class
        },
        footer = {
            "",
            "Begin with: bin/lectern demo",
            "",
            "Exit codes: 0 well, 64 wrong usage or job file, 65 bad input (or a model that does not verify), 70 the engine cannot run,",
            "75 stopped and resumable, 78 a check of the run's quality failed."
        })
final class LecternCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitCode.USAGE.code();
    }
}
