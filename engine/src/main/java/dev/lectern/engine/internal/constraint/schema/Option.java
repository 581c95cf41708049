package dev.lectern.engine.internal.constraint.schema;

import java.util.function.Consumer;

/// One of several ways to go on.
///
/// @param forbids the name that the way does nothing but forbid; empty if it does something else. Where an object
/// cannot have that
///                name anyhow, the whole choice is settled.
/// @param keeps   the types that the way does nothing but keep; 0 if it does something else
record Option(Consumer<Facts> effect, String forbids, int keeps) {
    static Option of(Consumer<Facts> effect) {
        return new Option(effect, "", 0);
    }

    static Option types(int kept) {
        return new Option(facts -> facts.only(kept), "", kept);
    }

    /// For objects alone.
    static Option absent(String name) {
        return new Option(
                facts -> {
                    facts.only(Facts.OBJECT);
                    facts.forbid(name);
                },
                name,
                0);
    }

    void apply(Facts facts) {
        effect.accept(facts);
    }

    /// Whether what is known already includes it.
    boolean holds(Facts facts) {
        if (keeps != 0) {
            return (facts.types & ~keeps) == 0;
        }
        return !forbids.isEmpty() && facts.types == Facts.OBJECT && facts.excludes(forbids);
    }
}
