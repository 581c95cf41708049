package dev.lectern.engine.internal.gguf;

import java.lang.foreign.MemorySegment;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/// A metadata array that is decoded when first read: vocabularies and merges have hundreds of thousands of
/// strings that most openings of a file never look at. Its bounds were checked when the file was opened.
///
/// Immutable and thread-safe, but backed by the mapping: read it before the file's arena closes.
final class GgufArray extends AbstractList<Object> implements RandomAccess {
    private final String file;
    private final String key;
    private final GgufValueType elementType;
    private final int count;
    private final MemorySegment elements;

    /// Elements of variable length, once decoded. Two threads may decode twice, to equal contents.
    private volatile Object @Nullable [] decoded;

    /// @param elements exactly the elements' bytes
    GgufArray(String file, String key, GgufValueType elementType, int count, MemorySegment elements) {
        this.file = file;
        this.key = key;
        this.elementType = elementType;
        this.count = count;
        this.elements = elements;
    }

    @Override
    public Object get(int index) {
        Objects.checkIndex(index, count);
        if (elementType.bytes() > 0) {
            return elementType.read(elements, (long) index * elementType.bytes());
        }
        Object[] values = decoded;
        if (values == null) {
            values = decode();
            decoded = values;
        }
        return values[index];
    }

    @Override
    public int size() {
        return count;
    }

    private Object[] decode() {
        GgufReader reader = new GgufReader(file, elements);
        reader.subject(() -> "key '" + key + "'");
        Object[] values = new Object[count];
        for (int i = 0; i < count; i++) {
            values[i] = elementType == GgufValueType.STRING ? reader.string() : reader.array(key);
        }
        return values;
    }
}
