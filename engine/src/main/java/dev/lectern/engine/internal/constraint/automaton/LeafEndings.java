package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.lexical.ByteAutomaton;
import dev.lectern.engine.internal.constraint.mask.TokenSpelling;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Short ends of the texts of one leaf, from any of its states: a search of its states for the nearest that accepts,
/// first with plain characters, and with all bytes only where these lead nowhere. What was found on the way is kept.
final class LeafEndings {
    /// More ends of one state are not told apart.
    private static final int MAX_NODES = 50_000;

    /// In what order bytes are tried: among texts of the same length, the one with the earliest is taken.
    ///
    /// @param plain those that stand for themselves
    record Order(int[] plain, int[] all) {
        /// Dates come out in this millennium so.
        static Order inText(TokenSpelling spelling) {
            return of("\"2013456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", spelling);
        }

        static Order inNumber(TokenSpelling spelling) {
            return of("0123456789", spelling);
        }

        private static Order of(String first, TokenSpelling spelling) {
            Set<Integer> order = new LinkedHashSet<>();
            first.chars().forEach(order::add);
            for (int value = 0x20; value < 0x7F; value++) {
                if (value != '\\') {
                    order.add(value);
                }
            }
            int[] plain = spelled(order, spelling);
            for (int value = 0; value < 256; value++) {
                order.add(value);
            }
            int[] all = spelled(order, spelling);
            return new Order(
                    plain,
                    all.length > 0 ? all : order.stream().mapToInt(i -> i).toArray());
        }

        private static int[] spelled(Set<Integer> values, TokenSpelling spelling) {
            return values.stream().mapToInt(i -> i).filter(spelling::hasByte).toArray();
        }
    }

    private record Step(int value, int next, int left) {}

    /// @param number in the order of the search
    private record Way(int state, int value, @Nullable Way before, int length, int left, int number) {
        byte[] bytes() {
            byte[] bytes = new byte[length];
            int at = length;
            for (Way way = this; way.before != null; way = way.before) {
                bytes[--at] = (byte) way.value;
            }
            return bytes;
        }
    }

    private final Leaf leaf;
    private final int[] plain;
    private final int[] all;
    /// Of states on the ways that were found: where to go.
    private final Map<Integer, Step> steps = new HashMap<>();

    private final Map<Integer, Listing> listings = new HashMap<>();

    LeafEndings(Leaf leaf, Order inText, Order inNumber) {
        this.leaf = leaf;
        int start = leaf.automaton().start();
        boolean text = start != ByteAutomaton.DEAD && leaf.next(start, '"') != ByteAutomaton.DEAD;
        this.plain = text ? inText.plain : inNumber.plain;
        this.all = text ? inText.all : inNumber.all;
    }

    /// The bytes of a shortest way from a state to one that accepts; null if tokens spell none.
    byte @Nullable [] shortest(int state) {
        byte[] known = leaf.automaton().ending(state);
        if (known != null) {
            return known;
        }
        int length = left(state);
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        int at = state;
        for (int i = 0; i < length; i++) {
            Step step = steps.get(at);
            if (step == null) {
                throw new IllegalStateException("a way that was found has a gap");
            }
            bytes[i] = (byte) step.value;
            at = step.next;
        }
        return bytes;
    }

    /// The number of bytes of a shortest way; -1 if there is none.
    private int left(int state) {
        if (leaf.accepting(state)) {
            return 0;
        }
        Step known = steps.get(state);
        if (known != null) {
            return known.left;
        }
        byte[] ending = leaf.automaton().ending(state);
        if (ending != null) {
            return ending.length;
        }
        if (!search(state, plain)) {
            search(state, all);
        }
        Step found = steps.get(state);
        return found == null ? -1 : found.left;
    }

    private boolean search(int start, int[] values) {
        Map<Integer, Way> reached = new HashMap<>();
        Deque<Way> open = new ArrayDeque<>();
        Way first = new Way(start, 0, null, 0, 0, 0);
        reached.put(start, first);
        open.add(first);
        Way best = null;
        int bestLength = Integer.MAX_VALUE;
        while (!open.isEmpty() && open.element().length + 1 < bestLength) {
            Way way = open.remove();
            for (int value : values) {
                int next = leaf.next(way.state, value);
                if (next == ByteAutomaton.DEAD || reached.containsKey(next)) {
                    continue;
                }
                Way further = new Way(next, value, way, way.length + 1, 0, 0);
                reached.put(next, further);
                int left = leaf.accepting(next) ? 0 : steps.containsKey(next) ? steps.get(next).left : -1;
                if (left < 0) {
                    open.add(further);
                } else if (further.length + left < bestLength) {
                    best = further;
                    bestLength = further.length + left;
                }
            }
        }
        if (best == null) {
            return false;
        }
        int left = bestLength - best.length;
        for (Way way = best; way.before != null; way = way.before) {
            steps.put(way.before.state, new Step(way.value, way.state, ++left));
        }
        return true;
    }

    /// One of the ends from a state, of which no two are equal, the shortest first; null if there are no more,
    /// or they are too many to tell.
    byte @Nullable [] at(int state, int index) {
        return listings.computeIfAbsent(state, Listing::new).at(index);
    }

    /// The ends from one state, as far as they were asked for.
    private final class Listing {
        private final List<byte[]> found = new ArrayList<>();
        private final Set<String> known = new HashSet<>();
        private final int state;
        private final PriorityQueue<Way> open =
                new PriorityQueue<>(Comparator.<Way>comparingInt(way -> way.length + way.left)
                        .thenComparingInt(way -> way.left)
                        .thenComparingInt(Way::number));
        private int[] values = plain;
        private int nodes;

        Listing(int state) {
            this.state = state;
            add(state, 0, null);
        }

        private void add(int reached, int value, @Nullable Way before) {
            int left = left(reached);
            if (left >= 0 && ++nodes <= MAX_NODES) {
                open.add(new Way(reached, value, before, before == null ? 0 : before.length + 1, left, nodes));
            }
        }

        byte @Nullable [] at(int index) {
            while (found.size() <= index) {
                Way way = open.poll();
                if (way == null) {
                    if (values == all) {
                        return null;
                    }
                    values = all;
                    add(state, 0, null);
                    continue;
                }
                if (leaf.accepting(way.state)) {
                    byte[] bytes = way.bytes();
                    if (known.add(new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1))) {
                        found.add(bytes);
                    }
                }
                for (int value : values) {
                    int next = leaf.next(way.state, value);
                    if (next != ByteAutomaton.DEAD) {
                        add(next, value, way);
                    }
                }
            }
            return Arrays.copyOf(found.get(index), found.get(index).length);
        }
    }
}
