package dev.lectern.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.Serializable;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a task of Spark did for one context and one of the job's tasks: the account of one part file. It is also
/// kept in the part's footer, so that a repeated attempt finds it there instead of doing the work again.
///
/// @param part          the file's name; null when the work was not begun because of a limit
/// @param questions     rows of the part, or questions left over when there is none
/// @param codes         rows by error code
/// @param contextTokens tokens of the context
/// @param prefillTokens tokens read for it; 0 when another task of the job had it read
/// @param promptTokens  tokens of the questions after the context
/// @param tokensOut     tokens written
/// @param prefillMillis time of the prefill; 0 when another task of the job had it read
/// @param decodeMillis  time from the end of the prefill to the last answer
/// @param schemaWork    of holding the answers to their schema
/// @param guessedTokens of the tokens written, those that were guessed
/// @param worker        where it ran
public record PartManifest(
        String contextId,
        String task,
        @Nullable String part,
        long questions,
        long ok,
        long incomplete,
        long failed,
        Map<String, Long> codes,
        long contextTokens,
        long prefillTokens,
        long promptTokens,
        long tokensOut,
        long prefillMillis,
        long decodeMillis,
        SchemaWork schemaWork,
        GuessedTokens guessedTokens,
        String worker)
        implements Serializable {
    static final String FOOTER_KEY = "lectern.manifest";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public PartManifest {
        codes = new TreeMap<>(codes);
        // Parts of earlier versions do not say.
        schemaWork = Objects.requireNonNullElse(schemaWork, SchemaWork.NONE);
        guessedTokens = Objects.requireNonNullElse(guessedTokens, GuessedTokens.NONE);
    }

    /// Whether a limit kept the work from being done.
    public boolean stopped() {
        return part == null;
    }

    /// Rows whose answer was held to its schema and is refused by the validator.
    public long disagreements() {
        return codes.getOrDefault(Answer.Code.DISAGREEMENT.name(), 0L);
    }

    String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a manifest of strings and numbers is always JSON", e);
        }
    }

    /// @throws IllegalArgumentException when it is no manifest
    static PartManifest fromJson(String json) {
        try {
            return JSON.readValue(json, new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not a manifest: " + e.getOriginalMessage(), e);
        }
    }
}
