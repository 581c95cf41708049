package dev.lectern.pipeline.pack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lectern.engine.Cancellation;
import dev.lectern.engine.Context;
import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineConfig;
import dev.lectern.engine.Generation;
import dev.lectern.engine.GenerationRequest;
import dev.lectern.engine.PrefillOptions;
import dev.lectern.engine.SamplingParams;
import dev.lectern.pipeline.conf.JobConf;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// What padding to attention chunks gains and costs: asks the bundled model the questions of
/// `models/scout-nano/eval/borders.jsonl`, whose documents are packed by [Packer] as they are, with `alignQuestions`,
/// with `alignSentences` and with both. Not a test: it takes minutes and has no right answer.
///
///     mvn -pl pipeline-jobs -am test-compile dependency:build-classpath -Dmdep.outputFile=target/class-path
///     -Dmdep.includeScope=test java @bin/jvm.options -cp
///         pipeline-jobs/target/test-classes:pipeline-jobs/target/classes:$(cat pipeline-jobs/target/class-path) \
///         dev.lectern.pipeline.pack.BorderEvaluation models/scout-nano [ANSWER_TOKENS [SET [PERCENT]]]
///
/// The figures stand in `models/scout-nano/eval/borders-packed.txt`.
public final class BorderEvaluation {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int GENERATED_TOKENS = 96;

    private final Engine engine;
    private final int answerTokens;
    private final double percent;
    private final Map<String, int[]> scores = new TreeMap<>();

    private BorderEvaluation(Engine engine, int answerTokens, double percent) {
        this.engine = engine;
        this.answerTokens = answerTokens;
        this.percent = percent;
    }

    /// @param arguments the model; tokens reserved for an answer (256); the set to ask (all); most sentence padding
    ///                  (3)
    public static void main(String[] arguments) throws IOException {
        Path model = Path.of(arguments[0]);
        int answerTokens = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 256;
        String set = arguments.length > 2 ? arguments[2] : "";
        double percent = arguments.length > 3 ? Double.parseDouble(arguments[3]) : 3;
        List<JsonNode> documents = new ArrayList<>();
        for (String line : Files.readAllLines(model.resolve("eval/borders.jsonl"))) {
            JsonNode document = JSON.readTree(line);
            if (document.get("set").asText().startsWith(set)) {
                documents.add(document);
            }
        }
        PrintStream out = System.out;
        try (Engine engine = Engine.open(EngineConfig.of(model))) {
            for (boolean sentences : new boolean[] {false, true}) {
                for (boolean questions : new boolean[] {false, true}) {
                    BorderEvaluation evaluation = new BorderEvaluation(engine, answerTokens, percent);
                    TokenAccount account = evaluation.run(documents, questions, sentences);
                    out.printf(
                            "alignQuestions %b, alignSentences %b, %d answer tokens: %d document tokens, %d question padding, %d"
                                    + " sentence padding (%.2f%%), %d sentences cut%n",
                            questions,
                            sentences,
                            answerTokens,
                            account.packedTokens(),
                            account.questionPaddingTokens(),
                            account.sentencePaddingTokens(),
                            100.0 * account.sentencePaddingTokens() / account.packedTokens(),
                            account.cutSentences());
                    evaluation.scores.forEach(
                            (kind, score) -> out.printf("    %-28s %d/%d%n", kind, score[0], score[1]));
                    out.flush();
                }
            }
        }
    }

    private TokenAccount run(List<JsonNode> documents, boolean alignQuestions, boolean alignSentences) {
        TokenAccount account = TokenAccount.EMPTY;
        for (JsonNode document : documents) {
            List<int[]> prompts = new ArrayList<>();
            for (JsonNode question : document.get("questions")) {
                prompts.add(prompt(question.get("question").asText()));
            }
            int longest =
                    prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0) + answerTokens;
            PackSettings settings = PackSettings.of(
                    new JobConf.Context(
                            JobConf.Grouping.DOCUMENT,
                            1 << 20,
                            JobConf.Overflow.SPLIT,
                            alignQuestions,
                            alignSentences,
                            percent),
                    engine.info(),
                    engine.tokenizer(),
                    engine.chat(),
                    longest);
            PackedContext packed = new Packer(settings)
                    .pack(TokenizedDocument.of(
                            document.get("name").asText(), document.get("text").asText(), engine.tokenizer()))
                    .getFirst();
            account = account.plus(packed.account());
            ask(document, packed, prompts);
        }
        return account;
    }

    private void ask(JsonNode document, PackedContext packed, List<int[]> prompts) {
        List<GenerationRequest> requests = prompts.stream()
                .map(prompt -> new GenerationRequest(
                        prompt,
                        GENERATED_TOKENS,
                        SamplingParams.GREEDY,
                        engine.chat().stopTokens()))
                .toList();
        try (Context context = engine.prefill(packed.tokens(), PrefillOptions.DEFAULT)) {
            List<Generation> answers = engine.generate(context, requests, Cancellation.NONE);
            for (int i = 0; i < answers.size(); i++) {
                JsonNode question = document.get("questions").get(i);
                String kind = document.get("set").asText() + " "
                        + question.get("kind").asText()
                        + (question.get("straddles").asBoolean() ? " straddling" : "");
                int[] score = scores.computeIfAbsent(kind, k -> new int[2]);
                score[0] += engine.tokenizer()
                                .decode(answers.get(i).tokens())
                                .equals(question.get("answer").asText())
                        ? 1
                        : 0;
                score[1]++;
            }
        }
    }

    private int[] prompt(String question) {
        int[] text = engine.tokenizer().encode("\n\nQuestion: " + question).ids();
        return IntStream.concat(Arrays.stream(text), Arrays.stream(engine.chat().userSuffix()))
                .toArray();
    }
}
