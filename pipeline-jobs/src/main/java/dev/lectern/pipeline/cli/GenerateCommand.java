package dev.lectern.pipeline.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lectern.engine.Cancellation;
import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.Context;
import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineException;
import dev.lectern.engine.FinishReason;
import dev.lectern.engine.Generation;
import dev.lectern.engine.GenerationRequest;
import dev.lectern.engine.PrefillOptions;
import dev.lectern.engine.SamplingParams;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.QuoteSource;
import dev.lectern.engine.constraint.SchemaException;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "generate",
        description = "Continues one prompt. The text is ordinary text: it never becomes a control token.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  bin/lectern generate --model models/scout-nano --chat --prompt 'Agreement KX-482 is worth EUR 93400.",
            "",
            "  Question: How much is due under KX-482?'",
            "  bin/lectern generate --model llama.gguf --chat --prompt-file question.txt --max-tokens 200 --json"
        })
final class GenerateCommand implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(GenerateCommand.class);

    /// How model families spell the token that begins every text.
    private static final Set<String> BEGIN_OF_TEXT =
            Set.of("<|begin_of_text|>", "<s>", "<bos>", "<|startoftext|>", "<|begin▁of▁sentence|>", "[BOS]");

    @Spec
    private CommandSpec spec;

    @Mixin
    private VerboseOption verbose;

    @Mixin
    private ModelOptions model;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private PromptSource prompt;

    private static final class PromptSource {
        @Option(names = "--prompt", paramLabel = "T", description = "The prompt itself.")
        private @Nullable String text;

        @Option(names = "--prompt-file", paramLabel = "F", description = "A text file (UTF-8) with the prompt.")
        private @Nullable Path file;

        @Option(
                names = "--tokens",
                paramLabel = "F.json",
                description = "Token ids, taken as they are: {\"tokens\": [1, 2]} or [1, 2].")
        private @Nullable Path tokens;
    }

    @Option(names = "--chat", description = "Put the prompt into a user's turn of the model's chat layout.")
    private boolean chat;

    @Option(
            names = {"-n", "--max-tokens"},
            defaultValue = "128",
            paramLabel = "N",
            description = "Most tokens to generate (default: ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Option(
            names = "--temperature",
            defaultValue = "0",
            paramLabel = "T",
            description = "0 takes the likeliest token each time (default: ${DEFAULT-VALUE}).")
    private float temperature;

    @Option(
            names = "--top-k",
            defaultValue = "0",
            paramLabel = "K",
            description = "Sample from the K likeliest tokens; 0 for all (default: ${DEFAULT-VALUE}).")
    private int topK;

    @Option(
            names = "--top-p",
            defaultValue = "1",
            paramLabel = "P",
            description = "Sample from the likeliest tokens of this probability (default: ${DEFAULT-VALUE}).")
    private float topP;

    @Option(
            names = "--min-p",
            defaultValue = "0",
            paramLabel = "P",
            description = "Leave out tokens less likely than this share of the likeliest (default: ${DEFAULT-VALUE}).")
    private float minP;

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "S",
            description = "Start of the random numbers (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--schema",
            paramLabel = "S.json",
            description = {
                "JSON Schema that the output is held to: a file.",
                "Strings marked \"x-quote\": true are verbatim spans of the prompt."
            })
    private @Nullable Path schema;

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    @Override
    public void run() {
        String schemaText = schema == null ? null : TextOptions.readFile(schema);
        SamplingParams sampling = sampling();
        int[] given = prompt.tokens == null ? null : readTokens(prompt.tokens);
        try (Engine engine = Engine.open(model.config())) {
            boolean reads = given == null || hasTokenizer(engine);
            String context =
                    given == null ? promptText() : reads ? engine.tokenizer().decode(given) : "";
            int[] tokens = given == null ? encode(engine, context) : given;
            Constraint constraint = schemaText == null ? null : constraint(engine, schemaText, context);
            int[] stopTokens = reads ? engine.chat().stopTokens() : new int[0];
            Result result = generate(engine, tokens, sampling, stopTokens, constraint);
            print(result, reads ? engine.tokenizer().decode(result.generation().tokens()) : null);
        }
    }

    /// @param context the prompt, which quotes are taken from
    private Constraint constraint(Engine engine, String text, String context) {
        try {
            Constraint constraint = engine.constraint(text);
            return constraint.quotes() ? constraint.quoting(QuoteSource.of(context)) : constraint;
        } catch (SchemaException e) {
            throw new JobException(ExitCode.INPUT, schema + ": " + e.getMessage(), e);
        }
    }

    /// Token ids as given may come with a model that has no tokenizer, or one that Lectern cannot read.
    private static boolean hasTokenizer(Engine engine) {
        try {
            engine.tokenizer();
            return true;
        } catch (EngineException.ModelNotFound | EngineException.ModelUnsupported e) {
            LOG.info("ids in, ids out: {}", e.getMessage());
            return false;
        }
    }

    private SamplingParams sampling() {
        try {
            return new SamplingParams(temperature, topK, topP, minP, seed);
        } catch (IllegalArgumentException e) {
            throw new JobException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private String promptText() {
        if (prompt.text != null) {
            return prompt.text;
        }
        if (prompt.file == null) {
            throw new IllegalStateException("picocli admitted no prompt");
        }
        return TextOptions.readFile(prompt.file);
    }

    private int[] encode(Engine engine, String text) {
        ChatFormat format = engine.chat();
        if (chat) {
            return format.encode(List.of(new ChatFormat.Message("user", text)));
        }
        int[] content = engine.tokenizer().encode(text).ids();
        int[] prefix = format.userPrefix();
        boolean begins =
                prefix.length > 0 && BEGIN_OF_TEXT.contains(engine.tokenizer().piece(prefix[0]));
        return begins ? concat(new int[] {prefix[0]}, content) : content;
    }

    /// @param prefillMillis reading the prompt but for its last token
    /// @param decodeMillis  the last token of the prompt and all that were generated
    private record Result(Generation generation, int tokensIn, long prefillMillis, long decodeMillis) {}

    private Result generate(
            Engine engine, int[] tokens, SamplingParams sampling, int[] stopTokens, @Nullable Constraint constraint) {
        if (tokens.length == 0) {
            throw new JobException(ExitCode.USAGE, "the prompt is empty: give at least one character, or use --chat");
        }
        long start = System.nanoTime();
        int[] before = Arrays.copyOf(tokens, tokens.length - 1);
        try (ProgressLine progress = ProgressLine.toConsole();
                Context context = before.length == 0 ? null : prefill(engine, before, progress)) {
            long prefilled = System.nanoTime();
            GenerationRequest request = new GenerationRequest(
                    new int[] {tokens[tokens.length - 1]}, maxTokens, sampling, stopTokens, constraint);
            Generation generation = engine.generate(context, List.of(request), Cancellation.NONE)
                    .getFirst();
            long end = System.nanoTime();
            return new Result(
                    generation, tokens.length, (prefilled - start) / 1_000_000, (end - prefilled) / 1_000_000);
        }
    }

    private static Context prefill(Engine engine, int[] tokens, ProgressLine progress) {
        return engine.prefill(
                tokens,
                new PrefillOptions(
                        tokens.length,
                        done -> progress.update(
                                "reading " + Sizes.count(done) + " of " + Sizes.count(tokens.length) + " tokens"),
                        Cancellation.NONE));
    }

    /// @param text null where ids were given and the model has no tokenizer
    private void print(Result result, @Nullable String text) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("text", text);
            fields.put("tokens", result.generation().tokens());
            fields.put(
                    "finish_reason", result.generation().finishReason().name().toLowerCase(Locale.ROOT));
            fields.put("tokens_in", result.tokensIn());
            fields.put("tokens_out", result.generation().tokens().length);
            fields.put("tokens_written", result.generation().written());
            fields.put("tokens_proposed", result.generation().proposedTokens());
            fields.put("tokens_accepted", result.generation().acceptedTokens());
            fields.put("prefill_millis", result.prefillMillis());
            fields.put("decode_millis", result.decodeMillis());
            Json.print(out, fields);
        } else {
            out.println(text == null ? Arrays.toString(result.generation().tokens()) : text);
            out.flush();
            noteClosing(result.generation());
        }
    }

    /// An answer that was cut looks like a whole one.
    private void noteClosing(Generation generation) {
        if (schema != null && generation.finishReason() != FinishReason.STOP) {
            PrintWriter err = spec.commandLine().getErr();
            err.println(
                    generation.tokens().length == 0
                            ? "no answer of the schema is as short as --max-tokens " + maxTokens + "; raise it"
                            : "cut after " + generation.written() + " tokens; what follows only closes the answer;"
                                    + " raise --max-tokens for the rest");
            err.flush();
        }
    }

    static int[] readTokens(Path file) {
        String expected = "; expected {\"tokens\": [1, 2, …]} or [1, 2, …]";
        JsonNode root;
        try {
            root = Json.MAPPER.readTree(TextOptions.readFile(file));
        } catch (JsonProcessingException e) {
            throw new JobException(ExitCode.INPUT, file + ": not JSON: " + e.getOriginalMessage() + expected, e);
        }
        JsonNode tokens = root.isObject() ? root.path("tokens") : root;
        if (!tokens.isArray() || tokens.isEmpty()) {
            throw new JobException(ExitCode.INPUT, file + ": no token ids" + expected);
        }
        for (JsonNode token : tokens) {
            if (!token.canConvertToInt() || !token.isIntegralNumber()) {
                throw new JobException(ExitCode.INPUT, file + ": " + token + " is not a token id" + expected);
            }
        }
        return IntStream.range(0, tokens.size())
                .map(i -> tokens.get(i).intValue())
                .toArray();
    }

    private static int[] concat(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }
}
