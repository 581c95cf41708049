package dev.lectern.engine.internal.gguf;

import java.util.Map;

/// The other types of ggml (`enum ggml_type` of ggml.h), so that a message can name what a file holds.
final class GgmlTypes {
    private static final Map<Integer, String> NAMES = Map.of(9, "Q8_1", 15, "Q8_K", 28, "F64", 41, "Q1_0");

    private GgmlTypes() {}

    /// Width of I8, I16, I32 and I64; 0 for all other types.
    static int integerBytes(int ggmlId) {
        return switch (ggmlId) {
            case 24 -> 1;
            case 25 -> 2;
            case 26 -> 4;
            case 27 -> 8;
            default -> 0;
        };
    }

    /// `15 (Q8_K)`, or the number alone where it is not known.
    static String describe(int ggmlId) {
        String name = NAMES.get(ggmlId);
        String number = Integer.toUnsignedString(ggmlId);
        return name == null ? number : number + " (" + name + ")";
    }
}
