package dev.lectern.engine.constraint;

import dev.lectern.engine.internal.constraint.schema.SchemaBundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The schemas of a folder, for those that refer to them: nothing is ever fetched, so a `$ref` to another document
/// is refused unless that document is here, by its `$id` or by the last part of the reference as its file name.
/// Immutable and thread-safe.
public final class SchemaFolder {
    private static final long MAX_FILE_BYTES = 16 << 20;

    private final SchemaBundle bundle;

    private SchemaFolder(SchemaBundle bundle) {
        this.bundle = bundle;
    }

    /// Reads the files of the folder, not of those within, whose names end with `.json`.
    ///
    /// @throws IOException     if one cannot be read, or has over 16 MB
    /// @throws SchemaException if one is no JSON
    public static SchemaFolder open(Path folder) throws IOException {
        SchemaBundle bundle = new SchemaBundle();
        List<Path> files;
        try (Stream<Path> found = Files.list(folder)) {
            files = found.filter(file -> file.toString().endsWith(".json") && Files.isRegularFile(file))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new IOException("[" + file + "] has over " + MAX_FILE_BYTES + " bytes");
            }
            Path name = file.getFileName();
            bundle.add(name == null ? "" : name.toString(), Files.readString(file, StandardCharsets.UTF_8));
        }
        return new SchemaFolder(bundle);
    }

    /// The schema as one document: what it refers to is under `$defs`. References to documents that are not in
    /// the folder stay, and are refused where the schema is compiled.
    ///
    /// @throws SchemaException if the text is no JSON
    public String bundled(String schema) {
        return bundle.bundled(schema);
    }
}
