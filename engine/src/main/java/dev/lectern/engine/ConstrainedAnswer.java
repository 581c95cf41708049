package dev.lectern.engine;

import dev.lectern.engine.constraint.Layout;
import dev.lectern.engine.constraint.Matcher;
import dev.lectern.engine.constraint.TokenMask;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// One answer that is held to a schema, on its way: which tokens may come, which must, and when it has to be closed.
/// Used by one thread at a time; which one may change between calls.
final class ConstrainedAnswer {
    /// So many of the last tokens are encoded again together with text that is forced, so that it is cut into
    /// tokens as the tokenizer would cut the whole answer.
    private static final int WINDOW_TOKENS = 8;

    private static final int[] NONE = {};

    private final Tokenizer tokenizer;
    private final int[] stopTokens;
    private final TokenMask mask;
    private Matcher matcher;
    private boolean masked;
    private long maskNanos;

    ConstrainedAnswer(Matcher matcher, Tokenizer tokenizer, int[] stopTokens, int vocabSize) {
        this.matcher = matcher;
        this.tokenizer = tokenizer;
        this.stopTokens = stopTokens;
        this.mask = new TokenMask(vocabSize);
    }

    /// Works the next token's mask out, if that is not done yet.
    void prepare() {
        if (masked) {
            return;
        }
        long start = System.nanoTime();
        matcher.maskLaidOut(mask);
        if (matcher.isComplete()) {
            for (int stop : stopTokens) {
                mask.allow(stop);
            }
        }
        masked = true;
        maskNanos += System.nanoTime() - start;
    }

    /// Takes the tokens that may not come next out of the choice.
    ///
    /// @return false when none may
    boolean restrict(float[] logits) {
        prepare();
        long start = System.nanoTime();
        boolean any = mask.forbidIn(logits);
        maskNanos += System.nanoTime() - start;
        return any;
    }

    /// Takes a token that the mask admits, if the answer can still end well after it.
    ///
    /// @param left how many more tokens the answer may have
    /// @return false if it cannot; then nothing has changed
    boolean take(int token, int left) {
        Matcher after = matcher.copy();
        if (!after.accept(token)) {
            throw new IllegalStateException("token " + token + " was offered and then refused");
        }
        if (!after.closesWithin(left)) {
            return false;
        }
        matcher = after;
        masked = false;
        return true;
    }

    /// How many leading tokens could follow as far as the schema is concerned; nothing is taken.
    int admits(int[] tokens) {
        if (tokens.length == 0) {
            return 0;
        }
        Matcher after = matcher.copy();
        int admitted = 0;
        while (admitted < tokens.length && after.accept(tokens[admitted])) {
            admitted++;
        }
        return admitted;
    }

    /// Whether the answer can end well within so many more tokens.
    boolean fits(int left) {
        return matcher.closesWithin(left);
    }

    /// Whether the answer is whole and nothing but white space may follow.
    boolean isEnded() {
        return matcher.isEnded();
    }

    boolean isComplete() {
        return matcher.isComplete();
    }

    /// The tokens that have to come next and need not be sampled: they are taken. Names and punctuation for the
    /// most part.
    ///
    /// The last token of what is forced is left to the model, which may know one that goes on into the next
    /// value.
    ///
    /// @param tokens the answer so far: the first `count`
    /// @param left   how many more tokens the answer may have
    /// @param most   how many to take at most
    int[] takeForced(int[] tokens, int count, int left, int most) {
        byte[] forced = matcher.forced(Layout.AS_SHOWN);
        int whole = wholeCharacters(forced);
        if (whole == 0) {
            return NONE;
        }
        int[] next = encode(tokens, count, Arrays.copyOf(forced, whole));
        int size = Math.min(most, next.length - 1);
        int taken = 0;
        while (taken < size && take(next[taken], left - taken - 1)) {
            taken++;
        }
        return taken <= 0 ? NONE : Arrays.copyOf(next, taken);
    }

    /// The tokens of a text that follows others, none where the tokenizer does not give it back byte by byte.
    private int[] encode(int[] tokens, int count, byte[] text) {
        int from = Math.max(0, count - WINDOW_TOKENS);
        while (from < count && !beginsCharacter(tokenizer.textBytes(tokens[from]))) {
            from++;
        }
        byte[] before = bytes(tokens, from, count);
        byte[] together = Arrays.copyOf(before, before.length + text.length);
        System.arraycopy(text, 0, together, before.length, text.length);
        int[] ids =
                tokenizer.encode(new String(together, StandardCharsets.UTF_8)).ids();
        int known = count - from;
        if (ids.length > known && Arrays.equals(ids, 0, known, tokens, from, count)) {
            ids = Arrays.copyOfRange(ids, known, ids.length);
        } else {
            ids = tokenizer.encode(new String(text, StandardCharsets.UTF_8)).ids();
        }
        return Arrays.equals(bytes(ids, 0, ids.length), text) ? ids : NONE;
    }

    private byte[] bytes(int[] tokens, int from, int to) {
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        for (int i = from; i < to; i++) {
            bytes.writeBytes(tokenizer.textBytes(tokens[i]));
        }
        return bytes.toByteArray();
    }

    private static boolean beginsCharacter(byte[] bytes) {
        return bytes.length > 0 && (bytes[0] & 0xC0) != 0x80;
    }

    /// How many of the bytes are whole characters.
    private static int wholeCharacters(byte[] bytes) {
        int last = bytes.length - 1;
        while (last >= 0 && (bytes[last] & 0xC0) == 0x80) {
            last--;
        }
        if (last < 0) {
            return 0;
        }
        int lead = bytes[last] & 0xFF;
        int size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        return last + size <= bytes.length ? bytes.length : last;
    }

    /// The fewest tokens that make the answer whole; empty where it is.
    int[] closing() {
        return matcher.closing();
    }

    /// Time spent on masks so far.
    long maskNanos() {
        return maskNanos;
    }
}
