package dev.lectern.engine.internal.speculation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Guesses how one sequence goes on: as the context, its prompt, what it has written or an earlier answer went on
/// where the same tokens stood before ("prompt lookup"), or as an earlier answer did behind another value. Answers
/// that quote are guessed many tokens at a time. Used by one thread at a time.
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
    private final Odds layoutOdds;
    private final int[] prompt;
    /// Where the answer is in an earlier one's layout; null before it begins, and where there is none.
    private Layout.@Nullable Place place;
    /// Where in the context the answer is; negative where that is not known.
    private int near = -1;

    private @Nullable Guess last;

    /// A place in a text, and what is known of such.
    ///
    /// @param length of the text
    /// @param next   where it goes on
    /// @param sure   for how many tokens other such places go on in the same way
    /// @param group  of odds
    record Guess(int[] text, int length, int next, int sure, int group, Odds odds) {
        static Guess of(TokenIndex index, TokenIndex.Match match, Odds odds) {
            int group = Odds.group(match.length(), match.sure());
            return new Guess(index.tokens(), index.length(), match.next(), match.sure(), group, odds);
        }

        /// That its first token is right.
        double probability() {
            return odds.of(group);
        }
    }

    /// @param context what the sequence follows, no longer growing; null for nothing
    /// @param answers given before; learns from this sequence's guesses. Not read here, so that only what is called
    ///                afterwards has to be in its thread
    /// @param prompt  the sequence's own tokens so far, not changed later
    /// @param room    how many more it may become
    public Proposer(@Nullable TokenIndex context, EarlierAnswers answers, int[] prompt, int room) {
        this.context = context;
        this.answers = answers;
        this.contextOdds = new Odds(answers.contextOdds);
        this.ownOdds = new Odds(answers.ownOdds);
        this.answerOdds = new Odds(answers.answerOdds);
        this.layoutOdds = new Odds(answers.layoutOdds);
        this.prompt = prompt;
        this.own = new TokenIndex(Math.addExact(prompt.length, Math.min(room, ANSWER_TOKENS)));
        own.append(prompt, 0, prompt.length);
        locate(Math.max(0, prompt.length - QUESTION_TOKENS));
    }

    /// The sequence has grown by `tokens[from, to)`.
    public void append(int[] tokens, int from, int to) {
        int before = own.length();
        if (before == prompt.length) {
            Layout layout = answers.layout(prompt);
            place = layout == null ? null : new Layout.Place(layout);
        }
        own.append(tokens, from, to);
        locate(before);
        for (int i = from; i < to && place != null; i++) {
            place.append(tokens[i]);
        }
    }

    /// The sequence has ended: answers to come may be like it.
    public void end() {
        int[] answer = Arrays.copyOfRange(own.tokens(), prompt.length, own.length());
        answers.add(prompt, answer, place == null ? null : place.found());
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
        // Beyond what is sure another look at what was written will tell.
        int wanted = guess.sure == 0 ? most : Math.min(most, guess.sure);
        int count = guess.odds.tokens(guess.group, leastProbability, wanted);
        if (count == 0) {
            guess.odds.forget(guess.group);
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
        guess.odds.learn(guess.group, tried, right);
        if (guess.odds == contextOdds && right > 0) {
            near = guess.next + right;
        }
    }

    /// The text that has been right most often where as many tokens agreed: of equals the sequence's own, then
    /// the context.
    private @Nullable Guess lookUp() {
        int[] text = own.tokens();
        int end = own.length();
        TokenIndex.Match here = own.longest(text, end, -1);
        TokenIndex.Match there = context == null ? null : context.longest(text, end, near);
        Guess best = here == null ? null : Guess.of(own, here, ownOdds);
        if (context != null && there != null) {
            best = better(best, Guess.of(context, there, contextOdds));
        }
        best = better(best, answers.find(text, end, answerOdds));
        return place == null ? best : better(best, place.guess(layoutOdds));
    }

    private static @Nullable Guess better(@Nullable Guess one, @Nullable Guess other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return other.probability() > one.probability() ? other : one;
    }

    /// A text that repeats itself goes on where its end comes.
    private int[] following(Guess guess, int count) {
        int available = guess.length - guess.next;
        if (guess.odds != ownOdds) {
            return Arrays.copyOfRange(guess.text, guess.next, guess.next + Math.min(available, count));
        }
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = i < available ? guess.text[guess.next + i] : tokens[i - available];
        }
        return tokens;
    }
}
