package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Token.Kind;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// The parser's place among a template's tokens.
final class Tokens {
    /// Expressions and statements inside each other. The parser's stack grows with it.
    private static final int MAX_DEPTH = 150;

    private final List<Token> tokens;
    private final Set<String> namesRead = new HashSet<>();
    private int next;
    private int depth;

    Tokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    /// Never runs out: after the last token comes END, again and again.
    Token current() {
        return tokens.get(Math.min(next, tokens.size() - 1));
    }

    Token following() {
        return tokens.get(Math.min(next + 1, tokens.size() - 1));
    }

    Token take() {
        Token token = current();
        next++;
        return token;
    }

    boolean skipName(String name) {
        if (current().isName(name)) {
            next++;
            return true;
        }
        return false;
    }

    boolean skipOperator(String operator) {
        if (current().isOperator(operator)) {
            next++;
            return true;
        }
        return false;
    }

    Token expect(Kind kind, String what) {
        if (current().kind() != kind) {
            throw failure("expected " + what + ", got " + current().display());
        }
        return take();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw failure("expected '" + operator + "', got " + current().display());
        }
    }

    <T> T nested(Supplier<T> parse) {
        if (++depth > MAX_DEPTH) {
            throw failure("expressions and statements nested deeper than " + MAX_DEPTH);
        }
        T result = parse.get();
        depth--;
        return result;
    }

    void read(String name) {
        namesRead.add(name);
    }

    /// Names read since the last call, so that a macro knows whether its body asks for `caller`.
    Set<String> namesRead() {
        return namesRead;
    }

    TemplateException failure(String message) {
        return failure(message, current());
    }

    static TemplateException failure(String message, Token token) {
        return new TemplateException(TemplateException.Reason.SYNTAX, message, token.at());
    }
}
