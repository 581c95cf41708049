package dev.lectern.engine.internal.tokenizer;

import java.text.Normalizer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Text as the vocabulary wants it, with the way back to the text as it was.
///
/// @param text   normalised
/// @param origin index into the source of each UTF-16 unit of `text`, and the source's length at the end;
///               null when every unit stands where it stood
record NormalizedText(String text, int @Nullable [] origin) {

    static NormalizedText of(String source) {
        return new NormalizedText(source, null);
    }

    /// Index into the source of a unit of `text`, or of its end.
    int sourceIndex(int index) {
        return origin == null ? index : origin[index];
    }

    /// Replaces unpaired surrogates, which UTF-8 cannot express, by U+FFFD: one unit for one, so nothing
    /// moves.
    static String withoutLoneSurrogates(String text) {
        char @Nullable [] repaired = null;
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char unit = text.charAt(i);
            if (!Character.isSurrogate(unit)) {
                continue;
            }
            if (Character.isHighSurrogate(unit) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            if (repaired == null) {
                repaired = text.toCharArray();
            }
            repaired[i] = '\uFFFD';
        }
        return repaired == null ? text : new String(repaired);
    }

    /// Unicode's normalisation form C. Units of a sequence that composes belong to the sequence's first unit.
    NormalizedText composed() {
        if (Normalizer.isNormalized(text, Normalizer.Form.NFC)) {
            return this;
        }
        StringBuilder result = new StringBuilder(text.length());
        int[] origins = new int[text.length() + text.length() / 2 + 16];
        int from = 0;
        while (from < text.length()) {
            int to = endOfSequence(from);
            String sequence = text.substring(from, to);
            String normal = Normalizer.normalize(sequence, Normalizer.Form.NFC);
            if (origins.length <= result.length() + normal.length()) {
                origins = Arrays.copyOf(origins, origins.length * 2 + normal.length());
            }
            boolean same = normal.equals(sequence);
            for (int i = 0; i < normal.length(); i++) {
                int inText = same ? from + i : i == 0 ? from : to;
                origins[result.length() + i] = sourceIndex(inText);
            }
            result.append(normal);
            from = to;
        }
        origins[result.length()] = sourceIndex(text.length());
        return new NormalizedText(result.toString(), Arrays.copyOf(origins, result.length() + 1));
    }

    /// Where the last sequence of a text begins that goes on: it may compose with what follows.
    static int lastSequence(CharSequence text, int length) {
        int at = length;
        while (at > 0) {
            int character = Character.codePointBefore(text, at);
            at -= Character.charCount(character);
            if (!joinsPrevious(character)) {
                return at;
            }
        }
        return 0;
    }

    /// A sequence ends before a character that begins one: neither a mark nor a conjoining Hangul vowel or
    /// final, which are the characters that can compose with what stands before them (UAX #15,
    /// `NFC_QC=Maybe`).
    private int endOfSequence(int from) {
        int to = from + Character.charCount(text.codePointAt(from));
        while (to < text.length()) {
            int character = text.codePointAt(to);
            if (!joinsPrevious(character)) {
                break;
            }
            to += Character.charCount(character);
        }
        return to;
    }

    private static boolean joinsPrevious(int character) {
        return switch (Character.getType(character)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK -> true;
            // Kirat Rai vowel signs, the one script whose composing vowels are letters, lie at U+16D63 to U+16D6A.
            default ->
                (character >= 0x1160 && character <= 0x11FF)
                        || (character >= 0xD7B0 && character <= 0xD7FF)
                        || (character >= 0x16D63 && character <= 0x16D6A);
        };
    }
}
