package dev.lectern.engine.internal.constraint.automaton;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/// Ends of texts with lists whose items differ. The plain end is tried; where it repeats an item, another byte is
/// taken there, one that leads away from all earlier items if there is one, and the rest is tried again. What is
/// found is short, not always the shortest.
final class WatchedEndings {
    private static final int MAX_DETOURS = 2_000;

    private static final byte[] LIKED =
            "aeiost0123456789bcdfghjklmnpqruvwxyz\",:{}[].-".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private final Endings endings;
    private final Machine machine;

    WatchedEndings(Endings endings, Machine machine) {
        this.endings = endings;
        this.machine = machine;
    }

    /// Null if no end was found.
    byte @Nullable [] of(States start, OpenNames names) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        States at = start;
        OpenNames open = names;
        for (int detours = 0; detours < MAX_DETOURS && text.size() < Endings.MAX_BYTES; detours++) {
            byte[] rest = endings.plainly(at, open);
            if (rest == null) {
                return null;
            }
            int read = 0;
            States reached = at;
            while (read < rest.length) {
                States next = reached.next(rest[read] & 0xFF);
                if (next.isDead()) {
                    break;
                }
                reached = next;
                read++;
            }
            text.write(rest, 0, read);
            if (read == rest.length && machine.isComplete(reached)) {
                return text.toByteArray();
            }
            OpenNames before = open.after(java.util.Arrays.copyOf(rest, read));
            if (before == null) {
                return null;
            }
            int other = detour(reached, before);
            if (other < 0) {
                return null;
            }
            text.write(other);
            at = reached.next(other);
            OpenNames after = before.after(new byte[] {(byte) other});
            if (after == null) {
                return null;
            }
            open = after;
        }
        return null;
    }

    /// The byte after which the rest is shortest; -1 if there is none.
    private int detour(States from, OpenNames names) {
        int best = -1;
        long least = Long.MAX_VALUE;
        long enough = 2L * endings.plainTokens(from, names);
        boolean[] seen = new boolean[256];
        // Outside of strings white space leads nowhere.
        boolean between = isBetween(from);
        for (int i = 0; i < LIKED.length + 256; i++) {
            int value = i < LIKED.length ? LIKED[i] : i - LIKED.length;
            if (seen[value] || (between && Frame.blank(value))) {
                continue;
            }
            seen[value] = true;
            States next = from.next(value);
            if (next.isDead()) {
                continue;
            }
            OpenNames after = names.after(new byte[] {(byte) value});
            if (after == null) {
                continue;
            }
            long cost = 2L * endings.plainTokens(next, after) + (isFree(next) ? 0 : 1);
            if (cost < least) {
                least = cost;
                best = value;
            }
            if (least <= enough) {
                break;
            }
        }
        return best;
    }

    private static boolean isBetween(States states) {
        for (Config config : states.configs()) {
            if (!config.top().between()) {
                return false;
            }
        }
        return true;
    }

    /// Whether one of the stacks is done with a value, or reads one that differs from all earlier ones.
    private static boolean isFree(States states) {
        for (Config config : states.configs()) {
            if (!(config.top() instanceof WatchedFrame frame) || frame instanceof WatchedArray || frame.free()) {
                return true;
            }
        }
        return false;
    }
}
