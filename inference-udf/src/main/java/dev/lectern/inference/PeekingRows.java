package dev.lectern.inference;

import java.util.Iterator;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/// A partition's rows, with a look at the next one. Not thread-safe.
final class PeekingRows {
    private final Iterator<Row> rows;
    private @Nullable Row next;

    PeekingRows(Iterator<Row> rows) {
        this.rows = rows;
    }

    boolean hasNext() {
        if (next == null && rows.hasNext()) {
            next = rows.next();
        }
        return next != null;
    }

    /// The next row of this context and kind, which stays where it is; null when another follows or none.
    @Nullable
    Row peek(int place, int kind) {
        if (!hasNext()) {
            return null;
        }
        Row row = next;
        return row != null && row.<Integer>getAs("place") == place && row.<Integer>getAs("kind") == kind ? row : null;
    }

    int nextPlace() {
        if (!hasNext() || next == null) {
            throw new IllegalStateException("no row is left");
        }
        return next.getAs("place");
    }

    /// Takes the next row of this context and kind.
    @Nullable
    Row take(int place, int kind) {
        Row row = peek(place, kind);
        if (row != null) {
            next = null;
        }
        return row;
    }

    /// Passes over all that is left of this context.
    void skip(int place) {
        while (hasNext() && next != null && next.<Integer>getAs("place") == place) {
            next = null;
        }
    }
}
