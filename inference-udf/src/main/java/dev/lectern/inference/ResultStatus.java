package dev.lectern.inference;

/// What became of a question.
public enum ResultStatus {
    /// A conforming answer.
    OK,
    /// The answer was cut off.
    INCOMPLETE,
    /// No answer, or one that does not conform.
    FAILED
}
