package dev.lectern.pipeline.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What this process has taken of the machine's memory.
final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

    private ProcessMemory() {}

    /// Most bytes that were resident at a time, mapped weights included; empty where the system does not tell
    /// (Linux does).
    static OptionalLong peakBytes() {
        List<String> lines;
        try {
            lines = Files.readAllLines(STATUS);
        } catch (IOException e) {
            return OptionalLong.empty();
        }
        return lines.stream()
                .map(PEAK::matcher)
                .filter(Matcher::matches)
                .mapToLong(matcher -> Long.parseLong(matcher.group(1)) * 1024)
                .findFirst();
    }
}
