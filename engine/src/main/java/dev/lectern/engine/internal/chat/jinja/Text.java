package dev.lectern.engine.internal.chat.jinja;

import java.util.Arrays;
import java.util.function.UnaryOperator;

/// A string that knows which of its characters came from the input (a message's content) and which from the template.
///
/// Everything that a template does to a string keeps this knowledge: pieces stay what they were, and a string that was
/// computed as a whole from input is input. So the rendered prompt says which of its text may spell control tokens,
/// and where in it the document stands. Equality and hash are those of the characters alone. Immutable.
public final class Text implements Value {
    static final Text EMPTY = new Text("", new int[0]);

    private final String value;
    /// Ascending pairs [start, end) in UTF-16 units, neither empty nor touching each other.
    private final int[] input;

    private Text(String value, int[] input) {
        this.value = value;
        this.input = input;
    }

    /// Text of the template's own.
    public static Text of(String value) {
        return value.isEmpty() ? EMPTY : new Text(value, new int[0]);
    }

    /// Text from outside.
    public static Text input(String value) {
        return value.isEmpty() ? EMPTY : new Text(value, new int[] {0, value.length()});
    }

    public String value() {
        return value;
    }

    /// UTF-16 units.
    public int length() {
        return value.length();
    }

    boolean isEmpty() {
        return value.isEmpty();
    }

    public boolean hasInput() {
        return input.length > 0;
    }

    /// Number of runs of input.
    public int runs() {
        return input.length / 2;
    }

    /// Where run `i` starts, in UTF-16 units.
    public int runStart(int i) {
        return input[2 * i];
    }

    /// Where run `i` ends.
    public int runEnd(int i) {
        return input[2 * i + 1];
    }

    Text substring(int start, int end) {
        if (start == 0 && end == value.length()) {
            return this;
        }
        if (start >= end) {
            return EMPTY;
        }
        String part = value.substring(start, end);
        if (input.length == 0) {
            return new Text(part, input);
        }
        int first = firstRunAfter(start);
        int last = first;
        while (last < input.length && input[last] < end) {
            last += 2;
        }
        int[] runs = new int[last - first];
        for (int i = first; i < last; i += 2) {
            runs[i - first] = Math.max(input[i], start) - start;
            runs[i - first + 1] = Math.min(input[i + 1], end) - start;
        }
        return new Text(part, runs);
    }

    /// Index in [#input] of the first run that ends after a place. By bisection: cutting a text of many runs into many
    /// parts must not cost their product.
    private int firstRunAfter(int place) {
        int low = 0;
        int high = input.length / 2;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (input[2 * middle + 1] > place) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return 2 * low;
    }

    Text plus(Text other) {
        if (value.isEmpty()) {
            return other;
        }
        return other.value.isEmpty()
                ? this
                : new Builder().append(this).append(other).build();
    }

    Text repeat(int times) {
        if (input.length == 0) {
            return of(value.repeat(times));
        }
        Builder all = new Builder();
        for (int i = 0; i < times; i++) {
            all.append(this);
        }
        return all.build();
    }

    /// The result of an operation on the whole: input as soon as any of this is.
    Text mapped(UnaryOperator<String> operation) {
        return derived(operation.apply(value));
    }

    Text derived(String result) {
        return hasInput() ? input(result) : of(result);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Text text && value.equals(text.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }

    /// Puts texts one after another.
    static final class Builder {
        private final StringBuilder value = new StringBuilder();
        private int[] input = new int[0];
        private int count;

        Builder append(Text text) {
            int offset = value.length();
            value.append(text.value);
            for (int i = 0; i < text.input.length; i += 2) {
                run(offset + text.input[i], offset + text.input[i + 1]);
            }
            return this;
        }

        Builder append(String own) {
            value.append(own);
            return this;
        }

        private void run(int start, int end) {
            if (count > 0 && input[count - 1] == start) {
                input[count - 1] = end;
                return;
            }
            if (count == input.length) {
                input = Arrays.copyOf(input, Math.max(4, 2 * count));
            }
            input[count++] = start;
            input[count++] = end;
        }

        int length() {
            return value.length();
        }

        Text build() {
            return value.isEmpty() ? EMPTY : new Text(value.toString(), Arrays.copyOf(input, count));
        }
    }
}
