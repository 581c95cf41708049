package dev.lectern.engine.internal.speculation;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// The last answers of an engine, and how well they could be guessed. Those to come are laid out like them where
/// they follow the same schema or the same examples. Not thread-safe.
public final class EarlierAnswers {
    /// Of one generation; two are kept.
    private static final int MOST_TOKENS = 1 << 13;

    /// So much of the prompt is kept with the answer, to tell how one begins.
    private static final int PROMPT_TOKENS = 8;

    /// Of the last answers: as many questions as are asked together, for the most part.
    private static final int MOST_LAYOUTS = 32;

    /// Of a prompt, kept with a layout: a prompt may be a whole document, with the question at its end.
    private static final int QUESTION_TOKENS = 512;

    /// No token: what follows it is another answer.
    private static final int BORDER = -1;

    /// How often guesses have been right, by the text they come from.
    final Odds contextOdds = new Odds();

    final Odds ownOdds = new Odds();
    final Odds answerOdds = new Odds();
    final Odds layoutOdds = new Odds();
    private final Deque<Layout> layouts = new ArrayDeque<>();
    private TokenIndex current = new TokenIndex(MOST_TOKENS);
    private @Nullable TokenIndex previous;

    /// @param common which of the answer's tokens stand in its layout; null where it followed none
    void add(int[] prompt, int[] answer, @Nullable BitSet common) {
        int count = Math.min(answer.length, MOST_TOKENS - PROMPT_TOKENS - 1);
        if (current.length() + count + PROMPT_TOKENS >= MOST_TOKENS) {
            previous = current;
            current = new TokenIndex(MOST_TOKENS);
        }
        current.append(prompt, Math.max(0, prompt.length - PROMPT_TOKENS), prompt.length);
        current.append(answer, 0, count);
        current.append(new int[] {BORDER}, 0, 1);
        if (answer.length <= MOST_TOKENS) {
            BitSet known = common;
            if (known == null) {
                // What will be found again is not known: as yet all of it may.
                known = new BitSet();
                known.set(0, answer.length);
            }
            layouts.addFirst(new Layout(question(prompt), answer, known));
            if (layouts.size() > MOST_LAYOUTS) {
                layouts.removeLast();
            }
        }
    }

    /// The layout of the answer to the most similar prompt, of equals the last; null before the first answer.
    @Nullable
    Layout layout(int[] prompt) {
        int[] question = question(prompt);
        Layout best = null;
        int most = -1;
        for (Layout layout : layouts) {
            int agreement = layout.agreement(question);
            if (agreement > most) {
                best = layout;
                most = agreement;
            }
        }
        return best;
    }

    private static int[] question(int[] prompt) {
        return Arrays.copyOfRange(prompt, Math.max(0, prompt.length - QUESTION_TOKENS), prompt.length);
    }

    /// Where an earlier answer agrees longest with the end of a text.
    Proposer.@Nullable Guess find(int[] text, int end, Odds odds) {
        TokenIndex older = previous;
        TokenIndex.Match last = current.longest(text, end, -1);
        TokenIndex.Match before = older == null ? null : older.longest(text, end, -1);
        if (older != null && before != null && (last == null || before.length() > last.length())) {
            return Proposer.Guess.of(older, before, odds);
        }
        return last == null ? null : Proposer.Guess.of(current, last, odds);
    }

    /// The leading tokens that belong to one answer.
    static int[] withinAnswer(int[] tokens) {
        int length = 0;
        while (length < tokens.length && tokens[length] != BORDER) {
            length++;
        }
        return length == tokens.length ? tokens : Arrays.copyOf(tokens, length);
    }
}
