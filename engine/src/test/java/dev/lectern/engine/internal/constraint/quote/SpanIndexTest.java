package dev.lectern.engine.internal.constraint.quote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.internal.constraint.lexical.JsonSpelling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SpanIndexTest {
    static Stream<List<String>> corpora() {
        Random random = new Random(17);
        return Stream.of(
                List.of(),
                List.of(""),
                List.of("", "  \n ", "\u0301"),
                List.of("a"),
                List.of("The cat sat on the mat. The cat!"),
                List.of("the cat", "the cat", "the", "", "the cat sat"),
                List.of("EUR 93,400 (\"net\")\tof\u0001tax\\année €5", "条文は第一条から始まる。甲は乙に", "naïve cafe\u0301s 🙂🙂 ok"),
                List.of("broken \uD800 half, \uDC00\uD83D\uDE42 whole \uD83D"),
                List.of(random(random, "ab ", 3_000), random(random, "ab ", 500)),
                List.of(random(random, "abcdefgh .,\n\"é条", 5_000)),
                List.of("a ".repeat(2_000), "a ".repeat(1_000) + "b"),
                List.of("-".repeat(3_000) + "x" + " ".repeat(400), "\u0301".repeat(900), " ".repeat(300) + "y"),
                copies(random));
    }

    private static String random(Random random, String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    private static List<String> copies(Random random) {
        String page = random(random, "abcdefgh .,\n", 2_000);
        List<String> texts = new ArrayList<>(List.of(page, page, " ", page + page));
        texts.add(page.substring(500, 1_500));
        return texts;
    }

    @ParameterizedTest
    @MethodSource("corpora")
    void sortsStartsByWhatFollows(List<String> corpus) {
        SpelledTexts texts = new SpelledTexts(corpus);
        int[] order = SuffixSorter.sort(texts);
        List<Integer> expected = new ArrayList<>();
        for (int at = texts.startFrom(0); at >= 0; at = texts.startFrom(at + 1)) {
            assertThat(texts.ordinal(at)).isEqualTo(expected.size());
            assertThat(texts.startUpTo(at)).isEqualTo(at);
            expected.add(at);
        }
        byte[] bytes = texts.bytes();
        expected.sort((a, b) -> Arrays.compareUnsigned(bytes, a, texts.length() + 1, bytes, b, texts.length() + 1));
        int[] sorted = expected.stream().mapToInt(i -> i).toArray();
        assertThat(order).containsExactly(sorted);
        assertThat(SuffixSorter.sort(texts, 5)).containsExactly(sorted);
    }

    @ParameterizedTest
    @MethodSource("corpora")
    void startsAreNeverFarApart(List<String> corpus) {
        SpelledTexts texts = new SpelledTexts(corpus);
        int before = -1;
        for (int at = texts.startFrom(0); at >= 0; at = texts.startFrom(at + 1)) {
            assertThat(at - before).isLessThan(80);
            before = at;
        }
        assertThat(texts.length() - before).isLessThan(80);
    }

    @ParameterizedTest
    @MethodSource("corpora")
    void findsEverySpanWhereItIs(List<String> corpus) {
        SpanIndex index = SpanIndex.of(corpus);
        Random random = new Random(3);
        for (int number = 0; number < corpus.size(); number++) {
            String text = corpus.get(number);
            for (int trial = 0; trial < 200 && !text.isEmpty(); trial++) {
                int start = random.nextInt(text.length());
                int end = start + 1 + random.nextInt(Math.min(60, text.length() - start));
                String span = text.substring(start, end);
                SpanIndex.Place place = whole(span) ? index.find(JsonSpelling.of(span)) : null;
                if (place == null) {
                    continue;
                }
                assertThat(corpus.get(place.text()).substring(place.start(), place.end()))
                        .isEqualTo(span);
                assertThat(place.occurrences()).isPositive();
                int first = corpus.get(place.text()).indexOf(span);
                assertThat(place.start()).isGreaterThanOrEqualTo(first);
            }
        }
    }

    private static boolean whole(String span) {
        return span.codePoints().noneMatch(JsonSpelling::isSurrogate);
    }

    @Test
    void knowsWordsAndCharactersAsBeginnings() {
        SpanIndex index = SpanIndex.of(List.of("He paid €5 (net) to d'Arc_x.", "甲は乙に払う", "cafe\u0301s"));
        for (String found :
                List.of("He", "paid €5", "€5", "5 ", "(net", "net)", "Arc_x", "甲は", "は乙", "払う", "cafe\u0301s")) {
            assertThat(index.find(JsonSpelling.of(found))).as(found).isNotNull();
        }
        for (String hidden : List.of("e paid", "aid", " paid", "x.", "_x", "s", "\u0301s", "払う.", "He  paid", "")) {
            assertThat(index.find(JsonSpelling.of(hidden))).as(hidden).isNull();
        }
    }

    @Test
    void namesTheFirstOfSeveralPlaces() {
        SpanIndex index = SpanIndex.of(List.of("x 🙂 the \"end\" of it", "the end", "the end of the \"end\""));
        assertThat(index.find(JsonSpelling.of("the \"end\""))).isEqualTo(new SpanIndex.Place(0, 5, 14, 2));
        assertThat(index.find(JsonSpelling.of("the"))).isEqualTo(new SpanIndex.Place(0, 5, 8, 4));
        assertThat(index.longest()).isEqualTo(20);
    }

    @Test
    void takesRepetitionsInReasonableTime() {
        String line = "Page 1 of 1. All rights reserved.\n";
        List<String> texts = List.of(line.repeat(6_000), line.repeat(6_000), "a".repeat(200_000), "a ".repeat(100_000));
        long begin = System.nanoTime();
        SpanIndex index = SpanIndex.of(texts);
        assertThat(System.nanoTime() - begin).isLessThan(10_000_000_000L);
        SpanIndex.Place place = index.find(JsonSpelling.of(line.repeat(5_999)));
        assertThat(place).isEqualTo(new SpanIndex.Place(0, 0, line.length() * 5_999, 4));
    }
}
