package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kv.KvSequence;
import java.util.List;

/// Rows of tokens that go through the layers together: a piece of one sequence in prefill, a row each of many in
/// decode.
///
/// @param phase     which kernels the rows run through
/// @param tokenIds  one a row
/// @param positions one a row, absolute in the row's sequence
/// @param spans     the rows' sequences, in row order without gaps
public record Batch(Phase phase, int[] tokenIds, int[] positions, List<Span> spans) {
    public Batch {
        int rows = 0;
        for (Span span : spans) {
            if (span.firstRow() != rows || span.rows() <= 0) {
                throw new IllegalArgumentException(
                        "span at row " + span.firstRow() + " of " + span.rows() + " rows, expected row " + rows);
            }
            rows += span.rows();
        }
        if (tokenIds.length != rows || positions.length != rows) {
            throw new IllegalArgumentException("spans of " + rows + " rows, " + tokenIds.length + " token ids, "
                    + positions.length + " positions");
        }
        spans = List.copyOf(spans);
    }

    public int rows() {
        return tokenIds.length;
    }

    /// Consecutive rows of one sequence at consecutive positions.
    ///
    /// @param sequence      its cached keys and values; this batch's own positions are already reserved
    /// @param firstRow      the span's first row of the batch
    /// @param rows          number of rows
    /// @param firstPosition position of the first row
    public record Span(KvSequence sequence, int firstRow, int rows, int firstPosition) {}
}
