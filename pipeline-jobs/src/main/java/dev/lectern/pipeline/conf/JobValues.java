package dev.lectern.pipeline.conf;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Takes typed values out of a job file's tree. A wrong value is noted and replaced by something harmless, so
/// that one pass finds all mistakes; [#throwProblems] ends it. One use.
final class JobValues {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
    private static final Pattern DURATION =
            Pattern.compile("(?:(\\d{1,9})d)?(?:(\\d{1,9})h)?(?:(\\d{1,9})m)?(?:(\\d{1,9})s)?");
    private static final List<String> BACKENDS = List.of("auto", "cpu", "scalar", "cuda");

    private final String folder;
    private final String source;
    private final List<String> problems = new ArrayList<>();

    /// @param folder that relative paths start from, with its scheme
    /// @param source the job file's name, for messages
    JobValues(String folder, String source) {
        this.folder = folder;
        this.source = source;
    }

    void problem(String where, String problem) {
        problems.add(where + ": " + problem);
    }

    void throwProblems() {
        if (!problems.isEmpty()) {
            throw new JobException(ExitCode.USAGE, String.join("\n", problems));
        }
    }

    /// Notes every key that is none, with the nearest that is one.
    ///
    /// @param pattern path of the section among the keys (`tasks[]`)
    /// @param shown   path of the section for messages (`tasks[0]`)
    void checkKeys(YamlNode.Mapping section, String pattern, String shown) {
        List<String> known = JobKey.namesBelow(pattern);
        section.entries().forEach((name, value) -> {
            String path = shown.isEmpty() ? name : shown + "." + name;
            String key = pattern.isEmpty() ? name : pattern + "." + name;
            if (!known.contains(name)) {
                problem(value.where(), "unknown key '" + path + "'; " + suggestion(name, known, shown));
            } else if (JobKey.ofPath(key).isEmpty()) {
                checkSection(value, key, path);
            }
        });
    }

    private void checkSection(YamlNode value, String key, String path) {
        boolean list = !JobKey.namesBelow(key + "[]").isEmpty();
        if (!list && value instanceof YamlNode.Mapping mapping) {
            checkKeys(mapping, key, path);
        } else if (list && value instanceof YamlNode.Sequence sequence) {
            for (int i = 0; i < sequence.items().size(); i++) {
                String item = path + "[" + i + "]";
                if (sequence.items().get(i) instanceof YamlNode.Mapping mapping) {
                    checkKeys(mapping, key + "[]", item);
                } else {
                    YamlNode found = sequence.items().get(i);
                    problem(found.where(), "'" + item + "': found " + found.describe() + ", expected a section");
                }
            }
        } else if (!list && !isNull(value)) {
            problem(
                    value.where(),
                    "key '" + path + "': found " + value.describe() + ", expected a section with "
                            + String.join(", ", JobKey.namesBelow(key)));
        }
    }

    private static String suggestion(String name, List<String> known, String section) {
        Optional<String> near = NearestKey.of(name, known);
        String here = section.isEmpty() ? "keys here: " : "keys of " + section + ": ";
        if (near.isPresent()) {
            return "did you mean '" + (section.isEmpty() ? "" : section + ".") + near.get() + "'?";
        }
        for (JobKey key : JobKey.values()) {
            String last = key.path().substring(key.path().lastIndexOf('.') + 1);
            if (last.equals(name)) {
                return "did you mean '" + key.path() + "'?";
            }
        }
        return here + String.join(", ", known);
    }

    /// The section, empty where there is none.
    YamlNode.Mapping section(YamlNode.Mapping top, String name) {
        return top.entries().get(name) instanceof YamlNode.Mapping mapping
                ? mapping
                : new YamlNode.Mapping(new LinkedHashMap<>(), top.where());
    }

    String text(YamlNode.Mapping section, JobKey key) {
        Optional<YamlNode> node = node(section, key);
        if (node.isEmpty()) {
            return "";
        }
        if (!(node.get() instanceof YamlNode.Scalar scalar) || isNull(scalar)) {
            return wrong(key, node.get(), "");
        }
        String text = scalar.text();
        boolean right = switch (key.type()) {
            case NAME -> NAME.matcher(text).matches();
            case PROMPT -> isPrompt(text);
            case BACKEND -> BACKENDS.contains(text);
            default -> !text.isBlank();
        };
        return right ? text : wrong(key, scalar, "");
    }

    private static boolean isPrompt(String text) {
        String question = "{question}";
        int first = text.indexOf(question);
        return text.startsWith("{document}")
                && text.indexOf("{document}", 1) < 0
                && first > 0
                && text.indexOf(question, first + 1) < 0;
    }

    String path(YamlNode.Mapping section, JobKey key) {
        String text = text(section, key);
        return text.isEmpty() ? "" : JobPaths.resolve(folder, text);
    }

    Optional<String> optionalPath(YamlNode.Mapping section, JobKey key) {
        Optional<YamlNode> node = node(section, key);
        return node.isEmpty() || isNull(node.get()) ? Optional.empty() : Optional.of(path(section, key));
    }

    /// Globs that begin with `**` match wherever the file lies; all others are paths.
    List<String> paths(YamlNode.Mapping section, JobKey key) {
        Optional<YamlNode> node = node(section, key);
        if (node.isEmpty()) {
            return List.of();
        }
        if (!(node.get() instanceof YamlNode.Sequence sequence)) {
            return wrong(key, node.get(), List.of());
        }
        if (sequence.items().isEmpty() && key.defaultYaml().isEmpty()) {
            problem(sequence.where(), "key '" + key.path() + "': the list is empty, expected at least one path");
        }
        List<String> paths = new ArrayList<>();
        for (YamlNode item : sequence.items()) {
            if (!(item instanceof YamlNode.Scalar scalar) || scalar.text().isBlank()) {
                problem(
                        item.where(),
                        "key '" + key.path() + "': found " + item.describe() + " in the list, expected "
                                + "a path, URI or glob");
            } else if (key == JobKey.INPUT_EXCLUDE && scalar.text().startsWith("**")) {
                paths.add(scalar.text());
            } else {
                paths.add(JobPaths.resolve(folder, scalar.text()));
            }
        }
        return paths;
    }

    <E extends Enum<E>> E choice(YamlNode.Mapping section, JobKey key, Class<E> choices) {
        Optional<YamlNode> node = node(section, key);
        E first = choices.getEnumConstants()[0];
        if (node.isEmpty()) {
            return first;
        }
        for (E choice : choices.getEnumConstants()) {
            if (node.get() instanceof YamlNode.Scalar scalar
                    && choice.name().toLowerCase(Locale.ROOT).equals(scalar.text())) {
                return choice;
            }
        }
        return wrong(key, node.get(), first);
    }

    boolean truth(YamlNode.Mapping section, JobKey key) {
        Optional<YamlNode> node = node(section, key);
        if (node.isEmpty()) {
            return false;
        }
        boolean right = node.get() instanceof YamlNode.Scalar scalar && scalar.kind() == YamlNode.Kind.BOOLEAN;
        return right ? Boolean.parseBoolean(((YamlNode.Scalar) node.get()).text()) : wrong(key, node.get(), false);
    }

    int integer(YamlNode.Mapping section, JobKey key) {
        return (int) longInteger(section, key);
    }

    long longInteger(YamlNode.Mapping section, JobKey key) {
        Optional<YamlNode> node = node(section, key);
        if (node.isEmpty()) {
            return 0;
        }
        BigDecimal number = number(node.get());
        if (number == null || number.stripTrailingZeros().scale() > 0) {
            return wrong(key, node.get(), 0L);
        }
        BigInteger whole = number.toBigInteger();
        boolean signed = key.type() == JobKey.Type.INTEGER;
        long least = signed ? Long.MIN_VALUE : key.type() == JobKey.Type.POSITIVE ? 1 : 0;
        long most = signed || key.type() == JobKey.Type.LONG_COUNT ? Long.MAX_VALUE : Integer.MAX_VALUE;
        boolean inRange =
                whole.compareTo(BigInteger.valueOf(least)) >= 0 && whole.compareTo(BigInteger.valueOf(most)) <= 0;
        return inRange ? whole.longValueExact() : wrong(key, node.get(), 0L);
    }

    double decimal(YamlNode.Mapping section, JobKey key) {
        Optional<YamlNode> node = node(section, key);
        if (node.isEmpty()) {
            return 0;
        }
        BigDecimal number = number(node.get());
        if (number == null) {
            return wrong(key, node.get(), 0.0);
        }
        double most = switch (key.type()) {
            case PERCENT -> 100;
            case FRACTION -> 1;
            default -> Float.MAX_VALUE;
        };
        double value = number.doubleValue();
        return value >= 0 && value <= most ? value : wrong(key, node.get(), 0.0);
    }

    long millis(YamlNode.Mapping section, JobKey key) {
        Optional<YamlNode> node = node(section, key);
        if (node.isEmpty()) {
            return 0;
        }
        String text = node.get() instanceof YamlNode.Scalar scalar ? scalar.text() : "";
        Matcher parts = DURATION.matcher(text);
        if (text.equals("0")) {
            return 0;
        }
        if (text.isEmpty() || !parts.matches()) {
            return wrong(key, node.get(), 0L);
        }
        long seconds = 0;
        long[] unitSeconds = {86_400, 3_600, 60, 1};
        for (int i = 0; i < unitSeconds.length; i++) {
            String part = parts.group(i + 1);
            seconds += part == null ? 0 : Long.parseLong(part) * unitSeconds[i];
        }
        return Math.multiplyExact(seconds, 1_000);
    }

    private static @Nullable BigDecimal number(YamlNode node) {
        if (!(node instanceof YamlNode.Scalar scalar)
                || (scalar.kind() != YamlNode.Kind.INTEGER && scalar.kind() != YamlNode.Kind.DECIMAL)) {
            return null;
        }
        try {
            // YAML lets 50_000_000 be read more easily.
            BigDecimal number = new BigDecimal(scalar.text().replace("_", ""));
            return number.precision() - number.scale() > 40 ? null : number;
        } catch (NumberFormatException e) {
            // Infinity, hexadecimal and the like: no number that a key takes.
            return null;
        }
    }

    /// The value or the default; empty, and a problem, for a required key that is not there.
    private Optional<YamlNode> node(YamlNode.Mapping section, JobKey key) {
        String name = key.path().substring(key.path().lastIndexOf('.') + 1);
        YamlNode node = section.entries().get(name);
        if (node != null && !(isNull(node) && key.defaultYaml().isPresent())) {
            return Optional.of(node);
        }
        Optional<YamlNode> byDefault = key.defaultYaml().map(yaml -> YamlNode.parse(yaml, "default", true));
        if (byDefault.isEmpty()) {
            String where = key.path().startsWith("tasks[]") ? section.where() : source;
            problem(
                    where,
                    "key '" + key.path() + "' is missing; expected "
                            + key.type().label());
        }
        return byDefault;
    }

    private static boolean isNull(YamlNode node) {
        return node instanceof YamlNode.Scalar scalar && scalar.kind() == YamlNode.Kind.NULL;
    }

    private <T> T wrong(JobKey key, YamlNode found, T harmless) {
        String hint = "";
        if (found instanceof YamlNode.Scalar scalar && key.type() == JobKey.Type.BACKEND) {
            hint = NearestKey.of(scalar.text(), BACKENDS)
                    .map(b -> "; did you mean " + b + "?")
                    .orElse("");
        }
        problem(
                found.where(),
                "key '" + key.path() + "': found " + found.describe() + ", expected "
                        + key.type().label() + hint);
        return harmless;
    }
}
