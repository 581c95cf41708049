package dev.lectern.engine;

import java.util.Arrays;
import java.util.Objects;

/// What a [GenerationRequest] gave.
///
/// @param tokens       generated ids, without the stop token that ended them
/// @param finishReason why they end
/// @param tokensIn     tokens that were read: the context's and the request's prompt
public record Generation(int[] tokens, FinishReason finishReason, int tokensIn) {
    @Override
    public boolean equals(Object other) {
        return other instanceof Generation that
                && Arrays.equals(tokens, that.tokens)
                && finishReason == that.finishReason
                && tokensIn == that.tokensIn;
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(tokens), finishReason, tokensIn);
    }
}
