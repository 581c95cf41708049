package dev.lectern.engine.internal.constraint.lexical;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Automata over the JSON text of numbers.
final class NumberText {
    private NumberText() {}

    /// JSON's grammar of numbers, with at most three digits of exponent.
    static Nfa any() {
        Nfa.Builder builder = new Nfa.Builder();
        int start = builder.state(false);
        int minus = builder.state(false);
        int zero = builder.state(true);
        int whole = builder.state(true);
        int point = builder.state(false);
        int fraction = builder.state(true);
        int exponent = builder.state(false);
        int sign = builder.state(false);
        int[] digits = {builder.state(true), builder.state(true), builder.state(true)};
        builder.start(start);
        builder.edge(start, '-', '-', minus);
        for (int from : new int[] {start, minus}) {
            builder.edge(from, '0', '0', zero);
            builder.edge(from, '1', '9', whole);
        }
        builder.edge(whole, '0', '9', whole);
        builder.edge(zero, '.', '.', point);
        builder.edge(whole, '.', '.', point);
        builder.edge(point, '0', '9', fraction);
        builder.edge(fraction, '0', '9', fraction);
        for (int from : new int[] {zero, whole, fraction}) {
            builder.edge(from, 'E', 'E', exponent);
            builder.edge(from, 'e', 'e', exponent);
        }
        builder.edge(exponent, '+', '+', sign);
        builder.edge(exponent, '-', '-', sign);
        builder.edge(exponent, '0', '9', digits[0]);
        builder.edge(sign, '0', '9', digits[0]);
        builder.edge(digits[0], '0', '9', digits[1]);
        builder.edge(digits[1], '0', '9', digits[2]);
        return builder.build();
    }

    static Nfa integer() {
        Nfa.Builder builder = new Nfa.Builder();
        int start = builder.state(false);
        int minus = builder.state(false);
        int zero = builder.state(true);
        int whole = builder.state(true);
        builder.start(start);
        builder.edge(start, '-', '-', minus);
        for (int from : new int[] {start, minus}) {
            builder.edge(from, '0', '0', zero);
            builder.edge(from, '1', '9', whole);
        }
        builder.edge(whole, '0', '9', whole);
        return builder.build();
    }

    static String plain(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }

    static Nfa values(Collection<BigDecimal> values) {
        List<String> texts = new ArrayList<>();
        for (BigDecimal value : values) {
            texts.add(plain(value));
        }
        return Nfa.ofValues(texts);
    }

    static Nfa atLeast(BigDecimal bound, boolean exclusive) {
        throw new LexicalException(LexicalException.Reason.UNSUPPORTED, "not there yet: " + bound + exclusive);
    }

    static Nfa atMost(BigDecimal bound, boolean exclusive) {
        throw new LexicalException(LexicalException.Reason.UNSUPPORTED, "not there yet: " + bound + exclusive);
    }

    static Nfa multipleOf(BigDecimal divisor) {
        throw new LexicalException(LexicalException.Reason.UNSUPPORTED, "not there yet: " + divisor);
    }
}
