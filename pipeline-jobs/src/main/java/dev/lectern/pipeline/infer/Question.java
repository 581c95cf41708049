package dev.lectern.pipeline.infer;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/// One question of a task, its template filled.
///
/// @param id       names the question within its task
/// @param text     what is asked
/// @param prompt   all text of the user's turn after the document
/// @param document glob on the name of the documents that it is asked of; null for all
public record Question(
        String task,
        String id,
        String text,
        String prompt,
        @Nullable String document) implements Serializable {}
