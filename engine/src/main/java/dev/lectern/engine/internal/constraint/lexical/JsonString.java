package dev.lectern.engine.internal.constraint.lexical;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The JSON text of the strings of a [Dfa], with quotes: raw UTF-8 and every legal escape.
///
/// What stands between two code points is a state too: the bytes of a UTF-8 sequence or the hex digits of
/// an escape read so far stand for a range of code points, and the state is alive if one of them leads
/// somewhere. Where all of the range lead to the same state, the range is replaced by a typical one of the
/// same shape, so that such states are few. Lone surrogates are no text and refused. Thread-safe.
final class JsonString implements ByteAutomaton {
    private static final int UNKNOWN = 0;
    private static final int OFFSET = 2;
    /// Only so many states remember where each byte leads (a kilobyte each); beyond, it is worked out again.
    private static final int MAX_ROWS = 8_192;

    /// Where in the text a state stands. `source` is the DFA's state before the code point under way, or
    /// `~target` where every code point leads to `target`; `first` and `last` bound the code points (or UTF-16
    /// units) that are still possible; `left` bytes or digits are to come.
    private record Place(Kind kind, int source, int left, int first, int last) {}

    private enum Kind {
        OPEN,
        INSIDE,
        DONE,
        /// After the backslash.
        ESCAPE,
        /// Within a UTF-8 sequence; `left` continuation bytes are missing.
        UTF8,
        /// Within the hex digits of an escape; `left` digits are missing; `first..last` are UTF-16 units.
        HEX,
        /// After a high surrogate: the backslash of the low one, then its u; `first..last` are code points.
        LOW_BACKSLASH,
        LOW_U,
        /// Within the digits of a low surrogate; the code points are in `first..last`.
        LOW_HEX
    }

    private final Dfa dfa;
    private @Nullable CodePointPath path;
    private final Map<Place, Integer> known = new HashMap<>();
    private final List<Place> places = new ArrayList<>();
    /// Of each state the next ones by byte, plus [#OFFSET]; zero where not known yet. Entries only ever
    /// change from unknown to their value, so readers need no lock: at worst they see an entry as unknown.
    private volatile int[][] rows = new int[16][];

    JsonString(Dfa dfa) {
        this.dfa = dfa;
        if (dfa.start() >= 0) {
            intern(new Place(Kind.OPEN, dfa.start(), 0, 0, 0));
        }
    }

    @Override
    public int start() {
        return dfa.start() < 0 ? DEAD : 0;
    }

    @Override
    public boolean accepting(int state) {
        return place(state).kind() == Kind.DONE;
    }

    @Override
    public int next(int state, int unsignedByte) {
        int[][] all = rows;
        if (state < all.length) {
            int[] row = all[state];
            if (row != null && row[unsignedByte] != UNKNOWN) {
                return row[unsignedByte] - OFFSET;
            }
        }
        return compute(state, unsignedByte);
    }

    /// Whether the state stands between two code points, within the quotes.
    boolean between(int state) {
        return place(state).kind() == Kind.INSIDE;
    }

    @Override
    public byte[] ending(int state) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!accepting(state)) {
            int at = CodePointPath.writeRest(this, state, this::between, bytes);
            path().write(targets(at)[0], bytes);
            bytes.write('"');
        }
        return bytes.toByteArray();
    }

    synchronized CodePointPath path() {
        CodePointPath made = path;
        if (made == null) {
            made = new CodePointPath(dfa);
            path = made;
        }
        return made;
    }

    /// The states of the DFA that the code point under way can lead to; that of the DFA itself if none is
    /// under way.
    synchronized int[] targets(int state) {
        Place place = places.get(state);
        if (place.source() < 0) {
            return new int[] {~place.source()};
        }
        return switch (place.kind()) {
            case OPEN, INSIDE, DONE -> new int[] {place.source()};
            case ESCAPE -> targets(place.source(), 0, CodePoints.MAX);
            case UTF8, LOW_BACKSLASH, LOW_U, LOW_HEX -> targets(place.source(), place.first(), place.last());
            case HEX -> unitTargets(place.source(), place.first(), place.last());
        };
    }

    private synchronized Place place(int state) {
        return places.get(state);
    }

    private synchronized int compute(int state, int unsignedByte) {
        int next = follow(places.get(state), unsignedByte);
        if (state < MAX_ROWS) {
            rows[state][unsignedByte] = next + OFFSET;
        }
        return next;
    }

    private int follow(Place place, int b) {
        int source = place.source();
        return switch (place.kind()) {
            case OPEN -> b == '"' ? intern(new Place(Kind.INSIDE, source, 0, 0, 0)) : DEAD;
            case DONE -> DEAD;
            case INSIDE -> inside(source, b);
            case ESCAPE -> escape(source, b);
            case UTF8 -> {
                if ((b & 0xC0) != 0x80) {
                    yield DEAD;
                }
                int shift = 6 * (place.left() - 1);
                int low = (place.first() & -(1 << (shift + 6))) | ((b & 0x3F) << shift);
                int first = Math.max(low, place.first());
                int last = Math.min(low + (1 << shift) - 1, place.last());
                yield utf8(source, place.left() - 1, first, last);
            }
            case HEX -> {
                int digit = Character.digit(b, 16);
                if (digit < 0 || b > 'f') {
                    yield DEAD;
                }
                int shift = 4 * (place.left() - 1);
                int low = place.first() + (digit << shift);
                yield hex(source, place.left() - 1, low, low + (1 << shift) - 1);
            }
            case LOW_BACKSLASH ->
                b == '\\' ? intern(new Place(Kind.LOW_U, source, 0, place.first(), place.last())) : DEAD;
            case LOW_U -> b == 'u' ? low(source, 4, place.first(), place.last()) : DEAD;
            case LOW_HEX -> lowHex(place, b);
        };
    }

    private int inside(int source, int b) {
        if (b == '"') {
            return dfa.accepting(source) ? intern(new Place(Kind.DONE, 0, 0, 0, 0)) : DEAD;
        }
        if (b == '\\') {
            return dfa.moves(source).length == 0 ? DEAD : intern(new Place(Kind.ESCAPE, source, 0, 0, 0));
        }
        if (b < 0x20) {
            return DEAD;
        }
        if (b < 0x80) {
            return complete(source, b);
        }
        if (b >= 0xC2 && b <= 0xDF) {
            int first = (b & 0x1F) << 6;
            return utf8(source, 1, first, first + 0x3F);
        }
        if (b >= 0xE0 && b <= 0xEF) {
            int first = (b & 0x0F) << 12;
            return utf8(source, 2, Math.max(first, 0x800), b == 0xED ? 0xD7FF : first + 0xFFF);
        }
        if (b >= 0xF0 && b <= 0xF4) {
            int first = (b & 0x07) << 18;
            return utf8(source, 3, Math.max(first, 0x10000), Math.min(first + 0x3FFFF, CodePoints.MAX));
        }
        return DEAD;
    }

    private int escape(int source, int b) {
        return switch (b) {
            case '"', '\\', '/' -> complete(source, b);
            case 'b' -> complete(source, '\b');
            case 'f' -> complete(source, '\f');
            case 'n' -> complete(source, '\n');
            case 'r' -> complete(source, '\r');
            case 't' -> complete(source, '\t');
            case 'u' -> hex(source, 4, 0, 0xFFFF);
            default -> DEAD;
        };
    }

    private int complete(int source, int codePoint) {
        int target = source < 0 ? ~source : dfa.next(source, codePoint);
        return target < 0 ? DEAD : intern(new Place(Kind.INSIDE, target, 0, 0, 0));
    }

    private int utf8(int source, int left, int first, int last) {
        if (first > last) {
            return DEAD;
        }
        if (left == 0) {
            return complete(source, first);
        }
        int[] targets = targets(source, first, last);
        if (targets.length == 0) {
            return DEAD;
        }
        if (!uniform(source, targets, first, last)) {
            return intern(new Place(Kind.UTF8, source, left, first, last));
        }
        int size = 1 << (6 * left);
        boolean clipsLow = (first & (size - 1)) != 0;
        boolean clipsHigh = last - first + 1 != size && !clipsLow;
        if (left == 1) {
            return intern(new Place(Kind.UTF8, ~targets[0], 1, 0x80, 0xBF));
        }
        if (left == 2) {
            int from = clipsLow ? 0x800 : clipsHigh ? 0xD000 : 0x1000;
            int to = clipsLow ? 0xFFF : clipsHigh ? 0xD7FF : 0x1FFF;
            return intern(new Place(Kind.UTF8, ~targets[0], 2, from, to));
        }
        int from = clipsLow ? 0x10000 : clipsHigh ? 0x100000 : 0x40000;
        int to = clipsLow ? 0x3FFFF : clipsHigh ? 0x10FFFF : 0x7FFFF;
        return intern(new Place(Kind.UTF8, ~targets[0], 3, from, to));
    }

    /// UTF-16 units `first..last` are possible after the digits read so far.
    private int hex(int source, int left, int first, int last) {
        boolean high = first >= 0xD800 && first <= 0xDBFF;
        if (left == 0) {
            if (high) {
                int supplementary = 0x10000 + ((first - 0xD800) << 10);
                return low(source, 0, supplementary, supplementary + 0x3FF);
            }
            return first >= 0xDC00 && first <= 0xDFFF ? DEAD : complete(source, first);
        }
        int[] targets = unitTargets(source, first, last);
        if (targets.length == 0) {
            return DEAD;
        }
        boolean surrogates = first <= 0xDFFF && last >= 0xD800;
        if (source >= 0
                && (targets.length > 1
                        || !covers(source, first, Math.min(last, 0xD7FF))
                        || !covers(source, Math.max(first, 0xE000), last)
                        || (surrogates && last >= 0xD800 && !covers(source, lowOf(first), highOf(last))))) {
            return intern(new Place(Kind.HEX, source, left, first, last));
        }
        int typical = !surrogates || left == 4 ? 0 : left == 3 ? 0xD000 : left == 2 ? 0xD800 : 0xD800;
        return intern(new Place(Kind.HEX, ~targets[0], left, typical, typical + (1 << (4 * left)) - 1));
    }

    /// The first supplementary code point whose high surrogate is at or after the unit.
    private static int lowOf(int unit) {
        return 0x10000 + ((Math.clamp(unit, 0xD800, 0xDC00) - 0xD800) << 10);
    }

    /// The last supplementary code point whose high surrogate is at or before the unit.
    private static int highOf(int unit) {
        return 0x10000 + ((Math.clamp(unit, 0xD7FF, 0xDBFF) - 0xD800 + 1) << 10) - 1;
    }

    /// A high surrogate has been read (`left` is 0: its backslash is next), or the `u` of the low one.
    private int low(int source, int left, int first, int last) {
        int[] targets = targets(source, first, last);
        if (targets.length == 0) {
            return DEAD;
        }
        Kind kind = left == 0 ? Kind.LOW_BACKSLASH : Kind.LOW_HEX;
        if (uniform(source, targets, first, last)) {
            return intern(new Place(kind, ~targets[0], left, 0x10000, 0x103FF));
        }
        return intern(new Place(kind, source, left, first, last));
    }

    private int lowHex(Place place, int b) {
        int digit = Character.digit(b, 16);
        if (digit < 0 || b > 'f') {
            return DEAD;
        }
        int source = place.source();
        switch (place.left()) {
            case 4 -> {
                return digit == 0xD ? intern(new Place(Kind.LOW_HEX, source, 3, place.first(), place.last())) : DEAD;
            }
            case 3 -> {
                if (digit < 0xC) {
                    return DEAD;
                }
                int first = place.first() + ((digit - 0xC) << 8);
                return lowRange(source, 2, first, first + 0xFF);
            }
            case 2 -> {
                int first = place.first() + (digit << 4);
                return lowRange(source, 1, first, first + 0xF);
            }
            default -> {
                return complete(source, place.first() + digit);
            }
        }
    }

    private int lowRange(int source, int left, int first, int last) {
        int[] targets = targets(source, first, last);
        if (targets.length == 0) {
            return DEAD;
        }
        if (uniform(source, targets, first, last)) {
            return intern(new Place(Kind.LOW_HEX, ~targets[0], left, 0x10000, 0x10000 + last - first));
        }
        return intern(new Place(Kind.LOW_HEX, source, left, first, last));
    }

    private boolean uniform(int source, int[] targets, int first, int last) {
        return source < 0 || (targets.length == 1 && covers(source, first, last));
    }

    /// Whether each of the code points leads somewhere.
    private boolean covers(int source, int first, int last) {
        int next = first;
        int[] moves = dfa.moves(source);
        for (int i = 0; i < moves.length && next <= last; i += 3) {
            if (moves[i] <= next && moves[i + 1] >= next) {
                next = moves[i + 1] + 1;
            }
        }
        return next > last;
    }

    private int[] targets(int source, int first, int last) {
        if (source < 0) {
            return new int[] {~source};
        }
        int[] found = new int[4];
        int n = 0;
        int[] moves = dfa.moves(source);
        for (int i = 0; i < moves.length; i += 3) {
            if (moves[i] <= last && moves[i + 1] >= first) {
                n = add(found, n, moves[i + 2]);
                if (n == found.length) {
                    found = Arrays.copyOf(found, 2 * n);
                }
            }
        }
        return Arrays.copyOf(found, n);
    }

    private int[] unitTargets(int source, int first, int last) {
        if (source < 0) {
            return first >= 0xDC00 && last <= 0xDFFF ? new int[0] : new int[] {~source};
        }
        int[] plain = targets(source, first, Math.min(last, 0xD7FF));
        int[] above = targets(source, Math.max(first, 0xE000), last);
        int[] pairs = first <= 0xDBFF && last >= 0xD800 ? targets(source, lowOf(first), highOf(last)) : new int[0];
        int[] found = new int[plain.length + above.length + pairs.length + 1];
        int n = 0;
        for (int target : plain) {
            n = add(found, n, target);
        }
        for (int target : above) {
            n = add(found, n, target);
        }
        for (int target : pairs) {
            n = add(found, n, target);
        }
        return Arrays.copyOf(found, n);
    }

    private static int add(int[] found, int n, int target) {
        for (int i = 0; i < n; i++) {
            if (found[i] == target) {
                return n;
            }
        }
        found[n] = target;
        return n + 1;
    }

    private int intern(Place place) {
        Integer state = known.get(place);
        if (state == null) {
            state = places.size();
            known.put(place, state);
            places.add(place);
            if (state < MAX_ROWS) {
                if (state == rows.length) {
                    rows = Arrays.copyOf(rows, 2 * state);
                }
                rows[state] = new int[256];
            }
        }
        return state;
    }
}
