package dev.lectern.engine.internal.speculation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Guesses how one sequence goes on: as the context, its prompt, what it has written or an earlier answer went on
/// where the same tokens stood before ("prompt lookup"). Answers that quote are guessed many tokens at a time. Used
/// by one thread at a time.
///
/// What it proposes is right or not, never part of the result: whoever asks verifies it.
public final class Proposer {
    private static final int[] NONE = {};

    /// The end of the prompt, the question for the most part, is looked up in the context.
    private static final int QUESTION_TOKENS = 64;

    /// What the sequence itself is expected to become at first.
    private static final int ANSWER_TOKENS = 256;

    private final @Nullable TokenIndex context;
    private final EarlierAnswers answers;
    private final TokenIndex own;
    private final Odds contextOdds;
    private final Odds ownOdds;
    private final Odds answerOdds;
    /// Where in the context the answer is; negative where that is not known.
    private int near = -1;

    private @Nullable Guess last;

    /// A place in a text, and what is known of such.
    record Guess(TokenIndex index, TokenIndex.Match match, Odds odds) {
        /// That its first token is right.
        double probability() {
            return odds.of(Odds.group(match));
        }
    }

    /// @param context what the sequence follows, no longer growing; null for nothing
    /// @param answers given before; learns from this sequence's guesses
    /// @param prompt  the sequence's own tokens so far
    /// @param room    how many more it may become
    public Proposer(@Nullable TokenIndex context, EarlierAnswers answers, int[] prompt, int room) {
        this.context = context;
        this.answers = answers;
        this.contextOdds = new Odds(answers.contextOdds);
        this.ownOdds = new Odds(answers.ownOdds);
        this.answerOdds = new Odds(answers.answerOdds);
        this.own = new TokenIndex(Math.addExact(prompt.length, Math.min(room, ANSWER_TOKENS)));
        own.append(prompt, 0, prompt.length);
        locate(Math.max(0, prompt.length - QUESTION_TOKENS));
    }

    /// The sequence has grown by `tokens[from, to)`.
    public void append(int[] tokens, int from, int to) {
        int before = own.length();
        own.append(tokens, from, to);
        locate(before);
    }

    /// Finds out where in the context the text is that the tokens from `from` on are about.
    private void locate(int from) {
        if (context == null) {
            return;
        }
        for (int end = from + 1; end <= own.length(); end++) {
            int place = context.telling(own.tokens(), end);
            near = place < 0 ? near : place;
        }
    }

    /// What may come next.
    ///
    /// @param most             how many tokens at most
    /// @param leastProbability how likely the last of them should be right
    public int[] propose(int most, double leastProbability) {
        last = null;
        if (most <= 0) {
            return NONE;
        }
        Guess guess = lookUp();
        if (guess == null) {
            return NONE;
        }
        int group = Odds.group(guess.match);
        // Beyond what is sure another look at what was written will tell.
        int wanted = guess.match.sure() == 0 ? most : Math.min(most, guess.match.sure());
        int count = guess.odds.tokens(group, leastProbability, wanted);
        if (count == 0) {
            guess.odds.forget(group);
            return NONE;
        }
        last = guess;
        return EarlierAnswers.withinAnswer(following(guess, count));
    }

    /// How many of the last proposal's tokens were tried, and how many of them were right.
    public void learn(int tried, int right) {
        Guess guess = last;
        if (guess == null || tried == 0) {
            return;
        }
        last = null;
        guess.odds.learn(Odds.group(guess.match), tried, right);
        if (guess.index == context && right > 0) {
            near = guess.match.next() + right;
        }
    }

    /// The text that has been right most often where as many tokens agreed: of equals the sequence's own, then
    /// the context.
    private @Nullable Guess lookUp() {
        int[] text = own.tokens();
        int end = own.length();
        TokenIndex.Match here = own.longest(text, end, -1);
        TokenIndex.Match there = context == null ? null : context.longest(text, end, near);
        Guess best = here == null ? null : new Guess(own, here, ownOdds);
        if (context != null && there != null) {
            best = better(best, new Guess(context, there, contextOdds));
        }
        return better(best, answers.find(text, end, answerOdds));
    }

    private static @Nullable Guess better(@Nullable Guess one, @Nullable Guess other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return other.probability() > one.probability() ? other : one;
    }

    /// A text that repeats itself goes on where its end comes.
    private int[] following(Guess guess, int count) {
        int next = guess.match.next();
        int available = guess.index.length() - next;
        if (guess.index != own) {
            return Arrays.copyOfRange(guess.index.tokens(), next, next + Math.min(available, count));
        }
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = i < available ? own.token(next + i) : tokens[i - available];
        }
        return tokens;
    }
}
