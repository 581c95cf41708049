package dev.lectern.pipeline.ingest;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.tika.exception.EncryptedDocumentException;
import org.apache.tika.exception.TikaException;
import org.apache.tika.io.TikaInputStream;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.Property;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.mime.MediaType;
import org.apache.tika.parser.ParseContext;
import org.apache.tika.parser.Parser;
import org.apache.tika.parser.microsoft.OfficeParser;
import org.apache.tika.parser.microsoft.OfficeParserConfig;
import org.apache.tika.parser.microsoft.ooxml.OOXMLParser;
import org.apache.tika.parser.microsoft.rtf.RTFParser;
import org.jspecify.annotations.Nullable;
import org.xml.sax.Attributes;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/// Word, Excel, PowerPoint (of both generations) and RTF through Tika. A presentation's slides are its pages. Files
/// inside the file are not read.
final class OfficeReader implements DocumentReader {
    private final List<Parser> parsers = List.of(new OOXMLParser(), new OfficeParser(), new RTFParser());

    @Override
    public String name() {
        return "office";
    }

    @Override
    public String version() {
        return "1 tika-" + LibraryVersion.of("org.apache.tika", "tika-core");
    }

    @Override
    public boolean reads(String mediaType) {
        return parser(mediaType) != null;
    }

    private @Nullable Parser parser(String mediaType) {
        MediaType type = MediaType.parse(mediaType);
        for (Parser parser : parsers) {
            if (parser.getSupportedTypes(new ParseContext()).contains(type)) {
                return parser;
            }
        }
        return null;
    }

    @Override
    public ParsedDocument read(SourceFile file, IngestLimits limits) throws UnreadableDocument {
        Parser parser = parser(file.mediaType());
        if (parser == null) {
            throw new UnreadableDocument(RejectCode.UNSUPPORTED_TYPE, "no reader for " + file.mediaType());
        }
        Metadata metadata = new Metadata();
        metadata.set(TikaCoreProperties.RESOURCE_NAME_KEY, file.name());
        metadata.set(Metadata.CONTENT_TYPE, file.mediaType());
        ProseBuilder prose = new ProseBuilder(limits.maxTextChars());
        try (TikaInputStream in = TikaInputStream.get(file.bytes(), metadata)) {
            parser.parse(in, new XhtmlHandler(prose), metadata, context());
        } catch (EncryptedDocumentException | org.apache.poi.EncryptedDocumentException e) {
            throw new UnreadableDocument(RejectCode.ENCRYPTED, "the document needs a password; save it without one", e);
        } catch (SAXException | TikaException | IOException e) {
            throw failure(e);
        }
        String text = prose.build();
        if (text.isEmpty()) {
            throw new UnreadableDocument(RejectCode.NO_TEXT, "the document holds no text");
        }
        String title = metadata.get(TikaCoreProperties.TITLE);
        return new ParsedDocument(
                text, prose.pages(), title == null || title.isBlank() ? null : title.strip(), describe(metadata));
    }

    /// Parsers wrap what their libraries throw.
    private static UnreadableDocument failure(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProseBuilder.Overflow overflow) {
                throw overflow;
            }
            if (cause instanceof org.apache.poi.EncryptedDocumentException) {
                return new UnreadableDocument(RejectCode.ENCRYPTED, "the document needs a password", e);
            }
        }
        return UnreadableDocument.corrupt("document", e.getCause() == null ? e : e.getCause());
    }

    private static ParseContext context() {
        OfficeParserConfig config = new OfficeParserConfig();
        // What a reader sees: neither struck-out text nor the author's remarks nor the slide master's samples.
        config.setIncludeDeletedContent(false);
        config.setIncludeMoveFromContent(false);
        config.setIncludeHeadersAndFooters(true);
        config.setIncludeSlideMasterContent(false);
        config.setIncludeMissingRows(false);
        config.setExtractMacros(false);
        ParseContext context = new ParseContext();
        context.set(OfficeParserConfig.class, config);
        return context;
    }

    private static Map<String, String> describe(Metadata metadata) {
        Map<String, String> described = new TreeMap<>();
        put(described, "author", metadata, TikaCoreProperties.CREATOR);
        put(described, "subject", metadata, TikaCoreProperties.SUBJECT);
        put(described, "created", metadata, TikaCoreProperties.CREATED);
        put(described, "modified", metadata, TikaCoreProperties.MODIFIED);
        put(described, "creator", metadata, TikaCoreProperties.CREATOR_TOOL);
        return described;
    }

    private static void put(Map<String, String> described, String key, Metadata metadata, Property property) {
        String value = metadata.get(property);
        if (value != null && !value.isBlank()) {
            described.put(key, value.strip());
        }
    }

    private static final class XhtmlHandler extends DefaultHandler {
        private static final Set<String> PAGES = Set.of("slide-content", "slide");

        private final ProseBuilder prose;
        private final MarkupText markup;

        XhtmlHandler(ProseBuilder prose) {
            this.prose = prose;
            this.markup = new MarkupText(prose);
        }

        @Override
        public void startElement(String uri, String localName, String qName, Attributes attributes) {
            String style = attributes.getValue("class");
            if (style != null && localName.equals("div") && PAGES.contains(style)) {
                prose.page();
            }
            markup.open(localName);
        }

        @Override
        public void endElement(String uri, String localName, String qName) {
            markup.close(localName);
        }

        @Override
        public void characters(char[] chars, int start, int length) {
            markup.text(new String(chars, start, length));
        }
    }
}
