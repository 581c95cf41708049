package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.TokenizerMismatch;
import dev.lectern.engine.Tokenizer.TextStream;
import dev.lectern.engine.Tokenizer.TokenSink;
import dev.lectern.engine.internal.tokenizer.SubwordModel.Workspace;
import dev.lectern.engine.internal.tokenizer.TokenizerSpec.Normaliser.Prefix;
import java.text.Normalizer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Encodes one text that arrives in parts: normalises, cuts at certain places, merges words and finds the
/// spans.
///
/// What is not certain yet waits in a window, which grows only where nothing in it is certain. Not
/// thread-safe.
final class TextEncoder implements TextStream {
    private final TokenizerSpec spec;
    private final SubwordTokenizer tokenizer;
    private final TokenSink sink;
    private final int windowLength;
    private final TextWindow window;
    private final WordSplitter.Session splitter;
    private final Workspace workspace = new Workspace();
    private final IdList ids = new IdList();

    private long[] starts = new long[256];
    private long[] ends = new long[256];
    private int count;
    private int[] found = new int[256];

    /// The window is looked at again when it holds so many characters.
    private int enough;

    /// What of the source is not in the window: half of a surrogate pair, or a sequence that may still
    /// compose.
    private final StringBuilder held = new StringBuilder();

    private long heldPlace;
    private boolean begun;
    private boolean finished;

    TextEncoder(TokenizerSpec spec, SubwordTokenizer tokenizer, int windowLength, TokenSink sink) {
        this.spec = spec;
        this.tokenizer = tokenizer;
        this.sink = sink;
        this.windowLength = windowLength;
        this.enough = windowLength;
        this.window = new TextWindow(spec.origin());
        this.splitter = tokenizer.splitter().open(window, this::word);
    }

    @Override
    public void append(CharSequence part) {
        if (finished) {
            throw new IllegalStateException("text after the end of the text");
        }
        int step = Math.max(windowLength, 1);
        for (int from = 0; from < part.length(); from = Math.min(part.length(), from + step)) {
            take(part, from, Math.min(part.length(), from + step));
            if (window.length() >= enough) {
                encodeCertain();
            }
        }
    }

    @Override
    public void finish() {
        if (finished) {
            throw new IllegalStateException("the text has ended already");
        }
        finished = true;
        release(held.length());
        encode(window.length(), true);
        window.drop(window.length());
        flush();
    }

    private void encodeCertain() {
        int done = encode(window.length(), false);
        window.drop(done);
        enough = Math.max(windowLength, 2 * window.length());
        flush();
    }

    // From the source into the window.

    private void take(CharSequence part, int from, int to) {
        if (!spec.normaliser().composed() && held.isEmpty() && !Character.isHighSurrogate(part.charAt(to - 1))) {
            normalise(part, from, to);
            return;
        }
        held.append(part, from, to);
        int certain = held.length();
        if (Character.isHighSurrogate(held.charAt(certain - 1))) {
            certain--;
        }
        release(spec.normaliser().composed() ? NormalizedText.lastSequence(held, certain) : certain);
    }

    private void release(int length) {
        normalise(held, 0, length);
        held.delete(0, length);
    }

    private void normalise(CharSequence source, int from, int to) {
        if (from == to) {
            return;
        }
        String text = NormalizedText.withoutLoneSurrogates(
                source.subSequence(from, to).toString());
        boolean visible = spec.normaliser().visibleSpaces();
        if (visible) {
            text = text.replace(' ', Vocabulary.VISIBLE_SPACE);
        }
        if (!begun) {
            begun = true;
            char space = visible ? Vocabulary.VISIBLE_SPACE : ' ';
            Prefix prefix = spec.normaliser().prefix();
            if (prefix == Prefix.ALWAYS || (prefix == Prefix.IF_MISSING && text.charAt(0) != space)) {
                window.append(String.valueOf(space), 0, 1, -1);
            }
        }
        if (spec.normaliser().composed() && !Normalizer.isNormalized(text, Normalizer.Form.NFC)) {
            NormalizedText composed = NormalizedText.of(text).composed();
            long[] places = new long[composed.text().length()];
            for (int i = 0; i < places.length; i++) {
                places[i] = heldPlace + composed.sourceIndex(i);
            }
            window.append(composed.text(), places, heldPlace + text.length());
        } else {
            window.append(text, 0, text.length(), heldPlace);
        }
        heldPlace += to - from;
    }

    // From the window to tokens.

    /// @return the characters that are encoded
    private int encode(int to, boolean ends) {
        AddedText added = tokenizer.addedText();
        // A token that begins before this lies in the window, if it is there at all.
        int beginsBefore = ends || added.isEmpty() ? to : Math.max(0, to - added.longest() + 1);
        int at = 0;
        while (at < to) {
            AddedText.@Nullable Match match =
                    added.isEmpty() ? null : added.find(window.characters(), at, beginsBefore, to);
            if (match == null) {
                if (!ends) {
                    return splitter.certain(at, Math.max(at, beginsBefore));
                }
                splitter.all(at, to);
                return to;
            }
            if (match.from() > at) {
                splitter.all(at, match.from());
            }
            ids.add(match.id());
            spans(match.from(), match.to(), count);
            at = match.to();
        }
        return at;
    }

    private void word(int from, int to) {
        int before = ids.size();
        tokenizer.model().encode(window.characters(), from, to, workspace, ids);
        spans(from, to, before);
    }

    /// Walks a word and its tokens together, both measured in bytes of UTF-8. A character belongs to the
    /// token that holds its first byte.
    private void spans(int from, int to, int firstToken) {
        char[] text = window.characters();
        if (starts.length < ids.size()) {
            int capacity = Math.max(ids.size(), starts.length + starts.length / 2);
            starts = Arrays.copyOf(starts, capacity);
            ends = Arrays.copyOf(ends, capacity);
        }
        long tokenEnd = 0;
        long textEnd = 0;
        int unit = from;
        for (int i = firstToken; i < ids.size(); i++) {
            starts[i] = window.place(unit);
            tokenEnd += tokenizer.byteLength(ids.get(i));
            while (textEnd < tokenEnd && unit < to) {
                char first = text[unit];
                textEnd += byteLength(first);
                unit += Character.isHighSurrogate(first) ? 2 : 1;
            }
            ends[i] = window.place(unit);
        }
        count = ids.size();
        if (textEnd != tokenEnd || unit != to) {
            throw new TokenizerMismatch("[" + spec.origin() + "] the tokens of a word stand for " + tokenEnd
                    + " bytes, of which the text has " + textEnd + ", and for " + (unit - from) + " of its "
                    + (to - from) + " UTF-16 units");
        }
    }

    /// Bytes of UTF-8 that tokens hold for a character, told by its first UTF-16 unit: `▁` stands for a
    /// space.
    private int byteLength(char first) {
        if (first < 0x80 || (first == Vocabulary.VISIBLE_SPACE && spec.isSentencePiece())) {
            return 1;
        }
        if (first < 0x800) {
            return 2;
        }
        return Character.isHighSurrogate(first) ? 4 : 3;
    }

    private void flush() {
        if (count == 0) {
            return;
        }
        if (found.length < count) {
            found = new int[count + count / 2];
        }
        for (int i = 0; i < count; i++) {
            found[i] = ids.get(i);
        }
        sink.accept(found, starts, ends, count);
        ids.clear();
        count = 0;
    }
}
