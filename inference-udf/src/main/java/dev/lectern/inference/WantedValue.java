package dev.lectern.inference;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A value that answers hold, and what the search found of it so far. Not thread-safe.
///
/// A place where it is spelt exactly as in the answer wins over an earlier one where it is spelt otherwise; all
/// places count.
final class WantedValue {
    private final String spelling;
    private Citation.@Nullable Place exact;
    private Citation.@Nullable Place normalised;
    private int occurrences;

    WantedValue(String spelling) {
        this.spelling = spelling;
    }

    String spelling() {
        return spelling;
    }

    int occurrences() {
        return occurrences;
    }

    Citation.@Nullable Place place() {
        return exact != null ? exact : normalised;
    }

    /// @param offset index of the text's first UTF-16 unit in the document
    void found(String docId, String text, int offset, List<PageSpan> pages, int start, int end) {
        occurrences++;
        if (exact != null) {
            return;
        }
        boolean asSpelt = end - start == spelling.length() && text.startsWith(spelling, start);
        if (asSpelt || normalised == null) {
            Citation.Place place = new Citation.Place(
                    docId, offset + start, offset + end, page(pages, offset + start), text.substring(start, end));
            if (asSpelt) {
                exact = place;
            } else {
                normalised = place;
            }
        }
    }

    /// @param pages ascending, disjoint
    private static @Nullable Integer page(List<PageSpan> pages, int charStart) {
        int low = 0;
        int high = pages.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            PageSpan page = pages.get(middle);
            if (charStart < page.charStart()) {
                high = middle - 1;
            } else if (charStart >= page.charEnd()) {
                low = middle + 1;
            } else {
                return page.number();
            }
        }
        return null;
    }
}
