package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Statement.Branch;
import dev.lectern.engine.internal.chat.jinja.Statement.Macro;
import dev.lectern.engine.internal.chat.jinja.Statement.Parameter;
import dev.lectern.engine.internal.chat.jinja.Statement.Target;
import dev.lectern.engine.internal.chat.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Parses a template's statements.
final class Parser {
    private static final String SUPPORTED = "break, call, continue, filter, for, generation, if, macro, raw, set, with";

    private final Tokens tokens;
    private final ExpressionParser expressions;

    private Parser(Tokens tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(String template) {
        Parser parser = new Parser(new Tokens(Lexer.tokens(template)));
        List<Statement> statements = new ArrayList<>();
        parser.statementsUntil(statements, Set.of());
        return statements;
    }

    /// Up to the tag that ends the body; its name is the current token then. Without end tags to the template's end.
    private void statementsUntil(List<Statement> body, Set<String> ends) {
        while (true) {
            Token token = tokens.take();
            switch (token.kind()) {
                case DATA -> body.add(new Statement.Data(Text.of(token.text()), token.at()));
                case OUTPUT_BEGIN -> {
                    body.add(new Statement.Output(expressions.tuple(), token.at()));
                    tokens.expect(Kind.OUTPUT_END, "'}}'");
                }
                case BLOCK_BEGIN -> {
                    Token tag = tokens.current();
                    if (tag.kind() == Kind.NAME && ends.contains(tag.text())) {
                        return;
                    }
                    tokens.expect(Kind.NAME, "a tag's name");
                    tokens.nested(() -> statement(body, tag, ends));
                    tokens.expect(Kind.BLOCK_END, "'%}'");
                }
                case END -> {
                    if (ends.isEmpty()) {
                        return;
                    }
                    throw Tokens.failure("unexpected end of template, expected one of the tags " + sorted(ends), token);
                }
                case OUTPUT_END, BLOCK_END, NAME, STRING, INTEGER, FLOAT, OPERATOR ->
                    throw new IllegalStateException("outside a tag: " + token);
            }
        }
    }

    private boolean statement(List<Statement> body, Token tag, Set<String> ends) {
        Position at = tag.at();
        switch (tag.text()) {
            case "if" -> body.add(ifStatement(at));
            case "for" -> body.add(forStatement(at));
            case "set" -> body.add(set(at));
            case "macro" -> body.add(macro(at));
            case "call" -> body.add(callBlock(at));
            case "filter" -> {
                Expression filtered = expressions.filters(expressions.filter(new Expression.Captured(at)));
                body.add(new Statement.FilterBlock(filtered, body("endfilter"), at));
            }
            case "with" -> body.add(with(at));
            case "generation" -> body.add(new Statement.Generation(body("endgeneration"), at));
            case "break" -> body.add(new Statement.Break(at));
            case "continue" -> body.add(new Statement.Continue(at));
            default ->
                throw Tokens.failure(
                        "unknown tag '" + tag.text() + "'; "
                                + (ends.isEmpty() ? "" : "expected here: " + sorted(ends) + "; ") + "supported: "
                                + SUPPORTED,
                        tag);
        }
        return true;
    }

    private static String sorted(Set<String> names) {
        return String.join(", ", names.stream().sorted().toList());
    }

    /// The body of a tag up to and with its end tag's name.
    private List<Statement> body(String end) {
        List<Statement> body = bodyUntil(Set.of(end));
        tokens.take();
        return body;
    }

    private List<Statement> bodyUntil(Set<String> ends) {
        tokens.skipOperator(":");
        tokens.expect(Kind.BLOCK_END, "'%}'");
        List<Statement> body = new ArrayList<>();
        statementsUntil(body, ends);
        return body;
    }

    private Statement ifStatement(Position at) {
        List<Branch> branches = new ArrayList<>();
        while (true) {
            Expression test = expressions.tuple(false, "", false);
            branches.add(new Branch(test, bodyUntil(Set.of("elif", "else", "endif"))));
            String end = tokens.take().text();
            if (end.equals("else")) {
                return new Statement.If(branches, body("endif"), at);
            }
            if (end.equals("endif")) {
                return new Statement.If(branches, List.of(), at);
            }
        }
    }

    private Statement forStatement(Position at) {
        Target target = target("in", false);
        if (!tokens.skipName("in")) {
            throw tokens.failure("expected 'in', got " + tokens.current().display());
        }
        Expression items = expressions.tuple(false, "recursive", false);
        Expression filter = tokens.skipName("if") ? expressions.expression() : null;
        boolean recursive = tokens.skipName("recursive");
        List<Statement> body = bodyUntil(Set.of("endfor", "else"));
        List<Statement> otherwise = tokens.take().text().equals("else") ? body("endfor") : List.of();
        return new Statement.For(target, items, filter, recursive, body, otherwise, at);
    }

    private Statement set(Position at) {
        Target target = target("", true);
        if (tokens.skipOperator("=")) {
            return new Statement.Assignment(target, expressions.tuple(), at);
        }
        Expression filtered = expressions.filters(new Expression.Captured(at));
        return new Statement.BlockAssignment(target, filtered, body("endset"), at);
    }

    private Statement with(Position at) {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (tokens.current().kind() != Kind.BLOCK_END) {
            if (!targets.isEmpty()) {
                tokens.expectOperator(",");
            }
            targets.add(new Target.Variable(variable()));
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Statement.With(targets, values, body("endwith"), at);
    }

    private Statement macro(Position at) {
        String name = variable();
        return new Statement.MacroDefinition(macro(name, parameters(), "endmacro"), at);
    }

    private Statement callBlock(Position at) {
        List<Parameter> parameters = tokens.current().isOperator("(") ? parameters() : List.of();
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw tokens.failure("expected a call after 'call'");
        }
        return new Statement.CallBlock(call, macro("caller", parameters, "endcall"), at);
    }

    private Macro macro(String name, List<Parameter> parameters, String end) {
        // A macro inside another one may ask for its own caller; that is not the outer one asking.
        Set<String> outside = new HashSet<>(tokens.namesRead());
        tokens.namesRead().clear();
        List<Statement> body = body(end);
        Set<String> uses = new HashSet<>(tokens.namesRead());
        uses.retainAll(Set.of("caller", "varargs", "kwargs"));
        tokens.namesRead().clear();
        tokens.namesRead().addAll(outside);
        return new Macro(name, parameters, body, uses);
    }

    private List<Parameter> parameters() {
        tokens.expectOperator("(");
        List<Parameter> parameters = new ArrayList<>();
        while (!tokens.current().isOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
            }
            Token token = tokens.current();
            String name = variable();
            boolean optional = tokens.skipOperator("=");
            if (!optional && !parameters.isEmpty() && parameters.getLast().defaultValue() != null) {
                throw Tokens.failure("non-default argument follows default argument", token);
            }
            parameters.add(new Parameter(name, optional ? expressions.expression() : null));
        }
        tokens.expectOperator(")");
        return parameters;
    }

    private Target target(String end, boolean namespaces) {
        List<Target> targets = new ArrayList<>();
        boolean several = false;
        while (!isTargetEnd(end)) {
            targets.add(oneTarget(namespaces));
            if (!tokens.skipOperator(",")) {
                break;
            }
            several = true;
        }
        if (targets.isEmpty()) {
            throw tokens.failure(
                    "expected a name to assign to, got " + tokens.current().display());
        }
        return several ? new Target.Unpacking(targets) : targets.getFirst();
    }

    private boolean isTargetEnd(String end) {
        Token token = tokens.current();
        return token.kind() == Kind.BLOCK_END
                || token.isOperator("=")
                || token.isOperator(")")
                || (!end.isEmpty() && token.isName(end));
    }

    private Target oneTarget(boolean namespaces) {
        if (tokens.skipOperator("(")) {
            Target inside = tokens.nested(() -> target("", namespaces));
            tokens.expectOperator(")");
            return inside;
        }
        String name = variable();
        if (namespaces && tokens.skipOperator(".")) {
            Token attribute = tokens.expect(Kind.NAME, "an attribute's name");
            return new Target.NamespaceAttribute(name, attribute.text());
        }
        return new Target.Variable(name);
    }

    private String variable() {
        Token token = tokens.expect(Kind.NAME, "a name");
        if (Set.of("true", "false", "none", "True", "False", "None").contains(token.text())) {
            throw Tokens.failure("can't assign to '" + token.text() + "'", token);
        }
        return token.text();
    }
}
