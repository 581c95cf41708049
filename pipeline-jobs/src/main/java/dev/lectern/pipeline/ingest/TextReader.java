package dev.lectern.pipeline.ingest;

import java.util.Map;
import java.util.Set;
import org.apache.tika.mime.MediaType;
import org.apache.tika.mime.MediaTypeRegistry;

/// Text that is its own source: plain, Markdown, program code, CSV, JSON, XML. Every character stays, line ends too.
final class TextReader implements DocumentReader {
    private static final MediaTypeRegistry TYPES = MediaTypeRegistry.getDefaultRegistry();
    private static final Set<MediaType> ROOTS =
            Set.of(MediaType.TEXT_PLAIN, MediaType.APPLICATION_XML, MediaType.application("json"));

    @Override
    public String name() {
        return "text";
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public boolean reads(String mediaType) {
        MediaType type = MediaType.parse(mediaType);
        if (type == null || type.getType().equals("image") || type.getType().equals("model")) {
            return false;
        }
        return type.getType().equals("text") || ROOTS.stream().anyMatch(root -> TYPES.isInstanceOf(type, root));
    }

    @Override
    public ParsedDocument read(SourceFile file, IngestLimits limits) throws UnreadableDocument {
        TextDecoder decoded = TextDecoder.decode(file.bytes());
        if (decoded.text().length() > limits.maxTextChars()) {
            throw new UnreadableDocument(
                    RejectCode.TOO_LARGE,
                    "text of " + decoded.text().length() + " characters, at most " + limits.maxTextChars()
                            + " are read; split the file");
        }
        Map<String, String> metadata =
                decoded.charset().equals("UTF-8") ? Map.of() : Map.of("charset", decoded.charset());
        return new ParsedDocument(decoded.text(), java.util.List.of(), null, metadata);
    }
}
