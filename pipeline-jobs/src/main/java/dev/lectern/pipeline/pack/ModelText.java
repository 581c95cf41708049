package dev.lectern.pipeline.pack;

import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.ModelInfo;
import dev.lectern.engine.Tokenizer;
import java.io.Serializable;

/// What packing needs of a model: its limits, its tokenizer and its chat layout, but none of its weights.
///
/// @param info      context length and attention chunk
/// @param tokenizer thread-safe
/// @param chat      what stands before and after a document
record ModelText(ModelInfo info, Tokenizer tokenizer, ChatFormat chat) {
    /// Opens a [ModelText] wherever a task runs. A large vocabulary takes a gigabyte, so that implementations keep
    /// one a JVM.
    @FunctionalInterface
    interface Source extends Serializable {
        ModelText open();
    }
}
