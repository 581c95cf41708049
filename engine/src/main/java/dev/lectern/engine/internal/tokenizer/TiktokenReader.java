package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.tokenizer.TokenizerSpec.Normaliser;
import dev.lectern.engine.internal.tokenizer.Vocabulary.Alphabet;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Reads tiktoken's text format: a token a line, its bytes in base64, a space, its rank, which is its id.
///
/// The file has neither the pattern that cuts words nor the control tokens: both are in each model's own
/// program. They follow from the number of tokens, which no two of these models share:
///
/// | tokens | model | control tokens |
/// |---|---|---|
/// | 128,000 | Llama 3 (`llama3/tokenizer.py`) | 256 |
/// | 200,000 | Llama 4 (`llama4/tokenizer.py`) | 2,048 |
/// | 163,584 | Kimi K2 (`tokenization_kimi.py`) | 256, named in tokenizer_config.json |
final class TiktokenReader {
    private static final int LLAMA3_TOKENS = 128_000;
    private static final int LLAMA4_TOKENS = 200_000;
    private static final int KIMI_TOKENS = 163_584;
    private static final int LONGEST_TOKEN_BYTES = 4096;

    private TiktokenReader() {}

    /// Whether a file looks like one: its first line is base64, a space and a number.
    static boolean recognises(byte[] file) {
        int end = 0;
        while (end < file.length && end < 2 * LONGEST_TOKEN_BYTES && file[end] != '\n' && file[end] != '\r') {
            end++;
        }
        return new String(file, 0, end, StandardCharsets.ISO_8859_1).matches("[A-Za-z0-9+/]+=* [0-9]+");
    }

    /// @param added control tokens by id that tokenizer_config.json names
    /// @throws ModelCorrupt     for a line that is no token
    /// @throws ModelUnsupported for a number of tokens that belongs to no model known here
    static TokenizerSpec read(String origin, byte[] file, Map<Integer, String> added) {
        List<byte[]> tokens = tokens(origin, file);
        List<String> control = controlTokens(origin, tokens.size(), added);
        int size = tokens.size() + control.size();
        @Nullable String[] pieces = new String[size];
        TokenKind[] kinds = new TokenKind[size];
        for (int id = 0; id < size; id++) {
            boolean text = id < tokens.size();
            pieces[id] = text ? ByteAlphabet.spell(tokens.get(id)) : control.get(id - tokens.size());
            kinds[id] = text ? TokenKind.TEXT : TokenKind.CONTROL;
        }
        int[] ranks = IntStream.range(0, size).toArray();
        return new TokenizerSpec(
                origin,
                Vocabulary.ranked(origin, Alphabet.BYTE_LEVEL, pieces, kinds, ranks),
                Normaliser.NONE,
                PreTokenizer.byteLevel(pattern(tokens.size())),
                true);
    }

    private static List<byte[]> tokens(String origin, byte[] file) {
        List<byte[]> tokens = new ArrayList<>();
        int line = 1;
        for (int from = 0; from < file.length; line++) {
            int to = from;
            while (to < file.length && file[to] != '\n') {
                to++;
            }
            int end = to > from && file[to - 1] == '\r' ? to - 1 : to;
            if (end > from) {
                tokens.add(token(origin, line, Arrays.copyOfRange(file, from, end), tokens.size()));
            }
            from = to + 1;
        }
        return tokens;
    }

    private static byte[] token(String origin, int line, byte[] text, int rank) {
        int space = 0;
        while (space < text.length && text[space] != ' ') {
            space++;
        }
        String number = new String(
                text,
                Math.min(space + 1, text.length),
                Math.max(0, text.length - space - 1),
                StandardCharsets.ISO_8859_1);
        if (!number.equals(Integer.toString(rank))) {
            throw new ModelCorrupt("[" + origin + "] line " + line + " has rank '" + shown(number)
                    + "'; expected a token in base64, a space and " + rank);
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(Arrays.copyOf(text, space));
        } catch (IllegalArgumentException e) {
            throw new ModelCorrupt("[" + origin + "] line " + line + " is no base64: " + e.getMessage(), e);
        }
        if (bytes.length == 0 || bytes.length > LONGEST_TOKEN_BYTES) {
            throw new ModelCorrupt("[" + origin + "] line " + line + " has a token of " + bytes.length
                    + " bytes; expected 1 to " + LONGEST_TOKEN_BYTES);
        }
        return bytes;
    }

    private static String shown(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }

    private static String pattern(int tokens) {
        return switch (tokens) {
            case LLAMA3_TOKENS -> WordPatterns.LLAMA3;
            case LLAMA4_TOKENS -> WordPatterns.LLAMA4;
            default -> WordPatterns.KIMI;
        };
    }

    private static List<String> controlTokens(String origin, int tokens, Map<Integer, String> added) {
        List<String> control = switch (tokens) {
            case LLAMA3_TOKENS -> llama3();
            case LLAMA4_TOKENS -> llama4();
            case KIMI_TOKENS ->
                IntStream.range(tokens, tokens + 256)
                        .mapToObj(id -> "<|reserved_token_" + id + "|>")
                        .toList();
            default ->
                throw new ModelUnsupported("[" + origin + "] a tiktoken vocabulary of " + tokens
                        + " tokens; supported: " + LLAMA3_TOKENS + " (Llama 3), " + LLAMA4_TOKENS + " (Llama 4), "
                        + KIMI_TOKENS + " (Kimi K2). Save a tokenizer.json with transformers");
        };
        List<String> named = new ArrayList<>(control);
        added.forEach((id, content) -> {
            if (id >= tokens && id < tokens + named.size()) {
                named.set(id - tokens, content);
            }
        });
        return named;
    }

    private static List<String> llama3() {
        List<String> names = new ArrayList<>(List.of(
                "<|begin_of_text|>",
                "<|end_of_text|>",
                "<|reserved_special_token_0|>",
                "<|reserved_special_token_1|>",
                "<|finetune_right_pad_id|>",
                "<|step_id|>",
                "<|start_header_id|>",
                "<|end_header_id|>",
                "<|eom_id|>",
                "<|eot_id|>",
                "<|python_tag|>",
                "<|image|>"));
        reserve(names, "", 2, 256 - names.size());
        return names;
    }

    private static List<String> llama4() {
        List<String> names = new ArrayList<>(List.of(
                "<|begin_of_text|>",
                "<|end_of_text|>",
                "<|fim_prefix|>",
                "<|fim_middle|>",
                "<|fim_suffix|>",
                "<|header_start|>",
                "<|header_end|>",
                "<|eom|>",
                "<|eot|>",
                "<|step|>"));
        reserve(names, "text_post_train_", 0, 6);
        names.addAll(List.of("<|python_start|>", "<|python_end|>", "<|finetune_right_pad|>"));
        reserve(names, "text_post_train_", 8, 61);
        names.addAll(List.of("<|image_start|>", "<|image_end|>"));
        reserve(names, "vision_", 0, 2);
        names.addAll(List.of("<|tile_x_separator|>", "<|tile_y_separator|>"));
        reserve(names, "vision_", 2, 4);
        names.add("<|image|>");
        reserve(names, "vision_", 6, 1);
        names.add("<|patch|>");
        reserve(names, "vision_", 7, 1041);
        reserve(names, "reasoning_", 0, 8);
        names.addAll(List.of("<|reasoning_thinking_start|>", "<|reasoning_thinking_end|>"));
        reserve(names, "", 0, 2048 - names.size());
        return names;
    }

    private static void reserve(List<String> names, String group, int first, int count) {
        for (int i = first; i < first + count; i++) {
            names.add("<|" + group + "reserved_special_token_" + i + "|>");
        }
    }
}
