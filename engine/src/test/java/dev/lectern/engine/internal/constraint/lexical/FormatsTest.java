package dev.lectern.engine.internal.constraint.lexical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FormatsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "date~2024-02-29~true",
                "date~2023-02-29~false",
                "date~1900-02-29~false",
                "date~2000-02-29~true",
                "date~2024-04-31~false",
                "date~2024-00-10~false",
                "date~0000-01-01~false",
                "date~24-01-01~false",
                "time~12:00:00Z~true",
                "time~23:59:59.123+05:30~true",
                "time~12:00:00~false",
                "time~24:00:00Z~false",
                "time~23:59:60Z~false",
                "date-time~2024-02-29T23:59:59.999-08:00~true",
                "date-time~2023-02-29T00:00:00Z~false",
                "date-time~2024-01-01 00:00:00Z~false",
                "date-time~2024-01-01T00:00:00+25:00~false",
                "duration~P1Y2M3DT4H5M6S~true",
                "duration~P3W~true",
                "duration~PT1H~true",
                "duration~P~false",
                "duration~P1YT~false",
                "duration~P1Y1W~false",
                "uuid~123e4567-E89B-12d3-a456-426614174000~true",
                "uuid~123e4567e89b12d3a456426614174000~false",
                "email~m4.van.dijk@vu.nl~true",
                "email~a@example.com~true",
                "email~a@b~false",
                "email~a..b@example.com~false",
                "email~a@-b.com~false",
                "email~a b@example.com~false",
                "email~@example.com~false",
                "idn-email~jürgen@müller.de~true",
                "hostname~localhost~true",
                "hostname~a-b.example.com~true",
                "hostname~-a.example.com~false",
                "hostname~example.com.~false",
                "hostname~256.256.256.256~false",
                "hostname~under_score.com~false",
                "idn-hostname~bücher.example~true",
                "ipv4~192.168.1.255~true",
                "ipv4~256.1.1.1~false",
                "ipv4~01.1.1.1~false",
                "ipv4~1.1.1~false",
                "ipv6~2001:db8::1~true",
                "ipv6~::~true",
                "ipv6~::ffff:1.2.3.4~true",
                "ipv6~1::2::3~false",
                "ipv6~1:2:3:4:5:6:7:8:9~false",
                "ipv6~12345::~false",
                "uri~https://user@example.com:8080/a/b?c=d#e~true",
                "uri~urn:isbn:0451450523~true",
                "uri~file:///etc/hosts~true",
                "uri~http://[::1]/~true",
                "uri~http://json-schema.org/draft-04/schema#~true",
                "uri~/relative~false",
                "uri~not a uri~false",
                "uri~http://a b~false",
                "uri~http://%zz~false",
                "uri-reference~/a/b?c~true",
                "uri-reference~``~true",
                "uri-reference~://~false",
                "iri~https://exämple.com/ü~true",
                "uri-template~/users/{id}{?page,size*}~true",
                "uri-template~/users/{id~false",
                "json-pointer~a~false",
                "json-pointer~/a/0~true",
                "relative-json-pointer~1/a~true",
                "relative-json-pointer~01~false",
                "regex~^(a|[bc])+\\d{2}$~true",
                "regex~[~false",
                "regex~(a~false",
            })
    void judges(String format, String value, boolean expected) {
        assertThat(StringLanguage.ofFormat(format).contains(value)).isEqualTo(expected);
    }

    @Test
    void pointersEscapeTheTilde() {
        StringLanguage pointer = StringLanguage.ofFormat("json-pointer");
        assertThat(pointer.contains("/a~1b/~0")).isTrue();
        assertThat(pointer.contains("/a~2")).isFalse();
    }

    /// Every day of the calendar and only those.
    @Test
    void datesAreDays() {
        StringLanguage dates = StringLanguage.ofFormat("date");
        LocalDate day = LocalDate.of(1895, 1, 1);
        while (day.getYear() < 2105) {
            assertThat(dates.contains(day.toString())).isTrue();
            day = day.plusDays(1);
        }
        for (int year = 1; year < 10_000; year += 7) {
            for (int month = 0; month < 14; month++) {
                for (int d = 27; d < 33; d++) {
                    String text = String.format("%04d-%02d-%02d", year, month, d);
                    boolean exists;
                    try {
                        LocalDate.parse(text);
                        exists = true;
                    } catch (DateTimeParseException e) {
                        exists = false;
                    }
                    assertThat(dates.contains(text)).as(text).isEqualTo(exists);
                }
            }
        }
    }

    /// Whatever a walk through a format spells out, the library that reads it takes.
    @Test
    void readersTakeEveryWalk() throws UnknownHostException {
        Random random = new Random(37);
        for (int i = 0; i < 300; i++) {
            OffsetDateTime.parse(walk("date-time", random));
            assertThat(URI.create(walk("uri", random)).isAbsolute()).isTrue();
            URI.create(walk("uri-reference", random));
            assertThat(Pattern.compile(walk("regex", random))).isNotNull();
            assertThat(InetAddress.getByName(walk("ipv6", random))).isNotNull();
            assertThat(walk("hostname", random)).hasSizeLessThanOrEqualTo(253);
            assertThat(walk("email", random)).hasSizeLessThanOrEqualTo(254);
        }
    }

    /// A string of a format, from a walk over raw characters.
    private static String walk(String format, Random random) {
        Dfa dfa = StringLanguage.ofFormat(format).dfa();
        while (true) {
            StringBuilder value = new StringBuilder();
            int state = dfa.start();
            for (int step = 0; step < 200; step++) {
                int[] moves = dfa.moves(state);
                if (dfa.accepting(state) && (moves.length == 0 || random.nextInt(4) == 0)) {
                    return value.toString();
                }
                int move = 3 * random.nextInt(moves.length / 3);
                value.appendCodePoint(moves[move] + random.nextInt(moves[move + 1] - moves[move] + 1));
                state = moves[move + 2];
            }
        }
    }

    /// The opposite of a format is what surely is none, which is less than what the language leaves out.
    @Test
    void oppositesLeaveOutWhatMayBeOne() {
        StringLanguage noAddress = StringLanguage.ofFormat("ipv6").complement();
        assertThat(noAddress.contains("localhost")).isTrue();
        assertThat(noAddress.contains("1.2.3.4")).isTrue();
        assertThat(noAddress.contains("fe80::1%eth0")).isFalse();
        assertThat(noAddress.intersect(StringLanguage.ofFormat("hostname")).contains("example.com"))
                .isTrue();
        StringLanguage noDate = StringLanguage.ofFormat("date").complement();
        assertThat(noDate.contains("20240101")).isFalse();
        assertThat(noDate.contains("today")).isTrue();
    }

    @Test
    void unknownFormatsAreNamed() {
        assertThat(StringLanguage.knowsFormat("date")).isTrue();
        assertThat(StringLanguage.knowsFormat("chickenbutt")).isFalse();
        assertThatThrownBy(() -> StringLanguage.ofFormat("chickenbutt"))
                .isInstanceOf(LexicalException.class)
                .hasMessageStartingWith("the unknown format 'chickenbutt'; known are [date, date-time, duration");
    }
}
