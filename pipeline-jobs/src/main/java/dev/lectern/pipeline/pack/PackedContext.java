package dev.lectern.pipeline.pack;

import java.util.List;

/// A context, ready to be written.
///
/// @param tokens   prefix, documents, separators and fill
/// @param segments which tokens are which characters, ascending
/// @param account  of this context alone; the tokens of its documents come in through [TokenAccount#arrived]
@SuppressWarnings("ArrayRecordComponent")
record PackedContext(int[] tokens, List<Segment> segments, TokenAccount account) {
    PackedContext {
        segments = List.copyOf(segments);
    }
}
