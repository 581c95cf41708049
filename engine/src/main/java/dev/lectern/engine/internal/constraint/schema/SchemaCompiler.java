package dev.lectern.engine.internal.constraint.schema;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lectern.engine.constraint.CompileLimits;
import dev.lectern.engine.constraint.SchemaException;
import dev.lectern.engine.constraint.SchemaException.Kind;
import dev.lectern.engine.internal.constraint.lexical.LexicalException;
import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes the [Shape]s of a schema: all that can be reached from its root, so that whatever cannot be enforced is
/// refused before anything is generated. Not thread-safe; the shapes it returns are finished and immutable.
public final class SchemaCompiler {
    static final ObjectMapper JSON = new ObjectMapper(new JsonFactoryBuilder()
                    .disable(com.fasterxml.jackson.core.JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(500)
                            .maxNumberLength(1000)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));

    private final CompileLimits limits;
    private final int longestSpan;
    private final SchemaDocument document;
    private final Keywords keywords;
    private final Negation negation;
    private final Map<Demand, Shape> shapes = new HashMap<>();
    private final Set<Demand> asking = new HashSet<>();
    private int steps;

    private SchemaCompiler(JsonNode root, CompileLimits limits, int longestSpan) {
        this.limits = limits;
        this.longestSpan = longestSpan;
        this.document = new SchemaDocument(root);
        this.keywords = new Keywords(document, this::disjoint, this::strings);
        this.negation = new Negation(keywords);
    }

    /// @param schema the text of a JSON Schema
    /// @throws SchemaException if it is none, cannot be enforced, or nothing satisfies it
    public static Shape compile(String schema, CompileLimits limits) {
        return compile(schema, limits, QuoteShape.UNKNOWN_CONTEXT);
    }

    /// @param longestSpan code points of the longest span that the context has for quotes
    public static Shape compile(String schema, CompileLimits limits, int longestSpan) {
        if (schema.length() > limits.maxSchemaBytes()
                || schema.getBytes(StandardCharsets.UTF_8).length > limits.maxSchemaBytes()) {
            throw new SchemaException(Kind.LIMIT, "", "", "the schema has over " + limits.maxSchemaBytes() + " bytes");
        }
        JsonNode root;
        try {
            root = JSON.readTree(schema);
        } catch (JsonProcessingException e) {
            throw new SchemaException(Kind.INVALID, "", "", "is no JSON: " + e.getOriginalMessage());
        }
        try {
            return new SchemaCompiler(root, limits, longestSpan).compile();
        } catch (StackOverflowError e) {
            throw new SchemaException(Kind.LIMIT, "", "", "the schema is nested too deeply");
        }
    }

    private Shape compile() {
        Shape root = shape(Demand.of(document.root()));
        Set<Shape> seen = new HashSet<>(Set.of(root));
        Deque<Shape> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            Inhabitation.forEachMember(open.remove(), member -> {
                if (seen.add(member)) {
                    complete(member);
                    open.add(member);
                }
            });
        }
        if (!inhabited(root)) {
            throw new SchemaException(Kind.UNSATISFIABLE, "", "", "no value satisfies this schema");
        }
        seen.forEach(this::inhabited);
        return root;
    }

    boolean inhabited(Shape shape) {
        return Inhabitation.of(shape, this::complete, Integer.MAX_VALUE);
    }

    /// The shape of a demand, complete only after [#complete].
    Shape lazily(Demand demand) {
        Shape shape = shapes.get(demand);
        if (shape == null) {
            if (shapes.size() >= limits.maxShapes()) {
                throw new SchemaException(
                        Kind.LIMIT, "", "", "over " + limits.maxShapes() + " combinations of subschemas");
            }
            shape = new Shape(shapes.size(), demand);
            shapes.put(demand, shape);
        }
        return shape;
    }

    Shape shape(Demand demand) {
        Shape shape = lazily(demand);
        complete(shape);
        return shape;
    }

    private final Set<Shape> completed = new HashSet<>();

    private void complete(Shape shape) {
        if (!completed.add(shape)) {
            return;
        }
        Facts facts = new Facts();
        facts.demand(shape.demand());
        List<Facts> ways = new ArrayList<>();
        try {
            expand(facts, ways, shape.demand());
            new ShapeBuilder(this, shape).add(ways);
            shape.complete = true;
        } catch (SchemaException e) {
            shape.clear();
            completed.remove(shape);
            throw e;
        } catch (LexicalException e) {
            shape.clear();
            completed.remove(shape);
            throw Keywords.refusal(origin(shape.demand()), "", e);
        }
    }

    /// Code points of the longest quote that there can be.
    int longestSpan() {
        return longestSpan;
    }

    /// The shape of names.
    Shape names(Demand demand) {
        Shape names = shape(demand);
        if (!names.quotes().isEmpty()) {
            throw Values.unsupported(origin(demand), "x-quote", "names of properties cannot be quotes");
        }
        return names;
    }

    StringLanguage strings(Demand demand) {
        StringLanguage all = StringLanguage.nothing();
        for (StringLanguage language : names(demand).strings()) {
            all = all.isEmpty() ? language : all.union(language);
        }
        return all;
    }

    private Location origin(Demand demand) {
        int[] literals = demand.literals();
        return literals.length == 0 ? document.root() : document.at(literals[0] >> 1);
    }

    private void expand(Facts facts, List<Facts> ways, Demand demand) {
        while (!facts.pending.isEmpty()) {
            int literal = facts.pending.remove();
            if (!facts.done.add(literal)) {
                continue;
            }
            if (++steps > limits.maxSteps()) {
                throw new SchemaException(
                        Kind.LIMIT,
                        origin(demand).pointer(),
                        "",
                        "over " + limits.maxSteps() + " steps to understand it");
            }
            if (facts.done.contains(literal ^ 1)) {
                return;
            }
            boolean negated = (literal & 1) == 1;
            int id = literal >> 1;
            if (id == SchemaDocument.TRUE || id == SchemaDocument.FALSE) {
                if ((id == SchemaDocument.TRUE) == negated) {
                    return;
                }
                continue;
            }
            Location at = document.at(id);
            if (negated) {
                negation.deny(facts, at);
            } else {
                keywords.assume(facts, at);
            }
            if (facts.impossible()) {
                return;
            }
        }
        if (facts.choices.isEmpty()) {
            if (dead(facts)) {
                return;
            }
            if (ways.size() >= limits.maxAlternatives()) {
                throw new SchemaException(
                        Kind.LIMIT,
                        origin(demand).pointer(),
                        "",
                        "over " + limits.maxAlternatives() + " ways to satisfy it");
            }
            ways.add(facts);
            return;
        }
        List<Option> options = narrowest(facts);
        if (options.isEmpty()) {
            expand(facts, ways, demand);
            return;
        }
        for (Option option : options) {
            Facts branch = facts.copy();
            option.apply(branch);
            if (!dead(branch)) {
                expand(branch, ways, demand);
            }
        }
    }

    /// Takes a choice out, the one that leaves the fewest ways; none if all are settled.
    private List<Option> narrowest(Facts facts) {
        facts.choices.removeIf(options -> options.stream().anyMatch(option -> option.holds(facts)));
        List<Option> best = List.of();
        int bestIndex = -1;
        for (int i = 0; i < facts.choices.size() && (bestIndex < 0 || best.size() > 1); i++) {
            List<Option> alive = new ArrayList<>();
            for (Option option : facts.choices.get(i)) {
                Facts trial = facts.copy();
                option.apply(trial);
                if (++steps > limits.maxSteps()) {
                    throw new SchemaException(
                            Kind.LIMIT, "", "", "over " + limits.maxSteps() + " steps to understand it");
                }
                if (!dead(trial)) {
                    alive.add(option);
                }
            }
            if (alive.isEmpty()) {
                facts.nothing();
                facts.choices.clear();
                return List.of(Option.types(0));
            }
            if (bestIndex < 0 || alive.size() < best.size()) {
                best = alive;
                bestIndex = i;
            }
        }
        if (bestIndex >= 0) {
            facts.choices.remove(bestIndex);
        }
        return best;
    }

    /// Whether nothing is left, once it is known that there are no such objects.
    private static boolean dead(Facts facts) {
        if (facts.may(Facts.OBJECT) && facts.contradictory()) {
            facts.only(~Facts.OBJECT);
        }
        return facts.impossible();
    }

    /// Whether no value satisfies both, as far as a short look tells: false where it is not found out.
    private boolean disjoint(Demand left, Demand right) {
        Demand both = left.and(right);
        if (both.isNothing()) {
            return true;
        }
        if (!asking.add(both)) {
            return false;
        }
        try {
            return !Inhabitation.of(shape(both), this::complete, 200);
        } catch (SchemaException e) {
            return false;
        } finally {
            asking.remove(both);
        }
    }
}
