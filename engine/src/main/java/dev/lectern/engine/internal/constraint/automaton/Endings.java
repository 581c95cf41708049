package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.mask.TokenSpelling;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How what has been read can be ended with few tokens. The end of a stack is the end of its top frame and then
/// that of the stack beneath, so what is worked out is kept with the frames, and the sums with the stacks. Like its
/// [Machine] used under a lock.
///
/// What a frame's end is depends on nothing else, with one exception: names that the schema does not list, which an
/// object must not have yet ([OpenNames]). Stacks with such a frame are worked out anew each time.
final class Endings {
    /// No longer ends are written down.
    static final int MAX_BYTES = 1 << 20;

    /// What a byte counts that no token spells.
    private static final int UNSPELLED = 1_000;

    private static final int NEVER = Integer.MAX_VALUE;

    /// The end of a whole stack.
    ///
    /// @param tokens  an upper bound of the tokens, [#NEVER] if there is no end
    /// @param invents whether it depends on the names of open objects
    record Sum(int tokens, long bytes, boolean invents) {}

    private static final Sum COMPLETE = new Sum(0, 0, false);
    private static final Sum ENDLESS = new Sum(NEVER, NEVER, false);

    private final Machine machine;
    private final TokenSpelling spelling;
    private final LeafEndings.Order inText;
    private final LeafEndings.Order inNumber;
    private final Map<Leaf, LeafEndings> leaves = new IdentityHashMap<>();
    private final ValueEndings values = new ValueEndings(this);
    private final ObjectEndings objects = new ObjectEndings(this);
    private final ArrayEndings arrays = new ArrayEndings(this);
    private final WatchedEndings watched;

    Endings(Machine machine) {
        this.machine = machine;
        this.spelling = machine.shared().spelling();
        this.inText = LeafEndings.Order.inText(spelling);
        this.inNumber = LeafEndings.Order.inNumber(spelling);
        this.watched = new WatchedEndings(this, machine);
    }

    Machine machine() {
        return machine;
    }

    ValueEndings values() {
        return values;
    }

    ObjectEndings objects() {
        return objects;
    }

    ArrayEndings arrays() {
        return arrays;
    }

    LeafEndings of(Leaf leaf) {
        return leaves.computeIfAbsent(leaf, own -> new LeafEndings(own, inText, inNumber));
    }

    Ending ending(byte[] text) {
        return ending(text, false);
    }

    Ending ending(String before, byte[] text) {
        byte[] first = before.getBytes(StandardCharsets.UTF_8);
        byte[] both = java.util.Arrays.copyOf(first, first.length + text.length);
        System.arraycopy(text, 0, both, first.length, text.length);
        return ending(both);
    }

    Ending ending(byte[] text, boolean invents) {
        int tokens = spelling.count(text);
        return new Ending(text, tokens < 0 ? Math.addExact(text.length, UNSPELLED) : tokens, invents);
    }

    /// The bytes that end one of the stacks, with few tokens; null if there are none.
    byte @Nullable [] shortest(States states, OpenNames names) {
        byte[] plainly = plainly(states, names); // First, so that all lists on the way are known.
        return plainly != null && mayRepeatItems(states) ? watched.of(states, names) : plainly;
    }

    /// An upper bound of the tokens that end one of the stacks; [Integer#MAX_VALUE] if there are none.
    int tokens(States states, OpenNames names) {
        int plainly = plainTokens(states, names);
        if (plainly == NEVER || !mayRepeatItems(states)) {
            return plainly;
        }
        byte[] text = watched.of(states, names);
        return text == null ? NEVER : ending(text).tokens();
    }

    private boolean mayRepeatItems(States states) {
        return machine.fillsDifferently() || states.isWatched();
    }

    /// As if the items of no list had to differ.
    byte @Nullable [] plainly(States states, OpenNames names) {
        Config best = null;
        Sum bestSum = ENDLESS;
        for (Config config : states.configs()) {
            Config plain = machine.plain(config);
            Sum sum = sum(plain, names);
            if (sum.tokens < bestSum.tokens) {
                best = plain;
                bestSum = sum;
            }
        }
        return best == null ? null : text(best, names);
    }

    int plainTokens(States states, OpenNames names) {
        int least = NEVER;
        for (Config config : states.configs()) {
            least = Math.min(least, sum(machine.plain(config), names).tokens);
        }
        return least;
    }

    private Sum sum(Config config, OpenNames names) {
        Sum known = known(config);
        return known.invents && names != OpenNames.NONE ? added(config, names) : known;
    }

    /// The sum where no object has names yet.
    private Sum known(Config config) {
        Deque<Config> unknown = new ArrayDeque<>();
        Config at = config;
        while (at.ending == null && !at.isEnd()) {
            unknown.push(at);
            at = at.below();
        }
        Sum sum = at.ending == null ? COMPLETE : at.ending;
        while (!unknown.isEmpty()) {
            Config next = unknown.pop();
            sum = plus(rest(next, OpenNames.NONE, 0, null), sum, namesOf(next));
            next.ending = sum;
        }
        return sum;
    }

    private Sum added(Config config, OpenNames names) {
        Sum sum = COMPLETE;
        int level = 0;
        String name = null;
        for (Config at = config; !at.isEnd(); at = at.below()) {
            Sum below = known(at);
            if (!below.invents) {
                return new Sum(saturated(sum.tokens, below.tokens), sum.bytes + below.bytes, true);
            }
            Ending rest = rest(at, names, level, name);
            sum = plus(rest, sum, true);
            name = rest == null ? null : nameOf(at, rest, names);
            level += at.top() instanceof ObjectFrame || at.top() instanceof ArrayFrame ? 1 : 0;
        }
        return sum;
    }

    private static Sum plus(@Nullable Ending own, Sum below, boolean invents) {
        if (own == null || below == ENDLESS) {
            return ENDLESS;
        }
        return new Sum(
                saturated(own.tokens(), below.tokens),
                below.bytes + own.text().length,
                invents || own.invents() || below.invents);
    }

    private static int saturated(int one, int other) {
        return (int) Math.min(NEVER, (long) one + other);
    }

    private byte @Nullable [] text(Config config, OpenNames names) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int level = 0;
        String name = null;
        for (Config at = config; !at.isEnd(); at = at.below()) {
            Ending rest = rest(at, names, level, name);
            if (rest == null) {
                return null;
            }
            text.writeBytes(rest.text());
            name = nameOf(at, rest, names);
            level += at.top() instanceof ObjectFrame || at.top() instanceof ArrayFrame ? 1 : 0;
        }
        return text.toByteArray();
    }

    /// The end of the top frame.
    ///
    /// @param level how many objects and lists are above it
    /// @param name  if it is an object's after a name: that name, as far as it is not among the object's yet
    private @Nullable Ending rest(Config config, OpenNames names, int level, @Nullable String name) {
        Frame frame = config.top();
        Ending known = frame.ending();
        if (known != null && (names == OpenNames.NONE || !known.invents() && !namesOf(config))) {
            return known;
        }
        Ending rest = switch (frame) {
            case LeafFrame leaf ->
                namesOf(config) && names != OpenNames.NONE
                        ? objects.name(leaf, names, level)
                        : plain(of(leaf.leaf()).shortest(leaf.state()));
            case QuoteFrame quote -> plain(quote.rest());
            case ValueFrame value -> values.of(value.shape());
            case ObjectFrame object -> objects.of(object, names, level, name);
            case ArrayFrame array -> arrays.after(array.type(), array.opened(), array.index(), array.found());
            case EndFrame end -> Ending.NOTHING;
            case WatchedFrame watchedFrame -> throw new IllegalStateException("plain stacks have no watches");
        };
        if (rest != null && names == OpenNames.NONE) {
            frame.ending(rest);
        }
        return rest;
    }

    private @Nullable Ending plain(byte @Nullable [] text) {
        return text == null ? null : ending(text);
    }

    /// The whole name, if the top frame is one.
    private static @Nullable String nameOf(Config config, Ending rest, OpenNames names) {
        return namesOf(config) ? ObjectEndings.named(names.begun(), rest.text()) : null;
    }

    /// Whether the top frame is a name.
    private static boolean namesOf(Config config) {
        return config.top() instanceof LeafFrame
                && config.below().top() instanceof ObjectFrame object
                && object.phase() == ObjectFrame.Phase.NAMED;
    }
}
