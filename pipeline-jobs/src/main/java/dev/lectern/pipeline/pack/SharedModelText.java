package dev.lectern.pipeline.pack;

import dev.lectern.engine.ModelFiles;
import dev.lectern.inference.LocalModel;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.spark.util.SerializableConfiguration;

/// A model's tokenizer, one a JVM however many tasks ask: executors come back to it with every document.
///
/// @param location the model's GGUF file or folder: a path or any Hadoop URI
/// @param hadoop   how to reach it
record SharedModelText(String location, SerializableConfiguration hadoop) implements ModelText.Source {
    private static final ConcurrentMap<String, ModelText> OPENED = new ConcurrentHashMap<>();

    @Override
    public ModelText open() {
        return OPENED.computeIfAbsent(location, this::load);
    }

    private ModelText load(String model) {
        // Weights are mapped, not read, and the mapping goes at once: the tokenizer needs none.
        try (ModelFiles files = ModelFiles.open(LocalModel.of(model, hadoop.value(), null))) {
            return new ModelText(files.info(), files.tokenizer(), files.chat());
        }
    }

    /// Lets this JVM's tokenizer go: in a local run the engine is about to open its own.
    void release() {
        OPENED.remove(location);
    }
}
