package dev.lectern.engine.internal.source;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lectern.engine.EngineException.ModelCorrupt;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Typed access to a model's metadata by dotted key: `rope_parameters.factor` of config.json, `llama4.block_count`
/// of GGUF.
///
/// A key of the wrong type is an error wherever it is read, also where a default is given: a default replaces what
/// is absent, never what is wrong. JSON's null counts as absent. Errors name the file, the key, what was found and
/// what was expected. Immutable and thread-safe; GGUF arrays are decoded when read, so read them before the source
/// closes.
public final class Metadata {
    private static final int LONGEST_SHOWN = 80;

    private final String file;
    private final NavigableMap<String, Object> values;
    /// Ends in a dot, or is empty; put before each key asked for.
    private final String prefix;

    private Metadata(String file, NavigableMap<String, Object> values, String prefix) {
        this.file = file;
        this.values = values;
        this.prefix = prefix;
    }

    /// GGUF's key-value pairs.
    ///
    /// @param values Long, BigInteger, Double, Boolean, String or List of these
    public static Metadata ofValues(String file, Map<String, Object> values) {
        return new Metadata(file, Collections.unmodifiableNavigableMap(new TreeMap<>(values)), "");
    }

    /// A JSON object, nested objects flattened by dots.
    static Metadata ofJson(String file, JsonNode object) {
        NavigableMap<String, Object> values = new TreeMap<>();
        flatten(file, object, "", values);
        return new Metadata(file, Collections.unmodifiableNavigableMap(values), "");
    }

    /// The keys below `key`, asked for without it: `sub("text_config").requireInt("hidden_size")`. Empty where
    /// there are none. Errors still name the whole key.
    public Metadata sub(String key) {
        return new Metadata(file, values, prefix + key + ".");
    }

    /// Whether there is a value (not null) for the key, or any key below it.
    public boolean has(String key) {
        String full = prefix + key;
        if (values.containsKey(full)) {
            return true;
        }
        String next = values.ceilingKey(full + ".");
        return next != null && next.startsWith(full + ".");
    }

    /// Whether the key holds a list (some GGUF keys hold one number or one a layer).
    public boolean isList(String key) {
        return values.get(prefix + key) instanceof List<?>;
    }

    /// All keys, sorted, as they are asked for.
    public Set<String> keys() {
        return values.keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> key.substring(prefix.length()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /// All values by their whole keys, whatever part of them this is.
    Map<String, Object> values() {
        return values;
    }

    /// The file that the keys are from, for messages.
    public String file() {
        return file;
    }

    /// @throws ModelCorrupt when the key is missing or not an integer of 32 bits
    public int requireInt(String key) {
        return toInt(key, require(key, "a 32-bit integer"));
    }

    public int intOr(String key, int fallback) {
        Object value = find(key);
        return value == null ? fallback : toInt(key, value);
    }

    /// @throws ModelCorrupt when the key is missing or not a number
    public double requireDouble(String key) {
        return toDouble(key, require(key, "a number"));
    }

    public double doubleOr(String key, double fallback) {
        Object value = find(key);
        return value == null ? fallback : toDouble(key, value);
    }

    /// @throws ModelCorrupt when the key is missing or not a string
    public String requireString(String key) {
        return toText(key, require(key, "a string"));
    }

    public String stringOr(String key, String fallback) {
        Object value = find(key);
        return value == null ? fallback : toText(key, value);
    }

    public Optional<String> string(String key) {
        return Optional.ofNullable(find(key)).map(value -> toText(key, value));
    }

    /// @throws ModelCorrupt when the key is missing or not a boolean
    public boolean requireBoolean(String key) {
        return toBoolean(key, require(key, "true or false"));
    }

    public boolean booleanOr(String key, boolean fallback) {
        Object value = find(key);
        return value == null ? fallback : toBoolean(key, value);
    }

    /// A boolean, or a number that stands for one (0 for false).
    public boolean flagOr(String key, boolean fallback) {
        return find(key) instanceof Long number ? number != 0 : booleanOr(key, fallback);
    }

    /// A list of integers; empty when the key is absent.
    public Optional<int[]> ints(String key) {
        return list(key, "a list of 32-bit integers").map(list -> {
            int[] ints = new int[list.size()];
            for (int i = 0; i < ints.length; i++) {
                ints[i] = toInt(key, list.get(i));
            }
            return ints;
        });
    }

    /// A list of numbers; empty when the key is absent.
    public Optional<float[]> floats(String key) {
        return list(key, "a list of numbers").map(list -> {
            float[] floats = new float[list.size()];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) toDouble(key, list.get(i));
            }
            return floats;
        });
    }

    /// A list of booleans; empty when the key is absent.
    public Optional<boolean[]> booleans(String key) {
        return list(key, "a list of true and false").map(list -> {
            boolean[] booleans = new boolean[list.size()];
            for (int i = 0; i < booleans.length; i++) {
                booleans[i] = toBoolean(key, list.get(i));
            }
            return booleans;
        });
    }

    /// A list of strings; empty when the key is absent.
    public Optional<List<String>> strings(String key) {
        return list(key, "a list of strings").map(list -> {
            List<String> strings = new ArrayList<>(list.size());
            for (Object value : list) {
                strings.add(toText(key, value));
            }
            return Collections.unmodifiableList(strings);
        });
    }

    /// An error about a key's value, for readers that know more about what it may be.
    public ModelCorrupt wrong(String key, String expected) {
        Object value = find(key);
        return wrong(key, value == null ? "nothing" : value, expected);
    }

    private @Nullable Object find(String key) {
        return values.get(prefix + key);
    }

    private Object require(String key, String expected) {
        Object value = find(key);
        if (value == null) {
            throw new ModelCorrupt(where(key) + " is missing; expected " + expected);
        }
        return value;
    }

    private Optional<List<?>> list(String key, String expected) {
        Object value = find(key);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof List<?> list) {
            return Optional.of(list);
        }
        throw wrong(key, value, expected);
    }

    private int toInt(String key, @Nullable Object value) {
        if (value instanceof Long number && number == number.intValue()) {
            return number.intValue();
        }
        // Python configurations write some counts as 8192.0.
        if (value instanceof Double number && number == number.intValue()) {
            return number.intValue();
        }
        throw wrong(key, value, "a 32-bit integer");
    }

    private double toDouble(String key, @Nullable Object value) {
        if (value instanceof Long || value instanceof Double || value instanceof BigInteger) {
            return ((Number) value).doubleValue();
        }
        throw wrong(key, value, "a number");
    }

    private String toText(String key, @Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw wrong(key, value, "a string");
    }

    private boolean toBoolean(String key, @Nullable Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw wrong(key, value, "true or false");
    }

    private ModelCorrupt wrong(String key, @Nullable Object found, String expected) {
        String shown = found instanceof List<?> list ? "a list of " + list.size() : describe(found);
        return new ModelCorrupt(where(key) + " is " + shown + "; expected " + expected);
    }

    private static String describe(@Nullable Object found) {
        String text = found instanceof String ? "'" + found + "'" : String.valueOf(found);
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...";
    }

    /// File and whole key, for messages.
    String where(String key) {
        return "[" + file + "] key '" + prefix + key + "'";
    }

    private static void flatten(String file, JsonNode object, String prefix, Map<String, Object> into) {
        object.properties().forEach(entry -> {
            String key = prefix + entry.getKey();
            JsonNode node = entry.getValue();
            if (node.isObject()) {
                flatten(file, node, key + ".", into);
                return;
            }
            Object value = convert(node);
            if (value != null && into.put(key, value) != null) {
                throw new ModelCorrupt(
                        "[" + file + "] key '" + key + "' is there twice, once nested and once with dots");
            }
        });
    }

    /// Null for JSON's null.
    private static @Nullable Object convert(JsonNode node) {
        return switch (node.getNodeType()) {
            case NULL, MISSING -> null;
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> number(node);
            case STRING -> node.textValue();
            case ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>(node.size());
                node.forEach(element -> list.add(convert(element)));
                yield Collections.unmodifiableList(list);
            }
            case OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                node.properties().forEach(entry -> map.put(entry.getKey(), convert(entry.getValue())));
                yield Collections.unmodifiableMap(map);
            }
            case BINARY, POJO -> throw new IllegalStateException("JSON text has no " + node.getNodeType());
        };
    }

    private static Object number(JsonNode node) {
        if (!node.isIntegralNumber()) {
            return node.doubleValue();
        }
        return node.canConvertToLong() ? (Object) node.longValue() : node.bigIntegerValue();
    }
}
