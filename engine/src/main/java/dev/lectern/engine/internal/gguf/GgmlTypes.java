package dev.lectern.engine.internal.gguf;

import java.util.Map;

/// The other types of ggml (`enum ggml_type` of ggml.h), so that a message can name what a file holds.
final class GgmlTypes {
    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(3, "Q4_1"),
            Map.entry(6, "Q5_0"),
            Map.entry(7, "Q5_1"),
            Map.entry(9, "Q8_1"),
            Map.entry(10, "Q2_K"),
            Map.entry(11, "Q3_K"),
            Map.entry(12, "Q4_K"),
            Map.entry(13, "Q5_K"),
            Map.entry(14, "Q6_K"),
            Map.entry(15, "Q8_K"),
            Map.entry(16, "IQ2_XXS"),
            Map.entry(17, "IQ2_XS"),
            Map.entry(18, "IQ3_XXS"),
            Map.entry(19, "IQ1_S"),
            Map.entry(20, "IQ4_NL"),
            Map.entry(21, "IQ3_S"),
            Map.entry(22, "IQ2_S"),
            Map.entry(23, "IQ4_XS"),
            Map.entry(28, "F64"),
            Map.entry(29, "IQ1_M"),
            Map.entry(34, "TQ1_0"),
            Map.entry(35, "TQ2_0"),
            Map.entry(39, "MXFP4"),
            Map.entry(40, "NVFP4"));

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

    /// `12 (Q4_K)`, or the number alone where it is not known.
    static String describe(int ggmlId) {
        String name = NAMES.get(ggmlId);
        String number = Integer.toUnsignedString(ggmlId);
        return name == null ? number : number + " (" + name + ")";
    }
}
