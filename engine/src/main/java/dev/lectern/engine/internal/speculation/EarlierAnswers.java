package dev.lectern.engine.internal.speculation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The last answers of an engine, and how well they could be guessed. Those to come are laid out like them where
/// they follow the same schema or the same examples. Not thread-safe.
public final class EarlierAnswers {
    /// Of one generation; two are kept.
    private static final int MOST_TOKENS = 1 << 13;

    /// So much of the prompt is kept with the answer, to tell how one begins.
    private static final int PROMPT_TOKENS = 8;

    /// No token: what follows it is another answer.
    private static final int BORDER = -1;

    /// How often guesses have been right, by the text they come from.
    final Odds contextOdds = new Odds();

    final Odds ownOdds = new Odds();
    final Odds answerOdds = new Odds();
    private TokenIndex current = new TokenIndex(MOST_TOKENS);
    private @Nullable TokenIndex previous;

    /// @param count the answer's tokens, the first ones of `answer`
    public void add(int[] prompt, int[] answer, int count) {
        if (current.length() + count + PROMPT_TOKENS > MOST_TOKENS) {
            previous = current;
            current = new TokenIndex(MOST_TOKENS);
        }
        current.append(prompt, Math.max(0, prompt.length - PROMPT_TOKENS), prompt.length);
        current.append(answer, 0, Math.min(count, MOST_TOKENS - PROMPT_TOKENS));
        current.append(new int[] {BORDER}, 0, 1);
    }

    /// Where an earlier answer agrees longest with the end of a text.
    Proposer.@Nullable Guess find(int[] text, int end, Odds odds) {
        TokenIndex older = previous;
        TokenIndex.Match last = current.longest(text, end, -1);
        TokenIndex.Match before = older == null ? null : older.longest(text, end, -1);
        if (older != null && before != null && (last == null || before.length() > last.length())) {
            return new Proposer.Guess(older, before, odds);
        }
        return last == null ? null : new Proposer.Guess(current, last, odds);
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
