package dev.lectern.pipeline.ingest;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Manual pages in roff source (`man` and `mdoc` macros) to flowing text. Not a formatter: requests that only lay out
/// are dropped, what a reader reads stays.
final class RoffReader implements DocumentReader {
    /// A page says its title early; programs that generate pages put their own macros before it.
    private static final Pattern TITLE = Pattern.compile("(?m)^[.'][ \\t]*(TH|Dd|so)\\b");
    private static final int TITLE_WITHIN_CHARS = 64 << 10;

    @Override
    public String name() {
        return "roff";
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public boolean reads(String mediaType) {
        return mediaType.equals(MediaTypeDetector.ROFF);
    }

    /// Whether a text is a manual page's source: it begins with a request and names its title.
    static boolean isManualPage(String text) {
        String start = text.stripLeading();
        if (start.isEmpty() || (start.charAt(0) != '.' && start.charAt(0) != '\'')) {
            return false;
        }
        return TITLE.matcher(start.substring(0, Math.min(start.length(), TITLE_WITHIN_CHARS)))
                .find();
    }

    @Override
    public ParsedDocument read(SourceFile file, IngestLimits limits) throws UnreadableDocument {
        RoffText roff = new RoffText(limits.maxTextChars());
        TextDecoder.decode(file.bytes()).text().lines().forEach(roff::line);
        String text = roff.build();
        if (text.isEmpty()) {
            throw new UnreadableDocument(
                    RejectCode.NO_TEXT,
                    roff.included().map(f -> "the page only refers to " + f).orElse("the page holds no text"));
        }
        Map<String, String> metadata = new TreeMap<>();
        roff.section().ifPresent(s -> metadata.put("section", s));
        String title = roff.title()
                .map(t -> roff.section()
                        .map(s -> t.toLowerCase(Locale.ROOT) + "(" + s + ")")
                        .orElse(t))
                .orElse(null);
        return new ParsedDocument(text, List.of(), title, metadata);
    }
}
