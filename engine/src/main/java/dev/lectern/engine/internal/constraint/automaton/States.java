package dev.lectern.engine.internal.constraint.automaton;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The configs after a text: a state of the deterministic automaton, with its transitions as far as they are known.
/// Interned by its [Machine], and changed under its lock only.
final class States {
    private static final int FEW = 8;

    private final Machine machine;
    private final Config[] configs;
    private final boolean open;
    private final boolean watched;

    /// Bytes and targets of the known transitions; by byte once there are many.
    private byte[] bytes = new byte[2];

    private @Nullable States[] targets = new States[2];
    private int known;

    /// @param open whether one of the configs is the hole
    States(Machine machine, Config[] configs, boolean open) {
        this.machine = machine;
        this.configs = configs;
        this.open = open;
        this.watched = Arrays.stream(configs).anyMatch(Config::isWatched);
    }

    Config[] configs() {
        return configs;
    }

    private boolean isFleeting() {
        for (Config config : configs) {
            if (config.top().isFleeting()) {
                return true;
            }
        }
        return false;
    }

    /// Whether one of the stacks is in a list whose items differ.
    boolean isWatched() {
        return watched;
    }

    boolean isDead() {
        return configs.length == 0;
    }

    /// Whether a frame on a hole has ended here.
    boolean isOpen() {
        return open;
    }

    States next(int value) {
        if (targets.length == 256) {
            States target = targets[value];
            return target != null ? target : learn(value);
        }
        for (int i = 0; i < known; i++) {
            if (bytes[i] == (byte) value) {
                States target = targets[i];
                if (target != null) {
                    return target;
                }
            }
        }
        return learn(value);
    }

    private States learn(int value) {
        Moves moves = new Moves(machine);
        for (Config config : configs) {
            config.top().step(config, value, moves);
        }
        States target = machine.states(moves.configs());
        if (target.isFleeting()) {
            return target;
        }
        if (targets.length == 256) {
            targets[value] = target;
        } else if (known == FEW) {
            @Nullable States[] all = new States[256];
            for (int i = 0; i < known; i++) {
                all[bytes[i] & 0xFF] = targets[i];
            }
            all[value] = target;
            targets = all;
        } else {
            if (known == bytes.length) {
                bytes = Arrays.copyOf(bytes, FEW);
                targets = Arrays.copyOf(targets, FEW);
            }
            bytes[known] = (byte) value;
            targets[known++] = target;
        }
        return target;
    }
}
