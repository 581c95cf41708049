package dev.lectern.engine.internal.chat.jinja;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a template does, as parsed.
sealed interface Statement {
    Position at();

    /// Text between the tags.
    record Data(Text text, Position at) implements Statement {}

    /// `{{ value }}`
    record Output(Expression value, Position at) implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise, Position at) implements Statement {}

    record Branch(Expression test, List<Statement> body) {}

    /// @param filter    `for … if filter`: items for which it is false are no part of the loop
    /// @param otherwise when there are no items
    record For(
            Target target,
            Expression items,
            @Nullable Expression filter,
            boolean recursive,
            List<Statement> body,
            List<Statement> otherwise,
            Position at)
            implements Statement {}

    record Break(Position at) implements Statement {}

    record Continue(Position at) implements Statement {}

    record Assignment(Target target, Expression value, Position at) implements Statement {}

    /// `{% set target %}body{% endset %}`
    ///
    /// @param filtered filters on [Expression.Captured]
    record BlockAssignment(Target target, Expression filtered, List<Statement> body, Position at)
            implements Statement {}

    record MacroDefinition(Macro macro, Position at) implements Statement {}

    /// `{% call(parameters) callee(…) %}body{% endcall %}`: the body is the callee's `caller`.
    record CallBlock(Expression.Call call, Macro caller, Position at) implements Statement {}

    record FilterBlock(Expression filtered, List<Statement> body, Position at) implements Statement {}

    record With(List<Target> targets, List<Expression> values, List<Statement> body, Position at)
            implements Statement {}

    /// `{% generation %}`, by which transformers marks what an assistant wrote: its body in a scope of its own.
    record Generation(List<Statement> body, Position at) implements Statement {}

    /// @param uses which of `caller`, `varargs` and `kwargs` the body names: only then does a call fill them
    record Macro(String name, List<Parameter> parameters, List<Statement> body, Set<String> uses) {}

    record Parameter(String name, @Nullable Expression defaultValue) {}

    sealed interface Target {
        record Variable(String name) implements Target {}

        record NamespaceAttribute(String namespace, String name) implements Target {}

        record Unpacking(List<Target> targets) implements Target {}
    }
}
