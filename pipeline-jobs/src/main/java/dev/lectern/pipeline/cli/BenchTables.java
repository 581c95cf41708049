package dev.lectern.pipeline.cli;

import dev.lectern.engine.MachineLimits;
import dev.lectern.engine.Profile;
import dev.lectern.pipeline.bench.BenchResult;
import dev.lectern.pipeline.bench.BenchTest;
import dev.lectern.pipeline.bench.Samples;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// `lectern bench` as Markdown, the first table like llama-bench's.
final class BenchTables {
    private final BenchReport report;
    private final PrintWriter out;

    BenchTables(BenchReport report, PrintWriter out) {
        this.report = report;
        this.out = out;
    }

    void print() {
        MachineLimits limits = report.limits();
        out.printf(
                "| %-30s | %10s | %10s | %-10s | %7s | %16s | %20s |",
                "model", "size", "params", "backend", "threads", "test", "t/s");
        out.println(limits == null ? "" : " GFLOP/s | of limit |   GB/s | of limit |");
        out.print("| " + "-".repeat(30) + " | " + "-".repeat(9) + ": | " + "-".repeat(9) + ": | " + "-".repeat(10)
                + " | " + "-".repeat(6) + ": | " + "-".repeat(15) + ": | " + "-".repeat(19) + ": |");
        out.println(limits == null ? "" : " ------: | -------: | -----: | -------: |");
        for (BenchResult result : report.results()) {
            String name = result.test().name();
            if (result.parts().size() > 1) {
                for (BenchResult.Part part : result.parts()) {
                    row(name + " " + part.name(), part.samples());
                    rates(part);
                }
                row(name, result.samples());
                out.println(limits == null ? "" : "         |          |        |          |");
            } else {
                row(name, result.samples());
                rates(result.parts().getFirst());
            }
        }
        if (limits != null) {
            out.println();
            out.printf(
                    Locale.ROOT,
                    "limits of this machine: float32 %.1f GFLOP/s (1 thread), %.1f (%d threads); memory reads %.1f GB/s,"
                            + " %.1f%n",
                    limits.gflopsOneThread(),
                    limits.gflopsAllThreads(),
                    limits.threads(),
                    limits.gigabytesOneThread(),
                    limits.gigabytesAllThreads());
        }
        out.println();
        out.println("build: " + new BuildInfo().commit());
    }

    private void row(String test, Samples samples) {
        String rate = String.format(Locale.ROOT, "%.2f ± %.2f", samples.meanRate(), samples.deviationRate());
        out.printf(
                "| %-30s | %10s | %10s | %-10s | %7d | %16s | %20s |",
                report.modelType(),
                Sizes.bytes(report.model().fileBytes()),
                parameters(report.model().parameters()),
                report.backend(),
                report.threads(),
                test,
                rate);
    }

    private static String parameters(long count) {
        return count >= 1_000_000_000
                ? String.format(Locale.ROOT, "%.2f B", count / 1e9)
                : String.format(Locale.ROOT, "%.2f M", count / 1e6);
    }

    private void rates(BenchResult.Part part) {
        MachineLimits limits = report.limits();
        out.println(
                limits == null
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                " %7.1f | %7.1f%% | %6.1f | %7.1f%% |",
                                part.gflops(),
                                100 * part.gflops() / limits.gflopsAllThreads(),
                                part.gigabytes(),
                                100 * part.gigabytes() / limits.gigabytesAllThreads()));
    }

    /// A table a part of each test; times are those of one repetition.
    void printProfiles() {
        for (BenchResult result : report.results()) {
            for (BenchResult.Part part : result.parts()) {
                Profile profile = part.profile();
                if (profile != null) {
                    printProfile(result.test(), part, profile);
                }
            }
        }
    }

    private void printProfile(BenchTest test, BenchResult.Part part, Profile profile) {
        int repetitions = part.samples().nanos().length;
        double wall = part.samples().meanNanos() * repetitions;
        out.println();
        out.printf(
                Locale.ROOT,
                "%s, %s: where %.1f ms go (the mean of %d)%n%n",
                test.name(),
                part.name(),
                wall / repetitions / 1e6,
                repetitions);
        out.println(
                "| operation                 |    calls |         ms |   time | GFLOP/s | of limit |   GB/s | of limit |");
        out.println(
                "| ------------------------- | -------: | ---------: | -----: | ------: | -------: | -----: | -------: |");
        List<Profile.Operation> slowestFirst = profile.operations().stream()
                .sorted(Comparator.comparingLong(Profile.Operation::nanos).reversed())
                .toList();
        slowestFirst.forEach(operation -> operation(operation, wall, repetitions));
        Profile.Operation total = profile.total();
        long rest = Math.max(0, Math.round(wall) - total.nanos());
        operation(new Profile.Operation("between operations", 0, rest, 0, 0), wall, repetitions);
        operation(
                new Profile.Operation("all", total.calls(), Math.round(wall), total.flops(), total.bytes()),
                wall,
                repetitions);
    }

    private void operation(Profile.Operation operation, double wall, int repetitions) {
        MachineLimits limits = report.limits();
        double flops = limits == null ? Double.NaN : limits.gflopsAllThreads();
        double bytes = limits == null ? Double.NaN : limits.gigabytesAllThreads();
        out.printf(
                Locale.ROOT,
                "| %-25s | %8d | %10.2f | %5.1f%% | %s | %s |%n",
                operation.name(),
                operation.calls() / repetitions,
                operation.nanos() / 1e6 / repetitions,
                100 * operation.nanos() / wall,
                rate(operation.flops(), operation.nanos(), flops, 7),
                rate(operation.bytes(), operation.nanos(), bytes, 6));
    }

    private static String rate(double count, long nanos, double limit, int width) {
        if (count == 0 || nanos == 0) {
            return " ".repeat(width) + " | " + " ".repeat(8);
        }
        double rate = count / nanos;
        return String.format(Locale.ROOT, "%" + width + ".1f | %7.1f%%", rate, 100 * rate / limit);
    }

    /// A row a prompt length: full attention is the part that grows with the square of the length.
    void printGrowth() {
        MachineLimits limits = report.limits();
        out.println();
        out.println("| tokens |        t/s |      seconds | quadratic part, s |  of time | GFLOP/s | of limit"
                + " | linear part, µs a token | of it local attention |");
        out.println("| -----: | ---------: | -----------: | ----------------: | -------: | ------: | -------:"
                + " | ----------------------: | --------------------: |");
        for (BenchResult result : report.results()) {
            BenchResult.Part part = result.parts().getFirst();
            Profile profile = part.profile();
            if (result.test().promptTokens() > 0 && profile != null && limits != null) {
                int repetitions = part.samples().nanos().length;
                double seconds = part.samples().meanNanos() / 1e9;
                Profile.Operation full = named(profile, "attention, full");
                double quadratic = full.nanos() / 1e9 / repetitions;
                double local = profile.operations().stream()
                                .filter(some -> some.name().startsWith("attention, ") && !some.equals(full))
                                .mapToLong(Profile.Operation::nanos)
                                .sum()
                        / 1e9
                        / repetitions;
                double gflops = full.nanos() == 0 ? 0 : full.flops() / full.nanos();
                int tokens = result.test().promptTokens();
                out.printf(
                        Locale.ROOT,
                        "| %6d | %10.1f | %12.2f | %17.2f | %7.1f%% | %7.1f | %7.1f%% | %23.1f | %21.1f |%n",
                        tokens,
                        part.samples().meanRate(),
                        seconds,
                        quadratic,
                        100 * quadratic / seconds,
                        gflops,
                        100 * gflops / limits.gflopsAllThreads(),
                        (seconds - quadratic) * 1e6 / tokens,
                        local * 1e6 / tokens);
            }
        }
    }

    private static Profile.Operation named(Profile profile, String name) {
        return profile.operations().stream()
                .filter(operation -> operation.name().equals(name))
                .findFirst()
                .orElse(new Profile.Operation(name, 0, 0, 0, 0));
    }
}
