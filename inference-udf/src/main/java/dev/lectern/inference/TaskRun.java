package dev.lectern.inference;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/// A task of the job on an executor: its recipe with what was made of it.
record TaskRun(TaskSpec spec, AnswerSchema schema, AnswerParser parser, ResultParts parts) {
    static TaskRun open(TaskSpec spec, String results, Configuration hadoop) throws IOException {
        AnswerSchema schema = spec.schema();
        return new TaskRun(
                spec, schema, new AnswerParser(schema), new ResultParts(results, spec.name(), schema.type(), hadoop));
    }
}
