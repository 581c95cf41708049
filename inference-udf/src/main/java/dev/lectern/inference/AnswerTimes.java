package dev.lectern.inference;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/// Days and instants of answers, as the formats `date` and `date-time` write them (RFC 3339, section 5.6).
final class AnswerTimes {
    private static final Pattern DAY = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Pattern INSTANT = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}"
            + "([.][0-9]{1,6}0*)?([Zz]|[+-][0-9]{2}:[0-9]{2})");

    private AnswerTimes() {}

    static boolean isDay(String text) {
        if (!DAY.matcher(text).matches()) {
            return false;
        }
        try {
            day(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    /// Whether it is one, and a column of microseconds holds it: not a leap second, for Java has none.
    static boolean isInstant(String text) {
        if (!INSTANT.matcher(text).matches()) {
            return false;
        }
        try {
            instant(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    /// Days since 1970-01-01.
    ///
    /// @param text of which [#isDay] is true
    static int day(String text) {
        return (int) LocalDate.parse(text).toEpochDay();
    }

    /// @param text of which [#isInstant] is true
    static Instant instant(String text) {
        return OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MICROS);
    }
}
