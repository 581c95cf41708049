package dev.lectern.engine.internal.speculation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Guesses how one sequence goes on: as the context, its prompt or what it has written went on where the same tokens
/// stood before ("prompt lookup"). Answers that quote are guessed many tokens at a time. Used by one thread at a
/// time.
///
/// What it proposes is right or not, never part of the result: whoever asks verifies it.
public final class Proposer {
    private static final int[] NONE = {};

    private final @Nullable TokenIndex context;
    private final TokenIndex own;
    private final Odds odds = new Odds();
    /// Where in the context the last tokens stood that were proposed rightly.
    private int near = -1;

    private @Nullable Guess last;

    /// @param index     where the tokens come from
    /// @param next      the first one's place
    /// @param agreement how many tokens before them agreed
    private record Guess(TokenIndex index, int next, int agreement) {}

    /// @param context what the sequence follows, no longer growing; null for nothing
    /// @param prompt  the sequence's own tokens so far
    /// @param room    how many more it may become
    public Proposer(@Nullable TokenIndex context, int[] prompt, int room) {
        this.context = context;
        this.own = new TokenIndex(Math.addExact(prompt.length, Math.min(room, 256)));
        own.append(prompt, 0, prompt.length);
    }

    /// The sequence has grown by `tokens[from, to)`.
    public void append(int[] tokens, int from, int to) {
        own.append(tokens, from, to);
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
        int count = odds.tokens(guess.agreement, leastProbability, most);
        if (count == 0) {
            odds.forget(guess.agreement);
            return NONE;
        }
        last = guess;
        return following(guess, count);
    }

    /// How many of the last proposal's tokens were tried, and how many of them were right.
    public void learn(int tried, int right) {
        Guess guess = last;
        if (guess == null || tried == 0) {
            return;
        }
        last = null;
        odds.learn(guess.agreement, tried, right);
        if (guess.index == context && right > 0) {
            near = guess.next + right;
        }
    }

    private @Nullable Guess lookUp() {
        int end = own.length();
        TokenIndex.Match here = own.longest(own.tokens(), end, -1);
        TokenIndex.Match there = context == null ? null : context.longest(own.tokens(), end, near);
        if (context != null && there != null && (here == null || there.length() > here.length())) {
            return new Guess(context, there.next(), there.length());
        }
        return here == null ? null : new Guess(own, here.next(), here.length());
    }

    /// A text that repeats itself goes on where its end comes.
    private int[] following(Guess guess, int count) {
        int available = guess.index.length() - guess.next;
        if (guess.index != own) {
            return Arrays.copyOfRange(guess.index.tokens(), guess.next, guess.next + Math.min(available, count));
        }
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = i < available ? own.token(guess.next + i) : tokens[i - available];
        }
        return tokens;
    }
}
