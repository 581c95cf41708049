package dev.lectern.engine.internal.constraint.automaton;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Earlier values that a value being read may still become, and those of them that it must not. Immutable.
///
/// Values are Java's: `String`, `Boolean`, `BigDecimal` without zeros at its end, [#NULL], `List` and `Map`; so
/// equal JSON values are equal objects.
final class Taken {
    static final Taken NONE = new Taken(new String[0], 0, 0, List.of(), Set.of());

    /// Java's null is no member of its immutable collections.
    static final Object NULL = new Object() {
        @Override
        public String toString() {
            return "null";
        }
    };

    /// Sorted, of which those from `from` to `to` count.
    private final String[] strings;

    private final int from;
    private final int to;
    private final List<Object> others;
    private final Set<Object> blocked;

    private Taken(String[] strings, int from, int to, List<Object> others, Set<Object> blocked) {
        this.strings = strings;
        this.from = from;
        this.to = to;
        this.others = others;
        this.blocked = blocked;
    }

    /// @param blocked those of the values that must not come again
    static Taken of(Collection<Object> values, Set<Object> blocked) {
        if (values.isEmpty()) {
            return NONE;
        }
        List<String> texts = new ArrayList<>();
        List<Object> others = new ArrayList<>();
        for (Object value : values) {
            if (value instanceof String text) {
                texts.add(text);
            } else {
                others.add(value);
            }
        }
        String[] sorted = texts.toArray(String[]::new);
        Arrays.sort(sorted);
        return new Taken(sorted, 0, sorted.length, others, blocked);
    }

    static Taken allOf(Collection<Object> values) {
        return of(values, new HashSet<>(values));
    }

    boolean isEmpty() {
        return from == to && others.isEmpty();
    }

    boolean blocksNothing() {
        return isEmpty() || blocked.isEmpty();
    }

    boolean blocks(Object value) {
        return blocked.contains(value);
    }

    Set<Object> blocked() {
        return blocked;
    }

    /// Whether one of these, in order, that begin so must not be avoided.
    boolean leavesOneOf(String[] sorted, String prefix) {
        for (int i = first(sorted, 0, sorted.length, prefix); i < sorted.length && sorted[i].startsWith(prefix); i++) {
            if (!blocked.contains(sorted[i])) {
                return true;
            }
        }
        return false;
    }

    /// The first that is not before the prefix.
    private static int first(String[] sorted, int from, int to, String prefix) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle].compareTo(prefix) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// The strings that begin so.
    Taken startingWith(String prefix) {
        int low = first(strings, from, to, prefix);
        int first = low;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (strings[middle].startsWith(prefix)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return first == low ? NONE : new Taken(strings, first, low, List.of(), blocked);
    }

    /// The strings, in order.
    List<String> strings() {
        return Arrays.asList(strings).subList(from, to);
    }

    /// The numbers that a text may still become, whatever follows.
    Taken numbersFrom(String text) {
        return others(value -> value instanceof BigDecimal number && mayBecome(text, number));
    }

    Taken literalsFrom(String text) {
        return others(value ->
                (value instanceof Boolean || value == NULL) && value.toString().startsWith(text));
    }

    private Taken others(java.util.function.Predicate<Object> kept) {
        List<Object> some = others.stream().filter(kept).toList();
        return some.isEmpty() ? NONE : new Taken(strings, 0, 0, some, blocked);
    }

    /// The significant digits decide, since an exponent may still move the point.
    private static boolean mayBecome(String text, BigDecimal number) {
        boolean negative = text.startsWith("-");
        int exponent = Math.max(text.indexOf('e'), text.indexOf('E'));
        String digits = significant(exponent < 0 ? text : text.substring(0, exponent));
        if (number.signum() == 0) {
            return digits.isEmpty();
        }
        if (negative != number.signum() < 0) {
            return false;
        }
        String whole = number.unscaledValue().abs().toString();
        if (exponent >= 0) {
            return digits.replaceAll("0+$", "").equals(whole.replaceAll("0+$", ""));
        }
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) != (i < whole.length() ? whole.charAt(i) : '0')) {
                return false;
            }
        }
        return true;
    }

    private static String significant(String text) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9' && !(digits.isEmpty() && c == '0')) {
                digits.append(c);
            }
        }
        return digits.toString();
    }

    @SuppressWarnings("unchecked") // Only Values of this package put maps in, with names as keys.
    List<Map<String, Object>> objects() {
        List<Map<String, Object>> objects = new ArrayList<>();
        for (Object value : others) {
            if (value instanceof Map<?, ?> object) {
                objects.add((Map<String, Object>) object);
            }
        }
        return objects;
    }

    @SuppressWarnings("unchecked")
    List<List<Object>> arrays() {
        List<List<Object>> arrays = new ArrayList<>();
        for (Object value : others) {
            if (value instanceof List<?> array) {
                arrays.add((List<Object>) array);
            }
        }
        return arrays;
    }

    /// Whether one that must not come again is among them.
    boolean mayBlock() {
        if (blocked.isEmpty()) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (blocked.contains(strings[i])) {
                return true;
            }
        }
        for (Object value : others) {
            if (blocked.contains(value)) {
                return true;
            }
        }
        return false;
    }
}
