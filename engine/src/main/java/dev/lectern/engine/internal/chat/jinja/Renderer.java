package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Statement.Branch;
import dev.lectern.engine.internal.chat.jinja.Statement.Macro;
import dev.lectern.engine.internal.chat.jinja.Statement.Parameter;
import dev.lectern.engine.internal.chat.jinja.Statement.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs a template's statements, for one rendering.
final class Renderer {
    /// What a statement says about those after it.
    private enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    private final Budget budget;
    private final Evaluator evaluator;

    Renderer(Budget budget, Evaluator evaluator) {
        this.budget = budget;
        this.evaluator = evaluator;
    }

    Text render(List<Statement> statements, Scope scope) {
        Text.Builder out = new Text.Builder();
        if (run(statements, scope, out) != Flow.NEXT) {
            throw new TemplateException(TemplateException.Reason.SYNTAX, "'break' or 'continue' outside a loop");
        }
        return out.build();
    }

    private Flow run(List<Statement> statements, Scope scope, Text.Builder out) {
        for (Statement statement : statements) {
            budget.enter();
            try {
                Flow flow = run(statement, scope, out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            } catch (TemplateException e) {
                throw e.at(statement.at());
            } finally {
                budget.leave();
            }
        }
        return Flow.NEXT;
    }

    private Flow run(Statement statement, Scope scope, Text.Builder out) {
        switch (statement) {
            case Statement.Data data -> write(data.text(), out);
            case Statement.Output output -> write(evaluator.text(evaluator.evaluate(output.value(), scope)), out);
            case Statement.If choice -> {
                return run(chosen(choice, scope), scope, out);
            }
            case Statement.For loop -> {
                List<Value> items = evaluator.operators().items(evaluator.evaluate(loop.items(), scope));
                return loop(loop, items, 0, scope, out);
            }
            case Statement.Break _ -> {
                return Flow.BREAK;
            }
            case Statement.Continue _ -> {
                return Flow.CONTINUE;
            }
            case Statement.Assignment assignment ->
                assign(assignment.target(), evaluator.evaluate(assignment.value(), scope), scope);
            case Statement.BlockAssignment assignment -> {
                Text body = render(assignment.body(), new Scope(scope));
                assign(assignment.target(), evaluator.filtered(assignment.filtered(), body, scope), scope);
            }
            case Statement.MacroDefinition definition -> {
                Macro macro = definition.macro();
                scope.set(macro.name(), callable(macro, scope));
            }
            case Statement.CallBlock block -> {
                Value callee = evaluator.evaluate(block.call().callee(), scope);
                Arguments given = evaluator.arguments(block.call().arguments(), scope);
                Map<String, Value> named = new LinkedHashMap<>(given.named());
                named.put("caller", callable(block.caller(), scope));
                Value result = evaluator.call(callee, new Arguments(given.positional(), named));
                write(evaluator.text(result), out);
            }
            case Statement.FilterBlock block -> {
                Text body = render(block.body(), new Scope(scope));
                write(evaluator.text(evaluator.filtered(block.filtered(), body, scope)), out);
            }
            case Statement.With with -> {
                Scope inside = new Scope(scope);
                for (int i = 0; i < with.targets().size(); i++) {
                    assign(
                            with.targets().get(i),
                            evaluator.evaluate(with.values().get(i), scope),
                            inside);
                }
                return run(with.body(), inside, out);
            }
            case Statement.Generation generation -> write(render(generation.body(), new Scope(scope)), out);
        }
        return Flow.NEXT;
    }

    private void write(Text text, Text.Builder out) {
        budget.characters(text.length());
        out.append(text);
    }

    private List<Statement> chosen(Statement.If choice, Scope scope) {
        for (Branch branch : choice.branches()) {
            if (Operators.truth(evaluator.evaluate(branch.test(), scope))) {
                return branch.body();
            }
        }
        return choice.otherwise();
    }

    private Flow loop(Statement.For loop, List<Value> all, int depth, Scope scope, Text.Builder out) {
        List<Value> items = loop.filter() == null ? all : filtered(loop, all, scope);
        Value.Body recursion = !loop.recursive()
                ? null
                : (evaluator, arguments) -> {
                    List<Value> inner = evaluator.operators().items(single(arguments));
                    Text.Builder text = new Text.Builder();
                    loop(loop, inner, depth + 1, scope, text);
                    return text.build();
                };
        LoopVariable variable = new LoopVariable(items, depth, recursion);
        for (int i = 0; i < items.size(); i++) {
            budget.spend(1);
            variable.moveTo(i);
            Scope inside = new Scope(scope);
            inside.set("loop", variable);
            assign(loop.target(), items.get(i), inside);
            if (run(loop.body(), inside, out) == Flow.BREAK) {
                return Flow.NEXT;
            }
        }
        return items.isEmpty() ? run(loop.otherwise(), new Scope(scope), out) : Flow.NEXT;
    }

    private static Value single(Arguments arguments) {
        if (arguments.positional().size() != 1) {
            throw TemplateException.type("loop takes one argument, the items to loop over");
        }
        return arguments.positional().getFirst();
    }

    private List<Value> filtered(Statement.For loop, List<Value> all, Scope scope) {
        List<Value> kept = new ArrayList<>();
        for (Value item : all) {
            Scope inside = new Scope(scope);
            assign(loop.target(), item, inside);
            if (loop.filter() == null || Operators.truth(evaluator.evaluate(loop.filter(), inside))) {
                kept.add(item);
            }
        }
        return kept;
    }

    private void assign(Target target, Value value, Scope scope) {
        switch (target) {
            case Target.Variable variable -> scope.set(variable.name(), value);
            case Target.NamespaceAttribute attribute -> {
                if (!(scope.get(attribute.namespace()) instanceof Value.Namespace namespace)) {
                    throw TemplateException.type(
                            "cannot assign attribute on non-namespace object '" + attribute.namespace() + "'");
                }
                namespace.attributes().put(attribute.name(), value);
            }
            case Target.Unpacking unpacking -> {
                Operators.requireDefined(value);
                List<Value> values = evaluator.operators().items(value);
                List<Target> targets = unpacking.targets();
                if (values.size() != targets.size()) {
                    throw TemplateException.type((values.size() < targets.size()
                                    ? "not enough values to unpack"
                                    : "too many values to unpack")
                            + " (expected " + targets.size() + ", got " + values.size() + ")");
                }
                for (int i = 0; i < values.size(); i++) {
                    assign(targets.get(i), values.get(i), scope);
                }
            }
        }
    }

    private Value callable(Macro macro, Scope definedIn) {
        return new Value.Callable(macro.name(), (evaluator, arguments) -> call(macro, definedIn, arguments));
    }

    private Value call(Macro macro, Scope definedIn, Arguments arguments) {
        Scope scope = new Scope(definedIn);
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        List<Parameter> parameters = macro.parameters();
        List<Value> positional = arguments.positional();
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            Value given = i < positional.size() ? positional.get(i) : named.remove(parameter.name());
            if (given == null) {
                given = parameter.defaultValue() == null
                        ? new Value.Undefined("parameter '" + parameter.name() + "' was not provided")
                        : evaluator.evaluate(parameter.defaultValue(), scope);
            }
            scope.set(parameter.name(), given);
        }
        if (macro.uses().contains("caller")) {
            Value caller = named.remove("caller");
            scope.set("caller", caller == null ? new Value.Undefined("No caller defined") : caller);
        }
        if (macro.uses().contains("kwargs")) {
            scope.set("kwargs", Value.record(named));
        } else if (!named.isEmpty()) {
            throw TemplateException.type("macro '" + macro.name() + "' takes no keyword argument '"
                    + named.keySet().iterator().next() + "'");
        }
        List<Value> more = positional.subList(Math.min(parameters.size(), positional.size()), positional.size());
        if (macro.uses().contains("varargs")) {
            scope.set("varargs", Value.tuple(new ArrayList<>(more)));
        } else if (!more.isEmpty()) {
            throw TemplateException.type(
                    "macro '" + macro.name() + "' takes not more than " + parameters.size() + " argument(s)");
        }
        return render(macro.body(), scope);
    }
}
