package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.NumberLanguage;
import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import dev.lectern.engine.internal.constraint.schema.ArrayShape;
import dev.lectern.engine.internal.constraint.schema.ObjectShape;
import dev.lectern.engine.internal.constraint.schema.QuoteShape;
import dev.lectern.engine.internal.constraint.schema.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Before a value.
final class ValueFrame extends Frame {
    private final Shape shape;
    private final List<Leaf> strings = new ArrayList<>();
    private final List<QuoteText> quotes = new ArrayList<>();
    private final List<Leaf> numbers = new ArrayList<>();
    private final List<Leaf> literals = new ArrayList<>();
    private final List<ObjectType> objects = new ArrayList<>();
    private final List<ArrayType> arrays = new ArrayList<>();

    ValueFrame(Machine machine, Shape shape) {
        this.shape = shape;
        for (StringLanguage language : shape.strings()) {
            strings.add(machine.leaf(language));
        }
        for (QuoteShape quote : shape.quotes()) {
            quotes.add(machine.quote(quote));
        }
        for (NumberLanguage language : shape.numbers()) {
            numbers.add(machine.leaf(language));
        }
        List<byte[]> words = new ArrayList<>();
        add(words, shape.allowsNull(), "null");
        add(words, shape.allowsTrue(), "true");
        add(words, shape.allowsFalse(), "false");
        if (!words.isEmpty()) {
            literals.add(machine.leaf(new WordTree(words)));
        }
        for (ObjectShape object : shape.objects()) {
            ObjectType type = machine.object(object);
            if (type.beginning().possible()) {
                objects.add(type);
            }
        }
        for (ArrayShape array : shape.arrays()) {
            ArrayType type = machine.array(array);
            if (type.possible()) {
                arrays.add(type);
            }
        }
    }

    Shape shape() {
        return shape;
    }

    private static void add(List<byte[]> words, boolean allowed, String word) {
        if (allowed) {
            words.add(word.getBytes(StandardCharsets.US_ASCII));
        }
    }

    List<QuoteText> quotes() {
        return quotes;
    }

    List<Leaf> strings() {
        return strings;
    }

    List<Leaf> numbers() {
        return numbers;
    }

    List<Leaf> literals() {
        return literals;
    }

    List<ObjectType> objects() {
        return objects;
    }

    List<ArrayType> arrays() {
        return arrays;
    }

    @Override
    void step(Config at, int value, Moves moves) {
        if (blank(value)) {
            moves.add(at);
        } else {
            begin(value, at.below(), moves);
        }
    }

    /// Begins the value with its first byte.
    void begin(int value, Config below, Moves moves) {
        switch (value) {
            case '"' -> {
                begin(strings, value, below, moves);
                for (QuoteText quote : quotes) {
                    moves.add(quote.opened(), below);
                }
            }
            case '{' -> {
                for (ObjectType type : objects) {
                    moves.add(ObjectFrame.opened(type), below);
                }
            }
            case '[' -> {
                for (ArrayType type : arrays) {
                    if (type.unique()) {
                        moves.add(WatchedArray.opened(type, Taken.NONE), below);
                    } else {
                        moves.add(type.frame(true, 0, 0), below);
                    }
                }
            }
            case 't', 'f', 'n' -> begin(literals, value, below, moves);
            default -> begin(numbers, value, below, moves);
        }
    }

    private static void begin(List<Leaf> leaves, int value, Config below, Moves moves) {
        for (Leaf leaf : leaves) {
            leaf.begin(value, below, moves);
        }
    }
}
