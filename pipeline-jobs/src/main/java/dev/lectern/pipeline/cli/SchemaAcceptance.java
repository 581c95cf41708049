package dev.lectern.pipeline.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.constraint.CompileLimits;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.ConstraintVocabulary;
import dev.lectern.engine.constraint.Matcher;
import dev.lectern.engine.constraint.PropertyOrder;
import dev.lectern.engine.constraint.SchemaException;
import dev.lectern.engine.constraint.TokenMask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Whether constrained decoding would produce exactly the valid instances of schemas: each instance is read token by
/// token, as a model would write it, and has to be admitted whole, end of answer included, exactly if it is valid.
///
/// Instances are laid out as `json.dumps` does; a schema passes if all its instances are judged rightly.
final class SchemaAcceptance {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxStringLength(100_000_000).build())
            .build();

    private final Tokenizer tokenizer;
    private final ConstraintVocabulary vocabulary;
    private final PropertyOrder order;
    private final UnaryOperator<String> bundling;
    private final TokenMask mask;

    private int schemas;
    private int passing;
    private int refused;
    private int overAccepted;
    private int underAccepted;
    private final Map<String, Integer> reasons = new TreeMap<>();
    private final Durations maskNanos = new Durations();
    private final Durations compileNanos = new Durations();

    SchemaAcceptance(Tokenizer tokenizer, PropertyOrder order) {
        this(tokenizer, order, UnaryOperator.identity());
    }

    /// @param bundling makes one document of a schema and those that it refers to
    SchemaAcceptance(Tokenizer tokenizer, PropertyOrder order, UnaryOperator<String> bundling) {
        this.bundling = bundling;
        this.tokenizer = tokenizer;
        this.vocabulary = ConstraintVocabulary.of(tokenizer);
        this.order = order;
        this.mask = new TokenMask(vocabulary.size());
    }

    /// A line's schema with its instances.
    ///
    /// @param schema the schema's text
    private record Item(String name, String schema, List<Instance> instances) {}

    private record Instance(String text, boolean valid) {}

    /// @param verdict passes, refused, over-accepted or under-accepted
    /// @param detail  why refused, or the instance and where it stopped
    record Outcome(String name, String verdict, String detail) {}

    /// A schema on which the compiler or the matcher itself fails counts as refused, and is named: one defect
    /// does not hide all others.
    ///
    /// @throws IOException if the line is not `{"name", "schema", "tests": [{"data", "valid"}]}`
    Outcome check(String line) throws IOException {
        Item item = read(line);
        schemas++;
        try {
            return judge(item);
        } catch (RuntimeException | StackOverflowError e) {
            refused++;
            reasons.merge("failed (" + e.getClass().getSimpleName() + ")", 1, Integer::sum);
            return new Outcome(item.name(), "failed", String.valueOf(e));
        }
    }

    private Outcome judge(Item item) {
        Constraint constraint;
        long begin = System.nanoTime();
        try {
            constraint = Constraint.compile(bundling.apply(item.schema()), vocabulary, order, CompileLimits.DEFAULT);
        } catch (SchemaException e) {
            refused++;
            String where = e.keyword().isEmpty() ? "" : " (" + e.keyword() + ")";
            reasons.merge(e.kind().name().toLowerCase(java.util.Locale.ROOT) + where, 1, Integer::sum);
            return new Outcome(item.name(), "refused", String.valueOf(e.getMessage()));
        }
        compileNanos.add(System.nanoTime() - begin);
        String over = null;
        String under = null;
        for (Instance instance : item.instances()) {
            String stop = stop(constraint, instance.text());
            if (instance.valid() && stop != null && under == null) {
                under = stop;
            } else if (!instance.valid() && stop == null && over == null) {
                over = instance.text();
            }
        }
        if (over != null) {
            overAccepted++;
            return new Outcome(item.name(), "over-accepted", over);
        }
        if (under != null) {
            underAccepted++;
            return new Outcome(item.name(), "under-accepted", under);
        }
        passing++;
        return new Outcome(item.name(), "passes", "");
    }

    /// Where the instance is stopped, or null if it is admitted.
    private @Nullable String stop(Constraint constraint, String text) {
        Matcher matcher = constraint.matcher();
        Tokenizer.Encoding encoding = tokenizer.encode(text);
        for (int i = 0; i < encoding.length(); i++) {
            long begin = System.nanoTime();
            matcher.mask(mask);
            maskNanos.add(System.nanoTime() - begin);
            int token = encoding.ids()[i];
            boolean allowed = mask.allows(token);
            boolean accepted = matcher.accept(token);
            if (allowed != accepted) {
                int at = encoding.starts()[i];
                throw new IllegalStateException("mask and automaton disagree on token " + token + " '"
                        + tokenizer.piece(token) + "' at " + at + " of " + text + ": the mask says " + allowed);
            }
            if (!accepted) {
                int at = encoding.starts()[i];
                return text.substring(0, at) + " ⟂ " + text.substring(at);
            }
        }
        long begin = System.nanoTime();
        matcher.mask(mask);
        maskNanos.add(System.nanoTime() - begin);
        return matcher.isComplete() ? null : text + " ⟂ (may not end here)";
    }

    Map<String, Integer> reasons() {
        return reasons;
    }

    Report report() {
        return new Report(
                schemas,
                passing,
                refused,
                overAccepted,
                underAccepted,
                maskNanos.size(),
                new MaskMicros(maskNanos.micros(0.5), maskNanos.micros(0.99), maskNanos.micros(0.999)),
                new CompileMicros(compileNanos.micros(0.5), compileNanos.micros(0.99)));
    }

    /// The figures as `--json` prints them.
    record Report(
            int schemas,
            int passing,
            int refused,
            int overAccepted,
            int underAccepted,
            int tokens,
            MaskMicros maskMicros,
            CompileMicros compileMicros) {}

    record MaskMicros(double p50, double p99, double p999) {}

    record CompileMicros(double p50, double p99) {}

    /// Measured times, all kept: a million of them are 8 MB.
    private static final class Durations {
        private long[] nanos = new long[1 << 12];
        private int size;

        void add(long value) {
            if (size == nanos.length) {
                nanos = Arrays.copyOf(nanos, size * 2);
            }
            nanos[size++] = value;
        }

        int size() {
            return size;
        }

        double micros(double quantile) {
            if (size == 0) {
                return 0;
            }
            long[] sorted = Arrays.copyOf(nanos, size);
            Arrays.sort(sorted);
            return sorted[(int) Math.min(size - 1, (long) (quantile * size))] / 100 / 10.0;
        }
    }

    private static Item read(String line) throws IOException {
        String name = "";
        String schema = null;
        List<Instance> instances = new ArrayList<>();
        try (JsonParser json = JSON.createParser(line)) {
            require(json.nextToken() == JsonToken.START_OBJECT, "an object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                json.nextToken();
                switch (key) {
                    case "name" -> name = json.getText();
                    case "schema" -> schema = JsonLayout.render(json);
                    case "tests" -> {
                        require(json.currentToken() == JsonToken.START_ARRAY, "a list of tests");
                        while (json.nextToken() == JsonToken.START_OBJECT) {
                            instances.add(readInstance(json));
                        }
                    }
                    default -> json.skipChildren();
                }
            }
        }
        require(schema != null, "a schema");
        return new Item(name, schema == null ? "" : schema, instances);
    }

    private static Instance readInstance(JsonParser json) throws IOException {
        String data = null;
        boolean valid = false;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "data" -> data = JsonLayout.render(json);
                case "valid" -> valid = json.getBooleanValue();
                default -> json.skipChildren();
            }
        }
        require(data != null, "data in each test");
        return new Instance(data == null ? "" : data, valid);
    }

    private static void require(boolean holds, String expected) throws IOException {
        if (!holds) {
            throw new IOException("expected " + expected);
        }
    }
}
