package dev.lectern.engine;

import java.util.Arrays;
import java.util.Objects;

/// What a [GenerationRequest] gave.
///
/// Equal where what was generated is equal; how it came about, the times and guesses, is not compared.
///
/// @param tokens         generated ids, without the stop token that ended them
/// @param written        how many of them the model wrote; those that follow close an answer that would not have
///                       ended within its tokens, so that it is a valid one of its schema, but are not the model's
/// @param finishReason   why they end
/// @param tokensIn       tokens that were read: the context's and the request's prompt
/// @param forcedTokens   how many of those written were the only possible ones by the schema and were not sampled
/// @param proposedTokens how many were guessed and verified in the pass of the token before them
/// @param acceptedTokens how many of these guesses were right, and spared a pass each
/// @param maskNanos      time spent on finding out which tokens the schema admits, 0 for free text
public record Generation(
        int[] tokens,
        int written,
        FinishReason finishReason,
        int tokensIn,
        int forcedTokens,
        int proposedTokens,
        int acceptedTokens,
        long maskNanos) {
    /// Whether the answer was cut and then closed.
    public boolean closed() {
        return written < tokens.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Generation that
                && Arrays.equals(tokens, that.tokens)
                && written == that.written
                && finishReason == that.finishReason
                && tokensIn == that.tokensIn
                && forcedTokens == that.forcedTokens;
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(tokens), written, finishReason, tokensIn, forcedTokens);
    }
}
