package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Expression.BinaryOperator;
import dev.lectern.engine.internal.chat.jinja.Expression.CallArguments;
import dev.lectern.engine.internal.chat.jinja.Expression.Comparand;
import dev.lectern.engine.internal.chat.jinja.Expression.Comparator;
import dev.lectern.engine.internal.chat.jinja.Expression.Named;
import dev.lectern.engine.internal.chat.jinja.Expression.Pair;
import dev.lectern.engine.internal.chat.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Parses expressions: a method for each level of precedence, loosest first, as Jinja's own parser has them.
///
/// ```
/// conditional:  or (if or [else conditional])*
/// or, and, not
/// comparison:   sum ((== != < <= > >= in 'not in') sum)*
/// sum:          concatenation ((+ -) concatenation)*
/// concatenation: product (~ product)*
/// product:      power ((* / // %) power)*
/// power:        unary (** unary)*
/// unary:        (- +) unary | primary, then .name [key] (call), then | filter, is test
/// ```
final class ExpressionParser {
    private static final Set<Kind> ARGUMENT_OF_TEST = Set.of(Kind.NAME, Kind.STRING, Kind.INTEGER, Kind.FLOAT);
    private static final Set<String> BRACKETS = Set.of("(", "[", "{");
    private static final Set<String> AFTER_TEST = Set.of("else", "or", "and");

    private final Tokens tokens;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
    }

    Expression expression() {
        return tokens.nested(this::conditional);
    }

    /// An expression, or several with commas between them.
    Expression tuple() {
        return tuple(true, "", false);
    }

    /// @param conditional whether `a if b else c` may stand here
    /// @param end         a name that ends the tuple; empty for none
    /// @param parentheses whether the tuple may be empty
    Expression tuple(boolean conditional, String end, boolean parentheses) {
        Position at = tokens.current().at();
        List<Expression> items = new ArrayList<>();
        boolean several = false;
        while (!isTupleEnd(end)) {
            items.add(conditional ? expression() : tokens.nested(this::or));
            if (!tokens.skipOperator(",")) {
                break;
            }
            several = true;
        }
        if (!several && !items.isEmpty()) {
            return items.getFirst();
        }
        if (items.isEmpty() && !parentheses) {
            throw tokens.failure(
                    "expected an expression, got " + tokens.current().display());
        }
        return new Expression.TupleLiteral(items, at);
    }

    private boolean isTupleEnd(String end) {
        Token token = tokens.current();
        return token.kind() == Kind.OUTPUT_END
                || token.kind() == Kind.BLOCK_END
                || token.isOperator(")")
                || (!end.isEmpty() && token.isName(end));
    }

    private Expression conditional() {
        Expression value = or();
        while (tokens.current().isName("if")) {
            Position at = tokens.take().at();
            Expression test = or();
            Expression otherwise = tokens.skipName("else") ? tokens.nested(this::conditional) : null;
            value = new Expression.Conditional(test, value, otherwise, at);
        }
        return value;
    }

    private Expression or() {
        Expression left = and();
        while (tokens.current().isName("or")) {
            Position at = tokens.take().at();
            left = new Expression.Or(left, and(), at);
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.current().isName("and")) {
            Position at = tokens.take().at();
            left = new Expression.And(left, not(), at);
        }
        return left;
    }

    private Expression not() {
        if (tokens.current().isName("not")) {
            Position at = tokens.take().at();
            return new Expression.Not(tokens.nested(this::not), at);
        }
        return comparison();
    }

    private Expression comparison() {
        Position at = tokens.current().at();
        Expression first = sum();
        List<Comparand> others = new ArrayList<>();
        for (Comparator comparator = comparator(); comparator != null; comparator = comparator()) {
            others.add(new Comparand(comparator, sum()));
        }
        return others.isEmpty() ? first : new Expression.Comparison(first, others, at);
    }

    private @Nullable Comparator comparator() {
        if (tokens.skipName("in")) {
            return Comparator.IN;
        }
        if (tokens.current().isName("not") && tokens.following().isName("in")) {
            tokens.take();
            tokens.take();
            return Comparator.NOT_IN;
        }
        for (Comparator comparator : Comparator.values()) {
            if (tokens.skipOperator(comparator.symbol)) {
                return comparator;
            }
        }
        return null;
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.current().isOperator("+") || tokens.current().isOperator("-")) {
            Token operator = tokens.take();
            left = binary(operator, left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression first = product();
        if (!tokens.current().isOperator("~")) {
            return first;
        }
        Position at = tokens.current().at();
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return new Expression.Concatenation(parts, at);
    }

    private Expression product() {
        Expression left = power();
        while (tokens.current().kind() == Kind.OPERATOR
                && Set.of("*", "/", "//", "%").contains(tokens.current().text())) {
            Token operator = tokens.take();
            left = binary(operator, left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.current().isOperator("**")) {
            Token operator = tokens.take();
            left = binary(operator, left, unary(true));
        }
        return left;
    }

    private static Expression binary(Token token, Expression left, Expression right) {
        for (BinaryOperator operator : BinaryOperator.values()) {
            if (token.isOperator(operator.symbol)) {
                return new Expression.Binary(operator, left, right, token.at());
            }
        }
        throw new IllegalStateException("no operator: " + token);
    }

    private Expression unary(boolean filters) {
        Token token = tokens.current();
        Expression value;
        if (token.isOperator("-") || token.isOperator("+")) {
            tokens.take();
            value = new Expression.Unary(token.isOperator("-"), tokens.nested(() -> unary(false)), token.at());
        } else {
            value = primary();
        }
        value = postfix(value);
        return filters ? filtersAndTests(value) : value;
    }

    Expression primary() {
        Token token = tokens.current();
        return switch (token.kind()) {
            case NAME -> name(tokens.take());
            case STRING -> {
                StringBuilder text = new StringBuilder();
                while (tokens.current().kind() == Kind.STRING) {
                    text.append(Literals.string(tokens.take()));
                }
                yield new Expression.Literal(Text.of(text.toString()), token.at());
            }
            case INTEGER -> new Expression.Literal(Literals.integer(tokens.take()), token.at());
            case FLOAT -> new Expression.Literal(Literals.real(tokens.take()), token.at());
            case OPERATOR -> bracketed(token);
            case DATA, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, END ->
                throw Tokens.failure("unexpected " + token.display(), token);
        };
    }

    private Expression name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Expression.Literal(Value.TRUE, token.at());
            case "false", "False" -> new Expression.Literal(Value.FALSE, token.at());
            case "none", "None" -> new Expression.Literal(Value.NONE, token.at());
            default -> {
                tokens.read(token.text());
                yield new Expression.Name(token.text(), token.at());
            }
        };
    }

    private Expression bracketed(Token token) {
        switch (token.text()) {
            case "(" -> {
                tokens.take();
                Expression inside = tuple(true, "", true);
                tokens.expectOperator(")");
                return inside;
            }
            case "[" -> {
                tokens.take();
                List<Expression> items = new ArrayList<>();
                while (!tokens.current().isOperator("]")) {
                    items.add(expression());
                    if (!tokens.skipOperator(",")) {
                        break;
                    }
                }
                tokens.expectOperator("]");
                return new Expression.ListLiteral(items, token.at());
            }
            case "{" -> {
                return dict(token);
            }
            default -> throw Tokens.failure("unexpected " + token.display(), token);
        }
    }

    private Expression dict(Token open) {
        tokens.take();
        List<Pair> pairs = new ArrayList<>();
        while (!tokens.current().isOperator("}")) {
            Expression key = expression();
            tokens.expectOperator(":");
            pairs.add(new Pair(key, expression()));
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator("}");
        return new Expression.DictLiteral(pairs, open.at());
    }

    private Expression postfix(Expression value) {
        while (true) {
            Token token = tokens.current();
            if (token.isOperator(".")) {
                tokens.take();
                value = attribute(value, token);
            } else if (token.isOperator("[")) {
                tokens.take();
                value = subscript(value, token);
            } else if (token.isOperator("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    private Expression attribute(Expression object, Token dot) {
        Token name = tokens.take();
        return switch (name.kind()) {
            case NAME -> new Expression.Attribute(object, name.text(), name.at());
            case INTEGER ->
                new Expression.Subscript(object, new Expression.Literal(Literals.integer(name), name.at()), name.at());
            case DATA, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, STRING, FLOAT, OPERATOR, END ->
                throw Tokens.failure("expected a name or number after '.', got " + name.display(), dot);
        };
    }

    private Expression subscript(Expression object, Token open) {
        Expression start = tokens.current().isOperator(":") ? null : expression();
        Expression result;
        if (tokens.skipOperator(":")) {
            Expression stop = sliceEnd() ? null : expression();
            Expression step = tokens.skipOperator(":") && !sliceEnd() ? expression() : null;
            result = new Expression.Slice(object, start, stop, step, open.at());
        } else {
            if (start == null) {
                throw tokens.failure("expected an expression");
            }
            if (tokens.current().isOperator(",")) {
                List<Expression> items = new ArrayList<>(List.of(start));
                while (tokens.skipOperator(",")) {
                    items.add(expression());
                }
                start = new Expression.TupleLiteral(items, open.at());
            }
            result = new Expression.Subscript(object, start, open.at());
        }
        tokens.expectOperator("]");
        return result;
    }

    private boolean sliceEnd() {
        return tokens.current().isOperator("]") || tokens.current().isOperator(":");
    }

    private Expression.Call call(Expression callee) {
        return new Expression.Call(callee, arguments(), callee.at());
    }

    private CallArguments arguments() {
        Token open = tokens.current();
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        List<Named> named = new ArrayList<>();
        Expression spread = null;
        Expression namedSpread = null;
        while (!tokens.current().isOperator(")")) {
            boolean inOrder = namedSpread == null;
            if (tokens.skipOperator("*")) {
                inOrder &= spread == null;
                spread = expression();
            } else if (tokens.skipOperator("**")) {
                namedSpread = expression();
            } else if (tokens.current().kind() == Kind.NAME
                    && tokens.following().isOperator("=")) {
                String name = tokens.take().text();
                tokens.take();
                named.add(new Named(name, expression()));
            } else {
                inOrder &= spread == null && named.isEmpty();
                positional.add(expression());
            }
            if (!inOrder) {
                throw Tokens.failure("invalid syntax for function call expression", open);
            }
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        tokens.expectOperator(")");
        return new CallArguments(positional, named, spread, namedSpread);
    }

    private Expression filtersAndTests(Expression value) {
        while (true) {
            Token token = tokens.current();
            if (token.isOperator("|")) {
                tokens.take();
                value = filter(value);
            } else if (token.isName("is")) {
                tokens.take();
                value = test(value);
            } else if (token.isOperator("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    /// `name | name(arguments) | …`, as it stands after `filter` or in a set block.
    Expression filters(Expression subject) {
        Expression value = subject;
        while (tokens.skipOperator("|")) {
            value = filter(value);
        }
        return value;
    }

    Expression.Filter filter(Expression subject) {
        Token name = tokens.expect(Kind.NAME, "a filter's name");
        CallArguments arguments = tokens.current().isOperator("(") ? arguments() : CallArguments.NONE;
        return new Expression.Filter(subject, name.text(), arguments, name.at());
    }

    private Expression test(Expression subject) {
        boolean negated = tokens.skipName("not");
        Token name = tokens.expect(Kind.NAME, "a test's name");
        CallArguments arguments = CallArguments.NONE;
        Token next = tokens.current();
        if (next.isOperator("(")) {
            arguments = arguments();
        } else if ((ARGUMENT_OF_TEST.contains(next.kind())
                        || (next.kind() == Kind.OPERATOR && BRACKETS.contains(next.text())))
                && !(next.kind() == Kind.NAME && AFTER_TEST.contains(next.text()))) {
            if (next.isName("is")) {
                throw tokens.failure("You cannot chain multiple tests with is");
            }
            arguments = new CallArguments(List.of(postfix(primary())), List.of(), null, null);
        }
        Expression test = new Expression.Test(subject, name.text(), arguments, name.at());
        return negated ? new Expression.Not(test, name.at()) : test;
    }
}
