package dev.lectern.inference;

import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.ModelInfo;
import dev.lectern.engine.SamplingParams;
import dev.lectern.engine.Tokenizer;
import java.io.Serializable;
import java.util.Arrays;

/// One of the job's tasks, as an executor needs it.
///
/// @param schemaSource names the schema in messages
/// @param schemaJson   JSON Schema of an answer
/// @param maxTokens    most tokens of one request
/// @param maxAnswerTokens most tokens of an answer whose lists are continued by further requests
/// @param enforceSchema whether answers are held to the schema while they are written
/// @param cite         whether all of an answer's values are looked up in the documents
/// @param seed         of sampling; each question mixes its own key into it
public record TaskSpec(
        String name,
        String schemaSource,
        String schemaJson,
        int maxTokens,
        int maxAnswerTokens,
        boolean enforceSchema,
        boolean cite,
        float temperature,
        int topK,
        float topP,
        float minP,
        long seed,
        Fingerprints fingerprints)
        implements Serializable {
    /// @param prompt template of the user's turn
    public static TaskSpec of(
            String name,
            String schemaSource,
            AnswerSchema schema,
            String prompt,
            int maxTokens,
            int maxAnswerTokens,
            boolean enforceSchema,
            boolean cite,
            SamplingParams sampling,
            ModelInfo model,
            Tokenizer tokenizer,
            ChatFormat chat) {
        String sampled = sampling.greedy() ? "greedy" : sampling.toString();
        return new TaskSpec(
                name,
                schemaSource,
                schema.json(),
                maxTokens,
                maxAnswerTokens,
                enforceSchema,
                cite,
                sampling.temperature(),
                sampling.topK(),
                sampling.topP(),
                sampling.minP(),
                sampling.seed(),
                new Fingerprints(
                        model.fingerprint(),
                        tokenizer.fingerprint(),
                        Sha256.hex(
                                prompt,
                                chat.name(),
                                Arrays.toString(chat.userPrefix()),
                                Arrays.toString(chat.userSuffix()),
                                Arrays.toString(chat.stopTokens())),
                        schema.fingerprint(),
                        enforceSchema
                                ? Sha256.hex(
                                        sampled,
                                        Integer.toString(maxTokens),
                                        Integer.toString(maxAnswerTokens),
                                        "held to the schema")
                                : Sha256.hex(sampled, Integer.toString(maxTokens))));
    }

    /// Whether the documents' text is needed beside their tokens: for citations, quotations, or to see that
    /// lists are whole.
    public boolean readsText() {
        if (cite) {
            return true;
        }
        AnswerSchema answers = schema();
        return answers.cites() || answers.quotes() || answers.hasLists();
    }

    AnswerSchema schema() {
        return AnswerSchema.parse(schemaSource, schemaJson);
    }

    /// Questions differ in their random numbers, and a question's stay the same in every run and batch.
    SamplingParams sampling(String resultId) {
        return new SamplingParams(
                temperature, topK, topP, minP, seed ^ Long.parseUnsignedLong(resultId.substring(0, 16), 16));
    }
}
