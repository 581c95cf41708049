package dev.lectern.engine.internal.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Collects which tensors get another type than asked for, and says it in a line for each reason.
final class TypeRemarks {
    private final Map<String, List<String>> tensors = new LinkedHashMap<>();

    void add(String tensor, TypeRules.Choice choice) {
        if (choice.unlike() != null) {
            tensors.computeIfAbsent(choice.type() + ": " + choice.unlike(), key -> new ArrayList<>())
                    .add(tensor);
        }
    }

    List<String> texts() {
        return tensors.entrySet().stream()
                .map(entry -> {
                    List<String> names = entry.getValue();
                    String others = names.size() == 1 ? "" : " and " + (names.size() - 1) + " others";
                    return names.getFirst() + others + " became " + entry.getKey();
                })
                .toList();
    }
}
