package dev.lectern.engine.internal.constraint.automaton;

import java.util.ArrayList;
import java.util.List;

/// Collects the configs after a byte.
final class Moves {
    private final Machine machine;
    private final List<Config> configs = new ArrayList<>();

    Moves(Machine machine) {
        this.machine = machine;
    }

    Machine machine() {
        return machine;
    }

    void add(Config config) {
        for (Config known : configs) {
            if (known.same(config)) {
                return;
            }
        }
        configs.add(config);
    }

    void add(Frame top, Config below) {
        add(machine.config(top, below));
    }

    List<Config> configs() {
        return configs;
    }
}
