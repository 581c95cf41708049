package dev.lectern.inference;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The column type that a part of an answer is stored as. Immutable; every value may be null, since a property may
/// be optional.
public sealed interface AnswerType {
    /// Types without parts.
    enum Scalar implements AnswerType {
        TEXT,
        /// 64-bit integer.
        LONG,
        /// 64-bit floating point.
        DOUBLE,
        BOOLEAN,
        /// A day of the proleptic Gregorian calendar.
        DATE,
        /// An instant in microseconds: of a date-time its offset is not kept, nor are more than six digits
        /// of a second.
        TIMESTAMP,
        /// A string that holds JSON: for values whose schema has no column type.
        ///
        /// Not Spark's VARIANT, which is one `parse_json` away: text keeps a number's digits (VARIANT drops
        /// the zeros of 93400.00 and turns what has over 38 digits into a double) and the order of an
        /// object's names, and every reader of Parquet has it.
        JSON
    }

    /// A number with `scale` digits behind the point and `precision` in all.
    ///
    /// @param precision 1 to 38
    /// @param scale     0 to the precision
    record Decimal(int precision, int scale) implements AnswerType {
        static final int MAX_PRECISION = 38;

        public Decimal {
            if (precision < 1 || precision > MAX_PRECISION || scale < 0 || scale > precision) {
                throw new IllegalArgumentException("no decimal has precision " + precision + " and scale " + scale);
            }
        }

        /// Digits before the point.
        int wholeDigits() {
            return precision - scale;
        }

        @Override
        public String toString() {
            return "DECIMAL(" + precision + "," + scale + ")";
        }
    }

    record Items(AnswerType element) implements AnswerType {}

    /// A map from names to values: an object whose names the schema does not list.
    record Entries(AnswerType value) implements AnswerType {}

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
