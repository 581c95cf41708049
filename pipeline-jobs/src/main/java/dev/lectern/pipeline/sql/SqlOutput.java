package dev.lectern.pipeline.sql;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.hex;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;

/// Rows as text, streamed: a result may be larger than the driver's memory.
final class SqlOutput {
    private static final int MAX_CELL_CHARS = 80;

    /// Rows that the widths of a table's columns are taken from.
    private static final int MEASURED_ROWS = 1_000;

    private static final Map<String, String> JSON = Map.of("ignoreNullFields", "false");
    private static final Set<String> NUMBERS = Set.of("int", "bigint", "double", "float", "smallint", "tinyint");

    private SqlOutput() {}

    static long jsonLines(Dataset<Row> rows, Appendable sink) {
        // Positions instead of names: a query may give two columns the same one.
        String[] names = rows.columns();
        Dataset<Row> numbered = rows.toDF(numbers(names.length));
        Column[] columns = new Column[names.length];
        for (int i = 0; i < names.length; i++) {
            columns[i] = numbered.col("c" + i).as(names[i]);
        }
        Iterator<Row> lines = numbered.select(to_json(struct(columns), JSON)).toLocalIterator();
        long count = 0;
        for (; lines.hasNext(); count++) {
            line(sink, lines.next().getString(0));
        }
        return count;
    }

    static long table(Dataset<Row> rows, Appendable sink) {
        String[] names = rows.columns();
        boolean[] right = new boolean[names.length];
        Dataset<Row> numbered = rows.toDF(numbers(names.length));
        Column[] columns = new Column[names.length];
        for (int i = 0; i < names.length; i++) {
            DataType type = rows.schema().fields()[i].dataType();
            right[i] =
                    NUMBERS.contains(type.simpleString()) || type.simpleString().startsWith("decimal");
            columns[i] =
                    coalesce(text(numbered.col("c" + i), type), lit("NULL")).as("c" + i);
        }
        Iterator<Row> cells = numbered.select(columns).toLocalIterator();
        List<String[]> first = new ArrayList<>();
        int[] widths = Arrays.stream(names).mapToInt(String::length).toArray();
        while (cells.hasNext() && first.size() < MEASURED_ROWS) {
            String[] row = cells(cells.next());
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], width(row[i]));
            }
            first.add(row);
        }
        line(sink, join(names, widths, new boolean[names.length]));
        line(sink, rule(widths));
        first.forEach(row -> line(sink, join(row, widths, right)));
        long count = first.size();
        for (; cells.hasNext(); count++) {
            line(sink, join(cells(cells.next()), widths, right));
        }
        line(sink, count == 1 ? "(1 row)" : "(" + count + " rows)");
        return count;
    }

    private static Column text(Column column, DataType type) {
        return switch (type) {
            case StructType _, ArrayType _, MapType _ -> to_json(column, JSON);
            case BinaryType _ -> hex(column);
            default -> column.cast("string");
        };
    }

    private static String[] numbers(int count) {
        String[] numbers = new String[count];
        Arrays.setAll(numbers, i -> "c" + i);
        return numbers;
    }

    private static String[] cells(Row row) {
        String[] cells = new String[row.length()];
        for (int i = 0; i < cells.length; i++) {
            // One row is one line, whatever a text holds.
            String cell =
                    row.getString(i).replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
            boolean fits = cell.codePointCount(0, cell.length()) <= MAX_CELL_CHARS;
            cells[i] = fits ? cell : cell.substring(0, cell.offsetByCodePoints(0, MAX_CELL_CHARS - 1)) + "…";
        }
        return cells;
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    private static String join(String[] cells, int[] widths, boolean[] right) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            String padding = " ".repeat(Math.max(0, widths[i] - width(cells[i])));
            line.append(i == 0 ? "" : "  ");
            line.append(right[i] ? padding : "").append(cells[i]).append(right[i] ? "" : padding);
        }
        return line.toString().stripTrailing();
    }

    private static String rule(int[] widths) {
        List<String> rules = new ArrayList<>();
        for (int width : widths) {
            rules.add("─".repeat(width));
        }
        return String.join("  ", rules);
    }

    private static void line(Appendable sink, String line) {
        try {
            sink.append(line).append('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("the output cannot be written", e);
        }
    }
}
