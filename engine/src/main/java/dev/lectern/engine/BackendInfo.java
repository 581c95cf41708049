package dev.lectern.engine;

import dev.lectern.engine.internal.backend.Backends;
import java.util.List;

/// A backend, and whether it can run on this machine.
///
/// @param name      as [EngineConfig] takes it
/// @param available whether it can run here
/// @param reason    what it runs on, or why it cannot
public record BackendInfo(String name, boolean available, String reason) {
    /// All backends, best first: `auto` takes the first that is available.
    public static List<BackendInfo> all() {
        return Backends.describe().stream()
                .map(backend -> new BackendInfo(backend.name(), backend.available(), backend.reason()))
                .toList();
    }
}
