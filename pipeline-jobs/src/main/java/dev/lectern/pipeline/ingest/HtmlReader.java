package dev.lectern.pipeline.ingest;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeTraversor;
import org.jsoup.select.NodeVisitor;

/// HTML and XHTML through jsoup: what a browser would show, without scripts and styles.
final class HtmlReader implements DocumentReader {
    private static final Set<String> MEDIA_TYPES = Set.of("text/html", "application/xhtml+xml");
    private static final Set<String> METADATA =
            Set.of("author", "description", "keywords", "generator", "date", "dc.creator", "dc.date", "dcterms.date");
    private static final Pattern DECLARED =
            Pattern.compile("charset\\s*=\\s*[\"']?\\s*([A-Za-z0-9_.:-]+)", Pattern.CASE_INSENSITIVE);
    private static final int DECLARATION_BYTES = 4 << 10;

    @Override
    public String name() {
        return "html";
    }

    @Override
    public String version() {
        return "1 jsoup-" + LibraryVersion.of("org.jsoup", "jsoup");
    }

    @Override
    public boolean reads(String mediaType) {
        return MEDIA_TYPES.contains(mediaType);
    }

    @Override
    public ParsedDocument read(SourceFile file, IngestLimits limits) throws UnreadableDocument {
        String html = decode(file.bytes());
        Document document = Jsoup.parse(html);
        ProseBuilder prose = new ProseBuilder(limits.maxTextChars());
        NodeTraversor.traverse(new Visitor(new MarkupText(prose)), document);
        String text = prose.build();
        if (text.isEmpty()) {
            throw new UnreadableDocument(RejectCode.NO_TEXT, "the page shows no text");
        }
        String title = document.title().strip();
        return new ParsedDocument(text, List.of(), title.isEmpty() ? null : title, metadata(document));
    }

    private static String decode(byte[] bytes) {
        Optional<Charset> declared = declared(bytes);
        TextDecoder decoded = TextDecoder.decode(bytes);
        boolean marked = !decoded.charset().equals("UTF-8") && decoded.charset().startsWith("UTF-16");
        if (declared.isEmpty() || marked || TextDecoder.strictUtf8(bytes).isPresent()) {
            // Valid UTF-8 with other characters than ASCII is UTF-8, whatever an old declaration says.
            return decoded.text();
        }
        return new String(bytes, declared.get());
    }

    private static Optional<Charset> declared(byte[] bytes) {
        String head = new String(bytes, 0, Math.min(bytes.length, DECLARATION_BYTES), StandardCharsets.ISO_8859_1);
        Matcher matcher = DECLARED.matcher(head);
        if (!matcher.find()) {
            return Optional.empty();
        }
        try {
            String name = matcher.group(1);
            return Charset.isSupported(name) ? Optional.of(Charset.forName(name)) : Optional.empty();
        } catch (IllegalCharsetNameException e) {
            // A declaration that names nothing declares nothing.
            return Optional.empty();
        }
    }

    private static Map<String, String> metadata(Document document) {
        Map<String, String> metadata = new TreeMap<>();
        for (Element meta : document.select("meta[name][content]")) {
            String name = meta.attr("name").toLowerCase(java.util.Locale.ROOT);
            if (METADATA.contains(name) && !meta.attr("content").isBlank()) {
                metadata.putIfAbsent(name, meta.attr("content").strip());
            }
        }
        String language = document.select("html").attr("lang").strip();
        if (!language.isEmpty()) {
            metadata.put("lang", language);
        }
        return metadata;
    }

    private record Visitor(MarkupText markup) implements NodeVisitor {
        @Override
        public void head(Node node, int depth) {
            switch (node) {
                case TextNode text -> markup.text(text.getWholeText());
                case Element element -> markup.open(element.normalName());
                default -> {}
            }
        }

        @Override
        public void tail(Node node, int depth) {
            if (node instanceof Element element) {
                markup.close(element.normalName());
            }
        }
    }
}
