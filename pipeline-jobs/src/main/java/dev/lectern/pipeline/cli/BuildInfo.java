package dev.lectern.pipeline.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/// What was built, and what runs it.
final class BuildInfo implements IVersionProvider {
    private final Properties build = new Properties();

    BuildInfo() {
        try (InputStream in = BuildInfo.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                build.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String version() {
        return build.getProperty("version", "unknown");
    }

    String commit() {
        return build.getProperty("commit", "unknown");
    }

    String sparkVersion() {
        return build.getProperty("spark", "unknown");
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "lectern " + version() + " (commit " + commit() + ")",
            "Spark " + sparkVersion() + ", " + System.getProperty("java.vm.vendor") + " JDK " + Runtime.version() + ", "
                    + System.getProperty("os.name") + " " + System.getProperty("os.arch")
        };
    }
}
