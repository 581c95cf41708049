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

    /// GPT-2's pattern, built into `ByteLevel`.
    static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /// Llama 3's (tiktoken's cl100k_base).
    static final String LLAMA3 =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /// Qwen 2's: Llama 3's with single digits.
    static final String QWEN2 =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /// Llama 4's (tiktoken's o200k_base): words also end where capitals begin.
    static final String LLAMA4 =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
                    + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /// Mistral Nemo's (Tekken): Llama 4's with single digits and without contractions.
    static final String TEKKEN =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                    + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /// Patterns in which no match holds a letter or digit followed by anything but a letter, digit, mark or
    /// apostrophe, and none looks back: [WordCuts] relies on both.
    private static final Set<String> WORD_PATTERNS = Set.of(GPT2, LLAMA3, QWEN2, LLAMA4, TEKKEN);

    static PreTokenizer of(Step... steps) {
        return new PreTokenizer(List.of(steps));
    }

    /// Cuts with a pattern, then spells bytes.
    static PreTokenizer byteLevel(String pattern) {
        return of(new Step.Split(pattern, true, "Isolated", false), new Step.ByteLevel(false));
    }

    /// Whether a cut between a letter or digit and a following space or punctuation mark is certain.
    boolean cutsAfterWords() {
        boolean certain = false;
        for (Step step : steps) {
            switch (step) {
                case Step.Split split -> {
                    if (!split.regex()
                            || !split.behavior().equals("Isolated")
                            || split.invert()
                            || !WORD_PATTERNS.contains(split.pattern())) {
                        return false;
                    }
                    certain = true;
                }
                case Step.ByteLevel byteLevel -> certain |= byteLevel.useRegex();
                case Step.Digits digits -> {
                    // Cuts between characters by their kind alone, so it never undoes a certain cut.
                }
            }
        }
        return certain;
    }

    /// Whether nothing is cut by patterns, so that only the vocabulary decides how far a token reaches.
    boolean isLiteral() {
        return steps.stream().allMatch(step -> step instanceof Step.Split split && !split.regex());
    }
}
