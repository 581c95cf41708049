package dev.lectern.engine.internal.chat.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// `loop` inside a for loop. Moves with the loop.
final class LoopVariable implements Value {
    private final List<Value> items;
    private final int depth;
    private final @Nullable Body recursion;
    private int index;
    private @Nullable Value lastChanged;

    /// @param depth     0 for the outermost of a recursive loop
    /// @param recursion what `loop(items)` does in a recursive loop
    LoopVariable(List<Value> items, int depth, @Nullable Body recursion) {
        this.items = items;
        this.depth = depth;
        this.recursion = recursion;
    }

    void moveTo(int newIndex) {
        index = newIndex;
    }

    int depth() {
        return depth;
    }

    String display() {
        return "<LoopContext " + (index + 1) + "/" + items.size() + ">";
    }

    Value call(Evaluator evaluator, Arguments arguments) {
        if (recursion == null) {
            throw TemplateException.type("The loop must have the 'recursive' marker to be called recursively.");
        }
        return recursion.call(evaluator, arguments);
    }

    /// Null when there is no such attribute.
    @Nullable
    Value attribute(String name) {
        int length = items.size();
        return switch (name) {
            case "index" -> Value.number(index + 1);
            case "index0" -> Value.number(index);
            case "revindex" -> Value.number(length - index);
            case "revindex0" -> Value.number(length - index - 1);
            case "first" -> Value.bool(index == 0);
            case "last" -> Value.bool(index == length - 1);
            case "length" -> Value.number(length);
            case "depth" -> Value.number(depth + 1);
            case "depth0" -> Value.number(depth);
            case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("there is no previous item");
            case "nextitem" -> index + 1 < length ? items.get(index + 1) : new Undefined("there is no next item");
            case "cycle" -> new Callable("loop.cycle", this::cycle);
            case "changed" -> new Callable("loop.changed", this::changed);
            default -> null;
        };
    }

    private Value cycle(Evaluator evaluator, Arguments arguments) {
        List<Value> values = arguments.positional();
        if (values.isEmpty()) {
            throw TemplateException.type("no items for cycling given");
        }
        return values.get(index % values.size());
    }

    private Value changed(Evaluator evaluator, Arguments arguments) {
        Value now = Value.tuple(arguments.positional());
        boolean same = lastChanged != null && evaluator.operators().equal(lastChanged, now);
        lastChanged = now;
        return Value.bool(!same);
    }
}
