package dev.lectern.engine.internal.constraint.lexical;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The digits of the non-negative decimals between two bounds, as a part of an automaton: a whole part
/// without leading zeros and perhaps a fraction, never an exponent.
///
/// While digits are read, each bound is compared with them place by place: the shorter whole part is the
/// smaller number, and of two of the same length the first place that differs decides.
final class DecimalRange {
    /// How the digits read so far compare with as many of the bound's.
    private enum Order {
        LESS,
        EQUAL,
        GREATER;

        Order then(int digit, int bound) {
            return this != EQUAL ? this : digit < bound ? LESS : digit > bound ? GREATER : EQUAL;
        }
    }

    /// A non-negative bound in digits, without zeros at the end of the fraction.
    private record Bound(String whole, String fraction, boolean exclusive) {
        static Bound of(BigDecimal value, boolean exclusive) {
            String plain = NumberText.plain(value);
            int point = plain.indexOf('.');
            return point < 0
                    ? new Bound(plain, "", exclusive)
                    : new Bound(plain.substring(0, point), plain.substring(point + 1), exclusive);
        }

        /// After `digits` places of the whole part and its end.
        Order wholeRead(Order soFar, int digits) {
            return digits < whole.length() ? Order.LESS : digits > whole.length() ? Order.GREATER : soFar;
        }

        /// After a whole part as long as the bound's and `digits` places of the fraction.
        Order end(Order soFar, int digits) {
            return soFar == Order.EQUAL && digits < fraction.length() ? Order.LESS : soFar;
        }
    }

    /// `digits` places of the whole part, or of the fraction, have been read.
    private record Place(boolean inFraction, int digits, Order low, Order high) {}

    private final Nfa.Builder builder;
    private final boolean whole;
    private final @Nullable Bound low;
    private final @Nullable Bound high;
    private final int wholeDigits;
    private final int fractionDigits;
    private final Map<Place, Integer> known = new HashMap<>();
    private final Deque<Place> open = new ArrayDeque<>();

    private DecimalRange(Nfa.Builder builder, boolean whole, @Nullable Bound low, @Nullable Bound high) {
        this.builder = builder;
        this.whole = whole;
        this.low = low;
        this.high = high;
        // Beyond so many places nothing changes any more.
        this.wholeDigits = 1
                + Math.max(
                        low == null ? 0 : low.whole().length(),
                        high == null ? 0 : high.whole().length());
        this.fractionDigits = Math.max(
                1,
                Math.max(
                        low == null ? 0 : low.fraction().length(),
                        high == null ? 0 : high.fraction().length()));
    }

    /// Adds the numbers of `low..high` behind the state `from`; a bound that is null does not limit. Whole
    /// ones get no fraction.
    static void add(
            Nfa.Builder builder,
            int from,
            @Nullable BigDecimal low,
            boolean lowExclusive,
            @Nullable BigDecimal high,
            boolean highExclusive,
            boolean whole) {
        new DecimalRange(
                        builder,
                        whole,
                        low == null ? null : Bound.of(low, lowExclusive),
                        high == null ? null : Bound.of(high, highExclusive))
                .build(from);
    }

    private void build(int from) {
        zero(from);
        for (int digit = 1; digit <= 9; digit++) {
            Place first = new Place(
                    false,
                    1,
                    low == null ? Order.GREATER : wholeDigit(low, Order.EQUAL, 0, digit),
                    high == null ? Order.LESS : wholeDigit(high, Order.EQUAL, 0, digit));
            builder.edge(from, '0' + digit, '0' + digit, state(first));
        }
        while (!open.isEmpty()) {
            Place place = open.remove();
            int state = state(place);
            if (place.inFraction()) {
                fraction(place, state);
            } else {
                whole(place, state);
            }
        }
    }

    /// The whole part 0, which no digit may follow.
    private void zero(int from) {
        Place after = new Place(
                true,
                0,
                low == null ? Order.GREATER : low.wholeRead(wholeDigit(low, Order.EQUAL, 0, 0), 1),
                high == null ? Order.LESS : high.wholeRead(wholeDigit(high, Order.EQUAL, 0, 0), 1));
        int zero = builder.state(accepts(after));
        builder.edge(from, '0', '0', zero);
        if (!whole) {
            builder.edge(zero, '.', '.', state(after));
        }
    }

    private void whole(Place place, int state) {
        int digits = Math.min(place.digits() + 1, wholeDigits);
        for (int digit = 0; digit <= 9; digit++) {
            Place next = new Place(
                    false,
                    digits,
                    low == null ? Order.GREATER : wholeDigit(low, place.low(), place.digits(), digit),
                    high == null ? Order.LESS : wholeDigit(high, place.high(), place.digits(), digit));
            builder.edge(state, '0' + digit, '0' + digit, state(next));
        }
        if (!whole) {
            builder.edge(state, '.', '.', state(fractionOf(place)));
        }
    }

    private static Order wholeDigit(Bound bound, Order soFar, int digits, int digit) {
        return digits < bound.whole().length() ? soFar.then(digit, bound.whole().charAt(digits) - '0') : soFar;
    }

    private Place fractionOf(Place whole) {
        return new Place(
                true,
                0,
                low == null ? Order.GREATER : low.wholeRead(whole.low(), whole.digits()),
                high == null ? Order.LESS : high.wholeRead(whole.high(), whole.digits()));
    }

    private void fraction(Place place, int state) {
        for (int digit = 0; digit <= 9; digit++) {
            Order lowOrder = low == null ? Order.GREATER : fractionDigit(low, place.low(), place.digits(), digit);
            Order highOrder = high == null ? Order.LESS : fractionDigit(high, place.high(), place.digits(), digit);
            boolean decided = lowOrder != Order.EQUAL && highOrder != Order.EQUAL;
            int digits = decided ? 1 : Math.min(place.digits() + 1, fractionDigits);
            builder.edge(state, '0' + digit, '0' + digit, state(new Place(true, digits, lowOrder, highOrder)));
        }
    }

    private static Order fractionDigit(Bound bound, Order soFar, int digits, int digit) {
        return soFar.then(
                digit, digits < bound.fraction().length() ? bound.fraction().charAt(digits) - '0' : 0);
    }

    private boolean accepts(Place place) {
        Order lowOrder = low == null ? Order.GREATER : low.end(place.low(), place.digits());
        Order highOrder = high == null ? Order.LESS : high.end(place.high(), place.digits());
        boolean aboveLow = lowOrder == Order.GREATER || (lowOrder == Order.EQUAL && low != null && !low.exclusive());
        boolean belowHigh = highOrder == Order.LESS || (highOrder == Order.EQUAL && high != null && !high.exclusive());
        return aboveLow && belowHigh;
    }

    private int state(Place place) {
        Integer state = known.get(place);
        if (state == null) {
            boolean accepts = place.inFraction() ? place.digits() > 0 && accepts(place) : accepts(fractionOf(place));
            state = builder.state(accepts);
            known.put(place, state);
            open.add(place);
        }
        return state;
    }
}
