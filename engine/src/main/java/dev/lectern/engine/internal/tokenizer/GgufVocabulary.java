package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.tokenizer.TokenizerSpec.Normaliser;
import dev.lectern.engine.internal.tokenizer.TokenizerSpec.Normaliser.Prefix;
import dev.lectern.engine.internal.tokenizer.Vocabulary.Alphabet;
import dev.lectern.engine.internal.tokenizer.Vocabulary.Merge;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A GGUF file's vocabulary (keys `tokenizer.ggml.*`, as llama.cpp's `llama-vocab.cpp` reads them), and the tokenizer
/// that Hugging Face's library makes of it.
///
/// @param origin      names the file, for messages
/// @param model       `gpt2`: byte-level BPE with merges; `llama`: SentencePiece BPE with scores
/// @param pre         names the pattern that cuts words in `gpt2` vocabularies
/// @param tokens      spellings by id
/// @param types       llama.cpp's token types by id; empty: all normal
/// @param merges      pairs with a space between, by rank
/// @param scores      by id, higher merges first; empty in `gpt2` vocabularies
/// @param spacePrefix whether a space is put before the text (`llama` only)
record GgufVocabulary(
        String origin,
        String model,
        String pre,
        List<String> tokens,
        List<Integer> types,
        List<String> merges,
        List<Float> scores,
        boolean spacePrefix) {
    private static final int NORMAL = 1;
    private static final int USER_DEFINED = 4;
    private static final int BYTE = 6;

    GgufVocabulary {
        tokens = List.copyOf(tokens);
        types = List.copyOf(types);
        merges = List.copyOf(merges);
        scores = List.copyOf(scores);
        if (!types.isEmpty() && types.size() != tokens.size()) {
            throw new ModelCorrupt("[" + origin + "] tokenizer.ggml.token_type has " + types.size() + " entries for "
                    + tokens.size() + " tokens");
        }
        if (!scores.isEmpty() && scores.size() != tokens.size()) {
            throw new ModelCorrupt("[" + origin + "] tokenizer.ggml.scores has " + scores.size() + " entries for "
                    + tokens.size() + " tokens");
        }
    }

    /// @throws ModelUnsupported when the file has no vocabulary
    static GgufVocabulary from(Metadata metadata) {
        Metadata keys = metadata.sub("tokenizer.ggml");
        List<String> tokens = keys.strings("tokens")
                .orElseThrow(
                        () -> new ModelUnsupported(
                                "[" + metadata.file()
                                        + "] has no tokenizer (key 'tokenizer.ggml.tokens'); take a file that was converted with its vocabulary"));
        int[] types = keys.ints("token_type").orElse(new int[0]);
        float[] scores = keys.floats("scores").orElse(new float[0]);
        return new GgufVocabulary(
                metadata.file(),
                keys.requireString("model"),
                keys.stringOr("pre", "default"),
                tokens,
                IntStream.of(types).boxed().toList(),
                keys.strings("merges").orElse(List.of()),
                IntStream.range(0, scores.length).mapToObj(i -> scores[i]).toList(),
                keys.booleanOr("add_space_prefix", true));
    }

    /// @throws ModelUnsupported for another model, or a pre-tokenizer that is not known here
    /// @throws ModelCorrupt     when tokens and merges contradict each other
    TokenizerSpec toSpec() {
        return switch (model) {
            case "gpt2" -> byteLevel();
            case "llama" -> sentencePiece();
            default ->
                throw new ModelUnsupported("[" + origin + "] tokenizer model '" + model
                        + "' unknown; supported: gpt2 (BPE), llama (SentencePiece)");
        };
    }

    private TokenizerSpec byteLevel() {
        List<Merge> pairs = new ArrayList<>(merges.size());
        for (String merge : merges) {
            pairs.add(TokenizerJsonReader.spacedMerge(origin, merge));
        }
        GgufPreTokenizer cutting = GgufPreTokenizer.named(origin, pre);
        return new TokenizerSpec(
                origin,
                vocabulary(Alphabet.BYTE_LEVEL, pairs),
                Normaliser.NONE,
                cutting.steps(),
                cutting.ignoreMerges());
    }

    private TokenizerSpec sentencePiece() {
        Prefix prefix = spacePrefix ? Prefix.ALWAYS : Prefix.NONE;
        return new TokenizerSpec(
                origin,
                vocabulary(Alphabet.SENTENCE_PIECE, mergesByScore()),
                new Normaliser(false, true, prefix),
                PreTokenizer.NONE,
                false);
    }

    /// SentencePiece joins the two neighbours that make the piece with the highest score; a pair list ordered by
    /// the score of what the pairs make says the same. Equal scores: lower ids first, then longer left sides.
    private List<Merge> mergesByScore() {
        if (scores.isEmpty()) {
            throw new ModelCorrupt("[" + origin + "] key 'tokenizer.ggml.scores' is missing; a tokenizer of model"
                    + " 'llama' needs it");
        }
        Map<String, Integer> ids = HashMap.newHashMap(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            if (kind(id) == TokenKind.TEXT) {
                ids.put(tokens.get(id), id);
            }
        }
        List<Merge> pairs = new ArrayList<>();
        List<Integer> ordered = ids.values().stream()
                .sorted(Comparator.<Integer, Float>comparing(scores::get, Comparator.reverseOrder())
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        for (int id : ordered) {
            String piece = tokens.get(id);
            for (int cut = piece.length() - 1; cut > 0; cut--) {
                String left = piece.substring(0, cut);
                String right = piece.substring(cut);
                if (ids.containsKey(left) && ids.containsKey(right)) {
                    pairs.add(new Merge(left, right));
                }
            }
        }
        return pairs;
    }

    private Vocabulary vocabulary(Alphabet alphabet, List<Merge> pairs) {
        @Nullable String[] pieces = new String[tokens.size()];
        TokenKind[] kinds = new TokenKind[tokens.size()];
        for (int id = 0; id < pieces.length; id++) {
            pieces[id] = tokens.get(id);
            kinds[id] = kind(id);
        }
        return Vocabulary.of(origin, alphabet, pieces, kinds, pairs);
    }

    private TokenKind kind(int id) {
        int type = types.isEmpty() ? NORMAL : types.get(id);
        return switch (type) {
            case NORMAL -> TokenKind.TEXT;
            case USER_DEFINED -> TokenKind.ofAdded(tokens.get(id));
            case BYTE -> byteToken(id);
            default -> TokenKind.CONTROL;
        };
    }

    private TokenKind byteToken(int id) {
        if (!tokens.get(id).matches("<0x[0-9A-F]{2}>")) {
            throw new ModelCorrupt("[" + origin + "] token " + id + " is said to be a byte and is '" + tokens.get(id)
                    + "'; expected <0x00> to <0xFF>");
        }
        return TokenKind.BYTE;
    }
}
