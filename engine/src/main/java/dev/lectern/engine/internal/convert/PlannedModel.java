package dev.lectern.engine.internal.convert;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.internal.quant.TensorType;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.source.TensorData;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The GGUF file that is to be written, as its reader will see it: metadata and shapes, and the values of rotary
/// divisors; no weights.
final class PlannedModel implements ModelSource {
    private final Path location;
    private final String architecture;
    private final Metadata metadata;
    private final Map<String, TensorData> tensors = new LinkedHashMap<>();

    PlannedModel(Path location, String architecture, GgufMetadata metadata) {
        this.location = location;
        this.architecture = architecture;
        this.metadata = Metadata.ofValues(location.toString(), metadata.values());
    }

    /// A tensor whose values nobody will ask for.
    void add(String name, List<Long> shape) {
        tensors.put(name, new TensorData(name, TensorType.F32, shape, MemorySegment.NULL));
    }

    void add(String name, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        MemorySegment data = MemorySegment.ofArray(bytes.array());
        tensors.put(name, new TensorData(name, TensorType.F32, List.of((long) values.length), data));
    }

    @Override
    public Path location() {
        return location;
    }

    @Override
    public String format() {
        return "gguf";
    }

    @Override
    public String architecture() {
        return architecture;
    }

    @Override
    public Metadata metadata() {
        return metadata;
    }

    @Override
    public @Nullable TensorData find(String name) {
        return tensors.get(name);
    }

    @Override
    public TensorData require(String name) {
        TensorData tensor = tensors.get(name);
        if (tensor == null) {
            throw new ModelCorrupt("[" + location + "] tensor '" + name + "' is not planned");
        }
        return tensor;
    }

    @Override
    public List<TensorData> tensors() {
        return List.copyOf(tensors.values());
    }

    @Override
    public long fileBytes() {
        return 0;
    }

    @Override
    public String fingerprint() {
        return "";
    }

    @Override
    public void close() {
        // Owns nothing.
    }
}
