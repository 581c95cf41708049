package dev.lectern.pipeline.ingest;

import java.util.Objects;

/// A file that becomes a reject. The message is one line for the reader of `rejects`.
final class UnreadableDocument extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int MAX_MESSAGE_CHARS = 300;

    private final RejectCode code;

    UnreadableDocument(RejectCode code, String message) {
        super(oneLine(message));
        this.code = code;
    }

    UnreadableDocument(RejectCode code, String message, Throwable cause) {
        super(oneLine(message), cause);
        this.code = code;
    }

    /// A library's complaint about the bytes.
    static UnreadableDocument corrupt(String format, Throwable cause) {
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return new UnreadableDocument(RejectCode.CORRUPT, "not a readable " + format + ": " + why, cause);
    }

    RejectCode code() {
        return code;
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    private static String oneLine(String message) {
        String line = message.replaceAll("\\s+", " ").strip();
        return line.length() <= MAX_MESSAGE_CHARS ? line : line.substring(0, MAX_MESSAGE_CHARS - 1) + "…";
    }
}
