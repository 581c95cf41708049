package dev.lectern.engine;

/// @param expectedTokens how long the context will be, for the memory check before the work; 0 when unknown. Models
///                       with other rotary frequencies for short contexts (Phi's LongRoPE) choose by it
/// @param listener       told after each piece
/// @param cancellation   asked before each piece
public record PrefillOptions(long expectedTokens, PrefillListener listener, Cancellation cancellation) {
    public static final PrefillOptions DEFAULT = new PrefillOptions(0, PrefillListener.NONE, Cancellation.NONE);

    public static PrefillOptions expecting(long tokens) {
        return new PrefillOptions(tokens, PrefillListener.NONE, Cancellation.NONE);
    }
}
