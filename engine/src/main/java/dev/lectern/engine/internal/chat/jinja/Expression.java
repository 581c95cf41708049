package dev.lectern.engine.internal.chat.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What has a value, as parsed.
sealed interface Expression {
    Position at();

    record Literal(Value value, Position at) implements Expression {}

    record Name(String name, Position at) implements Expression {}

    record ListLiteral(List<Expression> items, Position at) implements Expression {}

    record TupleLiteral(List<Expression> items, Position at) implements Expression {}

    record DictLiteral(List<Pair> pairs, Position at) implements Expression {}

    record Pair(Expression key, Expression value) {}

    /// `object.name`
    record Attribute(Expression object, String name, Position at) implements Expression {}

    /// `object[key]`
    record Subscript(Expression object, Expression key, Position at) implements Expression {}

    /// `object[start:stop:step]`
    record Slice(
            Expression object,
            @Nullable Expression start,
            @Nullable Expression stop,
            @Nullable Expression step,
            Position at)
            implements Expression {}

    record Call(Expression callee, CallArguments arguments, Position at) implements Expression {}

    /// `subject | name(arguments)`
    record Filter(Expression subject, String name, CallArguments arguments, Position at) implements Expression {}

    /// `subject is name(arguments)`
    record Test(Expression subject, String name, CallArguments arguments, Position at) implements Expression {}

    record Unary(boolean negative, Expression operand, Position at) implements Expression {}

    record Binary(BinaryOperator operator, Expression left, Expression right, Position at) implements Expression {}

    /// `first < a <= b …`: every neighbouring pair must hold.
    record Comparison(Expression first, List<Comparand> others, Position at) implements Expression {}

    record Comparand(Comparator comparator, Expression value) {}

    record And(Expression left, Expression right, Position at) implements Expression {}

    record Or(Expression left, Expression right, Position at) implements Expression {}

    record Not(Expression operand, Position at) implements Expression {}

    /// `a ~ b ~ …`
    record Concatenation(List<Expression> parts, Position at) implements Expression {}

    /// `then if test else otherwise`
    record Conditional(
            Expression test, Expression then, @Nullable Expression otherwise, Position at) implements Expression {}

    /// The rendered body that a filter or set block hands to its filters.
    record Captured(Position at) implements Expression {}

    /// @param spread      `*values`
    /// @param namedSpread `**values`
    record CallArguments(
            List<Expression> positional,
            List<Named> named,
            @Nullable Expression spread,
            @Nullable Expression namedSpread) {
        static final CallArguments NONE = new CallArguments(List.of(), List.of(), null, null);
    }

    record Named(String name, Expression value) {}

    enum BinaryOperator {
        ADD("+"),
        SUBTRACT("-"),
        MULTIPLY("*"),
        DIVIDE("/"),
        FLOOR_DIVIDE("//"),
        MODULO("%"),
        POWER("**");

        final String symbol;

        BinaryOperator(String symbol) {
            this.symbol = symbol;
        }
    }

    enum Comparator {
        EQUAL("=="),
        NOT_EQUAL("!="),
        LESS("<"),
        LESS_OR_EQUAL("<="),
        GREATER(">"),
        GREATER_OR_EQUAL(">="),
        IN("in"),
        NOT_IN("not in");

        final String symbol;

        Comparator(String symbol) {
            this.symbol = symbol;
        }
    }
}
