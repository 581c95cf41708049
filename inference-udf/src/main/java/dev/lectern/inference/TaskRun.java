package dev.lectern.inference;

import dev.lectern.engine.Engine;
import dev.lectern.engine.constraint.Constraint;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/// A task of the job on an executor: its recipe with what was made of it.
///
/// @param constraint holds the model's answers to the schema while they are written; null where they are written
///                   freely
/// @param parser     checks them again, with a validator that shares no code with the constraint
record TaskRun(
        TaskSpec spec, AnswerSchema schema, @Nullable Constraint constraint, AnswerParser parser, ResultParts parts) {
    static TaskRun open(TaskSpec spec, Engine engine, String results, Configuration hadoop) throws IOException {
        AnswerSchema schema = spec.schema();
        return new TaskRun(
                spec,
                schema,
                spec.enforceSchema() ? engine.constraint(schema.enforced()) : null,
                new AnswerParser(schema),
                new ResultParts(results, spec.name(), schema.type(), hadoop));
    }
}
