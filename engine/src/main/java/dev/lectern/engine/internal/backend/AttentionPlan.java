package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kv.KvSequence;
import dev.lectern.engine.internal.model.AttentionSpec;
import java.util.ArrayList;
import java.util.List;

/// Which rows of a batch read which keys, as pieces of work.
///
/// @param blocks rows that are worked on together; every row of the batch is in one
record AttentionPlan(List<Block> blocks) {
    /// Where partial results of a query are cut, at fixed positions: so that they do not depend on who works
    /// them out.
    static final int SEGMENT = 2048;

    /// Neighbouring rows that continue the same prefix, or rows of one sequence.
    ///
    /// @param parts what the rows read, a row's keys in ascending order
    record Block(int firstRow, int rows, List<Part> parts) {
        /// Grows with the time that the block takes.
        long work() {
            long work = 0;
            for (Part part : parts) {
                work += (long) (part.to - part.from) * part.rows;
            }
            return work;
        }
    }

    /// Rows `[firstRow, firstRow + rows)` of the batch, and a range of keys `[from, to)` that they read, each
    /// what its mask lets it see.
    record Part(int firstRow, int rows, KvRuns runs, int from, int to) {
        /// Where the segment that starts at `position` ends.
        int segmentEnd(int position) {
            return Math.min(to, (position / SEGMENT + 1) * SEGMENT);
        }

        /// The same rows with the keys of one segment.
        Part segment(int position) {
            return new Part(firstRow, rows, runs, position, segmentEnd(position));
        }
    }

    static AttentionPlan of(Batch batch, int layer, AttentionSpec.Mask mask, int mostRows) {
        KvRuns.Cache runs = new KvRuns.Cache(layer);
        if (batch.spans().size() == 1) {
            // All blocks then find their runs among these.
            Batch.Span span = batch.spans().get(0);
            int from = mask.firstVisible(span.firstPosition());
            runs.get(span.sequence(), from, span.firstPosition() + span.rows());
        }
        List<Batch.Span> pieces = pieces(batch.spans(), mostRows);
        List<Block> blocks = new ArrayList<>();
        int next = 0;
        while (next < pieces.size()) {
            int first = next;
            KvSequence prefix = pieces.get(first).sequence().prefix();
            int rows = 0;
            do {
                rows += pieces.get(next).rows();
                next++;
            } while (next < pieces.size()
                    && prefix != null
                    && pieces.get(next).sequence().prefix() == prefix
                    && rows + pieces.get(next).rows() <= mostRows);
            blocks.add(block(pieces.subList(first, next), rows, runs, mask));
        }
        return new AttentionPlan(blocks);
    }

    /// The same rows in spans of at most `mostRows`.
    private static List<Batch.Span> pieces(List<Batch.Span> spans, int mostRows) {
        List<Batch.Span> pieces = new ArrayList<>(spans.size());
        for (Batch.Span span : spans) {
            for (int done = 0; done < span.rows(); done += mostRows) {
                int rows = Math.min(mostRows, span.rows() - done);
                pieces.add(new Batch.Span(span.sequence(), span.firstRow() + done, rows, span.firstPosition() + done));
            }
        }
        return pieces;
    }

    /// The prefix for all rows, then each span's own keys for its rows.
    private static Block block(List<Batch.Span> spans, int rows, KvRuns.Cache runs, AttentionSpec.Mask mask) {
        Batch.Span first = spans.get(0);
        int prefixEnd = first.sequence().prefixLength();
        int firstVisible = Integer.MAX_VALUE;
        for (Batch.Span span : spans) {
            firstVisible = Math.min(firstVisible, mask.firstVisible(span.firstPosition()));
        }
        List<Part> parts = new ArrayList<>(1 + spans.size());
        addPart(parts, first.firstRow(), rows, runs, first.sequence(), firstVisible, prefixEnd);
        for (Batch.Span span : spans) {
            int from = Math.max(prefixEnd, mask.firstVisible(span.firstPosition()));
            int end = span.firstPosition() + span.rows();
            addPart(parts, span.firstRow(), span.rows(), runs, span.sequence(), from, end);
        }
        return new Block(first.firstRow(), rows, parts);
    }

    private static void addPart(
            List<Part> parts, int firstRow, int rows, KvRuns.Cache runs, KvSequence sequence, int from, int to) {
        if (from < to) {
            parts.add(new Part(firstRow, rows, runs.get(sequence, from, to), from, to));
        }
    }

    /// All parts cut at the borders of segments, in the order of the keys for every row.
    List<Part> segments() {
        List<Part> segments = new ArrayList<>();
        for (Block block : blocks) {
            for (Part part : block.parts) {
                for (int from = part.from; from < part.to; from = part.segmentEnd(from)) {
                    segments.add(part.segment(from));
                }
            }
        }
        return segments;
    }
}
