package dev.lectern.pipeline.table;

import dev.lectern.schemas.ColumnType;
import dev.lectern.schemas.TableContract;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/// Contract types as Spark types.
final class SparkTypes {
    private SparkTypes() {}

    /// @param output what `output` stands for; null where the contract has none
    static StructType struct(List<TableContract.Column> columns, @Nullable DataType output) {
        StructType struct = new StructType();
        for (TableContract.Column column : columns) {
            struct = struct.add(column.name(), of(column.type(), output), column.nullable());
        }
        return struct;
    }

    static DataType of(ColumnType type, @Nullable DataType output) {
        return switch (type) {
            case ColumnType.Simple simple -> simple(simple, output);
            case ColumnType.Array array ->
                DataTypes.createArrayType(
                        of(array.element().type(), output), array.element().nullable());
            case ColumnType.Map map ->
                DataTypes.createMapType(
                        DataTypes.StringType,
                        of(map.value().type(), output),
                        map.value().nullable());
            case ColumnType.Struct struct -> {
                StructType fields = new StructType();
                for (ColumnType.Field field : struct.fields()) {
                    fields = fields.add(
                            field.name(),
                            of(field.slot().type(), output),
                            field.slot().nullable());
                }
                yield fields;
            }
        };
    }

    private static DataType simple(ColumnType.Simple simple, @Nullable DataType output) {
        return switch (simple) {
            case STRING -> DataTypes.StringType;
            case INT -> DataTypes.IntegerType;
            case LONG -> DataTypes.LongType;
            case DOUBLE -> DataTypes.DoubleType;
            case BOOLEAN -> DataTypes.BooleanType;
            case BINARY -> DataTypes.BinaryType;
            case TIMESTAMP -> DataTypes.TimestampType;
            case OUTPUT -> {
                if (output == null) {
                    throw new IllegalArgumentException("the contract has a task's output; its type is needed here");
                }
                yield output;
            }
        };
    }

    /// Names and types, whatever may be null: files and expressions forget nullability.
    static boolean same(DataType a, DataType b) {
        return simpleName(a).equals(simpleName(b));
    }

    /// In the contracts' words: `array<struct<number:int>>`, `long` rather than `bigint`.
    static String simpleName(DataType type) {
        return switch (type) {
            case ArrayType array -> "array<" + simpleName(array.elementType()) + ">";
            case MapType map -> "map<" + simpleName(map.keyType()) + "," + simpleName(map.valueType()) + ">";
            case StructType struct ->
                java.util.Arrays.stream(struct.fields())
                        .map((StructField f) -> f.name() + ":" + simpleName(f.dataType()))
                        .collect(Collectors.joining(",", "struct<", ">"));
            default -> type.equals(DataTypes.LongType) ? "long" : type.simpleString();
        };
    }
}
