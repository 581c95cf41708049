package dev.lectern.engine.internal.chat.jinja;

import dev.lectern.engine.internal.chat.jinja.Expression.BinaryOperator;

/// Arithmetic as Python does it, on integers of 64 bits: division and remainder round down, `/` always gives a float.
final class Arithmetic {
    private Arithmetic() {}

    static Value apply(BinaryOperator operator, Value left, Value right) {
        boolean reals = left instanceof Value.Real || right instanceof Value.Real;
        if (operator == BinaryOperator.DIVIDE || reals) {
            return new Value.Real(reals(operator, Operators.real(left), Operators.real(right)));
        }
        long a = Operators.integer(left);
        long b = Operators.integer(right);
        try {
            return switch (operator) {
                case ADD -> Value.number(Math.addExact(a, b));
                case SUBTRACT -> Value.number(Math.subtractExact(a, b));
                case MULTIPLY -> Value.number(Math.multiplyExact(a, b));
                case FLOOR_DIVIDE -> Value.number(Math.floorDivExact(a, nonZero(b)));
                case MODULO -> Value.number(Math.floorMod(a, nonZero(b)));
                case POWER -> b < 0 ? new Value.Real(Math.pow(nonZero(a), b)) : Value.number(power(a, b));
                case DIVIDE -> throw new IllegalStateException("handled above");
            };
        } catch (ArithmeticException e) {
            throw tooLarge();
        }
    }

    static long negate(long value) {
        if (value == Long.MIN_VALUE) {
            throw tooLarge();
        }
        return -value;
    }

    private static TemplateException tooLarge() {
        return TemplateException.unsupported("an integer beyond 64 bits");
    }

    private static double reals(BinaryOperator operator, double a, double b) {
        return switch (operator) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / nonZero(b);
            case FLOOR_DIVIDE -> Math.floor(a / nonZero(b));
            case MODULO -> {
                double remainder = a % nonZero(b);
                yield remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
            }
            case POWER -> {
                double power = Math.pow(a, b);
                if (!Double.isFinite(power) && Double.isFinite(a) && Double.isFinite(b)) {
                    throw TemplateException.type("no float: " + a + " ** " + b);
                }
                yield power;
            }
        };
    }

    /// At most 63 multiplications before an overflow, but for bases 0, 1 and -1.
    private static long power(long base, long exponent) {
        if (base == 0 || base == 1) {
            return exponent == 0 ? 1 : base;
        }
        if (base == -1) {
            return exponent % 2 == 0 ? 1 : -1;
        }
        long power = 1;
        for (long i = 0; i < exponent; i++) {
            power = Math.multiplyExact(power, base);
        }
        return power;
    }

    private static long nonZero(long divisor) {
        if (divisor == 0) {
            throw TemplateException.type("division by zero");
        }
        return divisor;
    }

    private static double nonZero(double divisor) {
        if (divisor == 0) {
            throw TemplateException.type("division by zero");
        }
        return divisor;
    }
}
