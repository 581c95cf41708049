package dev.lectern.engine.internal.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.lectern.engine.EngineException.ModelCorrupt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The JSON header of a safetensors file, read as a stream: hundreds of thousands of tensors cost no tree.
final class SafetensorsHeader {
    private static final String METADATA = "__metadata__";
    private static final int MAX_DIMENSIONS = 16;
    private static final int MAX_NESTING = 8;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Names come from outside and are many: canonicalised, they would fill a table that outlives the parser.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private final String file;
    private final JsonParser parser;

    private SafetensorsHeader(String file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /// Entries in the header's order. Offsets are as written, not yet checked.
    static List<Entry> parse(String file, byte[] header) {
        try (JsonParser parser = JSON.createParser(header)) {
            return new SafetensorsHeader(file, parser).entries();
        } catch (JsonProcessingException e) {
            throw new ModelCorrupt("[" + file + "] header is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            // Not JSON text at all: bytes that are not UTF-8.
            throw new ModelCorrupt("[" + file + "] header is not JSON: " + e.getMessage(), e);
        }
    }

    private List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        expect(JsonToken.START_OBJECT, "header", "an object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            if (name.equals(METADATA)) {
                expect(JsonToken.START_OBJECT, METADATA, "an object of strings");
                parser.skipChildren();
                continue;
            }
            entries.add(entry(name));
        }
        JsonToken after = parser.nextToken();
        if (after != null) {
            throw corrupt("header", "continues with " + after + " after its end; expected only spaces");
        }
        return entries;
    }

    private Entry entry(String name) throws IOException {
        String what = "tensor '" + name + "'";
        expect(JsonToken.START_OBJECT, what, "an object with dtype, shape and data_offsets");
        String dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            switch (field) {
                case "dtype" -> {
                    expect(JsonToken.VALUE_STRING, what + ": dtype", "a string");
                    dtype = parser.getText();
                }
                case "shape" -> shape = longs(what + ": shape");
                case "data_offsets" -> offsets = longs(what + ": data_offsets");
                default -> throw corrupt(what, "field '" + field + "'; expected dtype, shape and data_offsets");
            }
        }
        if (dtype == null || shape == null || offsets == null) {
            String missing = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
            throw corrupt(what, missing + " is missing");
        }
        if (offsets.size() != 2) {
            throw corrupt(what, "data_offsets " + offsets + "; expected [begin, end]");
        }
        for (long size : shape) {
            if (size < 0) {
                throw corrupt(what, "shape " + shape + "; expected no negative dimension");
            }
        }
        return new Entry(name, dtype, List.copyOf(shape), offsets.getFirst(), offsets.getLast());
    }

    private List<Long> longs(String what) throws IOException {
        expect(JsonToken.START_ARRAY, what, "an array of integers");
        List<Long> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                    || values.size() == MAX_DIMENSIONS) {
                throw corrupt(what, "expected an array of at most " + MAX_DIMENSIONS + " integers below 2^63");
            }
            values.add(parser.getLongValue());
        }
        return values;
    }

    private void expect(JsonToken expected, String what, String description) throws IOException {
        JsonToken found = parser.nextToken();
        if (found != expected) {
            throw corrupt(what, describe(found) + "; expected " + description);
        }
    }

    private static String describe(@Nullable JsonToken token) {
        return token == null ? "nothing" : token.toString();
    }

    private ModelCorrupt corrupt(String what, String found) {
        return new ModelCorrupt("[" + file + "] " + what + ": " + found);
    }

    /// @param begin first byte, counted from the end of the header
    /// @param end   byte after the last
    record Entry(String name, String dtype, List<Long> shape, long begin, long end) {
        /// Checks that shape and type are as long as the offsets say. Types that this class does not know pass:
        /// whoever wants such a tensor's contents has to refuse it by name.
        void checkLength(String file) {
            int elementBytes = elementBytes(dtype);
            if (elementBytes == 0) {
                return;
            }
            String where = "[" + file + "] tensor '" + name + "': shape " + shape + " of " + dtype;
            long bytes;
            try {
                bytes = Math.multiplyExact(shape.stream().reduce(1L, Math::multiplyExact), (long) elementBytes);
            } catch (ArithmeticException e) {
                throw new ModelCorrupt(where + " has more than 2^63 bytes", e);
            }
            if (bytes != end - begin) {
                throw new ModelCorrupt(where + " needs " + bytes + " bytes, data_offsets [" + begin + ", " + end
                        + "] have " + (end - begin));
            }
        }

        /// Bytes of an element of the types that are whole bytes; 0 for others.
        private static int elementBytes(String dtype) {
            return switch (dtype) {
                case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0" -> 1;
                case "U16", "I16", "F16", "BF16" -> 2;
                case "U32", "I32", "F32" -> 4;
                case "U64", "I64", "F64" -> 8;
                default -> 0;
            };
        }
    }
}
