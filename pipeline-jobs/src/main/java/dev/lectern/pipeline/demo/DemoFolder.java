package dev.lectern.pipeline.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The demo's output folder, made empty: a demo that found its earlier answers would show no rates.
public final class DemoFolder {
    private static final List<String> TABLES = List.of("documents", "rejects", "contexts", "results", "runs");
    private static final String REPORT = "run.json";

    private DemoFolder() {}

    /// Removes the tables of an earlier demo, and nothing else.
    ///
    /// @throws JobException (USAGE) when the folder holds anything but a demo's tables
    public static void clear(Path folder) {
        try {
            if (!Files.exists(folder) || isEmpty(folder)) {
                return;
            }
            if (!isDemo(folder)) {
                throw new JobException(
                        ExitCode.USAGE,
                        folder + ": not empty, and not an earlier demo's output; choose another folder with --out");
            }
            for (String table : TABLES) {
                delete(folder.resolve(table));
            }
            Files.delete(folder.resolve(REPORT));
        } catch (IOException e) {
            throw new JobException(ExitCode.INPUT, folder + ": cannot be emptied: " + e.getMessage(), e);
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }

    private static boolean isDemo(Path folder) throws IOException {
        Path report = folder.resolve(REPORT);
        if (!Files.isRegularFile(report)) {
            return false;
        }
        JsonNode run = new ObjectMapper().readTree(report.toFile());
        return run != null && run.path("name").asText().equals("demo");
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
