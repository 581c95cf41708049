package dev.lectern.pipeline.ingest;

import java.io.Serializable;

/// @param uri  fully qualified, as Hadoop writes it
/// @param size bytes, as the file system said when the folder was listed
record InputFile(String uri, long size) implements Serializable {}
