package dev.lectern.inference;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The column type that a part of an answer is stored as. Immutable; every value may be null, since a property may be
/// optional.
public sealed interface AnswerType {
    /// Types without parts.
    enum Scalar implements AnswerType {
        TEXT,
        /// 64-bit integer.
        LONG,
        /// 64-bit floating point.
        DOUBLE,
        BOOLEAN,
        /// A string that holds JSON: for values whose schema has no column type.
        JSON
    }

    record Items(AnswerType element) implements AnswerType {}

    /// At least one field; names differ also when case is ignored, as Spark resolves columns.
    record Struct(List<Field> fields) implements AnswerType {
        public Struct {
            fields = List.copyOf(fields);
            if (fields.isEmpty()) {
                throw new IllegalArgumentException("a struct of no fields: Parquet cannot store one");
            }
            if (!distinct(fields.stream().map(Field::name).toList())) {
                throw new IllegalArgumentException(
                        "two of the fields " + fields + " have names that differ in case alone");
            }
        }

        /// Whether no two names are equal when case is ignored.
        static boolean distinct(List<String> names) {
            Set<String> seen = new HashSet<>();
            return names.stream().allMatch(name -> seen.add(name.toLowerCase(Locale.ROOT)));
        }
    }

    record Field(String name, AnswerType type) {}
}
