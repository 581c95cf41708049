package dev.lectern.inference;

import dev.lectern.inference.AnswerType.Decimal;
import dev.lectern.inference.AnswerType.Scalar;

/// The number types by what they hold.
final class NumberTypes {
    /// Digits of the greatest 64-bit integer.
    private static final int LONG_DIGITS = 19;

    private NumberTypes() {}

    static boolean isNumber(AnswerType type) {
        return type == Scalar.LONG || type == Scalar.DOUBLE || type instanceof Decimal;
    }

    /// One that holds the values of both; a double where no decimal has so many digits.
    static AnswerType wider(AnswerType a, AnswerType b) {
        if (a.equals(b)) {
            return a;
        }
        if (a == Scalar.DOUBLE || b == Scalar.DOUBLE) {
            return Scalar.DOUBLE;
        }
        int scale = Math.max(scale(a), scale(b));
        int precision = Math.max(wholeDigits(a), wholeDigits(b)) + scale;
        return precision > Decimal.MAX_PRECISION ? Scalar.DOUBLE : new Decimal(precision, scale);
    }

    /// One that holds the values which are of both: that of the fewer digits behind the point.
    static AnswerType narrower(AnswerType a, AnswerType b) {
        if (a == Scalar.DOUBLE) {
            return b;
        }
        if (b == Scalar.DOUBLE) {
            return a;
        }
        if (scale(a) != scale(b)) {
            return scale(a) < scale(b) ? a : b;
        }
        return wholeDigits(a) <= wholeDigits(b) ? a : b;
    }

    private static int scale(AnswerType type) {
        return type instanceof Decimal decimal ? decimal.scale() : 0;
    }

    private static int wholeDigits(AnswerType type) {
        return type instanceof Decimal decimal ? decimal.wholeDigits() : LONG_DIGITS;
    }
}
