package dev.lectern.pipeline.ingest;

/// The bytes of one file, for a reader.
///
/// @param name      last part of its path, without the ending of a compression that was taken off
/// @param mediaType found from bytes and name
/// @param bytes     owned by the caller; readers do not change them
record SourceFile(String name, String mediaType, byte[] bytes) {}
