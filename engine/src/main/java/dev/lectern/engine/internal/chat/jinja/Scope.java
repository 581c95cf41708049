package dev.lectern.engine.internal.chat.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Names and what they stand for. Loop bodies, macros, `with`, `call`, `filter` and `set` blocks open one each: what is
/// assigned in it is forgotten with it, what is outside can be read. `if` opens none.
final class Scope {
    private final @Nullable Scope parent;
    private final Map<String, Value> names = new HashMap<>();

    Scope(@Nullable Scope parent) {
        this.parent = parent;
    }

    void set(String name, Value value) {
        names.put(name, value);
    }

    @Nullable
    Value get(String name) {
        for (Scope scope = this; scope != null; scope = scope.parent) {
            Value value = scope.names.get(name);
            if (value != null) {
                return value;
            }
        }
        return null;
    }
}
