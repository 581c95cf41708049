package dev.lectern.engine.internal.kernel.gemm;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds and loads oneDNN, once in a process: what the system property `lectern.onednn` names (the shared library,
/// or a jar that holds it), else what Maven's `org.bytedeco:dnnl` of this platform has on the class path.
///
/// A library that is missing or does not fit is a stored reason; [#load] throws it again.
final class OneDnnLibrary {
    static final String PROPERTY = "lectern.onednn";
    private static final String FOLDER = "org/bytedeco/dnnl/";
    private static final String DNNL = "libdnnl.so.3";
    /// What [#DNNL] finds beside itself; a system's own will do.
    private static final String OPENMP = "libgomp.so.1";

    private static @Nullable OneDnn loaded;
    private static @Nullable String reason;

    private OneDnnLibrary() {}

    /// @throws GemmUnavailable with the reason, whenever it is called
    static synchronized OneDnn load() {
        if (loaded == null) {
            if (reason != null) {
                throw new GemmUnavailable(reason);
            }
            try {
                loaded = new OneDnn(find());
            } catch (GemmUnavailable e) {
                reason = e.getMessage();
                throw e;
            }
        }
        return loaded;
    }

    private static SymbolLookup find() {
        String named = System.getProperty(PROPERTY);
        if (named == null) {
            return extract(OneDnnLibrary::openResource, "the class path has no org.bytedeco:dnnl for " + platform());
        }
        Path path = Path.of(named);
        if (!Files.isRegularFile(path)) {
            throw new GemmUnavailable(PROPERTY + "=" + named + ": no such file");
        }
        if (!named.endsWith(".jar")) {
            return open(path);
        }
        try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + path.toUri()), Map.of())) {
            return extract(
                    name -> Files.exists(jar.getPath(name)) ? Files.newInputStream(jar.getPath(name)) : null,
                    PROPERTY + "=" + named + ": the jar has no " + FOLDER + platform() + "/" + DNNL);
        } catch (IOException e) {
            throw new GemmUnavailable(PROPERTY + "=" + named + ": cannot be read: " + e.getMessage(), e);
        }
    }

    @FunctionalInterface
    private interface Source {
        /// Null when there is no such file.
        @Nullable
        InputStream open(String name) throws IOException;
    }

    private static @Nullable InputStream openResource(String name) {
        return OneDnnLibrary.class.getClassLoader().getResourceAsStream(name);
    }

    /// In a folder that nobody else can write to; the files go once they are loaded.
    private static SymbolLookup extract(Source source, String missing) {
        List<Path> written = new ArrayList<>();
        try {
            Path folder = Files.createTempDirectory("lectern-onednn");
            written.add(folder);
            try {
                for (String name : List.of(OPENMP, DNNL)) {
                    try (InputStream in = source.open(FOLDER + platform() + "/" + name)) {
                        if (in != null) {
                            Path file = folder.resolve(name);
                            written.addFirst(file);
                            Files.copy(in, file);
                        } else if (name.equals(DNNL)) {
                            throw new GemmUnavailable(missing);
                        }
                    }
                }
                return open(folder.resolve(DNNL));
            } finally {
                for (Path path : written) {
                    Files.deleteIfExists(path);
                }
            }
        } catch (IOException e) {
            throw new GemmUnavailable("oneDNN's library cannot be unpacked: " + e.getMessage(), e);
        }
    }

    private static SymbolLookup open(Path library) {
        try {
            return SymbolLookup.libraryLookup(library, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new GemmUnavailable(library + ": cannot be loaded: " + e.getMessage(), e);
        }
    }

    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("linux") ? "linux" : "other";
        String processor = System.getProperty("os.arch");
        return system + "-" + (processor.equals("amd64") ? "x86_64" : processor);
    }
}
