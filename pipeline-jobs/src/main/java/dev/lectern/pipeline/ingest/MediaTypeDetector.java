package dev.lectern.pipeline.ingest;

import java.io.IOException;
import java.util.List;
import org.apache.tika.detect.CompositeDetector;
import org.apache.tika.detect.Detector;
import org.apache.tika.detect.microsoft.POIFSContainerDetector;
import org.apache.tika.detect.zip.DefaultZipContainerDetector;
import org.apache.tika.io.TikaInputStream;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.mime.MediaType;
import org.apache.tika.mime.MimeTypes;

/// Media types from the bytes first and the name second, through Tika. Thread-safe.
final class MediaTypeDetector {
    static final String ROFF = "text/troff";
    static final String GZIP = "application/gzip";
    static final String UNKNOWN = "application/octet-stream";

    private static final String PLAIN = "text/plain";

    private final Detector detector = new CompositeDetector(
            List.of(new POIFSContainerDetector(), new DefaultZipContainerDetector(), MimeTypes.getDefaultMimeTypes()));

    /// @param name last part of the path
    String detect(String name, byte[] bytes) {
        Metadata metadata = new Metadata();
        metadata.set(TikaCoreProperties.RESOURCE_NAME_KEY, name);
        MediaType type;
        try (TikaInputStream in = TikaInputStream.get(bytes, metadata)) {
            type = detector.detect(in, metadata);
        } catch (IOException | RuntimeException e) {
            // Detectors open containers; broken ones are left to the readers, which say what is broken.
            type = MimeTypes.getDefaultMimeTypes().getMimeType(name).getType();
        }
        String found = type.getBaseType().toString();
        if (found.equals("application/zip")) {
            // A container whose parts cannot be found any more: its reader says what is broken.
            String byName = MimeTypes.getDefaultMimeTypes().getMimeType(name).getName();
            return byName.startsWith("application/vnd.openxmlformats") ? byName : found;
        }
        // The endings of manual pages (.1, .3pm) say nothing to Tika, and not every page begins with a comment; source
        // code in comments that look like roff is none.
        boolean maybeRoff = found.equals(ROFF) || found.equals(PLAIN) || found.equals(UNKNOWN) || isManualName(name);
        if (maybeRoff && type.getType().equals("text") || maybeRoff && found.equals(UNKNOWN)) {
            boolean roff = bytes.length > 0
                    && (bytes[0] == '.' || bytes[0] == '\'' || bytes[0] == '\n' || found.equals(ROFF))
                    && RoffReader.isManualPage(TextDecoder.decode(bytes).text());
            if (roff) {
                return ROFF;
            }
            return found.equals(ROFF) ? PLAIN : found;
        }
        return found;
    }

    private static boolean isManualName(String name) {
        return name.matches(".*\\.[1-9][a-z0-9]*");
    }
}
