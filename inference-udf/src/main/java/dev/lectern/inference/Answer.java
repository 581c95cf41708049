package dev.lectern.inference;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// What became of a model's answer.
public sealed interface Answer {
    /// It conforms to the schema and fits its columns without loss.
    record Valid(ObjectNode output) implements Answer {}

    /// The model was stopped before it had finished.
    ///
    /// @param code    the [dev.lectern.engine.FinishReason]'s name
    record Incomplete(String code, String message) implements Answer {}

    /// @param message names the JSON pointer
    record Invalid(Code code, String message) implements Answer {}

    /// Why an answer is of no use.
    enum Code {
        /// It is not one JSON value.
        NOT_JSON,
        /// It contradicts the schema, or a value does not fit its column without loss.
        SCHEMA_MISMATCH,
        /// It was held to the schema while it was written and came to its end, and yet the validator
        /// refuses it: one of the two is wrong. Fails the run's quality gate.
        DISAGREEMENT
    }
}
