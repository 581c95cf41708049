package dev.lectern.inference;

import dev.lectern.inference.AnswerOutline.OpenList;
import dev.lectern.inference.AnswerOutline.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How an answer that was cut inside a list goes on: from its last whole item.
///
/// @param begun the answer as far as it is kept: up to the end of the last whole item
/// @param shown the same with only the last items of its lists: what the model sees of it
record ListContinuation(String begun, String shown) {
    /// So much of a list's end is shown at most, if it holds several items: a model goes on with what it sees,
    /// and what it has to read again for every request should not grow with the list.
    private static final int SHOWN_CHARS = 512;

    /// @param written what the model wrote
    /// @param before  how many characters of it the requests before had kept: less must not come out
    /// @return null if the answer was not cut in a list, or this request has not completed an item
    static @Nullable ListContinuation of(String written, int before) {
        List<OpenList> lists = AnswerOutline.of(written).openLists();
        int last = lists.size() - 1;
        while (last >= 0 && lists.get(last).items().isEmpty()) {
            last--;
        }
        if (last < 0) {
            return null;
        }
        List<Value> items = lists.get(last).items();
        int end = items.getLast().end();
        if (end <= before) {
            return null;
        }
        StringBuilder shown = new StringBuilder();
        int at = 0;
        for (int i = 0; i <= last; i++) {
            OpenList list = lists.get(i);
            shown.append(written, at, list.start());
            at = list.start();
            if (i < last) {
                // Of the lists around it, only the item that is being written.
                at = list.items().isEmpty()
                        ? at
                        : afterComma(written, list.items().getLast().end());
            } else {
                at = firstShown(items);
            }
        }
        return new ListContinuation(
                written.substring(0, end), shown.append(written, at, end).toString());
    }

    private static int firstShown(List<Value> items) {
        int end = items.getLast().end();
        int first = items.size() - 1;
        while (first > 0 && end - items.get(first - 1).start() <= SHOWN_CHARS) {
            first--;
        }
        return items.get(first).start();
    }

    private static int afterComma(String written, int itemEnd) {
        int at = itemEnd;
        while (written.charAt(at) != ',') {
            at++;
        }
        return at + 1;
    }
}
