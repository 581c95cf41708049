package dev.lectern.engine.internal.gguf;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.EngineException.ModelUnsupported;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A GGUF model in one file, or in the parts that `llama-gguf-split` makes: `NAME-00001-of-00003.gguf` and so on.
///
/// Each part is a GGUF file. The first one has all of the model's keys; `split.count`, `split.no` (from 0 on) and
/// `split.tensors.count` (of all parts together) are in each. Immutable and thread-safe; the segments belong to the
/// arena that [#open] was given.
public final class GgufParts {
    private static final String COUNT = "split.count";
    private static final String NUMBER = "split.no";
    private static final String TENSORS = "split.tensors.count";
    private static final Pattern PART_NAME =
            Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})(\\.gguf)", Pattern.CASE_INSENSITIVE);

    private final Map<Path, GgufFile> parts;

    private GgufParts(Map<Path, GgufFile> parts) {
        this.parts = parts;
    }

    /// Maps and reads a model: the file, and where it is the first of several parts, the others beside it.
    ///
    /// @param arena owns the mappings; shared when several threads read
    /// @throws ModelNotFound    when a file is missing or cannot be read
    /// @throws ModelCorrupt     when bytes contradict the format, or parts each other
    /// @throws ModelUnsupported when it is not the first part, or what [GgufFile#open] does not read
    public static GgufParts open(Path file, Arena arena) {
        GgufFile first = GgufFile.open(file, arena);
        Map<Path, GgufFile> parts = new LinkedHashMap<>();
        parts.put(file, first);
        long count = number(first, COUNT).orElse(1L);
        if (count != 1) {
            openOthers(file, first, count, arena, parts);
            checkTensors(first, parts);
        }
        return new GgufParts(parts);
    }

    /// The name that all parts of a model share: `NAME-of-00003`; empty when the file's name is not that of a part.
    public static Optional<String> modelOf(Path file) {
        Matcher name = PART_NAME.matcher(String.valueOf(file.getFileName()));
        return name.matches() ? Optional.of(name.group(1) + "-of-" + name.group(3)) : Optional.empty();
    }

    /// The part that holds the keys.
    public GgufFile first() {
        return parts.values().iterator().next();
    }

    /// The parts in their order, by path.
    public Map<Path, GgufFile> parts() {
        return parts;
    }

    /// All parts' tensors, in their order.
    public List<GgufTensor> tensors() {
        return parts.values().stream().flatMap(part -> part.tensors().stream()).toList();
    }

    private static void openOthers(Path file, GgufFile first, long count, Arena arena, Map<Path, GgufFile> parts) {
        Matcher name = PART_NAME.matcher(first.name());
        if (!name.matches() || Long.parseLong(name.group(3)) != count) {
            throw new ModelUnsupported("[" + first.name() + "] is one of " + count + " parts (" + COUNT
                    + "), which are looked for by their names; expected NAME-00001-of-"
                    + String.format(Locale.ROOT, "%05d", count) + ".gguf");
        }
        for (int i = 1; i <= count; i++) {
            String partName =
                    String.format(Locale.ROOT, "%s-%05d-of-%s%s", name.group(1), i, name.group(3), name.group(4));
            if (i == 1) {
                checkNumber(first, i, count, partName);
                continue;
            }
            Path path = file.resolveSibling(partName);
            if (!Files.exists(path)) {
                throw new ModelNotFound("[" + path + "] not found; it is part " + i + " of " + count
                        + " of the model that " + first.name() + " begins. Fetch the missing part");
            }
            GgufFile part = GgufFile.open(path, arena);
            checkNumber(part, i, count, partName);
            parts.put(path, part);
        }
    }

    private static void checkNumber(GgufFile part, int expected, long count, String expectedName) {
        long number = number(part, NUMBER).orElse(-1L) + 1;
        long ofCount = number(part, COUNT).orElse(1L);
        if (expected == 1 && number > 1 && !part.name().equals(expectedName)) {
            throw new ModelUnsupported("[" + part.name() + "] is part " + number + " of " + count
                    + "; open the first part, " + expectedName);
        }
        if (number != expected || ofCount != count) {
            throw new ModelCorrupt("[" + part.name() + "] says that it is part " + number + " of " + ofCount + " ("
                    + NUMBER + ", " + COUNT + "); expected part " + expected + " of " + count
                    + ": the files are of different models, or were renamed");
        }
    }

    private static void checkTensors(GgufFile first, Map<Path, GgufFile> parts) {
        Map<String, GgufFile> owner = new HashMap<>();
        long count = 0;
        for (GgufFile part : parts.values()) {
            count += part.tensorCount();
            for (GgufTensor tensor : part.tensors()) {
                GgufFile other = owner.put(tensor.name(), part);
                if (other != null) {
                    throw new ModelCorrupt("[" + part.name() + "] tensor '" + tensor.name() + "' is also in "
                            + other.name() + "; expected each tensor in one part");
                }
            }
        }
        long expected = number(first, TENSORS).orElse(count);
        if (count != expected) {
            throw new ModelCorrupt("[" + first.name() + "] the " + parts.size() + " parts have " + count
                    + " tensors; expected " + expected + " (" + TENSORS + ")");
        }
    }

    private static Optional<Long> number(GgufFile file, String key) {
        Object value = file.metadata().get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof Long number && number >= 0 && number <= Integer.MAX_VALUE) {
            return Optional.of(number);
        }
        throw new ModelCorrupt("[" + file.name() + "] key '" + key + "': " + value + "; expected a number from 0 to "
                + Integer.MAX_VALUE);
    }
}
