package dev.lectern.engine.internal.convert;

import java.util.List;

/// What a new file will hold.
///
/// @param tensors in the file's order
/// @param remarks for the user
record ConversionPlan(GgufMetadata metadata, List<OutputTensor> tensors, List<String> remarks) {
    /// Version of the block layouts (`GGML_QNT_VERSION`).
    private static final int QUANTISATION_VERSION = 2;

    ConversionPlan {
        tensors = List.copyOf(tensors);
        remarks = List.copyOf(remarks);
    }

    /// The keys by which llama.cpp names a file's type.
    static void describeType(GgufMetadata metadata, TargetType type) {
        metadata.putUint32("general.quantization_version", QUANTISATION_VERSION);
        metadata.putUint32("general.file_type", type.fileType());
    }
}
