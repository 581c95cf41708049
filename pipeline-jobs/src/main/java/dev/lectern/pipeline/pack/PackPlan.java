package dev.lectern.pipeline.pack;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/// Which documents share a context, decided from their sizes alone.
///
/// Documents are taken in the order given and put into the current context while they surely fit, whatever padding
/// their sentences ask for; then the next context begins. A document that fits into no context is alone in its group,
/// to be split or rejected, and its neighbours pass it by. Order is kept rather than contexts filled to the brim:
/// neighbours in a folder belong together, and a new document moves only the contexts behind it.
final class PackPlan {
    private PackPlan() {}

    /// @param document names it
    /// @param tokens   its number of tokens
    record Size(String document, int tokens) implements Serializable {}

    static List<List<Size>> group(List<Size> documents, PackSettings settings) {
        List<List<Size>> groups = new ArrayList<>();
        List<Size> group = new ArrayList<>();
        long documentTokens = 0;
        for (Size document : documents) {
            if (!surelyFits(document.tokens(), 0, settings)) {
                groups.add(List.of(document));
                continue;
            }
            long separators = (long) group.size() * settings.separator().length;
            if (!group.isEmpty() && !surelyFits(documentTokens + document.tokens(), separators, settings)) {
                groups.add(List.copyOf(group));
                group.clear();
                documentTokens = 0;
            }
            group.add(document);
            documentTokens += document.tokens();
        }
        if (!group.isEmpty()) {
            groups.add(List.copyOf(group));
        }
        return groups;
    }

    private static boolean surelyFits(long documentTokens, long separators, PackSettings settings) {
        double padding = Math.floor(documentTokens * settings.paddingPercent() / 100);
        return settings.prefix().length + documentTokens + separators + padding <= settings.lastEnd();
    }
}
