package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.schema.ObjectShape.Choice;
import dev.lectern.engine.internal.constraint.schema.Shape;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/// How many different values there are at least: of a shape, or in which an object or list can still end. As long as
/// these are more than the values that must not come again, there is one left (the pigeonhole principle), and an
/// answer does not get stuck.
final class Cardinality {
    /// As good as infinite.
    static final long MANY = 1L << 40;

    private static final int MAX_STEPS = 10_000;

    private final Map<Shape, Long> known = new IdentityHashMap<>();
    private final Map<Shape, Boolean> counting = new IdentityHashMap<>();
    private final Machine machine;
    private int steps;

    Cardinality(Machine machine) {
        this.machine = machine;
    }

    long of(Shape shape) {
        Long count = known.get(shape);
        if (count == null) {
            if (!shape.isInhabited()) {
                count = 0L;
            } else if (counting.put(shape, true) != null) {
                return MANY; // A value that can hold others of its kind.
            } else {
                count = count(shape);
                counting.remove(shape);
            }
            known.put(shape, count);
        }
        return count;
    }

    /// Of each type the language or shape that has most, since several may share values.
    private long count(Shape shape) {
        ValueFrame value = machine.value(shape);
        long total = (shape.allowsNull() ? 1 : 0) + (shape.allowsTrue() ? 1 : 0) + (shape.allowsFalse() ? 1 : 0);
        total += shape.strings().stream()
                .mapToLong(language -> language.count(MANY))
                .max()
                .orElse(0);
        total += shape.numbers().stream()
                .mapToLong(language -> language.count(MANY))
                .max()
                .orElse(0);
        for (QuoteText quote : value.quotes()) {
            // From the beginning of the longest text there is one of each length.
            long longest = Math.min(quote.max(), quote.spans().index().longest());
            total += Math.max(0, longest - quote.min() + 1);
        }
        long objects = 0;
        for (ObjectType type : value.objects()) {
            objects = Math.max(objects, of(type, type.beginning(), MANY));
        }
        long arrays = 0;
        for (ArrayType type : value.arrays()) {
            arrays = Math.max(arrays, of(type.frame(true, 0, 0), 0, MANY));
        }
        return Math.min(MANY, total + objects + arrays);
    }

    private static long times(long some, long each) {
        return some == 0 || each == 0
                ? 0
                : BigInteger.valueOf(some).multiply(BigInteger.valueOf(each)).bitLength() > 40 ? MANY : some * each;
    }

    /// The objects that one can become, up to so many.
    long of(ObjectType type, Progress progress, long enough) {
        if (progress.othersAddable() && type.rest() != null) {
            return MANY;
        }
        for (int i = progress.addable().nextSetBit(0);
                i >= 0;
                i = progress.addable().nextSetBit(i + 1)) {
            for (Choice choice : type.choices(i)) {
                if (progress.plus(i, choice) != null && of(choice.shape()) >= MANY) {
                    return MANY;
                }
            }
        }
        for (ObjectType.Others others : type.others()) {
            for (Choice choice : others.choices()) {
                boolean endless = others.count() >= MANY || of(choice.shape()) >= MANY;
                if (endless && progress.othersAddable() && progress.plusOther(choice) != null) {
                    return MANY;
                }
            }
        }
        steps = 0;
        return count(type, progress, 0, enough);
    }

    /// Each set of further properties once: those from `from` on, in order.
    private long count(ObjectType type, Progress progress, int from, long enough) {
        long total = progress.complete() ? 1 : 0;
        for (int i = progress.addable().nextSetBit(from);
                i >= 0 && total < enough && ++steps < MAX_STEPS;
                i = progress.addable().nextSetBit(i + 1)) {
            long most = 0;
            for (Choice choice : type.choices(i)) {
                Progress after = progress.plus(i, choice);
                if (after != null) {
                    long each = of(choice.shape());
                    most = Math.max(most, times(each, count(type, after, i + 1, enough)));
                }
            }
            total += most;
            if (type.terms().size() == 1 && type.terms().getFirst().required().get(i)) {
                break; // No object does without it.
            }
        }
        return Math.min(MANY, total);
    }

    /// The lists that one can become, up to so many.
    ///
    /// @param size how many items it has, where the frame does not count that far
    long of(ArrayFrame frame, int size, long enough) {
        return count(frame, size, enough, new HashSet<>());
    }

    private long count(ArrayFrame frame, int size, long enough, Set<ArrayFrame> seen) {
        ArrayType type = frame.type();
        long total = type.complete(frame.index(), frame.found()) ? 1 : 0;
        if (!seen.add(frame)) {
            return type.unique() ? total : MANY; // Another item changes nothing: there may be any number of them.
        }
        long most = 0;
        for (ArrayType.Item item : type.items(frame.index(), frame.found())) {
            if (total >= enough || seen.size() > 100) {
                break;
            }
            long each = of(item.choice().shape());
            each = type.unique() && each < MANY ? each - size : each;
            if (each > 0) {
                ArrayFrame after = type.frame(false, frame.index() + 1, item.found());
                most = Math.max(most, times(each, count(after, size + 1, enough, seen)));
            }
        }
        return Math.min(MANY, total + most);
    }

    /// The values that an item of the list may have, after so many.
    long ofItems(ArrayType type, int size) {
        return type.items(size, 0).stream()
                .mapToLong(item -> of(item.choice().shape()))
                .max()
                .orElse(MANY);
    }
}
