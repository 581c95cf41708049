package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.tokenizer.PreTokenizer.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Cuts text into words as a [PreTokenizer] says, also where the text is not all there yet. Immutable and
/// thread-safe; a [Session] holds what one text needs.
///
/// Steps cut the pieces that the step before left, each as if it were a text of its own. In a text that goes
/// on, a match is certain when the regular expression engine did not look at the end in finding it
/// ([Matcher#hitEnd]); the rest waits for more text.
final class WordSplitter {
    private final String origin;
    private final List<Cut> steps;

    /// Certain places in a text that goes on, told without matching; null where there is no such rule.
    private final @Nullable WordCuts shortcuts;

    /// Places inside words that no token crosses; null in byte-level vocabularies, where any two bytes may
    /// meet.
    private final @Nullable WordCuts insideWords;

    private record Cut(Pattern pattern, String behavior, boolean inverted) {
        boolean isolates() {
            return behavior.equals("Isolated");
        }
    }

    /// Takes the words in order.
    interface Words {
        void word(int from, int to);
    }

    WordSplitter(TokenizerSpec spec) {
        this.origin = spec.origin();
        this.steps = cuts(spec);
        boolean pieces = spec.isSentencePiece();
        this.insideWords = pieces ? WordCuts.betweenPieces(spec.vocabulary()) : null;
        if (spec.preTokenizer().cutsAfterWords()) {
            this.shortcuts = WordCuts.afterWords();
        } else if (spec.preTokenizer().keepsLines()) {
            this.shortcuts = insideWords;
        } else {
            this.shortcuts = spec.preTokenizer().cutsBeforeSpaces() ? WordCuts.beforeSpaces() : null;
        }
    }

    private static List<Cut> cuts(TokenizerSpec spec) {
        List<Cut> cuts = new ArrayList<>();
        for (Step step : spec.preTokenizer().steps()) {
            switch (step) {
                case Step.Split split ->
                    cuts.add(new Cut(
                            split.regex()
                                    ? OnigurumaPattern.compile(spec.origin(), split.pattern())
                                    : Pattern.compile(Pattern.quote(split.pattern())),
                            split.behavior(),
                            split.invert()));
                case Step.Digits digits ->
                    cuts.add(new Cut(
                            OnigurumaPattern.compile(spec.origin(), digits.individual() ? "\\p{N}" : "\\p{N}+"),
                            "Isolated",
                            false));
                case Step.ByteLevel byteLevel -> {
                    if (byteLevel.useRegex()) {
                        cuts.add(
                                new Cut(OnigurumaPattern.compile(spec.origin(), WordPatterns.GPT2), "Isolated", false));
                    }
                }
            }
        }
        return List.copyOf(cuts);
    }

    Session open(TextWindow text, Words words) {
        return new Session(text, words);
    }

    /// Cuts one text. Not thread-safe.
    final class Session {
        private final TextWindow text;
        private final Words words;
        private final Matcher[] matchers;

        private Session(TextWindow text, Words words) {
            this.text = text;
            this.words = words;
            this.matchers =
                    steps.stream().map(step -> step.pattern.matcher(text)).toArray(Matcher[]::new);
        }

        /// Cuts a text that ends at `to`.
        void all(int from, int to) {
            try {
                split(from, to, 0);
            } catch (StackOverflowError e) {
                throw tooDeep(from, to);
            }
        }

        /// Cuts what is certain of a text that goes on after `to`.
        ///
        /// @return where the rest begins; `from` when nothing is certain
        int certain(int from, int to) {
            if (shortcuts != null) {
                int cut = shortcuts.last(text.characters(), from, to);
                if (cut > from) {
                    all(from, cut);
                    return cut;
                }
            }
            if (steps.isEmpty() || !steps.getFirst().isolates()) {
                return from;
            }
            try {
                return splitCertain(from, to);
            } catch (StackOverflowError e) {
                throw tooDeep(from, to);
            }
        }

        private int splitCertain(int from, int to) {
            Matcher matcher = matchers[0].region(from, to);
            int done = from;
            while (find(matcher, done, to) && !matcher.hitEnd()) {
                if (matcher.start() > done) {
                    split(done, matcher.start(), 1);
                }
                if (matcher.end() > matcher.start()) {
                    split(matcher.start(), matcher.end(), 1);
                }
                done = matcher.end();
            }
            return done;
        }

        private void split(int from, int to, int depth) {
            if (depth == steps.size()) {
                word(from, to);
                return;
            }
            Cut cut = steps.get(depth);
            if (!cut.isolates()) {
                splitMerging(cut, from, to, depth);
                return;
            }
            Matcher matcher = matchers[depth].region(from, to);
            int done = from;
            while (find(matcher, done, to)) {
                if (matcher.start() > done) {
                    split(done, matcher.start(), depth + 1);
                }
                if (matcher.end() > matcher.start()) {
                    split(matcher.start(), matcher.end(), depth + 1);
                }
                done = matcher.end();
            }
            if (done < to) {
                split(done, to, depth + 1);
            }
        }

        /// The behaviours that join matches with what is beside them (tokenizers, `NormalizedString::split`).
        private void splitMerging(Cut cut, int from, int to, int depth) {
            List<int[]> pieces = new ArrayList<>(); // from, to, 1 for a match
            Matcher matcher = matchers[depth].region(from, to);
            int done = from;
            while (find(matcher, done, to)) {
                if (matcher.start() > done) {
                    pieces.add(new int[] {done, matcher.start(), cut.inverted ? 1 : 0});
                }
                if (matcher.end() > matcher.start()) {
                    pieces.add(new int[] {matcher.start(), matcher.end(), cut.inverted ? 0 : 1});
                }
                done = matcher.end();
            }
            if (done < to) {
                pieces.add(new int[] {done, to, cut.inverted ? 1 : 0});
            }
            int at = 0;
            while (at < pieces.size()) {
                int last = at;
                switch (cut.behavior) {
                    case "MergedWithPrevious" -> {
                        if (isMatch(pieces, at + 1) && !isMatch(pieces, at)) {
                            last = at + 1;
                        }
                    }
                    case "MergedWithNext" -> {
                        if (isMatch(pieces, at) && at + 1 < pieces.size() && !isMatch(pieces, at + 1)) {
                            last = at + 1;
                        }
                    }
                    case "Contiguous" -> {
                        while (last + 1 < pieces.size() && isMatch(pieces, last + 1) == isMatch(pieces, at)) {
                            last++;
                        }
                    }
                    default -> throw new IllegalStateException("behaviour " + cut.behavior);
                }
                split(pieces.get(at)[0], pieces.get(last)[1], depth + 1);
                at = last + 1;
            }
        }

        private static boolean isMatch(List<int[]> pieces, int index) {
            return index < pieces.size() && pieces.get(index)[2] == 1;
        }

        private boolean find(Matcher matcher, int from, int to) {
            text.allowReads(to - from);
            return matcher.find();
        }

        private void word(int from, int to) {
            if (insideWords == null) {
                words.word(from, to);
                return;
            }
            int at = from;
            while (at < to) {
                int cut = insideWords.next(text.characters(), at, to);
                words.word(at, cut);
                at = cut;
            }
        }

        private ModelUnsupported tooDeep(int from, int to) {
            return new ModelUnsupported(
                    "[" + origin + "] a pattern of this tokenizer needs more stack than there is for " + (to - from)
                            + " characters of text");
        }
    }
}
