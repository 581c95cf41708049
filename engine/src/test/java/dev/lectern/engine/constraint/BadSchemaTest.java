package dev.lectern.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.constraint.SchemaException.Kind;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Schemas that are too large, too deep, endless or made to explode are refused clearly, in bounded processor time.
class BadSchemaTest {
    private static final ConstraintVocabulary VOCABULARY = ConstraintVocabulary.ofBytes();
    private static final long MAX_NANOS = 10_000_000_000L;

    static Stream<Arguments> bad() {
        return Stream.of(
                Arguments.of("look-ahead", "{'items': {'pattern': 'a(?=b)'}}", Kind.UNSUPPORTED, "/items"),
                Arguments.of("look-behind", "{'items': {'pattern': '(?<=a)b'}}", Kind.UNSUPPORTED, "/items"),
                Arguments.of("back-reference", "{'items': {'pattern': '(a)\\\\1'}}", Kind.UNSUPPORTED, "/items"),
                Arguments.of("remote", "{'items': {'$ref': 'https://example.org/s'}}", Kind.UNSUPPORTED, "/items"),
                Arguments.of(
                        "endless",
                        "{'$ref': '#/$defs/a', '$defs': {'a': {'type': 'array', 'minItems': 1, 'items': {'$ref': '#/$defs/a'}}}}",
                        Kind.UNSATISFIABLE,
                        ""),
                Arguments.of("counts", "{'pattern': '((a{1,99}){1,99}){1,99}b'}", Kind.LIMIT, ""),
                Arguments.of("doubling", "{'pattern': '(a|b)*a(a|b){40}$'}", Kind.LIMIT, ""),
                Arguments.of("oneOf", "{'oneOf': [" + branches(60) + "]}", null, ""),
                Arguments.of("anyOf of anyOf", nested(14), null, ""),
                Arguments.of("deep", "{'not': ".repeat(3_000) + "{}" + "}".repeat(3_000), Kind.INVALID, ""),
                Arguments.of("10 MB", "{'enum': [" + values(600_000) + "]}", null, ""),
                Arguments.of("17 MB", "{'title': '" + "x".repeat(17 << 20) + "'}", Kind.LIMIT, ""));
    }

    private static String branches(int count) {
        StringBuilder branches = new StringBuilder();
        for (int i = 0; i < count; i++) {
            branches.append(i == 0 ? "" : ", ")
                    .append("{'type': 'object', 'properties': {'p" + i + "': {'type': 'string', 'maxLength': " + i
                            + "}}}");
        }
        return branches.toString();
    }

    private static String nested(int depth) {
        StringBuilder schema = new StringBuilder("{'allOf': [");
        for (int i = 0; i < depth; i++) {
            schema.append(i == 0 ? "" : ", ")
                    .append("{'anyOf': [{'required': ['a" + i + "']}, {'required': ['b" + i + "']}, {'minProperties': "
                            + i + "}]}");
        }
        return schema.append("]}").toString();
    }

    private static String values(int count) {
        StringBuilder values = new StringBuilder();
        for (int i = 0; i < count; i++) {
            values.append(i == 0 ? "" : ",").append("'value ").append(i).append('\'');
        }
        return values.toString();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void isRefusedInBoundedTime(
            String name, String schema, @org.jspecify.annotations.Nullable Kind kind, String pointer) {
        var threads = ManagementFactory.getThreadMXBean();
        long begin = threads.getCurrentThreadCpuTime();
        try {
            Constraint.compile(schema.replace('\'', '"'), VOCABULARY);
            assertThat(kind).as("%s is compiled", name).isNull();
        } catch (SchemaException refused) {
            if (kind == null) {
                assertThat(refused.kind()).as(refused.getMessage()).isEqualTo(Kind.LIMIT);
            } else {
                assertThat(refused.kind()).as(refused.getMessage()).isEqualTo(kind);
                assertThat(refused.pointer()).isEqualTo(pointer);
            }
        }
        assertThat(threads.getCurrentThreadCpuTime() - begin).isLessThan(MAX_NANOS);
    }

    @Test
    void refersToSchemasOfAFolder(@TempDir Path folder) throws IOException {
        Files.writeString(
                folder.resolve("money.json"),
                "{\"type\": \"object\", \"properties\": {\"amount\": {\"$ref\": \"#/$defs/n\"}, \"in\": {\"$ref\": \"codes.json#/$defs/currency\"}},"
                        + " \"required\": [\"amount\"], \"$defs\": {\"n\": {\"type\": \"integer\"}}}");
        Files.writeString(
                folder.resolve("codes.json"),
                "{\"$id\": \"https://example.org/codes.json\", \"$defs\": {\"currency\": {\"enum\": [\"EUR\", \"USD\"]}}}");
        SchemaFolder schemas = SchemaFolder.open(folder);
        String schema =
                "{\"$id\": \"https://example.org/root.json\", \"type\": \"array\", \"items\": {\"$ref\": \"money.json\"}}";
        assertThatThrownBy(() -> Constraint.compile(schema, VOCABULARY)).isInstanceOf(SchemaException.class);
        Constraint constraint = Constraint.compile(schemas.bundled(schema), VOCABULARY);
        assertThat(admits(constraint, "[{\"amount\": 3, \"in\": \"EUR\"}]")).isTrue();
        assertThat(admits(constraint, "[{\"amount\": \"3\"}]")).isFalse();
        assertThat(admits(constraint, "[{\"amount\": 3, \"in\": \"XXX\"}]")).isFalse();
        assertThat(schemas.bundled("{\"type\": \"string\"}")).isEqualTo("{\"type\": \"string\"}");
        assertThatThrownBy(() -> Constraint.compile(
                        schemas.bundled("{\"$ref\": \"https://example.org/elsewhere.json\"}"), VOCABULARY))
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("nothing is fetched");
    }

    private static boolean admits(Constraint constraint, String text) {
        Matcher matcher = constraint.matcher();
        return matcher.acceptBytes(text.getBytes(StandardCharsets.UTF_8)) && matcher.isComplete();
    }
}
