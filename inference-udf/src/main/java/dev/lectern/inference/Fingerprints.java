package dev.lectern.inference;

import java.io.Serializable;

/// What a result depends on besides its context and its question. Each is a hex SHA-256.
///
/// @param model    weights and configuration
/// @param prompt   template of the user's turn and the chat layout around it
/// @param schema   the answer's JSON Schema
/// @param sampling how tokens are chosen, and how many
public record Fingerprints(String model, String tokenizer, String prompt, String schema, String sampling)
        implements Serializable {
    /// The key of a result, `result_id`: equal exactly when the same question would be asked again in the same way.
    ///
    /// @param question what the model is asked, the template filled
    /// @param cited    whether the answer's values are looked up
    public String resultId(String contextId, String questionId, String question, boolean cited) {
        return Sha256.hex(
                contextId, questionId, question, model, tokenizer, prompt, schema, sampling, cited ? "cited" : "plain");
    }
}
