package dev.lectern.pipeline.ingest;

import java.io.Serializable;

/// What one file may cost. A file beyond a limit becomes a reject; nothing is cut off to make it fit.
///
/// @param maxFileBytes   most bytes of a file, and of what a compressed file expands to
/// @param maxTextChars   most UTF-16 code units of a text
/// @param maxParseMillis most time for one file
/// @param maxExpansion   most bytes that a compressed byte may become, once that is more than a few MiB
record IngestLimits(long maxFileBytes, int maxTextChars, long maxParseMillis, int maxExpansion)
        implements Serializable {
    static final IngestLimits DEFAULT = new IngestLimits(256L << 20, 128 << 20, 120_000, 200);

    /// Below this no expansion is suspicious.
    static final long ALWAYS_FINE_BYTES = 8L << 20;

    IngestLimits {
        if (maxFileBytes < 1 || maxFileBytes > Integer.MAX_VALUE - 64L) {
            throw new IllegalArgumentException("maxFileBytes " + maxFileBytes + ", expected 1 to 2147483583");
        }
        if (maxTextChars < 1 || maxParseMillis < 1 || maxExpansion < 1) {
            throw new IllegalArgumentException(
                    "limits must be positive: " + maxTextChars + ", " + maxParseMillis + ", " + maxExpansion);
        }
    }
}
