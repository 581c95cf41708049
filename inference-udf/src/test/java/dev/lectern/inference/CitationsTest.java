package dev.lectern.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CitationsTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();

    private static List<Citation> cite(String answer, String text) throws Exception {
        Citations citations = new Citations();
        Citations.Cited cited = citations.add(JSON.readTree(answer));
        citations.scan("doc", text, 0, List.of());
        return cited.citations();
    }

    /// The citation of the one value, as `occurrences:quote`.
    private static String of(String value, String text) throws Exception {
        Citation citation = cite("{\"x\":" + value + "}", text).getFirst();
        Citation.Place place = citation.place();
        if (place != null) {
            assertThat(text.substring(place.charStart(), place.charEnd())).isEqualTo(place.quote());
        }
        return citation.occurrences() + ":" + (place == null ? "-" : place.quote());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "93400 | pays 93400 EUR         | 1:93400",
                "93400 | pays 93,400 EUR        | 1:93,400",
                "93400 | pays 93 400 EUR        | 1:93 400",
                "93400 | pays 93\u00A0400 EUR   | 1:93\u00A0400",
                "93400 | pays 93.400 EUR        | 1:93.400",
                "93400 | pays 93'400 CHF        | 1:93'400",
                "93400 | pays 93,400.00 EUR     | 1:93,400.00",
                "93400 | pays 93.400,00 EUR     | 1:93.400,00",
                "93400 | pays 93400.00.         | 1:93400.00",
                "93400 | pays EUR93400, now     | 1:93400",
                "93400 | pays $93,400           | 1:93,400",
                "93400 | pays 93400GBP          | 1:93400",
                "93400.50 | pays 93,400.5       | 1:93,400.5",
                "93400.0 | pays 93400           | 1:93400",
                "1234567 | is 1,234,567         | 1:1,234,567",
                "340   | pays 93400, 93,340     | 0:-",
                "340   | KX-340 and A340, 340B  | 0:-",
                "340   | 1340 3401 3.340 340.5  | 0:-",
                "340   | 12,340 and (340).      | 1:340",
                "400   | pays 93 400 EUR        | 1:400",
                "93400 | 93\\n400               | 0:-",
                "482   | owes -482              | 0:-",
                "-482  | owes -482              | 1:-482",
                "20    | between 10-20 units    | 1:20",
                "2031  | on 2031-04-17          | 1:2031",
                "2031  | on 17.04.2031          | 1:2031",
                "7     | agent 007              | 0:-",
                "0     | 0 and 0.0              | 2:0",
                "20    | 10,20,30               | 1:20",
                "93400 | 93,400 then 93400      | 2:93400",
            })
    void findsNumbersByValue(String value, String text, String expected) throws Exception {
        assertThat(of(value, text.replace("\\n", "\n"))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"Norvik Shipping\" | with Norvik Shipping.         | 1:Norvik Shipping",
                "\"Norvik Shipping\" | with NORVIK \\n  shipping      | 1:NORVIK \\n  shipping",
                "\"Norvik Shipping\" | norvik shipping, Norvik Shipping | 2:Norvik Shipping",
                "\"Norvik\"          | Norviking, xNorvik, Norvik_   | 0:-",
                "\"KX-482\"          | KX-4821 or KX-482             | 1:KX-482",
                "\"KX-482\"          | AKX-482                       | 0:-",
                "\"2031-04-17\"      | dated 2031-04-17.             | 1:2031-04-17",
                "\"48\"              | 482 148 48.2 1,48             | 0:-",
                "\"48\"              | A-48 is 48.                   | 2:48",
                "\"93400\"           | pays 93,400                   | 1:93,400",
                "\"\"                | anything                      | 0:-",
                "\"  \"              | any  thing                    | 0:-",
                "\"été\"             | L'ÉTÉ                         | 1:ÉTÉ",
                "\"北京\"              | 在北京工作                          | 1:北京",
                "\"😀 ok\"           | so 😀  OK!                    | 1:😀  OK",
                "\"(a)\"             | see (A).                      | 1:(A)",
            })
    void findsStringsBetweenBoundaries(String value, String text, String expected) throws Exception {
        assertThat(of(value, text.replace("\\n", "\n"))).isEqualTo(expected.replace("\\n", "\n"));
    }

    @Test
    void citesEachStringAndNumberByItsPointer() throws Exception {
        assertThat(cite("{\"a\":{\"b/c\":[\"x\",1,true,null]},\"found\":false,\"d\":\"none\"}", "x and 1"))
                .extracting(Citation::field, Citation::occurrences)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple("/a/b~1c/0", 1),
                        org.assertj.core.api.Assertions.tuple("/a/b~1c/1", 1),
                        org.assertj.core.api.Assertions.tuple("/d", 0));
    }

    @Test
    void givesDocumentSpanAndPageOfTheFirstPlace() throws Exception {
        Citations citations = new Citations();
        Citations.Cited cited = citations.add(JSON.readTree("{\"p\":\"here\",\"n\":5}"));
        citations.scan("one", "nothing", 0, List.of());
        citations.scan(
                "two",
                "xx here 5",
                100,
                List.of(new PageSpan(1, 0, 101), new PageSpan(2, 101, 106), new PageSpan(3, 106, 200)));
        citations.scan("three", "here", 0, List.of());
        assertThat(cited.citations())
                .containsExactly(
                        new Citation("/p", new Citation.Place("two", 103, 107, 2, "here"), 2),
                        new Citation("/n", new Citation.Place("two", 108, 109, 3, "5"), 1));
    }

    @Test
    void quotesAreAlwaysWhatStandsThere() throws Exception {
        String alphabet = "019 93,400.'-\n\u00A0aKE€é北";
        for (int seed = 0; seed < 3_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(60); i >= 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            int from = random.nextInt(text.length());
            String leaf = text.substring(from, from + random.nextInt(Math.min(8, text.length() - from)));
            Citation citation = cite(JSON.writeValueAsString(java.util.Map.of("x", leaf)), text.toString())
                    .getFirst();
            Citation.Place place = citation.place();
            assertThat(place == null).as("seed %d", seed).isEqualTo(citation.occurrences() == 0);
            if (place != null) {
                assertThat(text.substring(place.charStart(), place.charEnd()))
                        .as("seed %d", seed)
                        .isEqualTo(place.quote());
            }
            for (String number : List.of("93400", "0", "9.3", "-93")) {
                of(number, text.toString());
            }
        }
    }

    @Test
    void aMegabyteAndAThousandAnswersTakeLittleTime() throws Exception {
        Random random = new Random(1);
        StringBuilder text = new StringBuilder();
        while (text.length() < 1 << 20) {
            text.append("Agreement ")
                    .append(random.nextInt(100_000))
                    .append(" names party")
                    .append(random.nextInt(5_000))
                    .append(". ");
        }
        Citations citations = new Citations();
        for (int i = 0; i < 1_000; i++) {
            citations.add(JSON.readTree(
                    "{\"a\":" + random.nextInt(100_000) + ",\"b\":\"party" + i + "\",\"c\":\"names party" + i + "\"}"));
        }
        long start = System.nanoTime();
        citations.scan("doc", text.toString(), 0, List.of());
        assertThat((System.nanoTime() - start) / 1_000_000).as("milliseconds").isLessThan(5_000);
    }
}
