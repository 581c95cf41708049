package dev.lectern.pipeline.ingest;

import com.optimaize.langdetect.DetectedLanguage;
import com.optimaize.langdetect.LanguageDetector;
import com.optimaize.langdetect.LanguageDetectorBuilder;
import com.optimaize.langdetect.ngram.NgramExtractors;
import com.optimaize.langdetect.profiles.LanguageProfileReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/// A text's language by its trigrams, with the profiles that come with the library. Thread-safe.
final class LanguageGuess {
    /// Shorter texts are guessed wrong too often.
    private static final int MIN_CHARS = 200;

    /// What is looked at, from a third of the text on: openings are titles, tables and licences.
    private static final int SAMPLE_CHARS = 4_000;
    private static final double MIN_PROBABILITY = 0.95;

    private LanguageGuess() {}

    /// ISO 639-1, empty for texts that are too short or too mixed.
    static Optional<String> of(String text) {
        if (text.length() < MIN_CHARS) {
            return Optional.empty();
        }
        int from = text.length() <= SAMPLE_CHARS ? 0 : Math.min(text.length() / 3, text.length() - SAMPLE_CHARS);
        String sample = text.substring(from, Math.min(text.length(), from + SAMPLE_CHARS));
        List<DetectedLanguage> guesses = Detector.INSTANCE.getProbabilities(sample);
        return guesses.stream()
                .findFirst()
                .filter(g -> g.getProbability() >= MIN_PROBABILITY)
                .map(g -> g.getLocale().getLanguage());
    }

    /// Holder: the profiles are read when the first text is.
    private static final class Detector {
        static final LanguageDetector INSTANCE = build();

        private static LanguageDetector build() {
            try {
                return LanguageDetectorBuilder.create(NgramExtractors.standard())
                        // The library draws random numbers; the same text must have the same language in every run.
                        .seed(1)
                        .withProfiles(new LanguageProfileReader().readAllBuiltIn())
                        .build();
            } catch (IOException e) {
                throw new UncheckedIOException("the language profiles are missing from the class path", e);
            }
        }
    }
}
