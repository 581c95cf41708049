package dev.lectern.engine.constraint;

import dev.lectern.engine.internal.constraint.automaton.Automaton;
import dev.lectern.engine.internal.constraint.schema.SchemaCompiler;
import dev.lectern.engine.internal.constraint.schema.Shape;

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
    private final Automaton automaton;

    private Constraint(ConstraintVocabulary vocabulary, Automaton automaton) {
        this.vocabulary = vocabulary;
        this.automaton = automaton;
    }

    /// @param schema the schema's text
    /// @throws SchemaException if it is no schema, cannot be enforced exactly, or nothing satisfies it
    public static Constraint compile(String schema, ConstraintVocabulary vocabulary) {
        return compile(schema, vocabulary, PropertyOrder.SCHEMA, CompileLimits.DEFAULT);
    }

    public static Constraint compile(
            String schema, ConstraintVocabulary vocabulary, PropertyOrder order, CompileLimits limits) {
        Shape root = SchemaCompiler.compile(schema, limits);
        return new Constraint(
                vocabulary,
                new Automaton(vocabulary.shared(), root, order == PropertyOrder.SCHEMA, limits.maxStates()));
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

    public Matcher matcher() {
        return new Matcher(vocabulary, automaton.cursor());
    }
}
