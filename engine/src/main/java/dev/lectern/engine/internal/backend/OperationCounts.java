package dev.lectern.engine.internal.backend;

import dev.lectern.engine.Profile;
import java.util.LinkedHashMap;
import java.util.Map;

/// Sums up what operations took, by name. Used by one thread at a time.
final class OperationCounts {
    private static final class Sums {
        private long calls;
        private long nanos;
        private double flops;
        private double bytes;
    }

    private final Map<String, Sums> byName = new LinkedHashMap<>();

    void add(String name, long nanos, double flops, double bytes) {
        Sums sums = byName.computeIfAbsent(name, unused -> new Sums());
        sums.calls++;
        sums.nanos += nanos;
        sums.flops += flops;
        sums.bytes += bytes;
    }

    /// What was added since the last call.
    Profile take() {
        Profile profile = new Profile(byName.entrySet().stream()
                .map(entry -> operation(entry.getKey(), entry.getValue()))
                .toList());
        byName.clear();
        return profile;
    }

    private static Profile.Operation operation(String name, Sums sums) {
        return new Profile.Operation(name, sums.calls, sums.nanos, sums.flops, sums.bytes);
    }
}
