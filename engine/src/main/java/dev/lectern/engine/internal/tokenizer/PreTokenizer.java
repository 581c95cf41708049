package dev.lectern.engine.internal.tokenizer;

import java.util.List;
import java.util.Set;

/// How text is cut into words before merging: steps, each of which cuts the pieces that the step before left.
///
/// @param steps in order; none: the whole text is one word
record PreTokenizer(List<Step> steps) {
    static final PreTokenizer NONE = new PreTokenizer(List.of());

    PreTokenizer {
        steps = List.copyOf(steps);
    }

    /// One cut. Names and behaviours are those of Hugging Face's tokenizer.json.
    sealed interface Step {
        /// Cuts around what a pattern matches.
        ///
        /// @param regex    whether `pattern` is a regular expression or literal text
        /// @param behavior `Isolated`, `MergedWithPrevious`, `MergedWithNext` or `Contiguous`
        record Split(String pattern, boolean regex, String behavior, boolean invert) implements Step {}

        /// Spells bytes as characters, after cutting with GPT-2's pattern if `useRegex`.
        record ByteLevel(boolean useRegex) implements Step {}

        /// Cuts runs of digits from the rest, or each digit from the next.
        record Digits(boolean individual) implements Step {}
    }

    /// Patterns of which no match holds an ASCII letter or Han character followed by a space, a line feed or
    /// an ideographic comma or full stop, and that look neither back nor, behind such a letter, ahead.
    private static final Set<String> WORD_PATTERNS = Set.of(
            WordPatterns.GPT2,
            WordPatterns.LLAMA3,
            WordPatterns.QWEN2,
            WordPatterns.QWEN35,
            WordPatterns.MINICPM5,
            WordPatterns.SEED_CODER,
            WordPatterns.BAILING,
            WordPatterns.LLAMA4,
            WordPatterns.YOUTU,
            WordPatterns.TEKKEN,
            WordPatterns.KIMI,
            WordPatterns.BLOOM,
            WordPatterns.DEEPSEEK_V3,
            WordPatterns.DEEPSEEK_CODER_LETTERS,
            WordPatterns.DEEPSEEK_LETTERS);

    /// Patterns whose matches follow each other without a gap, whatever the text.
    private static final Set<String> COVERING_PATTERNS = Set.of(
            WordPatterns.GPT2,
            WordPatterns.LLAMA3,
            WordPatterns.QWEN2,
            WordPatterns.QWEN35,
            WordPatterns.LLAMA4,
            WordPatterns.TEKKEN,
            WordPatterns.KIMI);

    /// Patterns that add cuts to those of [#WORD_PATTERNS] and undo none.
    private static final Set<String> SIDE_PATTERNS = Set.of(
            WordPatterns.LINE_END,
            WordPatterns.DEEPSEEK_PUNCTUATION,
            WordPatterns.DEEPSEEK_CODER_PUNCTUATION,
            WordPatterns.DEEPSEEK_CJK,
            WordPatterns.TRAILING_SPACE,
            WordPatterns.CJK_RUN,
            WordPatterns.YOUTU_SCRIPTS,
            WordPatterns.FALCON_PUNCTUATION,
            WordPatterns.DEFAULT_PUNCTUATION,
            WordPatterns.UP_TO_THREE_DIGITS,
            WordPatterns.DIGITS,
            WordPatterns.THREE_DIGITS);

    static PreTokenizer of(Step... steps) {
        return new PreTokenizer(List.of(steps));
    }

    /// Cuts with a pattern, then spells bytes.
    static PreTokenizer byteLevel(String pattern) {
        return of(new Step.Split(pattern, true, "Isolated", false), new Step.ByteLevel(false));
    }

    /// Cuts with a pattern alone.
    static PreTokenizer isolated(String pattern) {
        return of(new Step.Split(pattern, true, "Isolated", false));
    }

    /// Whether the first step's matches cover every text.
    boolean matchesEverything() {
        return steps.getFirst() instanceof Step.Split split && COVERING_PATTERNS.contains(split.pattern());
    }

    /// Whether a cut behind a word is certain, as [WordCuts#afterWords] has it.
    boolean cutsAfterWords() {
        boolean certain = false;
        for (Step step : steps) {
            switch (step) {
                case Step.Split split -> {
                    boolean words = WORD_PATTERNS.contains(split.pattern());
                    boolean isolated = split.regex() && split.behavior().equals("Isolated") && !split.invert();
                    if (!isolated || !(words || SIDE_PATTERNS.contains(split.pattern()))) {
                        return false;
                    }
                    certain |= words;
                }
                case Step.ByteLevel byteLevel -> certain |= byteLevel.useRegex();
                case Step.Digits digits -> {
                    // Cuts between characters by their kind alone, so it never undoes a certain cut.
                }
            }
        }
        return certain;
    }

    /// Whether nothing is cut but lines from line ends.
    boolean keepsLines() {
        return steps.stream()
                .allMatch(step -> step instanceof Step.Split split
                        && split.regex()
                        && split.behavior().equals("Isolated")
                        && split.pattern().equals(WordPatterns.LINES));
    }

    /// Whether words are cut before every `▁` that follows another character, and nowhere else.
    boolean cutsBeforeSpaces() {
        return steps.size() == 1
                && steps.getFirst() instanceof Step.Split split
                && !split.regex()
                && !split.invert()
                && split.behavior().equals("MergedWithNext")
                && split.pattern().equals(String.valueOf(Vocabulary.VISIBLE_SPACE));
    }
}
