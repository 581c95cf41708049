package dev.lectern.engine.constraint;

import dev.lectern.engine.internal.constraint.automaton.Automaton;
import dev.lectern.engine.internal.constraint.automaton.Spans;
import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import dev.lectern.engine.internal.constraint.schema.QuoteShape;
import dev.lectern.engine.internal.constraint.schema.SchemaCompiler;
import dev.lectern.engine.internal.constraint.schema.Shape;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A JSON Schema that answers are held to: compiled once, then a [Matcher] per answer. Thread-safe; what one answer
/// has found out about masks serves the others.
///
/// Answers are JSON texts. Every one that a matcher calls complete is valid by the schema, and no token is offered
/// after which none could be. Of the spellings of a value some are left out: names of properties are written without
/// needless escapes, no name occurs twice in an object, and whole numbers where the schema asks for integers have
/// neither fraction nor exponent. Formats that are not known assert nothing, as the specification has it; so do
/// unknown keywords.
public final class Constraint {
    private final ConstraintVocabulary vocabulary;
    private final Recipe recipe;
    private final Shape root;
    private final Set<QuoteShape> quotes;
    /// Null as long as it is not known what quotes are taken from.
    private final @Nullable Automaton automaton;

    /// What it takes to make the automaton.
    private record Recipe(String schema, PropertyOrder order, CompileLimits limits) {
        Automaton automaton(ConstraintVocabulary vocabulary, Shape root, @Nullable Spans spans) {
            return new Automaton(vocabulary.shared(), root, order == PropertyOrder.SCHEMA, limits.maxStates(), spans);
        }
    }

    private Constraint(
            ConstraintVocabulary vocabulary, Recipe recipe, Shape root, Set<QuoteShape> quotes, @Nullable Spans spans) {
        this.vocabulary = vocabulary;
        this.recipe = recipe;
        this.root = root;
        this.quotes = quotes;
        this.automaton = quotes.isEmpty() || spans != null ? recipe.automaton(vocabulary, root, spans) : null;
    }

    /// @param schema the schema's text
    /// @throws SchemaException if it is no schema, cannot be enforced exactly, or nothing satisfies it
    public static Constraint compile(String schema, ConstraintVocabulary vocabulary) {
        return compile(schema, vocabulary, PropertyOrder.SCHEMA, CompileLimits.DEFAULT);
    }

    public static Constraint compile(
            String schema, ConstraintVocabulary vocabulary, PropertyOrder order, CompileLimits limits) {
        Shape root = SchemaCompiler.compile(schema, limits);
        return new Constraint(vocabulary, new Recipe(schema, order, limits), root, root.allQuotes(), null);
    }

    /// Whether the schema has strings that are quotes (`"x-quote": true`): then answers need a context to quote
    /// from, see [#quoting].
    public boolean quotes() {
        return !quotes.isEmpty();
    }

    /// The same schema for answers in a context: what is marked `"x-quote": true` is a verbatim span of its
    /// texts. Cheap, unless no span of these texts is as long as a quote has to be; without anything to quote,
    /// quotes are empty.
    ///
    /// @return this constraint if the schema has no quotes
    /// @throws SchemaException if nothing satisfies the schema in this context
    public Constraint quoting(QuoteSource source) {
        if (quotes.isEmpty()) {
            return this;
        }
        boolean all = quotes.stream().allMatch(quote -> quote.isInhabited(source.longest()));
        Shape bound = all ? root : SchemaCompiler.compile(recipe.schema(), recipe.limits(), source.longest());
        return new Constraint(vocabulary, recipe, bound, quotes, source.spans(vocabulary));
    }

    /// Whether strings are held to a format of this name; others assert nothing.
    public static boolean knowsFormat(String name) {
        return StringLanguage.knowsFormat(name);
    }

    /// Refuses what [#compile] refuses, without the work that a vocabulary needs: for the start of a job.
    ///
    /// @throws SchemaException if it is no schema, cannot be enforced exactly, or nothing satisfies it
    public static void check(String schema) {
        SchemaCompiler.compile(schema, CompileLimits.DEFAULT);
    }

    /// How many tokens the short answer has with which [Matcher#closing] would begin and end: a budget of at
    /// least so many is always enough for a whole answer. [Integer#MAX_VALUE] if none of less than a megabyte
    /// is found.
    public int shortestTokens() {
        Matcher matcher = matcher();
        return matcher.closesWithin(Integer.MAX_VALUE - 1) ? matcher.closing().length : Integer.MAX_VALUE;
    }

    /// @throws IllegalStateException if the schema has quotes and it is not said of what
    public Matcher matcher() {
        if (automaton == null) {
            throw new IllegalStateException(
                    "the schema has quotes (x-quote), which are spans of a context: call quoting(source) first");
        }
        return new Matcher(vocabulary, automaton.cursor());
    }
}
