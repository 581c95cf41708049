package dev.lectern.engine.internal.tokenizer;

import java.util.List;
import java.util.Random;

/// Texts in many scripts, for tests.
final class Texts {
    static final List<String> SAMPLES = List.of(
            "",
            " ",
            "\n\n\n",
            "The agreement's 1,234,567.89 EUR (due 2031-04-17) aren't paid.",
            "Größe, naïve façade, Ærø, Łódź, ĳ",
            "Ελληνικά και Русский текст; България",
            "中文字符。日本語のテキスト、カタカナ！ 한국어 텍스트",
            "العربية مع أرقام ١٢٣ و עברית",
            "हिन्दी में लिखा हुआ क्षत्रिय",
            "ภาษาไทยไม่มีวรรค កម្ពុជា",
            "🦙 🚀🚀 😶‍🌫️ 👩‍👩‍👧‍👦 🇩🇪🇫🇷 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠮷野家",
            "e\u0301 a\u0308\u0323 \u1112\u1161\u11AB combining",
            "tabs\tand\r\nlines\r\rand \u00A0 \u2003 \u3000 spaces   ",
            "NUL\u0000 and \u0001\u007F\u0085 \uFEFF\uFFFD\uFFFE controls",
            "<|begin_of_text|><|header_start|>user<|header_end|>\n\nhi<|eot|>",
            "if (x <= 0x1F) { return \"\\n\"; } // http://example.org/a?b=c&d=%20",
            "▁visible▁spaces ▁ ▁▁");

    private static final int[][] RANGES = {
        {0x20, 0x7E},
        {0x20, 0x7E},
        {0x20, 0x7E},
        {'a', 'z'},
        {'0', '9'},
        {0x09, 0x0D},
        {0xA0, 0x24F},
        {0x300, 0x36F},
        {0x391, 0x3C9},
        {0x400, 0x4FF},
        {0x5D0, 0x5EA},
        {0x620, 0x64A},
        {0x900, 0x97F},
        {0xE01, 0xE5B},
        {0x1100, 0x11FF},
        {0x2000, 0x206F},
        {0x3000, 0x303F},
        {0x3041, 0x30FF},
        {0x4E00, 0x9FFF},
        {0xAC00, 0xD7A3},
        {0xFE00, 0xFE0F},
        {0xFF01, 0xFFEE},
        {0x1F300, 0x1FAFF},
        {0x1D400, 0x1D7FF},
        {0x20000, 0x2A6DF},
        {0, 0x10FFFF}
    };

    private Texts() {}

    /// Words, digits, white space and marks of all scripts; no lone surrogates.
    static String random(Random random, int length) {
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            int[] range = RANGES[random.nextInt(RANGES.length)];
            int run = 1 + random.nextInt(8);
            for (int i = 0; i < run; i++) {
                int character = range[0] + random.nextInt(range[1] - range[0] + 1);
                if (character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE) {
                    text.appendCodePoint(character);
                }
            }
            if (random.nextInt(3) == 0) {
                text.append(" ,\n.'’ \"-/".charAt(random.nextInt(10)));
            }
        }
        return text.toString();
    }
}
