package dev.lectern.pipeline.pack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SentenceBreaksTest {
    @Test
    void sentencesEndAtStopsBeforeCapitalsAndDigits() {
        assertThat(split(
                        "The vessel left. It came back! Did it? 12 pallets were stored. (So they say.) \"Yes.\" Done."))
                .containsExactly(
                        "The vessel left.",
                        "It came back!",
                        "Did it?",
                        "12 pallets were stored.",
                        "(So they say.)",
                        "\"Yes.\"",
                        "Done.");
    }

    @Test
    void numbersAbbreviationsAndInitialsDoNotEndSentences() {
        assertThat(
                        split(
                                "The reading rose to 3.5 and, e.g. in No. 5, Dr. Weiss and J. Smith saw it fall. Clause 4.2 applies."))
                .containsExactly(
                        "The reading rose to 3.5 and, e.g. in No. 5, Dr. Weiss and J. Smith saw it fall.",
                        "Clause 4.2 applies.");
        assertThat(split("He said no. Then he left.")).containsExactly("He said no.", "Then he left.");
        assertThat(split("1. The first rule of all that were ever written in this house.\n2. The second."))
                .containsExactly("1. The first rule of all that were ever written in this house.", "2. The second.");
    }

    @Test
    void emptyLinesEndParagraphsWhateverStandsBefore() {
        SentenceBreaks breaks = SentenceBreaks.of("Minutes 12\n\nthe crew met\r\n \r\nAgain.\fNext");
        assertThat(breaks.count()).isEqualTo(3);
        assertThat(List.of(breaks.paragraph(0), breaks.paragraph(1), breaks.paragraph(2)))
                .containsOnly(true);
    }

    @Test
    void wrappedLinesHoldTogetherAndRowsDoNot() {
        String wrapped = "This agreement is made between the parties named below, and it shall\n"
                + "Continue in force until it is ended by either of them in writing.";
        assertThat(split(wrapped)).hasSize(1);
        assertThat(split("KX-482 | Norvik Shipping | 93400\nKX-483 | Halden Foods | 1200\nKX-484 | Oslo"))
                .hasSize(3);
        assertThat(split("- a long list item that goes on for well over forty columns here\n- and another one"))
                .hasSize(2);
    }

    @Test
    void scriptsWithoutSpacesBreakAtTheirStops() {
        assertThat(split("条約は署名された。金額は九万。次の項目")).containsExactly("条約は署名された。", "金額は九万。", "次の項目");
    }

    @Test
    void gapsAscendAndLieInsideTheText() {
        for (int seed = 0; seed < 300; seed++) {
            String text = RandomTexts.text(new SplittableRandom(seed), 40);
            SentenceBreaks breaks = SentenceBreaks.of(text);
            int last = 0;
            for (int i = 0; i < breaks.count(); i++) {
                assertThat(breaks.start(i)).as("seed %s", seed).isGreaterThan(last == 0 ? 0 : last - 1);
                assertThat(breaks.end(i)).as("seed %s", seed).isGreaterThanOrEqualTo(breaks.start(i));
                assertThat(text.substring(breaks.start(i), breaks.end(i)).replace('\u00a0', ' '))
                        .as("seed %s", seed)
                        .isBlank();
                last = breaks.end(i);
            }
            assertThat(last).as("seed %s", seed).isLessThan(text.length());
        }
    }

    private static List<String> split(String text) {
        SentenceBreaks breaks = SentenceBreaks.of(text);
        List<String> sentences = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < breaks.count(); i++) {
            sentences.add(text.substring(from, breaks.start(i)));
            from = breaks.end(i);
        }
        sentences.add(text.substring(from));
        return sentences;
    }
}
