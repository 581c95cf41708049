package dev.lectern.pipeline.cli;

import dev.lectern.engine.constraint.Constraint;
import dev.lectern.engine.constraint.Matcher;
import dev.lectern.engine.constraint.QuoteSource;
import dev.lectern.engine.constraint.SchemaException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;

/// A short instance of a schema: what need not be chosen is taken as it is, the rest is drawn, with a liking for what
/// ends strings, lists and objects.
final class SchemaExample {
    private static final int ATTEMPTS = 60;
    private static final int MAX_BYTES = 4_000;
    private static final String ENDING = "\"}]";
    private static final String PLAIN =
            "0123456789abcdefghijklmnopqrstuvwxyz -.@:/TZ{[\",tfn\\ABCDEFGHIJKLMNOPQRSUVWXY_+=#%&?!*'()<>";

    /// Stands for the context that quotes are taken from.
    private static final QuoteSource CONTEXT = QuoteSource.of("words of the context, as they stand there; ".repeat(50));

    private SchemaExample() {}

    /// Empty if none was found, which does not mean that there is none.
    static Optional<String> of(Constraint constraint) {
        Constraint bound;
        try {
            bound = constraint.quoting(CONTEXT);
        } catch (SchemaException e) {
            return Optional.empty(); // Quotes longer than this context.
        }
        String best = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            String found = attempt(bound.matcher(), new Random(attempt));
            if (found != null && (best == null || found.length() < best.length())) {
                best = found;
            }
        }
        return Optional.ofNullable(best);
    }

    private static @org.jspecify.annotations.Nullable String attempt(Matcher matcher, Random random) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (text.size() < MAX_BYTES) {
            if (matcher.isComplete()) {
                return text.toString(StandardCharsets.UTF_8);
            }
            byte[] forced = matcher.forced();
            byte[] next = forced.length > 0 && matcher.acceptBytes(forced) ? forced : next(matcher, random);
            if (next.length == 0) {
                return null;
            }
            text.writeBytes(next);
            byte last = next[next.length - 1];
            if ((last == ',' || last == ':') && !inText(matcher) && matcher.acceptBytes(new byte[] {' '})) {
                text.write(' ');
            }
        }
        return null;
    }

    private static boolean inText(Matcher matcher) {
        return matcher.copy().acceptBytes(new byte[] {'a'});
    }

    private static byte[] next(Matcher matcher, Random random) {
        if (random.nextInt(4) > 0) {
            // In a string brackets end nothing.
            for (int i = 0; i < (inText(matcher) ? 1 : ENDING.length()); i++) {
                byte[] one = {(byte) ENDING.charAt(i)};
                if (matcher.acceptBytes(one)) {
                    return one;
                }
            }
        }
        int from = random.nextInt(PLAIN.length());
        for (int i = 0; i < PLAIN.length(); i++) {
            byte[] one = {(byte) PLAIN.charAt((from + i) % PLAIN.length())};
            if (matcher.acceptBytes(one)) {
                return one;
            }
        }
        for (int value = 128; value < 256; value++) {
            byte[] one = {(byte) value};
            if (matcher.acceptBytes(one)) {
                return one;
            }
        }
        return new byte[0];
    }
}
