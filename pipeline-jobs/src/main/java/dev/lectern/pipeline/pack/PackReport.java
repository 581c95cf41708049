package dev.lectern.pipeline.pack;

import java.util.List;
import java.util.Map;

/// What packing did.
///
/// @param account       where the document tokens went; it balances
/// @param rejectsByCode documents turned away
/// @param notes         what the user should know about the settings, each in a sentence
public record PackReport(
        TokenAccount account,
        Map<String, Long> rejectsByCode,
        String modelFingerprint,
        String tokenizerFingerprint,
        String recipeFingerprint,
        List<String> notes) {
    public PackReport {
        rejectsByCode = Map.copyOf(rejectsByCode);
        notes = List.copyOf(notes);
    }
}
