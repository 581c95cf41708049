package dev.lectern.engine.constraint;

import dev.lectern.engine.internal.constraint.automaton.Cursor;
import dev.lectern.engine.internal.constraint.mask.IntList;
import java.io.ByteArrayOutputStream;

/// Follows one answer token by token. Not thread-safe.
public final class Matcher {
    /// So many bytes of white space in a row are no longer continued; that is layout for 60 columns of
    /// indentation, and a model that has lost its way may not fill its budget with it.
    private static final int MAX_BLANKS = 64;

    private static final byte[] SPACE = {' '};

    private final ConstraintVocabulary vocabulary;
    private Cursor cursor;
    private NameGuard names = NameGuard.START;
    private int blanks;
    /// Of [WhiteSpace].
    private int space = WhiteSpace.NONE;

    Matcher(ConstraintVocabulary vocabulary, Cursor cursor) {
        this.vocabulary = vocabulary;
        this.cursor = cursor;
    }

    private Matcher(Matcher other) {
        this(other.vocabulary, other.cursor.copy());
        names = other.names;
        blanks = other.blanks;
        space = other.space;
    }

    public Matcher copy() {
        return new Matcher(this);
    }

    /// Sets the mask to the tokens of text that may come next. The end of the answer is not among them: see
    /// [#isComplete].
    public void mask(TokenMask mask) {
        if (mask.vocabSize() < vocabulary.size()) {
            throw new IllegalArgumentException(
                    "a mask of " + mask.vocabSize() + " tokens for a vocabulary of " + vocabulary.size());
        }
        mask.clear();
        cursor.mask(mask.words());
        if (names.mayRepeat()) {
            withoutRepetition(mask, vocabulary.quotes());
        } else if (names.hasNames()) {
            withoutRepetition(mask, vocabulary.doubleQuotes());
        }
        if (names.hasNames() && cursor.hasNamePatterns()) {
            withoutUsedUpNames(mask);
        }
        if (blanks >= MAX_BLANKS) {
            vocabulary.blanks().removeFrom(mask.words());
        }
    }

    /// As [#mask], but between the parts of the text with only such white space as layout needs: a single
    /// space, or the end of a line and an indentation. A model that has lost its way fills its tokens with
    /// white space otherwise.
    public void maskLaidOut(TokenMask mask) {
        mask(mask);
        if (cursor.isBetween()) {
            vocabulary.beyondLayout(space).removeFrom(mask.words());
        }
    }

    private void withoutRepetition(TokenMask mask, int[] tokens) {
        for (int token : tokens) {
            if (mask.allows(token) && names.after(vocabulary.spelling(token)) == null) {
                mask.forbid(token);
            }
        }
    }

    /// Forbids the tokens after which a name could only become one that the object has.
    private void withoutUsedUpNames(TokenMask mask) {
        IntList suspects = new IntList();
        for (byte[] rest : names.restsOfUsed()) {
            vocabulary.shared().spelling().addPrefixes(rest, suspects);
        }
        for (int i = 0; i < suspects.size(); i++) {
            if (mask.allows(suspects.get(i)) && !copy().accept(suspects.get(i))) {
                mask.forbid(suspects.get(i));
            }
        }
        for (int token : names.isInString() ? vocabulary.doubleQuotes() : vocabulary.openings()) {
            if (mask.allows(token)) {
                NameGuard after = names.after(vocabulary.spelling(token));
                if (after == null || after.isWithinUsed() && !copy().accept(token)) {
                    mask.forbid(token);
                }
            }
        }
    }

    /// Takes the next token.
    ///
    /// @return false if it cannot follow, and then nothing has changed
    public boolean accept(int tokenId) {
        if (tokenId < 0 || tokenId >= vocabulary.size() || vocabulary.spelling(tokenId).length == 0) {
            return false;
        }
        return acceptBytes(vocabulary.spelling(tokenId));
    }

    /// Takes the next bytes of the answer's text.
    ///
    /// @return false if they cannot follow, and then nothing has changed
    public boolean acceptBytes(byte[] bytes) {
        Cursor before = cursor.copy();
        if (!cursor.read(bytes, 0, bytes.length)) {
            return false;
        }
        NameGuard after = names.after(bytes);
        if (after == null || after.isWithinUsed() && cursor.hasNamePatterns() && isDeadEnd(before, after)) {
            cursor = before;
            return false;
        }
        names = after;
        int trailing = 0;
        while (trailing < bytes.length && ConstraintVocabulary.isBlank(bytes[bytes.length - 1 - trailing])) {
            trailing++;
        }
        boolean between = trailing > 0 && cursor.isBetween();
        if (!between) {
            space = WhiteSpace.NONE;
        } else {
            space = trailing == bytes.length ? space : WhiteSpace.NONE;
            for (int i = bytes.length - trailing; i < bytes.length; i++) {
                space = WhiteSpace.next(space, bytes[i]);
            }
        }
        blanks = !between ? 0 : trailing == bytes.length ? blanks + trailing : trailing;
        return true;
    }

    /// Whether no name is left to be read on, though there was one.
    private boolean isDeadEnd(Cursor before, NameGuard after) {
        return cursor.tokensToEnd(after) == Integer.MAX_VALUE && before.tokensToEnd(names) != Integer.MAX_VALUE;
    }

    /// Whether the answer so far is a whole value that is valid by the schema, so that it may end here.
    public boolean isComplete() {
        return cursor.isComplete();
    }

    /// Whether so many tokens are enough to make the answer whole: those of [#closing]. Cheap where they are
    /// far from that.
    public boolean closesWithin(int tokens) {
        int atMost = cursor.tokensToEnd(names);
        if (atMost <= tokens) {
            return true;
        }
        if (atMost == Integer.MAX_VALUE) {
            return false;
        }
        byte[] text = cursor.ending(names);
        int fewest = text == null ? -1 : vocabulary.shared().spelling().count(text);
        return fewest >= 0 && fewest <= tokens;
    }

    /// Tokens after which the answer is whole: short values for what the schema requires still, then quotes,
    /// brackets and braces. Not always the fewest that there are. Empty if the answer is complete.
    ///
    /// @throws IllegalStateException if no answer ends within a megabyte from here, or the vocabulary cannot
    ///                               spell it; then [Constraint#shortestTokens] says so too
    public int[] closing() {
        byte[] text = cursor.ending(names);
        int[] tokens = text == null ? null : vocabulary.shared().spelling().spell(text);
        if (tokens == null) {
            throw new IllegalStateException("the answer cannot be made whole within a megabyte in this vocabulary");
        }
        return tokens;
    }

    /// Whether the answer is whole and nothing but white space may follow.
    public boolean isEnded() {
        return cursor.isEnded();
    }

    /// As [#forced(Layout)] with [Layout#SPACED], with no space at once if the answer ends in `:` or `,`.
    public byte[] forced() {
        return forced(names.in(Spacing.SPACED));
    }

    /// The bytes that any continuation begins with in a layout: names, punctuation and values that need not be
    /// sampled. Empty where there is a choice. They do not end in white space.
    public byte[] forced(Layout layout) {
        return layout == Layout.SPACED ? forced() : forced(names);
    }

    private byte[] forced(NameGuard begun) {
        ByteArrayOutputStream forced = new ByteArrayOutputStream();
        ByteArrayOutputStream unread = new ByteArrayOutputStream();
        NameGuard guard = begun;
        Cursor ahead = cursor.copy();
        while (!ahead.isComplete()) {
            int only = ahead.onlyByte();
            if (only < 0) {
                break;
            }
            if (ahead.isBetween()) {
                NameGuard read = guard.after(unread.toByteArray());
                unread.reset();
                int spaces = read == null ? -1 : read.spacing().before(only, read.isInObject());
                if (read == null || spaces < 0) {
                    break;
                }
                guard = read;
                if (spaces > 0) {
                    unread.write(' ');
                    forced.write(' ');
                    ahead.read(SPACE, 0, 1);
                }
            }
            unread.write(only);
            forced.write(only);
            ahead.read(new byte[] {(byte) only}, 0, 1);
        }
        return forced.toByteArray();
    }
}
