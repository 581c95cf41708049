package dev.lectern.pipeline.conf;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Paths of a job file as Hadoop writes them: `scheme:[//authority]/path`, nothing percent-encoded, so that globs
/// stay globs.
final class JobPaths {
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):(//[^/]*)?(.*)", Pattern.DOTALL);

    private JobPaths() {}

    /// A job file's own location: a path without a scheme is a local file, relative to the working directory.
    static String ofJobFile(String jobFile) {
        return SCHEME.matcher(jobFile).matches()
                ? jobFile
                : "file:" + Path.of(jobFile).toAbsolutePath().normalize();
    }

    static String folderOf(String jobFile) {
        int slash = jobFile.lastIndexOf('/');
        return slash < 0 ? jobFile : jobFile.substring(0, slash + 1);
    }

    static String nameOf(String jobFile) {
        return jobFile.substring(jobFile.lastIndexOf('/') + 1);
    }

    /// What `path` means in a file of `folder`: as it stands with a scheme; otherwise on the file system of the
    /// folder, from its root when it begins with `/`, else from the folder.
    static String resolve(String folder, String path) {
        if (SCHEME.matcher(path).matches()) {
            return path;
        }
        Matcher base = SCHEME.matcher(folder);
        if (!base.matches()) {
            throw new IllegalArgumentException("folder '" + folder + "' has no scheme");
        }
        String authority = base.group(2) == null ? "" : base.group(2);
        String joined = path.startsWith("/") ? path : base.group(3) + "/" + path;
        // file:///a and file:/a are the same place; one spelling keeps URIs comparable.
        String prefix = base.group(1) + ":" + (authority.equals("//") ? "" : authority);
        return prefix + normalize(joined);
    }

    /// Lexically: `.` and empty names go, `..` takes its parent along.
    private static String normalize(String path) {
        Deque<String> names = new ArrayDeque<>();
        for (String name : path.split("/")) {
            switch (name) {
                case "", "." -> {}
                case ".." -> names.pollLast();
                default -> names.addLast(name);
            }
        }
        return "/" + String.join("/", names);
    }
}
