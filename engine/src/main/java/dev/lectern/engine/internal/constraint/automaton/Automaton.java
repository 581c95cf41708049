package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.schema.Shape;
import org.jspecify.annotations.Nullable;

/// A schema's automaton. Thread-safe: those who read along ([Cursor]) take turns.
public final class Automaton {
    private final Machine machine;
    private final Masks masks;
    private final Endings endings;
    private final States start;

    /// @param schemaOrder whether properties come in the schema's order, other names after them; else in any
    ///                    order
    /// @param maxStates   how many states to keep in memory
    /// @param spans       what quotes are taken from; may be null if the schema has none
    public Automaton(SharedLeaves shared, Shape root, boolean schemaOrder, int maxStates, @Nullable Spans spans) {
        this.machine = new Machine(shared, schemaOrder, maxStates, spans);
        this.masks = new Masks(machine);
        this.endings = new Endings(machine);
        this.start = machine.start(root);
    }

    public Cursor cursor() {
        return new Cursor(this, start);
    }

    Machine machine() {
        return machine;
    }

    Masks masks() {
        return masks;
    }

    Endings endings() {
        return endings;
    }
}
