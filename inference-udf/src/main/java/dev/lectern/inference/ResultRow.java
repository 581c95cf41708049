package dev.lectern.inference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A row of the table `results`; the columns mean what its contract says.
///
/// @param output    not null exactly when the status is OK
/// @param error     not null exactly when it is not
record ResultRow(
        String resultId,
        String contextId,
        @Nullable String docId,
        String questionId,
        @Nullable ObjectNode output,
        @Nullable String text,
        List<Citation> citations,
        ResultStatus status,
        @Nullable Problem error,
        @Nullable String finishReason,
        long tokensIn,
        long tokensOut,
        boolean prefillReused,
        Fingerprints fingerprints,
        String runId,
        long prefillMillis,
        long decodeMillis,
        Instant writtenAt) {
    ResultRow {
        citations = List.copyOf(citations);
        if ((status == ResultStatus.OK) != (output != null) || (status == ResultStatus.OK) == (error != null)) {
            throw new IllegalArgumentException("result " + resultId + ": status " + status + " with "
                    + (output == null ? "no " : "") + "output and " + (error == null ? "no " : "") + "error");
        }
    }

    /// @param code stable, for queries: LENGTH, CONTEXT_FULL, DEAD_END, NOT_JSON, SCHEMA_MISMATCH,
    ///             DISAGREEMENT, SHORT_LIST, NOTHING_TO_QUOTE, CONTEXT_TOO_LONG, …
    record Problem(String code, String message) {}
}
