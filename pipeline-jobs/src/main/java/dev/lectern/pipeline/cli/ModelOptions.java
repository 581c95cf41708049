package dev.lectern.pipeline.cli;

import dev.lectern.engine.EngineConfig;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// Which model, run how: the options that all commands with an engine share.
final class ModelOptions {
    @Option(
            names = {"-m", "--model"},
            required = true,
            paramLabel = "M",
            description = "A GGUF file or a Hugging Face folder.")
    private Path model;

    @Option(
            names = "--backend",
            defaultValue = "auto",
            paramLabel = "NAME",
            description = "auto, cpu, scalar or cuda (default: ${DEFAULT-VALUE}); one that cannot run here fails.")
    private String backend;

    @Option(
            names = {"-t", "--threads"},
            defaultValue = "0",
            paramLabel = "N",
            description = "Threads; 0 for all cores (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--no-speculation",
            description = {
                "Verify no guessed tokens: slower where the output quotes the prompt,",
                "and the same to the last token."
            })
    private boolean noSpeculation;

    Path model() {
        return model;
    }

    EngineConfig config() {
        return new EngineConfig(model, backend, threads, 0, !noSpeculation);
    }
}
