package dev.lectern.pipeline.pack;

import java.util.random.RandomGenerator;

/// Texts with everything that parts badly: emoji, CJK, combining marks, abbreviations, tables, lines of every length.
final class RandomTexts {
    private static final String[] WORDS = {
        "the",
        "Agreement",
        "KX-482",
        "93400",
        "EUR",
        "Dr.",
        "e.g.",
        "No.",
        "5",
        "naïve",
        "Straße",
        "条約",
        "金額は九万",
        "한국어",
        "👩‍👩‍👧",
        "🚢",
        "e\u0301",
        "2031-04-17",
        "(see",
        "clause)",
        "\"quoted\"",
        "-",
        "|",
        "𝔘𝔫𝔦",
        "\uFFFD",
        "x"
    };
    private static final String[] STOPS = {".", "!", "?", "…", ".”", "。", "？", ".)", ";", ":", ""};
    private static final String[] GAPS = {
        " ", " ", " ", "  ", "\n", "\n\n", "\r\n", "\r\n\r\n", "\n\n\n", "\t", "\f", "\u00a0", ""
    };

    private RandomTexts() {}

    static String text(RandomGenerator random, int sentences) {
        StringBuilder text = new StringBuilder();
        for (int s = 0; s < sentences; s++) {
            int words = 1 + random.nextInt(random.nextInt(10) == 0 ? 60 : 12);
            for (int w = 0; w < words; w++) {
                text.append(w == 0 ? "" : random.nextInt(12) == 0 ? "\n" : " ");
                text.append(WORDS[random.nextInt(WORDS.length)]);
            }
            text.append(STOPS[random.nextInt(STOPS.length)]);
            text.append(GAPS[random.nextInt(GAPS.length)]);
        }
        return text.isEmpty() ? "x" : text.toString();
    }
}
