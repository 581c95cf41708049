package dev.lectern.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the values stand in a JSON text, or in the beginning of one that was cut anywhere. Immutable.
///
/// The text is taken for well formed: it comes from a model that was held to a schema.
final class AnswerOutline {
    /// A value that is whole, so that nothing that follows can still be part of it.
    ///
    /// @param pointer JSON pointer
    /// @param start   index of its first UTF-16 unit
    /// @param end     index after its last one
    /// @param leaf    whether it is neither an object nor a list
    record Value(String pointer, int start, int end, boolean leaf) {}

    /// A list that has not ended.
    ///
    /// @param pointer JSON pointer
    /// @param start   index after its bracket
    /// @param items   its whole items
    record OpenList(String pointer, int start, List<Value> items) {}

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String text;
    private final List<Value> values = new ArrayList<>();
    private final List<OpenList> openLists = new ArrayList<>();
    private String cut = "";

    private AnswerOutline(String text) {
        this.text = text;
    }

    static AnswerOutline of(String text) {
        AnswerOutline outline = new AnswerOutline(text);
        outline.scan();
        return outline;
    }

    /// The whole values, each after those that it holds.
    List<Value> values() {
        return List.copyOf(values);
    }

    /// Those on the way to where the text ends, outermost first.
    List<OpenList> openLists() {
        return List.copyOf(openLists);
    }

    /// JSON pointer of the innermost value that the text has begun and not ended, or would begin next.
    String cut() {
        return cut;
    }

    /// An object or a list on the way.
    private static final class Level {
        final boolean list;
        final String pointer;
        final int start;
        final List<Value> items = new ArrayList<>();
        /// In an object: the name that was read last, with its value still to come or not whole.
        @Nullable
        String name;

        Level(boolean list, String pointer, int start) {
            this.list = list;
            this.pointer = pointer;
            this.start = start;
        }

        String child() {
            String step = name;
            return list
                    ? pointer + "/" + items.size()
                    : step == null ? pointer : pointer + "/" + AnswerTypeMapper.escape(step);
        }
    }

    private void scan() {
        Deque<Level> open = new ArrayDeque<>();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            Level level = open.peek();
            switch (c) {
                case '{', '[' -> open.push(new Level(c == '[', pointer(level), at++));
                case '}', ']' -> {
                    if (level != null) {
                        open.pop();
                        ended(open.peek(), level.pointer, level.start, ++at, false);
                    } else {
                        at++;
                    }
                }
                case ',', ':', ' ', '\n', '\r', '\t' -> at++;
                default -> at = leaf(level, at);
            }
        }
        cut = pointer(open.peek());
        Iterator<Level> outermostFirst = open.descendingIterator();
        while (outermostFirst.hasNext()) {
            Level level = outermostFirst.next();
            if (level.list) {
                openLists.add(new OpenList(level.pointer, level.start + 1, List.copyOf(level.items)));
            }
        }
    }

    private static String pointer(@Nullable Level level) {
        return level == null ? "" : level.child();
    }

    /// Reads a name, a string, a number or a literal.
    ///
    /// @return index after it; the text's length if it is not whole
    private int leaf(@Nullable Level level, int start) {
        int end = text.charAt(start) == '"' ? endOfString(start) : endOfWord(start);
        if (end < 0) {
            return text.length();
        }
        boolean name = level != null && !level.list && level.name == null && text.charAt(start) == '"';
        if (level != null && name) {
            level.name = name(text.substring(start, end));
        } else {
            ended(level, pointer(level), start, end, true);
        }
        return end;
    }

    private void ended(@Nullable Level level, String pointer, int start, int end, boolean leaf) {
        Value value = new Value(pointer, start, end, leaf);
        values.add(value);
        if (level != null) {
            level.name = null;
            level.items.add(value);
        }
    }

    private int endOfString(int start) {
        for (int at = start + 1; at < text.length(); at++) {
            if (text.charAt(at) == '\\') {
                at++;
            } else if (text.charAt(at) == '"') {
                return at + 1;
            }
        }
        return -1;
    }

    /// A number or a literal is whole when something follows it.
    private int endOfWord(int start) {
        for (int at = start; at < text.length(); at++) {
            if (",]} \n\r\t".indexOf(text.charAt(at)) >= 0) {
                return at;
            }
        }
        return -1;
    }

    /// @param quoted the name as it is written; what is no JSON string stands for itself
    private static String name(String quoted) {
        try {
            return JSON.readValue(quoted, String.class);
        } catch (JsonProcessingException e) {
            return quoted.substring(1, quoted.length() - 1);
        }
    }
}
