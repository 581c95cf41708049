package dev.lectern.engine.internal.source;

import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.gguf.GgufFile;
import dev.lectern.engine.internal.gguf.GgufParts;
import dev.lectern.engine.internal.safetensors.HuggingFaceFolder;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Opens model files of the formats that the engine reads.
public final class ModelSources {
    private static final String GGUF = ".gguf";

    private ModelSources() {}

    /// Opens a GGUF file (of a split model the first part), a Hugging Face folder, or a folder that holds one GGUF
    /// model.
    ///
    /// @return owns the mappings until it is closed
    /// @throws ModelNotFound    when there is no model at the path; says what was looked for
    /// @throws dev.lectern.engine.EngineException.ModelCorrupt when the bytes contradict the format
    /// @throws ModelUnsupported when a weight tensor's type is unknown; names tensor, type and what is supported
    public static ModelSource open(Path path) {
        if (Files.isDirectory(path)) {
            return openFolder(path);
        }
        if (!Files.exists(path)) {
            throw new ModelNotFound("[" + path + "] no such file or folder; expected a " + GGUF
                    + " file, or a folder with " + HuggingFaceFolder.CONFIG + " and " + HuggingFaceFolder.WEIGHTS);
        }
        if (isGguf(path)) {
            return openGguf(path);
        }
        throw new ModelNotFound("[" + path + "] is not a model; expected a " + GGUF
                + " file or a folder. For Hugging Face models give the folder that holds " + HuggingFaceFolder.CONFIG);
    }

    private static ModelSource openFolder(Path folder) {
        boolean config = Files.exists(folder.resolve(HuggingFaceFolder.CONFIG));
        boolean weights = Files.exists(folder.resolve(HuggingFaceFolder.WEIGHTS))
                || Files.exists(folder.resolve(HuggingFaceFolder.INDEX));
        if (config && weights) {
            return openHuggingFace(folder);
        }
        List<Path> ggufs;
        try (Stream<Path> files = Files.list(folder)) {
            ggufs = files.filter(ModelSources::isGguf).sorted().toList();
        } catch (IOException e) {
            throw new ModelNotFound("[" + folder + "] cannot be read: " + e);
        }
        // Sorted by name, the first part comes first.
        if (ggufs.size() == 1 || !ggufs.isEmpty() && areOneModel(ggufs)) {
            return openGguf(ggufs.getFirst());
        }
        if (ggufs.size() > 1) {
            String names = ggufs.stream()
                    .map(file -> String.valueOf(file.getFileName()))
                    .collect(Collectors.joining(", "));
            throw new ModelNotFound("[" + folder + "] holds several GGUF files: " + names + "; name one of them");
        }
        throw new ModelNotFound("[" + folder + "] holds no model; looked for " + HuggingFaceFolder.CONFIG
                + (config ? " (found) with " : " (missing) with ") + HuggingFaceFolder.WEIGHTS + " or "
                + HuggingFaceFolder.INDEX + (weights ? " (found)" : " (missing)") + ", and for one " + GGUF
                + " file (missing)");
    }

    private static boolean areOneModel(List<Path> ggufs) {
        return ggufs.stream().map(GgufParts::modelOf).distinct().count() == 1
                && GgufParts.modelOf(ggufs.getFirst()).isPresent();
    }

    private static boolean isGguf(Path file) {
        Path name = file.getFileName();
        return name != null && name.toString().toLowerCase(Locale.ROOT).endsWith(GGUF);
    }

    private static ModelSource openGguf(Path file) {
        return owning(arena -> {
            GgufParts parts = GgufParts.open(file, arena);
            GgufFile gguf = parts.first();
            Metadata metadata = Metadata.ofValues(gguf.name(), gguf.metadata());
            String architecture = metadata.requireString("general.architecture");
            List<TensorData> tensors = GgufTensors.read(gguf.name(), parts.tensors());
            Map<Path, MemorySegment> files = new LinkedHashMap<>();
            parts.parts().forEach((path, part) -> files.put(path, part.bytes()));
            return new MappedModel(file, "gguf", architecture, metadata, gguf.metadataBytes(), tensors, files, arena);
        });
    }

    private static ModelSource openHuggingFace(Path folder) {
        return owning(arena -> {
            HuggingFaceFolder files = HuggingFaceFolder.open(folder, arena);
            Metadata metadata = Metadata.ofJson(HuggingFaceFolder.CONFIG, files.config());
            String architecture = metadata.requireString("model_type");
            List<TensorData> tensors = HuggingFaceTensors.read(files, metadata);
            Map<Path, MemorySegment> shards = new LinkedHashMap<>();
            files.shards().forEach(shard -> shards.put(folder.resolve(shard.name()), shard.bytes()));
            return new MappedModel(
                    folder,
                    "huggingface",
                    architecture,
                    metadata,
                    MemorySegment.ofArray(files.configBytes()),
                    tensors,
                    shards,
                    arena);
        });
    }

    /// Opens with a new shared arena, which is closed when opening fails.
    private static ModelSource owning(Opening opening) {
        Arena arena = Arena.ofShared();
        ModelSource opened = null;
        try {
            opened = opening.open(arena);
            return opened;
        } finally {
            if (opened == null) {
                arena.close();
            }
        }
    }

    @FunctionalInterface
    private interface Opening {
        ModelSource open(Arena arena);
    }
}
