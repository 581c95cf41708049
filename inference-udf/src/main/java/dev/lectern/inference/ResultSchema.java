package dev.lectern.inference;

import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BOOLEAN;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.DOUBLE;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;
import static org.apache.parquet.schema.Type.Repetition.OPTIONAL;
import static org.apache.parquet.schema.Type.Repetition.REQUIRED;

import dev.lectern.schemas.ColumnType;
import dev.lectern.schemas.TableContract;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/// The table `results` of one task, for Spark and for Parquet: the contract's columns with the task's own type in
/// the place of `output`. Both forms come from one description, so they cannot drift.
public final class ResultSchema {
    /// So many digits always fit in 64 bits.
    private static final int MAX_LONG_PRECISION = 18;

    private static final TableContract CONTRACT = TableContract.load("results");

    private ResultSchema() {}

    /// What Spark reads a task's folder with; the partition column `task` is not part of it.
    public static StructType sparkType(AnswerType.Struct output) {
        return new StructType(CONTRACT.fileColumns().stream()
                .map(column ->
                        DataTypes.createStructField(column.name(), spark(column.type(), output), column.nullable()))
                .toArray(StructField[]::new));
    }

    static MessageType parquetType(AnswerType.Struct output) {
        List<Type> columns = new ArrayList<>();
        for (TableContract.Column column : CONTRACT.fileColumns()) {
            columns.add(parquet(column.name(), column.type(), column.nullable() ? OPTIONAL : REQUIRED, output));
        }
        return new MessageType("result", columns);
    }

    private static DataType spark(ColumnType type, AnswerType.Struct output) {
        return switch (type) {
            case ColumnType.Simple simple ->
                switch (simple) {
                    case STRING -> DataTypes.StringType;
                    case INT -> DataTypes.IntegerType;
                    case LONG -> DataTypes.LongType;
                    case DOUBLE -> DataTypes.DoubleType;
                    case BOOLEAN -> DataTypes.BooleanType;
                    case BINARY -> DataTypes.BinaryType;
                    case TIMESTAMP -> DataTypes.TimestampType;
                    case OUTPUT -> sparkOf(output);
                };
            case ColumnType.Array array ->
                DataTypes.createArrayType(
                        spark(array.element().type(), output), array.element().nullable());
            case ColumnType.Map map ->
                DataTypes.createMapType(
                        DataTypes.StringType,
                        spark(map.value().type(), output),
                        map.value().nullable());
            case ColumnType.Struct struct ->
                new StructType(struct.fields().stream()
                        .map(field -> DataTypes.createStructField(
                                field.name(),
                                spark(field.slot().type(), output),
                                field.slot().nullable()))
                        .toArray(StructField[]::new));
        };
    }

    private static DataType sparkOf(AnswerType type) {
        return switch (type) {
            case AnswerType.Scalar scalar ->
                switch (scalar) {
                    case TEXT, JSON -> DataTypes.StringType;
                    case LONG -> DataTypes.LongType;
                    case DOUBLE -> DataTypes.DoubleType;
                    case BOOLEAN -> DataTypes.BooleanType;
                    case DATE -> DataTypes.DateType;
                    case TIMESTAMP -> DataTypes.TimestampType;
                };
            case AnswerType.Decimal decimal -> DataTypes.createDecimalType(decimal.precision(), decimal.scale());
            case AnswerType.Items items -> DataTypes.createArrayType(sparkOf(items.element()), true);
            case AnswerType.Entries entries ->
                DataTypes.createMapType(DataTypes.StringType, sparkOf(entries.value()), true);
            case AnswerType.Struct struct ->
                new StructType(struct.fields().stream()
                        .map(field -> DataTypes.createStructField(field.name(), sparkOf(field.type()), true))
                        .toArray(StructField[]::new));
        };
    }

    private static Type parquet(String name, ColumnType type, Repetition repetition, AnswerType.Struct output) {
        return switch (type) {
            case ColumnType.Simple simple ->
                switch (simple) {
                    case STRING -> text(name, repetition);
                    case INT -> primitive(name, INT32, repetition);
                    case LONG -> primitive(name, INT64, repetition);
                    case DOUBLE -> primitive(name, DOUBLE, repetition);
                    case BOOLEAN -> primitive(name, BOOLEAN, repetition);
                    case BINARY -> primitive(name, BINARY, repetition);
                    case TIMESTAMP -> instant(name, repetition);
                    case OUTPUT -> parquetOf(name, output);
                };
            case ColumnType.Array array ->
                list(
                        name,
                        repetition,
                        parquet(
                                "element",
                                array.element().type(),
                                array.element().nullable() ? OPTIONAL : REQUIRED,
                                output));
            case ColumnType.Map map ->
                throw new IllegalStateException(
                        "column " + name + " of type " + map + ": results are written without maps");
            case ColumnType.Struct struct ->
                Types.buildGroup(repetition)
                        .addFields(struct.fields().stream()
                                .map(field -> parquet(
                                        field.name(),
                                        field.slot().type(),
                                        field.slot().nullable() ? OPTIONAL : REQUIRED,
                                        output))
                                .toArray(Type[]::new))
                        .named(name);
        };
    }

    private static Type parquetOf(String name, AnswerType type) {
        return switch (type) {
            case AnswerType.Scalar scalar ->
                switch (scalar) {
                    case TEXT -> text(name, OPTIONAL);
                    case JSON ->
                        Types.primitive(BINARY, OPTIONAL)
                                .as(LogicalTypeAnnotation.jsonType())
                                .named(name);
                    case LONG -> primitive(name, INT64, OPTIONAL);
                    case DOUBLE -> primitive(name, DOUBLE, OPTIONAL);
                    case BOOLEAN -> primitive(name, BOOLEAN, OPTIONAL);
                    case DATE ->
                        Types.primitive(INT32, OPTIONAL)
                                .as(LogicalTypeAnnotation.dateType())
                                .named(name);
                    case TIMESTAMP -> instant(name, OPTIONAL);
                };
            case AnswerType.Decimal decimal -> decimal(name, decimal);
            case AnswerType.Items items -> list(name, OPTIONAL, parquetOf("element", items.element()));
            case AnswerType.Entries entries ->
                Types.optionalMap()
                        .key(text("key", REQUIRED))
                        .value(parquetOf("value", entries.value()))
                        .named(name);
            case AnswerType.Struct struct ->
                Types.buildGroup(OPTIONAL)
                        .addFields(struct.fields().stream()
                                .map(field -> parquetOf(field.name(), field.type()))
                                .toArray(Type[]::new))
                        .named(name);
        };
    }

    private static Type primitive(String name, PrimitiveTypeName type, Repetition repetition) {
        return Types.primitive(type, repetition).named(name);
    }

    private static Type instant(String name, Repetition repetition) {
        return Types.primitive(INT64, repetition)
                .as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS))
                .named(name);
    }

    /// 64 bits where the digits fit in them, else as few bytes as hold them.
    private static Type decimal(String name, AnswerType.Decimal type) {
        LogicalTypeAnnotation annotation = LogicalTypeAnnotation.decimalType(type.scale(), type.precision());
        return isLong(type)
                ? Types.optional(INT64).as(annotation).named(name)
                : Types.optional(FIXED_LEN_BYTE_ARRAY)
                        .length(decimalBytes(type))
                        .as(annotation)
                        .named(name);
    }

    static boolean isLong(AnswerType.Decimal type) {
        return type.precision() <= MAX_LONG_PRECISION;
    }

    /// Of the unscaled value, in two's complement.
    static int decimalBytes(AnswerType.Decimal type) {
        return BigInteger.TEN.pow(type.precision()).bitLength() / Byte.SIZE + 1;
    }

    private static Type text(String name, Repetition repetition) {
        return Types.primitive(BINARY, repetition)
                .as(LogicalTypeAnnotation.stringType())
                .named(name);
    }

    /// The three-level list of the Parquet format.
    private static Type list(String name, Repetition repetition, Type element) {
        return Types.buildGroup(repetition)
                .as(LogicalTypeAnnotation.listType())
                .addField(Types.repeatedGroup().addField(element).named("list"))
                .named(name);
    }
}
