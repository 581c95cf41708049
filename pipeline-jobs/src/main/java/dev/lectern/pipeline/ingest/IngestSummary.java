package dev.lectern.pipeline.ingest;

import java.util.Map;
import java.util.TreeMap;

/// What a run of ingest did.
///
/// @param files         input files found; documents plus rejects
/// @param bytes         of them
/// @param chars         of the documents' texts
/// @param rejectsByCode sorted by code
/// @param millis        wall clock
public record IngestSummary(
        long files,
        long bytes,
        long documents,
        long rejects,
        long chars,
        Map<String, Long> rejectsByCode,
        long millis) {
    public IngestSummary {
        rejectsByCode = java.util.Collections.unmodifiableMap(new TreeMap<>(rejectsByCode));
    }

    public double filesPerSecond() {
        return files * 1_000.0 / Math.max(1, millis);
    }
}
