package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Expression.Comparand;
import dev.lectern.engine.internal.chat.jinja.Value.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Evaluates expressions, for one rendering.
final class Evaluator {
    /// Holds the rendered body while its filters run; no template can name it.
    private static final String CAPTURED = " captured";

    private final Budget budget;
    private final PythonText texts;
    private final Operators operators;
    private final Attributes attributes;
    private final Map<String, Value> globals;

    Evaluator(Budget budget, Map<String, Value> globals) {
        this.budget = budget;
        this.texts = new PythonText(budget);
        this.operators = new Operators(budget, texts);
        this.attributes = new Attributes(this);
        this.globals = globals;
    }

    Budget budget() {
        return budget;
    }

    Operators operators() {
        return operators;
    }

    /// `str(value)`.
    Text text(Value value) {
        return texts.str(value);
    }

    /// @throws TemplateException with the place of the innermost expression that failed
    Value evaluate(Expression expression, Scope scope) {
        budget.enter();
        try {
            return value(expression, scope);
        } catch (TemplateException e) {
            throw e.at(expression.at());
        } finally {
            budget.leave();
        }
    }

    private Value value(Expression expression, Scope scope) {
        return switch (expression) {
            case Expression.Literal literal -> literal.value();
            case Expression.Name name -> name(name.name(), scope);
            case Expression.ListLiteral list -> Value.list(all(list.items(), scope));
            case Expression.TupleLiteral tuple -> Value.tuple(all(tuple.items(), scope));
            case Expression.DictLiteral dict -> dict(dict, scope);
            case Expression.Attribute access -> attributes.attribute(evaluate(access.object(), scope), access.name());
            case Expression.Subscript access ->
                attributes.item(evaluate(access.object(), scope), evaluate(access.key(), scope));
            case Expression.Slice slice ->
                operators.slice(
                        evaluate(slice.object(), scope),
                        bound(slice.start(), scope),
                        bound(slice.stop(), scope),
                        bound(slice.step(), scope));
            case Expression.Call call -> call(evaluate(call.callee(), scope), arguments(call.arguments(), scope));
            case Expression.Filter filter ->
                filter(filter.name(), evaluate(filter.subject(), scope), arguments(filter.arguments(), scope));
            case Expression.Test test ->
                Value.bool(test(test.name(), evaluate(test.subject(), scope), arguments(test.arguments(), scope)));
            case Expression.Unary unary -> operators.unary(unary.negative(), evaluate(unary.operand(), scope));
            case Expression.Binary binary -> binary(binary, scope);
            case Expression.Comparison comparison -> comparison(comparison, scope);
            case Expression.And and -> {
                Value left = evaluate(and.left(), scope);
                yield Operators.truth(left) ? evaluate(and.right(), scope) : left;
            }
            case Expression.Or or -> {
                Value left = evaluate(or.left(), scope);
                yield Operators.truth(left) ? left : evaluate(or.right(), scope);
            }
            case Expression.Not not -> Value.bool(!Operators.truth(evaluate(not.operand(), scope)));
            case Expression.Concatenation concatenation -> concatenation(concatenation, scope);
            case Expression.Conditional conditional -> conditional(conditional, scope);
            case Expression.Captured captured -> name(CAPTURED, scope);
        };
    }

    private Value name(String name, Scope scope) {
        Value value = scope.get(name);
        if (value == null) {
            value = globals.get(name);
        }
        return value == null ? new Value.Undefined("'" + name + "' is undefined") : value;
    }

    private List<Value> all(List<Expression> expressions, Scope scope) {
        budget.elements(expressions.size());
        List<Value> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(evaluate(expression, scope));
        }
        return values;
    }

    private Value dict(Expression.DictLiteral dict, Scope scope) {
        budget.elements(dict.pairs().size());
        Map<Value, Value> entries = LinkedHashMap.newLinkedHashMap(dict.pairs().size());
        for (Expression.Pair pair : dict.pairs()) {
            Value key = Value.Mapping.key(evaluate(pair.key(), scope));
            entries.put(key, evaluate(pair.value(), scope));
        }
        return Value.mapping(entries);
    }

    private Value bound(@Nullable Expression expression, Scope scope) {
        return expression == null ? Value.NONE : evaluate(expression, scope);
    }

    /// A long sum is a deep tree to the left; it is walked in a loop, so that its length is no depth.
    private Value binary(Expression.Binary binary, Scope scope) {
        List<Expression.Binary> chain = new ArrayList<>();
        Expression first = binary;
        while (first instanceof Expression.Binary next) {
            chain.add(next);
            first = next.left();
        }
        Value value = evaluate(first, scope);
        for (Expression.Binary next : chain.reversed()) {
            try {
                value = operators.binary(next.operator(), value, evaluate(next.right(), scope));
            } catch (TemplateException e) {
                throw e.at(next.at());
            }
        }
        return value;
    }

    private Value comparison(Expression.Comparison comparison, Scope scope) {
        Value left = evaluate(comparison.first(), scope);
        for (Comparand comparand : comparison.others()) {
            Value right = evaluate(comparand.value(), scope);
            if (!operators.compare(comparand.comparator(), left, right)) {
                return Value.FALSE;
            }
            left = right;
        }
        return Value.TRUE;
    }

    private Value concatenation(Expression.Concatenation concatenation, Scope scope) {
        Text.Builder out = new Text.Builder();
        for (Expression part : concatenation.parts()) {
            Text text = text(evaluate(part, scope));
            budget.characters(text.length());
            out.append(text);
        }
        return out.build();
    }

    private Value conditional(Expression.Conditional conditional, Scope scope) {
        if (Operators.truth(evaluate(conditional.test(), scope))) {
            return evaluate(conditional.then(), scope);
        }
        return conditional.otherwise() == null
                ? new Value.Undefined("the inline if-expression on " + conditional.at()
                        + " evaluated to false and no else section was defined.")
                : evaluate(conditional.otherwise(), scope);
    }

    Arguments arguments(Expression.CallArguments arguments, Scope scope) {
        List<Value> positional = all(arguments.positional(), scope);
        Map<String, Value> named = new LinkedHashMap<>();
        for (Expression.Named argument : arguments.named()) {
            named.put(argument.name(), evaluate(argument.value(), scope));
        }
        if (arguments.spread() != null) {
            List<Value> spread = operators.items(evaluate(arguments.spread(), scope));
            budget.copies(spread.size());
            positional.addAll(spread);
        }
        if (arguments.namedSpread() != null) {
            if (!(evaluate(arguments.namedSpread(), scope) instanceof Value.Mapping mapping)) {
                throw TemplateException.type("argument after ** must be a mapping");
            }
            budget.copies(mapping.entries().size());
            mapping.entries().forEach((key, value) -> named.put(text(key).value(), value));
        }
        return new Arguments(positional, named);
    }

    Value call(Value callee, Arguments arguments) {
        budget.spend(1);
        return switch (callee) {
            case Value.Callable callable -> callable.body().call(this, arguments);
            case LoopVariable loop -> loop.call(this, arguments);
            case Value.Undefined undefined -> throw TemplateException.undefined(undefined);
            case Value.None _,
                    Value.Bool _,
                    Value.Int _,
                    Value.Real _,
                    Text _,
                    Sequence _,
                    Value.Mapping _,
                    Value.Namespace _ ->
                throw TemplateException.type("'" + Operators.typeName(callee) + "' object is not callable");
        };
    }

    Value filter(String name, Value subject, Arguments arguments) {
        budget.spend(1);
        Filters.Filter filter = Filters.named(name);
        if (filter == null) {
            throw TemplateException.unsupported(
                    "No filter named '" + name + "' found; supported: " + Filters.supported());
        }
        return filter.apply(this, subject, arguments);
    }

    boolean test(String name, Value subject, Arguments arguments) {
        budget.spend(1);
        Tests.Test test = Tests.named(name);
        if (test == null) {
            throw TemplateException.unsupported("No test named '" + name + "' found; supported: " + Tests.supported());
        }
        return test.holds(this, subject, arguments);
    }

    /// `value.name`.
    Value attribute(Value value, String name) {
        return attributes.attribute(value, name);
    }

    /// `value | attr(name)`: never a dict's item.
    Value attributeOnly(Value value, String name) {
        return attributes.attributeOnly(value, name);
    }

    /// `value[key]`.
    Value item(Value value, Value key) {
        return attributes.item(value, key);
    }

    /// The filters of a filter or set block, on its rendered body.
    Value filtered(Expression filters, Text body, Scope scope) {
        Scope inside = new Scope(scope);
        inside.set(CAPTURED, body);
        return evaluate(filters, inside);
    }
}
