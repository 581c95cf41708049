package dev.lectern.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.constraint.SchemaException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What each keyword admits; that masks are exactly what the automaton takes; that no answer gets stuck.
class ConstraintTest {
    private static final ByteVocabulary TOKENS = new ByteVocabulary();
    private static final ConstraintVocabulary VOCABULARY = ConstraintVocabulary.of(TOKENS);

    private static Arguments of(String schema, List<String> valid, List<String> invalid) {
        return Arguments.of(schema.replace('\'', '"'), quoted(valid), quoted(invalid));
    }

    private static List<String> quoted(List<String> texts) {
        return texts.stream().map(text -> text.replace('\'', '"')).toList();
    }

    /// Single quotes stand for double ones.
    static Stream<Arguments> keywords() {
        return Stream.of(
                of(
                        "{}",
                        List.of("1", "-0.5e3", "'a\\u00e9\\n'", "[1, {}]", "{'a': [null]}", " true ", "{\n  'a' : 1 }"),
                        List.of("", "01", "'a", "[1,]", "{'a' 1}", "nul", "'\\x'", "{a: 1}", "'\u0001'")),
                of("{'type': ['integer', 'null']}", List.of("12", "-3", "null"), List.of("1.5", "'1'", "true")),
                of(
                        "{'enum': ['a', 1, null, [1, 2], {'b': 2}]}",
                        List.of("'a'", "1", "null", "[1, 2]", "{'b': 2}"),
                        List.of("'b'", "2", "[1]", "[1, 2, 3]", "{}", "{'b': 3}", "{'b': 2, 'c': 1}")),
                of("{'const': {'a': [true]}}", List.of("{'a': [true]}"), List.of("{'a': []}", "{'a': [false]}")),
                of(
                        "{'minLength': 2, 'maxLength': 3}",
                        List.of("'ab'", "'abc'", "'é€'", "'\\u00e9\\ud83d\\ude00'", "5"),
                        List.of("'a'", "'abcd'", "''", "'éééé'")),
                of("{'type': 'string', 'pattern': '^[a-c]+$'}", List.of("'abc'"), List.of("'abd'", "''", "1")),
                of("{'type': 'string', 'format': 'date'}", List.of("'2024-02-29'"), List.of("'2023-02-29'", "'today'")),
                of(
                        "{'type': 'integer', 'minimum': -2, 'exclusiveMaximum': 10}",
                        List.of("-2", "0", "9"),
                        List.of("-3", "10", "100")),
                of("{'type': 'integer', 'multipleOf': 7}", List.of("0", "14", "-21"), List.of("1", "15")),
                of(
                        "{'type': 'array', 'items': {'type': 'integer'}, 'minItems': 1, 'maxItems': 2}",
                        List.of("[1]", "[1, 2]"),
                        List.of("[]", "[1, 2, 3]", "['a']")),
                of(
                        "{'prefixItems': [{'const': 1}, {'const': 2}], 'items': false}",
                        List.of("[]", "[1]", "[1, 2]", "3"),
                        List.of("[2]", "[1, 2, 3]")),
                of(
                        "{'items': [{'const': 1}], 'additionalItems': {'type': 'string'}}",
                        List.of("[1, 'a']"),
                        List.of("['a']", "[1, 1]")),
                of(
                        "{'type': 'array', 'contains': {'const': 1}, 'maxContains': 1, 'minContains': 1}",
                        List.of("[1]", "[2, 1, 3]"),
                        List.of("[]", "[2]", "[1, 1]")),
                of(
                        "{'type': 'array', 'allOf': [{'contains': {'const': 1}}, {'contains': {'const': 2}}]}",
                        List.of("[1, 2]", "[3, 2, 1]"),
                        List.of("[1, 3]", "[2]")),
                of(
                        "{'type': 'object', 'properties': {'a': {'type': 'integer'}, 'b': {}}, 'required': ['b'],"
                                + " 'additionalProperties': false}",
                        List.of("{'a': 1, 'b': 2}", "{'b': 1}", "{'b': 0, 'a': 1}", "{ 'b' :[] }"),
                        List.of("{}", "{'a': 1}", "{'a': 'x', 'b': 1}", "{'b': 1, 'c': 1}", "{'b': 1, 'b': 2}")),
                of(
                        "{'type': 'object', 'properties': {'a': {'type': 'integer'}}, 'additionalProperties': {'type': 'string'}}",
                        List.of("{'a': 1, 'c': 'x'}", "{'ab': 'x'}", "{'': 'x'}", "{'a\\n': 'x'}"),
                        List.of("{'a': 'x'}", "{'ab': 1}", "{'c': 1}", "{'\\u0061': 'x'}")),
                of(
                        "{'type': 'object', 'patternProperties': {'^x': {'type': 'integer'}, 'y$': {'minimum': 5}},"
                                + " 'additionalProperties': {'type': 'null'}}",
                        List.of("{'x': 1, 'xy': 7, 'z': null}", "{'ay': true}"),
                        List.of("{'x': 'a'}", "{'xy': 1}", "{'xy': 'a'}", "{'z': 1}", "{'ay': 1}")),
                of(
                        "{'type': 'object', 'minProperties': 1, 'maxProperties': 2}",
                        List.of("{'a': 1}", "{'a': 1, 'b': 2}"),
                        List.of("{}", "{'a': 1, 'b': 2, 'c': 3}")),
                of(
                        "{'type': 'object', 'propertyNames': {'maxLength': 2}}",
                        List.of("{'ab': 1}"),
                        List.of("{'abc': 1}")),
                of(
                        "{'type': 'object', 'dependentRequired': {'a': ['b']}}",
                        List.of("{'b': 1}", "{'a': 1, 'b': 1}", "{'b': 1, 'a': 1}", "{}"),
                        List.of("{'a': 1}", "{'a': 1, 'c': 1}")),
                of("{'dependencies': {'a': {'required': ['c']}}}", List.of("{'a': 1, 'c': 1}"), List.of("{'a': 1}")),
                of(
                        "{'anyOf': [{'type': 'object', 'required': ['k'], 'properties': {'k': {'const': 1}, 'v': {'type': 'string'}}},"
                                + " {'type': 'object', 'properties': {'k': {'const': 2}, 'v': {'type': 'null'}}, 'required': ['k']}]}",
                        List.of("{'k': 1, 'v': 'x'}", "{'k': 2, 'v': null}", "{'v': 'x', 'k': 1}"),
                        List.of("{'k': 1, 'v': null}", "{'v': 'x', 'k': 2}", "{'k': 3}")),
                of(
                        "{'oneOf': [{'multipleOf': 2}, {'multipleOf': 3}], 'type': 'integer'}",
                        List.of("2", "3", "9"),
                        List.of("6", "5", "0")),
                of(
                        "{'oneOf': [{'required': ['a']}, {'required': ['b']}], 'type': 'object'}",
                        List.of("{'a': 1}", "{'b': 1, 'c': 1}"),
                        List.of("{}", "{'a': 1, 'b': 1}")),
                of(
                        "{'allOf': [{'type': 'string'}, {'minLength': 2}, {'pattern': '^a'}]}",
                        List.of("'ab'"),
                        List.of("'a'", "'ba'")),
                of(
                        "{'not': {'type': 'object', 'properties': {'a': {'const': 1}}}}",
                        List.of("1", "{'a': 2}", "[]"),
                        List.of("{}", "{'a': 1}", "{'b': 1}")),
                of(
                        "{'type': 'object', 'not': {'additionalProperties': {'type': 'integer'}}}",
                        List.of("{'a': 'x'}", "{'a': 1, 'b': 'x'}", "{'a': 'x', 'b': 1}"),
                        List.of("{}", "{'a': 1}")),
                of("{'type': 'integer', 'not': {'enum': [1, 2]}}", List.of("3", "10", "0"), List.of("1", "2")),
                of("{'not': {'type': 'integer'}}", List.of("1.5", "'1'"), List.of("1", "1.0")),
                of(
                        "{'type': 'object', 'if': {'properties': {'a': {'const': 1}}, 'required': ['a']}, 'then': {'required': ['b']},"
                                + " 'else': {'required': ['c']}}",
                        List.of("{'a': 1, 'b': 1}", "{'a': 2, 'c': 1}", "{'c': 1}"),
                        List.of("{'a': 1, 'c': 1}", "{'a': 2, 'b': 1}", "{}")),
                of(
                        "{'$ref': '#/$defs/tree', '$defs': {'tree': {'type': 'object', 'properties': {'l': {'$ref': '#/$defs/tree'},"
                                + " 'v': {'type': 'integer'}}, 'required': ['v'], 'additionalProperties': false}}}",
                        List.of("{'v': 1}", "{'l': {'l': {'v': 1}, 'v': 2}, 'v': 3}"),
                        List.of("{'l': {}}", "{'l': {'v': 1}}")),
                of(
                        "{'type': 'object', 'properties': {'a': {'$ref': 'item.json#/definitions/n'}, 'b': {'$id': 'item.json',"
                                + " 'definitions': {'n': {'type': 'integer'}}}}, 'required': ['a']}",
                        List.of("{'a': 1}"),
                        List.of("{'a': 'x'}")),
                of(
                        "{'type': 'object', 'properties': {'a': false, 'b': true}, 'required': ['b']}",
                        List.of("{'b': 1}"),
                        List.of("{'a': 1, 'b': 1}")),
                of(
                        "{'$schema': 'http://json-schema.org/draft-04/schema#', 'type': 'integer', 'minimum': 3, 'exclusiveMinimum': true}",
                        List.of("4"),
                        List.of("3")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("keywords")
    void admitsExactlyWhatIsValid(String schema, List<String> valid, List<String> invalid) {
        Constraint constraint = Constraint.compile(schema, VOCABULARY, PropertyOrder.ANY, CompileLimits.DEFAULT);
        for (String text : valid) {
            assertThat(admits(constraint, text)).as("%s by %s", text, schema).isTrue();
        }
        for (String text : invalid) {
            assertThat(admits(constraint, text)).as("%s by %s", text, schema).isFalse();
        }
    }

    private static boolean admits(Constraint constraint, String text) {
        Matcher matcher = constraint.matcher();
        return matcher.acceptBytes(text.getBytes(StandardCharsets.UTF_8)) && matcher.isComplete();
    }

    /// Along random answers, every token's bit says what the automaton says of its bytes.
    @ParameterizedTest(name = "{0}")
    @MethodSource("keywords")
    void masksAreWhatTheAutomatonTakes(String schema, List<String> valid, List<String> invalid) {
        for (PropertyOrder order : PropertyOrder.values()) {
            Constraint constraint = Constraint.compile(schema, VOCABULARY, order, CompileLimits.DEFAULT);
            Random random = new Random(11);
            TokenMask mask = new TokenMask(VOCABULARY.size());
            for (int answer = 0; answer < 4; answer++) {
                Matcher matcher = constraint.matcher();
                StringBuilder text = new StringBuilder();
                for (int step = 0; step < 25; step++) {
                    matcher.mask(mask);
                    for (int token = 0; token < VOCABULARY.size(); token++) {
                        assertThat(mask.allows(token))
                                .as("token '%s' after '%s' by %s", TOKENS.piece(token), text, schema)
                                .isEqualTo(matcher.copy().accept(token));
                    }
                    assertThat(mask.count() > 0 || matcher.isComplete())
                            .as("a way on after '%s' by %s", text, schema)
                            .isTrue();
                    if (mask.count() == 0) {
                        break;
                    }
                    int token = drawn(mask, random);
                    text.append(TOKENS.piece(token));
                    assertThat(matcher.accept(token)).isTrue();
                }
            }
        }
    }

    private static int drawn(TokenMask mask, Random random) {
        int skip = random.nextInt(mask.count());
        int token = mask.next(0);
        for (int i = 0; i < skip; i++) {
            token = mask.next(token + 1);
        }
        return token;
    }

    @Test
    void propertiesComeInTheSchemasOrder() {
        String schema =
                "{\"type\": \"object\", \"properties\": {\"b\": {}, \"a\": {}, \"c\": {}}, \"required\": [\"a\"]}";
        Constraint constraint = Constraint.compile(schema, VOCABULARY);
        assertThat(admits(constraint, "{\"b\": 1, \"a\": 1, \"x\": 1}")).isTrue();
        assertThat(admits(constraint, "{\"a\": 1, \"c\": 1}")).isTrue();
        assertThat(admits(constraint, "{\"a\": 1, \"b\": 1}")).isFalse();
        assertThat(admits(constraint, "{\"c\": 1, \"a\": 1}")).isFalse();
    }

    @Test
    void forcesWhatNeedNotBeSampled() {
        String schema =
                "{\"type\": \"object\", \"properties\": {\"name\": {\"type\": \"integer\"}, \"kind\": {\"const\": \"k\"}},"
                        + " \"required\": [\"name\", \"kind\"], \"additionalProperties\": false}";
        Matcher matcher = Constraint.compile(schema, VOCABULARY).matcher();
        assertThat(matcher.forced()).asString(StandardCharsets.UTF_8).startsWith("{\"name\":");
        assertThat(matcher.acceptBytes("{\"name\": 1,".getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        assertThat(matcher.forced()).asString(StandardCharsets.UTF_8).startsWith("\"kind\": \"");
    }

    @Test
    void doesNotFillABudgetWithWhiteSpace() {
        Matcher matcher =
                Constraint.compile("{\"type\": \"object\"}", VOCABULARY).matcher();
        TokenMask mask = new TokenMask(VOCABULARY.size());
        int spaces = 0;
        for (matcher.mask(mask); mask.allows(' '); matcher.mask(mask)) {
            assertThat(matcher.accept(' ')).isTrue();
            assertThat(++spaces).isLessThan(100);
        }
        assertThat(mask.allows('{')).isTrue();
    }

    @Test
    void layoutIsASpaceOrALineWithItsIndentation() {
        Constraint constraint = Constraint.compile("{\"type\": \"object\"}", VOCABULARY);
        TokenMask mask = new TokenMask(VOCABULARY.size());
        for (String text :
                List.of("", "{", "{\n", "{\r", "{\r\n  ", "{\"a\":", "{\"a\": ", "{\"a\":\n\t", "{\"a\": \" ")) {
            Matcher matcher = constraint.matcher();
            assertThat(matcher.acceptBytes(text.getBytes(StandardCharsets.UTF_8)))
                    .isTrue();
            matcher.maskLaidOut(mask);
            boolean inText = text.endsWith("\" ");
            boolean inLine = text.endsWith("\n") || text.endsWith("  ") || text.endsWith("\t");
            boolean fresh = text.isEmpty() || text.endsWith("{") || text.endsWith(":");
            assertThat(mask.allows(' ')).as(text).isEqualTo(inText || inLine || fresh);
            assertThat(mask.allows('\t')).as(text).isEqualTo(inLine);
            assertThat(mask.allows('\n')).as(text).isEqualTo(fresh || text.endsWith("\r"));
            if (!inText) {
                assertThat(mask.allows(text.isEmpty() ? '{' : text.contains(":") ? '1' : '}'))
                        .as(text)
                        .isTrue();
            }
        }
        Matcher matcher = constraint.matcher();
        assertThat(matcher.acceptBytes("  \n\n".getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        matcher.maskLaidOut(mask);
        assertThat(mask.allows(' ') || mask.allows('\n')).isFalse();
        assertThat(mask.allows('{')).isTrue();
    }

    @Test
    void leavesTheMatcherWhereItWasWhenATokenCannotFollow() {
        Matcher matcher =
                Constraint.compile("{\"type\": \"integer\"}", VOCABULARY).matcher();
        assertThat(matcher.accept('1')).isTrue();
        assertThat(matcher.accept('x')).isFalse();
        assertThat(matcher.accept('2')).isTrue();
        assertThat(matcher.isComplete()).isTrue();
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of("{", Kind.INVALID, ""),
                Arguments.of("[1]", Kind.INVALID, ""),
                Arguments.of("{\"type\": \"strin\"}", Kind.INVALID, ""),
                Arguments.of("{\"properties\": {\"a\": {\"minLength\": -1}}}", Kind.INVALID, "/properties/a"),
                Arguments.of("{\"properties\": {\"a\": {\"pattern\": \"(\"}}}", Kind.INVALID, "/properties/a"),
                Arguments.of("{\"items\": {\"pattern\": \"(a)\\\\1\"}}", Kind.UNSUPPORTED, "/items"),
                Arguments.of("{\"$ref\": \"https://example.org/s.json\"}", Kind.UNSUPPORTED, ""),
                Arguments.of("{\"$ref\": \"#/$defs/none\"}", Kind.INVALID, ""),
                Arguments.of("{\"unevaluatedProperties\": false}", Kind.UNSUPPORTED, ""),
                Arguments.of("false", Kind.UNSATISFIABLE, ""),
                Arguments.of("{\"type\": \"integer\", \"minimum\": 3, \"maximum\": 2}", Kind.UNSATISFIABLE, ""),
                Arguments.of(
                        "{\"type\": \"object\", \"properties\": {\"a\": {\"$ref\": \"#\"}}, \"required\": [\"a\"]}",
                        Kind.UNSATISFIABLE,
                        ""),
                Arguments.of("{\"$ref\": \"#\"}", null, ""),
                Arguments.of(
                        "{\"type\": \"array\", \"maxItems\": 1, \"allOf\": [{\"contains\": {\"const\": 1}},"
                                + " {\"contains\": {\"const\": 2}}]}",
                        Kind.UNSATISFIABLE,
                        ""),
                Arguments.of(
                        "{\"type\": \"object\", \"minProperties\": 3, \"additionalProperties\": false,"
                                + " \"patternProperties\": {\"^[ab]$\": {}}}",
                        Kind.UNSATISFIABLE,
                        ""),
                Arguments.of(exploding(), Kind.LIMIT, ""));
    }

    /// 3 to the power of 40 ways.
    private static String exploding() {
        StringBuilder schema = new StringBuilder("{\"type\": \"object\", \"allOf\": [");
        for (int i = 0; i < 40; i++) {
            schema.append(i == 0 ? "" : ", ").append("{\"anyOf\": [");
            for (int j = 0; j < 3; j++) {
                schema.append(j == 0 ? "" : ", ")
                        .append("{\"properties\": {\"p" + i + "\": {\"const\": " + (i * 3 + j) + "}}}");
            }
            schema.append("]}");
        }
        return schema.append("]}").toString();
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesByPointer(String schema, @org.jspecify.annotations.Nullable Kind kind, String pointer) {
        if (kind == null) {
            Constraint.compile(schema, VOCABULARY); // A reference to itself says nothing.
            return;
        }
        long begin = System.nanoTime();
        assertThatThrownBy(() -> Constraint.compile(schema, VOCABULARY))
                .isInstanceOfSatisfying(SchemaException.class, refused -> {
                    assertThat(refused.kind()).isEqualTo(kind);
                    if (kind != Kind.LIMIT) {
                        assertThat(refused.pointer()).isEqualTo(pointer);
                    }
                });
        assertThat(System.nanoTime() - begin).isLessThan(20_000_000_000L);
    }
}
