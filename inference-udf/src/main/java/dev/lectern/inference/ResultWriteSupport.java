package dev.lectern.inference;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/// Writes [ResultRow]s as the Parquet records of [ResultSchema].
final class ResultWriteSupport extends WriteSupport<ResultRow> {
    private final AnswerType.Struct output;
    private final MessageType schema;
    private final Map<String, String> metadata;
    private @Nullable RecordConsumer consumer;

    /// @param metadata goes to the file's footer
    ResultWriteSupport(AnswerType.Struct output, Map<String, String> metadata) {
        this.output = output;
        this.schema = ResultSchema.parquetType(output);
        this.metadata = Map.copyOf(metadata);
    }

    @Override
    public WriteContext init(@Nullable Configuration configuration) {
        return new WriteContext(schema, new HashMap<>(metadata));
    }

    @Override
    public WriteContext init(@Nullable ParquetConfiguration configuration) {
        return new WriteContext(schema, new HashMap<>(metadata));
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
        consumer = recordConsumer;
    }

    @Override
    public void write(ResultRow row) {
        RecordConsumer to = consumer;
        if (to == null) {
            throw new IllegalStateException("written to before prepareForWrite");
        }
        to.startMessage();
        for (Type column : schema.getFields()) {
            Object value = value(row, column.getName());
            if (value != null) {
                field(to, column.getName(), schema.getFieldIndex(column.getName()), () -> write(to, value));
            }
        }
        to.endMessage();
    }

    private @Nullable Object value(ResultRow row, String column) {
        return switch (column) {
            case "result_id" -> row.resultId();
            case "context_id" -> row.contextId();
            case "doc_id" -> row.docId();
            case "question_id" -> row.questionId();
            case "output" -> row.output();
            case "text" -> row.text();
            case "citations" -> row.citations();
            case "status" -> row.status().name();
            case "error" -> row.error();
            case "finish_reason" -> row.finishReason();
            case "tokens_in" -> row.tokensIn();
            case "tokens_out" -> row.tokensOut();
            case "prefill_reused" -> row.prefillReused();
            case "fingerprints" -> row.fingerprints();
            case "run_id" -> row.runId();
            case "prefill_millis" -> row.prefillMillis();
            case "decode_millis" -> row.decodeMillis();
            case "written_at" -> row.writtenAt();
            default ->
                throw new IllegalStateException(
                        "column '" + column + "' of the contract 'results' has no source; add it to ResultRow");
        };
    }

    private void write(RecordConsumer to, Object value) {
        switch (value) {
            case String text -> to.addBinary(Binary.fromString(text));
            case Long number -> to.addLong(number);
            case Integer number -> to.addInteger(number);
            case Boolean truth -> to.addBoolean(truth);
            case Instant instant ->
                to.addLong(Math.addExact(
                        Math.multiplyExact(instant.getEpochSecond(), TimeUnit.SECONDS.toMicros(1)),
                        TimeUnit.NANOSECONDS.toMicros(instant.getNano())));
            case JsonNode node -> answer(to, node, output);
            case ResultRow.Problem problem -> group(to, List.of("code", "message"), problem.code(), problem.message());
            case Fingerprints prints ->
                group(
                        to,
                        List.of("model", "tokenizer", "prompt", "schema", "sampling"),
                        prints.model(),
                        prints.tokenizer(),
                        prints.prompt(),
                        prints.schema(),
                        prints.sampling());
            case Citation citation -> citation(to, citation);
            case List<?> list -> list(to, list, element -> write(to, element));
            default -> throw new IllegalStateException("no Parquet form of " + value.getClass());
        }
    }

    private void citation(RecordConsumer to, Citation citation) {
        Citation.Place place = citation.place();
        group(
                to,
                List.of("field", "doc_id", "char_start", "char_end", "page", "quote", "occurrences"),
                citation.field(),
                place == null ? null : place.docId(),
                place == null ? null : place.charStart(),
                place == null ? null : place.charEnd(),
                place == null ? null : place.page(),
                place == null ? null : place.quote(),
                citation.occurrences());
    }

    private void group(RecordConsumer to, List<String> names, @Nullable Object... values) {
        to.startGroup();
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            if (value != null) {
                field(to, names.get(i), i, () -> write(to, value));
            }
        }
        to.endGroup();
    }

    private void answer(RecordConsumer to, JsonNode node, AnswerType type) {
        switch (type) {
            case AnswerType.Scalar scalar -> {
                switch (scalar) {
                    case TEXT -> to.addBinary(Binary.fromString(node.textValue()));
                    case JSON -> to.addBinary(Binary.fromString(node.toString()));
                    case LONG -> to.addLong(node.decimalValue().longValueExact());
                    case DOUBLE -> to.addDouble(node.doubleValue());
                    case BOOLEAN -> to.addBoolean(node.booleanValue());
                    case DATE -> to.addInteger(AnswerTimes.day(node.textValue()));
                    case TIMESTAMP -> write(to, AnswerTimes.instant(node.textValue()));
                }
            }
            case AnswerType.Decimal decimal -> decimal(to, node.decimalValue(), decimal);
            case AnswerType.Items items -> list(to, node, element -> answer(to, element, items.element()));
            case AnswerType.Entries entries -> entries(to, node, entries.value());
            case AnswerType.Struct struct -> {
                to.startGroup();
                for (int i = 0; i < struct.fields().size(); i++) {
                    AnswerType.Field field = struct.fields().get(i);
                    JsonNode value = node.get(field.name());
                    if (value != null && !value.isNull()) {
                        field(to, field.name(), i, () -> answer(to, value, field.type()));
                    }
                }
                to.endGroup();
            }
        }
    }

    private static void decimal(RecordConsumer to, BigDecimal value, AnswerType.Decimal type) {
        BigInteger unscaled =
                value.setScale(type.scale(), RoundingMode.UNNECESSARY).unscaledValue();
        if (ResultSchema.isLong(type)) {
            to.addLong(unscaled.longValueExact());
            return;
        }
        byte[] bytes = new byte[ResultSchema.decimalBytes(type)];
        byte[] digits = unscaled.toByteArray();
        Arrays.fill(bytes, (byte) (unscaled.signum() < 0 ? -1 : 0));
        System.arraycopy(digits, 0, bytes, bytes.length - digits.length, digits.length);
        to.addBinary(Binary.fromConstantByteArray(bytes));
    }

    private void entries(RecordConsumer to, JsonNode node, AnswerType type) {
        to.startGroup();
        if (!node.isEmpty()) {
            field(to, "key_value", 0, () -> {
                for (Map.Entry<String, JsonNode> member : node.properties()) {
                    to.startGroup();
                    field(to, "key", 0, () -> to.addBinary(Binary.fromString(member.getKey())));
                    if (!member.getValue().isNull()) {
                        field(to, "value", 1, () -> answer(to, member.getValue(), type));
                    }
                    to.endGroup();
                }
            });
        }
        to.endGroup();
    }

    private static <T> void list(RecordConsumer to, Iterable<T> elements, Consumer<T> write) {
        to.startGroup();
        if (elements.iterator().hasNext()) {
            field(to, "list", 0, () -> {
                for (T element : elements) {
                    to.startGroup();
                    if (!(element instanceof JsonNode node && node.isNull())) {
                        field(to, "element", 0, () -> write.accept(element));
                    }
                    to.endGroup();
                }
            });
        }
        to.endGroup();
    }

    private static void field(RecordConsumer to, String name, int index, Runnable value) {
        to.startField(name, index);
        value.run();
        to.endField(name, index);
    }
}
