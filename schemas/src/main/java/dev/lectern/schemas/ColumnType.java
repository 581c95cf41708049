package dev.lectern.schemas;

import java.util.List;
import java.util.stream.Collectors;

/// Type of a column in a table contract. Immutable; [#toString] is the canonical form that [#parse] reads.
///
/// ```
/// type   = name | "array<" slot ">" | "map<string," slot ">" | "struct<" field { "," field } ">"
/// field  = name ":" slot
/// slot   = type [ "?" ]           "?": may be null
/// name   = string int long double boolean binary timestamp output
/// ```
///
/// `timestamp` is an instant in UTC with microseconds; `output` stands for the struct that a task's own JSON Schema
/// defines. Whether a whole column may be null is said by [TableContract.Column], not by its type.
public sealed interface ColumnType {
    /// Types without parameters.
    enum Simple implements ColumnType {
        STRING,
        INT,
        LONG,
        DOUBLE,
        BOOLEAN,
        BINARY,
        TIMESTAMP,
        /// The task's own struct.
        OUTPUT;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    record Array(Slot element) implements ColumnType {
        @Override
        public String toString() {
            return "array<" + element + ">";
        }
    }

    /// A map from strings.
    record Map(Slot value) implements ColumnType {
        @Override
        public String toString() {
            return "map<string," + value + ">";
        }
    }

    record Struct(List<Field> fields) implements ColumnType {
        public Struct {
            fields = List.copyOf(fields);
        }

        @Override
        public String toString() {
            return fields.stream().map(Field::toString).collect(Collectors.joining(",", "struct<", ">"));
        }
    }

    record Field(String name, Slot slot) {
        @Override
        public String toString() {
            return name + ":" + slot;
        }
    }

    /// A nested type and whether its value may be null.
    record Slot(ColumnType type, boolean nullable) {
        @Override
        public String toString() {
            return nullable ? type + "?" : type.toString();
        }
    }

    /// @throws IllegalArgumentException naming the text, the position and what was expected there
    static ColumnType parse(String text) {
        return new ColumnTypeParser(text).parse();
    }
}
