package dev.lectern.inference;

/// A task's schema file cannot type answers: it is not JSON, not a JSON Schema, not one of an object, or one that
/// answers cannot be held to. The message names the file and the JSON pointer.
public final class InvalidAnswerSchema extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InvalidAnswerSchema(String source, String pointer, String problem) {
        super("[" + source + "] at '" + (pointer.isEmpty() ? "/" : pointer) + "': " + problem);
    }

    InvalidAnswerSchema(String source, String pointer, String problem, Throwable cause) {
        this(source, "at '" + (pointer.isEmpty() ? "/" : pointer) + "': " + problem, cause);
    }

    InvalidAnswerSchema(String source, String problem, Throwable cause) {
        super("[" + source + "] " + problem, cause);
    }
}
