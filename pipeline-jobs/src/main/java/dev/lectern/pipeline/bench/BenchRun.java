package dev.lectern.pipeline.bench;

import dev.lectern.engine.Cancellation;
import dev.lectern.engine.Context;
import dev.lectern.engine.Engine;
import dev.lectern.engine.Generation;
import dev.lectern.engine.GenerationRequest;
import dev.lectern.engine.PrefillOptions;
import dev.lectern.engine.Profile;
import dev.lectern.engine.SamplingParams;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Times an engine on random token ids: speed does not depend on what the tokens say, but experts must be chosen as
/// evenly as text chooses them.
///
/// A measurement's repetitions are preceded by runs that do not count, until the compiler has seen enough of them.
/// Used by one thread.
public final class BenchRun {
    /// So long nothing got faster and little was compiled: a decode step's smaller operations are compiled seconds
    /// after its products.
    private static final long SETTLED_NANOS = 3_000_000_000L;

    private static final long MOST_WARM_UP_NANOS = 20_000_000_000L;
    private static final int MAX_WARM_UPS = 500;
    private static final double FASTER = 0.97;
    /// Of a run's time, in which the compiler took a processor from the team.
    private static final double COMPILING = 0.05;
    private static final int WARM_UP_PROMPT = 2048;
    private static final int WARM_UP_GENERATED = 16;

    private final Engine engine;
    private final int repetitions;
    private final boolean profiled;

    /// @param profiled whether the engine was opened to measure where its time goes
    public BenchRun(Engine engine, int repetitions, boolean profiled) {
        if (repetitions < 1) {
            throw new IllegalArgumentException("repetitions " + repetitions + ": expected at least 1");
        }
        this.engine = engine;
        this.repetitions = repetitions;
        this.profiled = profiled;
    }

    /// One repetition: nanoseconds of its parts, 0 for what it does not have.
    private record Times(long prefill, long decode) {}

    public BenchResult run(BenchTest test) {
        SplittableRandom random = new SplittableRandom(test.tokens());
        try (Context before = test.depthTokens() == 0 ? null : prefill(tokens(random, test.depthTokens()))) {
            warmUp(shorter(test), before, random);
            Instant begun = Instant.now();
            ProfileSum prefill = new ProfileSum();
            ProfileSum decode = new ProfileSum();
            List<Times> times = new ArrayList<>();
            for (int i = 0; i < repetitions; i++) {
                times.add(repeat(test, before, random, prefill, decode));
            }
            return new BenchResult(test, begun, parts(test, times, prefill, decode));
        }
    }

    /// Runs until the compiler has caught up: until for some time it had little to do, and no run was clearly faster
    /// than those before it, unless that takes long. Speed alone does not tell: where other programs share the
    /// machine, an early run may by chance be the fastest for seconds.
    private void warmUp(BenchTest test, @Nullable Context before, SplittableRandom random) {
        long start = System.nanoTime();
        long unsettled = start;
        long now = start;
        long best = Long.MAX_VALUE;
        for (int run = 1; run <= MAX_WARM_UPS; run++) {
            if (now - start > MOST_WARM_UP_NANOS || now - unsettled > SETTLED_NANOS) {
                return;
            }
            long compiled = compilationNanos();
            Times times = repeat(test, before, random, new ProfileSum(), new ProfileSum());
            long took = times.prefill + times.decode;
            now = System.nanoTime();
            if (took < FASTER * best || compilationNanos() - compiled > COMPILING * took) {
                unsettled = now;
            }
            best = Math.min(best, took);
        }
    }

    /// What the compiler took so far; 0 in a JVM that does not count it.
    private static long compilationNanos() {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        boolean counted = compiler != null && compiler.isCompilationTimeMonitoringSupported();
        return counted ? TimeUnit.MILLISECONDS.toNanos(compiler.getTotalCompilationTime()) : 0;
    }

    /// What warms the compiler up for a test as well as the test itself does.
    private static BenchTest shorter(BenchTest test) {
        return new BenchTest(
                test.depthTokens(),
                Math.min(test.promptTokens(), WARM_UP_PROMPT),
                Math.min(test.genTokens(), WARM_UP_GENERATED),
                test.questions());
    }

    private List<BenchResult.Part> parts(BenchTest test, List<Times> times, ProfileSum prefill, ProfileSum decode) {
        List<BenchResult.Part> parts = new ArrayList<>();
        if (test.promptTokens() > 0) {
            long[] nanos = times.stream().mapToLong(Times::prefill).toArray();
            Samples samples = new Samples(test.promptTokens(), nanos);
            parts.add(new BenchResult.Part("prefill", samples, profiled ? prefill.profile() : null));
        }
        if (test.genTokens() > 0) {
            long[] nanos = times.stream().mapToLong(Times::decode).toArray();
            Samples samples = new Samples(test.questions() * test.genTokens(), nanos);
            parts.add(new BenchResult.Part("decode", samples, profiled ? decode.profile() : null));
        }
        return parts;
    }

    private Times repeat(
            BenchTest test,
            @Nullable Context before,
            SplittableRandom random,
            ProfileSum prefillProfile,
            ProfileSum decodeProfile) {
        if (test.promptTokens() == 0) {
            return new Times(0, decode(before, test, random, decodeProfile));
        }
        int[] prompt = tokens(random, test.promptTokens());
        takeProfile();
        long start = System.nanoTime();
        try (Context context = prefill(prompt)) {
            long prefillNanos = System.nanoTime() - start;
            prefillProfile.add(takeProfile());
            return new Times(prefillNanos, test.genTokens() == 0 ? 0 : decode(context, test, random, decodeProfile));
        }
    }

    private Context prefill(int[] tokens) {
        return engine.prefill(tokens, PrefillOptions.DEFAULT);
    }

    /// Decodes all continuations together. Each begins with a token of its own as its prompt.
    private long decode(@Nullable Context context, BenchTest test, SplittableRandom random, ProfileSum profile) {
        // Where a context is measured too, its continuations' prompts belong to what a user waits for, and
        // the last token need not be read. Otherwise the prompt only starts the sequence, and every token
        // is read.
        boolean promptCounts = test.promptTokens() > 0;
        int maxTokens = test.genTokens() + (promptCounts ? 0 : 1);
        List<GenerationRequest> requests = IntStream.range(0, test.questions())
                .mapToObj(i -> new GenerationRequest(tokens(random, 1), maxTokens, SamplingParams.GREEDY, new int[0]))
                .toList();
        StepClock clock = new StepClock(promptCounts ? 1 : 2);
        takeProfile();
        List<Generation> generations = engine.generate(context, requests, clock);
        long end = System.nanoTime();
        profile.add(takeProfile());
        for (Generation generation : generations) {
            if (generation.tokens().length != maxTokens) {
                throw new IllegalStateException("a continuation ended after " + generation.tokens().length + " of "
                        + maxTokens + " tokens: " + generation.finishReason());
            }
        }
        return end - clock.started;
    }

    /// Notes when a given forward pass of a generation begins, which is when the engine asks whether to go on.
    private final class StepClock implements Cancellation {
        private final int firstStep;
        private int step;
        private long started;

        StepClock(int firstStep) {
            this.firstStep = firstStep;
        }

        @Override
        public boolean requested() {
            step++;
            if (step == firstStep) {
                takeProfile();
                started = System.nanoTime();
            }
            return false;
        }
    }

    private Profile takeProfile() {
        return profiled ? engine.takeProfile() : ProfileSum.NOTHING;
    }

    private int[] tokens(SplittableRandom random, int count) {
        int vocabSize = engine.info().vocabSize();
        return random.ints(count, 0, vocabSize).toArray();
    }
}
