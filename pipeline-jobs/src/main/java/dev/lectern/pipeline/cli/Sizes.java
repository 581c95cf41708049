package dev.lectern.pipeline.cli;

import java.util.Locale;

/// Figures as people read them.
final class Sizes {
    private static final String[] BYTE_UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};

    private Sizes() {}

    /// `14.7 MiB`.
    static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f %s", value, BYTE_UNITS[unit]);
    }

    /// `127,842`.
    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /// `0.8 s`, `41 s`, `12 min 5 s`, `3 h 2 min`.
    static String duration(long millis) {
        long seconds = Math.round(millis / 1000.0);
        if (millis < 10_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
        }
        if (seconds < 120) {
            return seconds + " s";
        }
        if (seconds < 7200) {
            return seconds / 60 + " min " + seconds % 60 + " s";
        }
        return seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
    }
}
