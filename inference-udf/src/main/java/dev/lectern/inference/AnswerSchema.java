package dev.lectern.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.PathType;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.SchemaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A task's JSON Schema: checks answers and types them. Immutable and thread-safe; not serialisable: ship its
/// [#json].
///
/// The dialect is that of `$schema`, draft 2020-12 without one. `format` is asserted, so that a column declared as a
/// date holds dates. References outside the file are refused, nothing is fetched.
public final class AnswerSchema {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final SchemaRegistryConfig CONFIG = SchemaRegistryConfig.builder()
            .pathType(PathType.JSON_POINTER)
            .formatAssertionsEnabled(true)
            .locale(java.util.Locale.ENGLISH)
            .build();

    private final String json;
    private final String enforced;
    private final String fingerprint;
    private final AnswerType.Struct type;
    private final List<String> notes;
    private final Schema validator;
    private final AnswerMarks cited;
    private final AnswerMarks quoted;
    private final AnswerMarks partial;

    private AnswerSchema(
            String json,
            String enforced,
            String fingerprint,
            AnswerType.Struct type,
            List<String> notes,
            Schema validator,
            AnswerMarks cited,
            AnswerMarks quoted,
            AnswerMarks partial) {
        this.json = json;
        this.enforced = enforced;
        this.fingerprint = fingerprint;
        this.type = type;
        this.notes = notes;
        this.validator = validator;
        this.cited = cited;
        this.quoted = quoted;
        this.partial = partial;
    }

    /// @param source names the schema in messages: its file
    /// @throws InvalidAnswerSchema when it is not JSON, not a JSON Schema, not one of an object, or one that
    ///                             answers cannot be held to
    public static AnswerSchema parse(String source, String json) {
        JsonNode tree;
        try {
            tree = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new InvalidAnswerSchema(source, "not JSON: " + e.getOriginalMessage() + at(e), e);
        }
        if (!tree.isObject()) {
            throw new InvalidAnswerSchema(
                    source, "", "expected a JSON Schema of an object, found " + tree.getNodeType());
        }
        SpecificationVersion version = version(source, tree);
        SchemaRegistry registry = ExactDialects.registry(version, CONFIG);
        List<Error> errors =
                registry.getSchema(SchemaLocation.of(version.getDialectId())).validate(tree);
        if (!errors.isEmpty()) {
            Error first = errors.getFirst();
            throw new InvalidAnswerSchema(
                    source, first.getInstanceLocation().toString(), "not a JSON Schema: " + first.getMessage());
        }
        AnswerTypeMapper mapper = new AnswerTypeMapper(source, tree);
        AnswerType.Struct type = mapper.map();
        Schema validator;
        try {
            validator = registry.getSchema(tree);
            // References and patterns are resolved lazily: the first use shows what is wrong with them.
            validator.validate(JSON.createObjectNode());
        } catch (RuntimeException e) {
            throw new InvalidAnswerSchema(source, "not a usable JSON Schema: " + e.getMessage(), e);
        } catch (StackOverflowError e) {
            throw new InvalidAnswerSchema(source, "not a usable JSON Schema: it refers to itself without end", e);
        }
        List<String> notes = new ArrayList<>(mapper.notes());
        return new AnswerSchema(
                json,
                enforceable(source, json, ColumnBounds.add(tree, type), notes),
                Sha256.hex(tree.toString()),
                type,
                List.copyOf(notes),
                validator,
                new AnswerMarks(source, tree, AnswerMarks.CITE, true),
                new AnswerMarks(source, tree, AnswerMarks.QUOTE, false),
                new AnswerMarks(source, tree, AnswerMarks.PARTIAL, false));
    }

    /// @param bounded the schema with the columns' bounds
    private static String enforceable(String source, String json, JsonNode bounded, List<String> notes) {
        String enforced = bounded.toString();
        try {
            Constraint.check(enforced);
            return enforced;
        } catch (SchemaException withBounds) {
            try {
                Constraint.check(json);
            } catch (SchemaException e) {
                String at = e.keyword().isEmpty() ? e.pointer() : e.pointer() + "/" + e.keyword();
                throw new InvalidAnswerSchema(source, at, "cannot be enforced: " + e.reason(), e);
            }
            if (withBounds.kind() == SchemaException.Kind.UNSATISFIABLE) {
                throw new InvalidAnswerSchema(
                        source, "", "no answer that it admits fits the columns that it gives", withBounds);
            }
            notes.add("answers may not fit their columns, for the columns' bounds cannot be enforced with the schema ("
                    + withBounds.reason() + ")");
            return json;
        }
    }

    private static SpecificationVersion version(String source, JsonNode tree) {
        JsonNode dialect = tree.path("$schema");
        if (dialect.isMissingNode()) {
            return SpecificationVersion.DRAFT_2020_12;
        }
        Optional<SpecificationVersion> version = SpecificationVersion.fromDialectId(dialect.asText())
                .or(() -> SpecificationVersion.fromDialectId(dialect.asText() + "#"))
                .or(() -> SpecificationVersion.fromDialectId(dialect.asText().replaceFirst("#$", "")));
        return version.orElseThrow(() -> new InvalidAnswerSchema(
                source,
                "/$schema",
                "unknown dialect '" + dialect.asText() + "'; supported: drafts 4, 6, 7, 2019-09 and 2020-12"));
    }

    private static String at(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
    }

    /// Whether a list should hold all that the documents enumerate: it is not marked `x-partial`, a choice
    /// among it.
    ///
    /// @param pointer JSON pointer of a list of an answer
    boolean complete(String pointer) {
        return !partial.marks(pointer);
    }

    /// Whether an answer may hold a list of any length, so that it may take several requests.
    public boolean hasLists() {
        return holdsList(type);
    }

    private static boolean holdsList(AnswerType type) {
        return switch (type) {
            case AnswerType.Items items -> true;
            case AnswerType.Struct struct -> struct.fields().stream().anyMatch(field -> holdsList(field.type()));
            default -> type == AnswerType.Scalar.JSON;
        };
    }

    /// The schema's text, as [#parse] reads it.
    public String json() {
        return json;
    }

    /// Hex SHA-256 of the schema without its white space.
    public String fingerprint() {
        return fingerprint;
    }

    /// How answers are stored.
    public AnswerType.Struct type() {
        return type;
    }

    /// A sentence for each part of an answer that has no column type and is stored as JSON, for the user at
    /// start.
    public List<String> notes() {
        return notes;
    }

    /// The schema that answers are held to while they are written: what it admits is valid by this schema and
    /// fits the columns, whose limits this schema need not state (an integer of 64 bits).
    public String enforced() {
        return enforced;
    }

    /// Whether any part of an answer is marked with `x-cite`.
    public boolean cites() {
        return cited.any();
    }

    /// Whether any part of an answer is marked with `x-quote`.
    public boolean quotes() {
        return quoted.any();
    }

    /// Whether a part of an answer, or what it lies within, is marked with `x-cite`.
    ///
    /// @param pointer JSON pointer, `/parties/0/name`
    public boolean cited(String pointer) {
        return cited.marks(pointer);
    }

    /// Whether a part of an answer is marked with `x-quote`.
    ///
    /// @param pointer JSON pointer, `/parties/0/name`
    public boolean quoted(String pointer) {
        return quoted.marks(pointer);
    }

    /// The parts marked with `x-cite` as JSON pointers in the schema's order, `*` for any element or name.
    public Set<String> citedParts() {
        return cited.parts();
    }

    /// The parts marked with `x-quote` as JSON pointers in the schema's order, `*` for any element or name.
    public Set<String> quotedParts() {
        return quoted.parts();
    }

    /// What in the answer contradicts the schema, in document order; empty when nothing does.
    List<Error> violations(JsonNode answer) {
        return validator.validate(answer);
    }
}
