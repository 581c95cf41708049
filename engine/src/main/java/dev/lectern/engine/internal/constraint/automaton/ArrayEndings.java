package dev.lectern.engine.internal.constraint.automaton;

import dev.lectern.engine.internal.constraint.automaton.ArrayType.Item;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// Short ends of lists: the fewest tokens over all ways to fill what is still to come, found from the nearest place
/// on.
final class ArrayEndings {
    private static final int MAX_PLACES = 200_000;

    private final Endings endings;

    ArrayEndings(Endings endings) {
        this.endings = endings;
    }

    private record Place(int index, long found) {}

    private record Way(
            Place place, long cost, byte[] item, @Nullable Way before) {}

    /// The end of a list after its bracket or an item, with its own bracket; null if there is none.
    ///
    /// @param opened whether the next item needs no comma
    @Nullable
    Ending after(ArrayType type, boolean opened, int index, long found) {
        PriorityQueue<Way> open = new PriorityQueue<>((a, b) -> Long.compare(a.cost, b.cost));
        Map<Place, Long> costs = new HashMap<>();
        open.add(new Way(new Place(index, found), 0, new byte[0], null));
        while (!open.isEmpty() && costs.size() < MAX_PLACES) {
            Way way = open.remove();
            if (costs.putIfAbsent(way.place, way.cost) != null) {
                continue;
            }
            if (type.complete(way.place.index, way.place.found)) {
                return text(way, opened);
            }
            boolean enough = way.place.index >= type.mattering();
            for (Item item : type.items(way.place.index, way.place.found)) {
                if (enough && item.found() == way.place.found) {
                    continue; // It would bring nothing nearer.
                }
                Ending value = endings.values().of(item.choice().shape());
                if (value != null) {
                    Place next = new Place(way.place.index + 1, item.found());
                    if (!costs.containsKey(next)) {
                        open.add(new Way(next, way.cost + value.tokens() + 1, value.text(), way));
                    }
                }
            }
        }
        return null;
    }

    private @Nullable Ending text(Way last, boolean opened) {
        Deque<byte[]> items = new ArrayDeque<>();
        for (Way way = last; way.before != null; way = way.before) {
            items.addFirst(way.item);
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        boolean comma = !opened;
        for (byte[] item : items) {
            if (comma) {
                text.write(',');
            }
            comma = true;
            text.writeBytes(item);
            if (text.size() > Endings.MAX_BYTES) {
                return null;
            }
        }
        text.write(']');
        return endings.ending(text.toByteArray());
    }
}
