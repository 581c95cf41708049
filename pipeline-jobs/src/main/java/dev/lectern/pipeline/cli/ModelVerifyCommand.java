package dev.lectern.pipeline.cli;

import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineConfig;
import dev.lectern.engine.ReferenceLogits;
import dev.lectern.pipeline.ExitCode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "verify",
        description = {
            "Compares this engine with reference logits and greedy tokens.",
            "GOLDEN is a safetensors file with tokens (I32, T), logits (F32, T x V) and greedy (I32, G).",
            "Exit code 0: the largest difference is within the tolerance, every argmax and every greedy token is the same; otherwise 65."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: bin/lectern model verify llama4 llama4/golden.safetensors --split 7 --threads 2"})
final class ModelVerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private VerboseOption verbose;

    @Parameters(index = "0", paramLabel = "M", description = "A GGUF file or a Hugging Face folder.")
    private Path model;

    @Parameters(index = "1", paramLabel = "GOLDEN", description = "What another implementation computed for it.")
    private Path golden;

    @Option(
            names = "--tolerance",
            defaultValue = "2e-3",
            paramLabel = "X",
            description = "Largest difference of a logit (default: ${DEFAULT-VALUE}).")
    private double tolerance;

    @Option(
            names = "--split",
            defaultValue = "0",
            paramLabel = "N",
            description = "Prefill in pieces of N tokens; 0 for one piece (default: ${DEFAULT-VALUE}).")
    private int split;

    @Option(
            names = {"-t", "--threads"},
            defaultValue = "0",
            paramLabel = "N",
            description = "Threads; 0 for all cores (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--backend",
            defaultValue = "auto",
            paramLabel = "NAME",
            description = "auto, cpu, scalar or cuda (default: ${DEFAULT-VALUE}).")
    private String backend;

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    @Override
    public Integer call() {
        ReferenceLogits reference = ReferenceLogits.read(golden);
        try (Engine engine = Engine.open(new EngineConfig(model, backend, threads, 0))) {
            Verification verification = Verification.of(engine, reference, split, tolerance);
            if (json) {
                Json.print(spec.commandLine().getOut(), verification);
            } else {
                verification.lines().forEach(spec.commandLine().getOut()::println);
                spec.commandLine().getOut().flush();
            }
            return (verification.passed() ? ExitCode.OK : ExitCode.INPUT).code();
        }
    }
}
