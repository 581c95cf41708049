package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.source.Metadata;
import dev.lectern.engine.internal.tokenizer.TokenizerSpec.Normaliser;
import dev.lectern.engine.internal.tokenizer.TokenizerSpec.Normaliser.Prefix;
import dev.lectern.engine.internal.tokenizer.Vocabulary.Alphabet;
import dev.lectern.engine.internal.tokenizer.Vocabulary.Merge;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A GGUF file's vocabulary (keys `tokenizer.ggml.*`, as llama.cpp's `llama-vocab.cpp` reads them), and the
/// tokenizer that Hugging Face's library makes of it.
///
/// @param origin      names the file, for messages
/// @param model       `gpt2`: byte-level BPE with merges; `llama`: SentencePiece BPE with scores;
///                    `gemma4`: its spelling with merges
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
    /// Values of `pre` whose vocabularies are spelled as text, with `▁`, rather than as bytes.
    private static final Set<String> SPELLED_AS_TEXT = Set.of("gemma4", "granite-embed-multi-311m", "sarvam-moe");

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
            case "gpt2" -> SPELLED_AS_TEXT.contains(pre) ? listedPieces() : byteLevel();
            case "llama" -> sentencePiece();
            case "gemma4" -> listedPieces();
            default ->
                throw new ModelUnsupported("[" + origin + "] tokenizer model '" + model
                        + "' unknown; supported: gpt2 (BPE), llama and gemma4 (SentencePiece)");
        };
    }

    private TokenizerSpec byteLevel() {
        GgufPreTokenizer cutting = GgufPreTokenizer.named(origin, pre);
        return new TokenizerSpec(
                origin,
                Vocabulary.of(origin, Alphabet.BYTE_LEVEL, pieces(), kinds(), listedMerges()),
                Normaliser.NONE,
                cutting.steps(),
                cutting.ignoreMerges());
    }

    /// SentencePiece's spelling with a list of merges, line by line.
    private TokenizerSpec listedPieces() {
        return new TokenizerSpec(
                origin,
                Vocabulary.of(origin, Alphabet.SENTENCE_PIECE, pieces(), kinds(), listedMerges()),
                new Normaliser(false, true, Prefix.NONE),
                PreTokenizer.of(new PreTokenizer.Step.Split(WordPatterns.LINES, true, "Isolated", false)),
                false);
    }

    private List<Merge> listedMerges() {
        List<Merge> pairs = new ArrayList<>(merges.size());
        for (String merge : merges) {
            pairs.add(TokenizerJsonReader.spacedMerge(origin, merge));
        }
        return pairs;
    }

    private TokenizerSpec sentencePiece() {
        Prefix prefix = spacePrefix ? Prefix.ALWAYS : Prefix.NONE;
        return new TokenizerSpec(
                origin,
                Vocabulary.ranked(origin, Alphabet.SENTENCE_PIECE, pieces(), kinds(), ranksByScore()),
                new Normaliser(false, true, prefix),
                PreTokenizer.NONE,
                false);
    }

    /// SentencePiece joins the two neighbours that make the piece with the highest score.
    private int[] ranksByScore() {
        if (scores.isEmpty()) {
            throw new ModelCorrupt("[" + origin + "] key 'tokenizer.ggml.scores' is missing; a tokenizer of model"
                    + " 'llama' needs it");
        }
        return TokenizerSpec.ranksByScore(scores);
    }

    private @Nullable String[] pieces() {
        return tokens.toArray(new @Nullable String[0]);
    }

    private TokenKind[] kinds() {
        return IntStream.range(0, tokens.size()).mapToObj(this::kind).toArray(TokenKind[]::new);
    }

    private TokenKind kind(int id) {
        int type = types.isEmpty() ? NORMAL : types.get(id);
        return switch (type) {
            case NORMAL -> TokenKind.TEXT;
            case USER_DEFINED -> TokenKind.ofAdded(tokens.get(id));
            case BYTE -> TokenKind.ofByte(origin, id, tokens.get(id));
            default -> TokenKind.CONTROL;
        };
    }
}
