package dev.lectern.schemas;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Recursive descent over the grammar of [ColumnType]. One use.
final class ColumnTypeParser {
    /// Deeper nesting than any table needs; bounds the recursion.
    private static final int MAX_DEPTH = 32;

    private final String text;
    private int at;
    private int depth;

    ColumnTypeParser(String text) {
        this.text = text;
    }

    ColumnType parse() {
        ColumnType type = type();
        if (at != text.length()) {
            throw error("the end");
        }
        return type;
    }

    private ColumnType type() {
        if (++depth > MAX_DEPTH) {
            throw error("at most " + MAX_DEPTH + " levels of nesting");
        }
        int start = at;
        String name = name();
        ColumnType type = switch (name) {
            case "array" -> array();
            case "map" -> map();
            case "struct" -> struct();
            default -> simple(name, start);
        };
        depth--;
        return type;
    }

    private ColumnType array() {
        expect('<');
        ColumnType.Slot element = slot();
        expect('>');
        return new ColumnType.Array(element);
    }

    private ColumnType map() {
        expect('<');
        int start = at;
        if (!name().equals("string")) {
            at = start;
            throw error("string, the only type of a map's keys");
        }
        expect(',');
        ColumnType.Slot value = slot();
        expect('>');
        return new ColumnType.Map(value);
    }

    private ColumnType struct() {
        List<ColumnType.Field> fields = new ArrayList<>();
        Set<String> names = new HashSet<>();
        expect('<');
        while (true) {
            String name = name();
            if (!names.add(name)) {
                throw error("a field other than '" + name + "', which is there already");
            }
            expect(':');
            fields.add(new ColumnType.Field(name, slot()));
            if (at < text.length() && text.charAt(at) == ',') {
                at++;
                continue;
            }
            expect('>');
            return new ColumnType.Struct(fields);
        }
    }

    private ColumnType.Slot slot() {
        ColumnType type = type();
        boolean nullable = at < text.length() && text.charAt(at) == '?';
        if (nullable) {
            at++;
        }
        return new ColumnType.Slot(type, nullable);
    }

    private ColumnType simple(String name, int start) {
        for (ColumnType.Simple simple : ColumnType.Simple.values()) {
            if (simple.toString().equals(name)) {
                return simple;
            }
        }
        at = start;
        throw error("string, int, long, double, boolean, binary, timestamp, output, array<, map< or struct<");
    }

    private String name() {
        int start = at;
        while (at < text.length() && isNameChar(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw error("a name");
        }
        return text.substring(start, at);
    }

    private static boolean isNameChar(char c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private void expect(char c) {
        if (at >= text.length() || text.charAt(at) != c) {
            throw error("'" + c + "'");
        }
        at++;
    }

    private IllegalArgumentException error(String expected) {
        String found = at < text.length() ? "'" + text.substring(at) + "'" : "the end";
        return new IllegalArgumentException(
                "column type '" + text + "', position " + at + ": found " + found + ", expected " + expected);
    }
}
