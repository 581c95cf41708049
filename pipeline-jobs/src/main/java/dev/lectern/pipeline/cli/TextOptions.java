package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// A text from the command line, a file or standard input.
final class TextOptions {
    @ArgGroup(exclusive = true)
    private @Nullable Source source;

    private static final class Source {
        @Option(names = "--file", paramLabel = "F", description = "A text file (UTF-8); - for standard input.")
        private @Nullable Path file;

        @Option(names = "--text", paramLabel = "T", description = "The text itself.")
        private @Nullable String text;
    }

    /// @throws JobException (INPUT) when there is no such file or it is not UTF-8
    String read() {
        if (source != null && source.text != null) {
            return source.text;
        }
        return source != null && source.file != null && !source.file.toString().equals("-")
                ? readFile(source.file)
                : readStandardInput();
    }

    static String readFile(Path file) {
        try {
            return decode(Files.readAllBytes(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new JobException(ExitCode.INPUT, file + ": no such file", e);
        } catch (IOException e) {
            throw new JobException(ExitCode.INPUT, file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String readStandardInput() {
        try {
            // Left open: it is not this command's to close.
            InputStream in = System.in;
            return decode(in.readAllBytes(), "standard input");
        } catch (IOException e) {
            throw new JobException(ExitCode.INPUT, "standard input cannot be read: " + e.getMessage(), e);
        }
    }

    private static String decode(byte[] bytes, String source) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new JobException(ExitCode.INPUT, source + ": not UTF-8; convert it first, for example with iconv", e);
        }
    }
}
