package dev.lectern.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Answers whose values stand in the document, with guessing and without: the full records of scout-nano's held-out
/// questions, each over a document of its own that is read beforehand, one question at a time. The engine is a new
/// one each time, so that it has not given the same answers before.
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 4)
@Measurement(iterations = 5)
public class SpeculationBenchmark {
    /// Counts of one pass over the questions.
    @State(Scope.Thread)
    @AuxCounters(AuxCounters.Type.EVENTS)
    public static class Counts {
        public int written;
        public int proposed;
        public int accepted;
        /// Of the tokens written, in order: the same with guessing and without.
        public int hash;
    }

    /// The engine with its contexts.
    @State(Scope.Thread)
    public static class Documents {
        @Param("../models/scout-nano")
        public String model = "";

        @Param({"false", "true"})
        public boolean speculation;

        @Param("2")
        public int threads;

        private final List<Engine> engines = new ArrayList<>();
        private final List<Context> contexts = new ArrayList<>();
        private final List<int[]> questions = new ArrayList<>();

        @Setup(Level.Iteration)
        public void read() throws IOException {
            Path folder = Path.of(model);
            Engine engine = Engine.open(new EngineConfig(folder, "cpu", threads, 0, speculation));
            engines.add(engine);
            for (String line : Files.readAllLines(folder.resolve("eval/heldout200.jsonl"))) {
                JsonNode question = new ObjectMapper().readTree(line);
                if (question.get("kind").asText().equals("full")) {
                    contexts.add(engine.prefill(
                            concat(
                                    engine.chat().userPrefix(),
                                    engine.tokenizer()
                                            .encode(question.get("document").asText())
                                            .ids()),
                            PrefillOptions.DEFAULT));
                    String asked = "\n\nQuestion: " + question.get("question").asText();
                    questions.add(concat(
                            engine.tokenizer().encode(asked).ids(),
                            engine.chat().userSuffix()));
                }
            }
        }

        @TearDown(Level.Iteration)
        public void close() {
            contexts.forEach(Context::close);
            engines.forEach(Engine::close);
            contexts.clear();
            engines.clear();
            questions.clear();
        }

        private static int[] concat(int[] left, int[] right) {
            int[] both = Arrays.copyOf(left, left.length + right.length);
            System.arraycopy(right, 0, both, left.length, right.length);
            return both;
        }
    }

    @Benchmark
    public void answer(Documents documents, Counts counts) {
        Engine engine = documents.engines.getFirst();
        for (int i = 0; i < documents.questions.size(); i++) {
            GenerationRequest request = new GenerationRequest(
                    documents.questions.get(i),
                    64,
                    SamplingParams.GREEDY,
                    engine.chat().stopTokens());
            Generation generation = engine.generate(documents.contexts.get(i), List.of(request), Cancellation.NONE)
                    .getFirst();
            counts.written += generation.tokens().length;
            counts.proposed += generation.proposedTokens();
            counts.accepted += generation.acceptedTokens();
            counts.hash = 31 * counts.hash + Arrays.hashCode(generation.tokens()) & 0xFFFF;
        }
    }
}
