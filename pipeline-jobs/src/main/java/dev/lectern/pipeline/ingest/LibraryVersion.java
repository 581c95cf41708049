package dev.lectern.pipeline.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/// Version of a library, from the Maven metadata in its jar (kept by the shaded jar too).
final class LibraryVersion {
    private LibraryVersion() {}

    static String of(String group, String artifact) {
        String path = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
        try (InputStream in = LibraryVersion.class.getResourceAsStream(path)) {
            if (in == null) {
                return "unknown";
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
