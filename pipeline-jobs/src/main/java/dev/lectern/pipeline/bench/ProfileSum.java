package dev.lectern.pipeline.bench;

import dev.lectern.engine.Profile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Adds up the profiles of a measurement's repetitions.
final class ProfileSum {
    static final Profile NOTHING = new Profile(List.of());

    private final Map<String, Profile.Operation> byName = new LinkedHashMap<>();

    void add(Profile profile) {
        for (Profile.Operation operation : profile.operations()) {
            byName.merge(operation.name(), operation, ProfileSum::sum);
        }
    }

    private static Profile.Operation sum(Profile.Operation a, Profile.Operation b) {
        return new Profile.Operation(
                a.name(), a.calls() + b.calls(), a.nanos() + b.nanos(), a.flops() + b.flops(), a.bytes() + b.bytes());
    }

    Profile profile() {
        return new Profile(List.copyOf(byName.values()));
    }
}
