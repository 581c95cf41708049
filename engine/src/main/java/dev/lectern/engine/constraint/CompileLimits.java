package dev.lectern.engine.constraint;

/// How much work a schema may cause before it is refused ([SchemaException.Kind#LIMIT]).
///
/// @param maxSchemaBytes  size of the schema's text
/// @param maxShapes       distinct sets of subschemas that apply to one value
/// @param maxAlternatives ways to satisfy one such set, after `anyOf`, `oneOf`, `if` and `not` are multiplied out
/// @param maxSteps        keywords looked at, over all of these
/// @param maxStates       states of the automaton kept in memory; beyond them the oldest knowledge is forgotten
public record CompileLimits(int maxSchemaBytes, int maxShapes, int maxAlternatives, int maxSteps, int maxStates) {
    public static final CompileLimits DEFAULT = new CompileLimits(16 << 20, 50_000, 2_000, 300_000, 200_000);

    public CompileLimits {
        if (maxSchemaBytes < 1 || maxShapes < 1 || maxAlternatives < 1 || maxSteps < 1 || maxStates < 1) {
            throw new IllegalArgumentException("limits are at least 1");
        }
    }
}
