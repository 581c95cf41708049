package dev.lectern.pipeline.cli;

import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineConfig;
import dev.lectern.engine.MachineLimits;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.bench.BenchResult;
import dev.lectern.pipeline.bench.BenchRun;
import dev.lectern.pipeline.bench.BenchTest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "bench",
        description = {
            "Measures a model's speed on random tokens, as llama-bench does: pp is reading a context, tg is decoding.",
            "Each test runs first without being counted, until the compiler has little left to do; decoding is measured without guesses."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  bin/lectern bench -m model.gguf -p 512,2048 -n 32 -t 2",
            "  bin/lectern bench -m model.gguf -p 8192 -n 64 --questions 16",
            "  bin/lectern bench -m model.gguf -p 8192,16384,32768 -n 0 -r 1 --growth",
            "  bin/lectern bench -m model.gguf -p 2048 -n 32 --profile"
        })
final class BenchCommand implements Runnable {
    private static final int LIMIT_MILLIS = 500;

    private enum Format {
        MD,
        JSON,
        JSONL,
        CSV
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private VerboseOption verbose;

    @Mixin
    private ModelOptions model;

    @Option(
            names = {"-p", "--n-prompt"},
            defaultValue = "512",
            split = ",",
            paramLabel = "N",
            description = "Tokens to read; 0 for none (default: ${DEFAULT-VALUE}).")
    private List<Integer> prompts;

    @Option(
            names = {"-n", "--n-gen"},
            defaultValue = "128",
            split = ",",
            paramLabel = "N",
            description = "Tokens to decode, one sequence; 0 for none (default: ${DEFAULT-VALUE}).")
    private List<Integer> generations;

    @Option(
            names = {"-d", "--n-depth"},
            defaultValue = "0",
            split = ",",
            paramLabel = "N",
            description = "Decode after a context of as many tokens (default: ${DEFAULT-VALUE}).")
    private List<Integer> depths;

    @Option(
            names = "--questions",
            defaultValue = "0",
            paramLabel = "N",
            description = {
                "Read each prompt once, then decode N continuations of it together,",
                "as llama-batched-bench -pps does."
            })
    private int questions;

    @Option(
            names = {"-r", "--repetitions"},
            defaultValue = "5",
            paramLabel = "N",
            description = "Repetitions of each test (default: ${DEFAULT-VALUE}).")
    private int repetitions;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "md",
            paramLabel = "FORMAT",
            description = "md, json or jsonl (with llama-bench's names), or csv (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Option(
            names = "--limits",
            description = {
                "Measure what the machine can do (float32 multiply-adds, memory reads), before and after,",
                "and show each test's share of it."
            })
    private boolean limits;

    @Option(names = "--profile", description = "Show where the time of each test goes, by operation, with --limits.")
    private boolean profile;

    @Option(
            names = "--growth",
            description = "Show how the time to read a context grows with its length, and which part is quadratic.")
    private boolean growth;

    @Override
    public void run() {
        List<BenchTest> tests = tests();
        boolean profiled = limits || profile || growth;
        // Guesses at what a model that babbles goes on with would say nothing about the speed of a step.
        EngineConfig config = model.config().withSpeculation(false);
        MachineLimits before = profiled ? MachineLimits.measure(config.threads(), LIMIT_MILLIS) : null;
        try (Engine engine = profiled ? Engine.openProfiled(config) : Engine.open(config);
                ProgressLine progress = ProgressLine.toConsole()) {
            BenchRun run = new BenchRun(engine, repetitions, profiled);
            List<BenchResult> results = new ArrayList<>();
            for (BenchTest test : tests) {
                progress.update(test.name() + ", test " + (results.size() + 1) + " of " + tests.size());
                results.add(run.run(test));
            }
            print(new BenchReport(engine, limits(before), results));
        }
    }

    private static @Nullable MachineLimits limits(@Nullable MachineLimits before) {
        return before == null ? null : before.max(MachineLimits.measure(before.threads(), LIMIT_MILLIS));
    }

    private List<BenchTest> tests() {
        if (repetitions < 1) {
            throw new JobException(ExitCode.USAGE, "--repetitions " + repetitions + ": expected at least 1");
        }
        try {
            List<BenchTest> tests = questions == 0 ? separateTests() : sharedTests();
            if (tests.isEmpty()) {
                throw new JobException(ExitCode.USAGE, "nothing to measure: give -p, -n, or both with --questions");
            }
            return tests;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new JobException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private List<BenchTest> separateTests() {
        List<BenchTest> tests = new ArrayList<>();
        for (int prompt : prompts) {
            if (prompt != 0) {
                tests.add(BenchTest.prompt(prompt));
            }
        }
        for (int depth : depths) {
            for (int generation : generations) {
                if (generation != 0) {
                    tests.add(BenchTest.generation(depth, generation));
                }
            }
        }
        return tests;
    }

    private List<BenchTest> sharedTests() {
        List<BenchTest> tests = new ArrayList<>();
        for (int prompt : prompts) {
            for (int generation : generations) {
                tests.add(BenchTest.shared(prompt, generation, questions));
            }
        }
        return tests;
    }

    private void print(BenchReport report) {
        var out = spec.commandLine().getOut();
        switch (format) {
            case MD -> {
                new BenchTables(report, out).print();
                if (growth) {
                    new BenchTables(report, out).printGrowth();
                }
                if (profile) {
                    new BenchTables(report, out).printProfiles();
                }
            }
            case JSON -> BenchRecords.printJson(report, profile, out);
            case JSONL -> BenchRecords.printJsonLines(report, profile, out);
            case CSV -> BenchRecords.printCsv(report, out);
        }
        out.flush();
    }
}
