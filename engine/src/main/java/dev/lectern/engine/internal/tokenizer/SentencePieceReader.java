package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.tokenizer.TokenizerSpec.Normaliser;
import dev.lectern.engine.internal.tokenizer.TokenizerSpec.Normaliser.Prefix;
import dev.lectern.engine.internal.tokenizer.Vocabulary.Alphabet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads SentencePiece's tokenizer.model, a protobuf message (`sentencepiece_model.proto`), of byte-pair and
/// unigram models that leave the text as it is but for its spaces (Llama 2, Mistral, Gemma, Phi-3).
///
/// ```
/// ModelProto      1 pieces (SentencePiece, repeated)  2 TrainerSpec  3 NormalizerSpec
/// SentencePiece   1 piece  2 score (float)  3 type
/// TrainerSpec     3 model_type (1 unigram, 2 BPE)  24 treat_whitespace_as_suffix  35 byte_fallback
/// NormalizerSpec  1 name  2 precompiled_charsmap  3 add_dummy_prefix  4 remove_extra_whitespaces
///                 5 escape_whitespaces (3 to 5 are true where they are absent)
/// ```
final class SentencePieceReader {
    private static final int UNIGRAM = 1;
    private static final int BPE = 2;

    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;

    private final String origin;
    private final List<String> pieces = new ArrayList<>();
    private final List<Float> scores = new ArrayList<>();
    private final List<TokenKind> kinds = new ArrayList<>();

    private int modelType = UNIGRAM;
    private boolean byteFallback;
    private boolean spaceAsSuffix;
    private String normaliser = "";
    private boolean replacesCharacters;
    private boolean addsPrefix = true;
    private boolean removesSpaces = true;
    private boolean visibleSpaces = true;

    private SentencePieceReader(String origin) {
        this.origin = origin;
    }

    /// @param added tokens that tokenizer_config.json adds behind the file's or names anew, by id
    /// @throws ModelCorrupt     when the bytes are no such message
    /// @throws ModelUnsupported for another type of model, or a normaliser that changes more than spaces
    static TokenizerSpec read(String origin, byte[] file, Map<Integer, String> added) {
        SentencePieceReader reader = new SentencePieceReader(origin);
        reader.readModel(new ProtobufReader(origin, file));
        return reader.toSpec(added);
    }

    private void readModel(ProtobufReader model) {
        while (model.next()) {
            switch (model.field()) {
                case 1 -> readPiece(model.message());
                case 2 -> readTrainer(model.message());
                case 3 -> readNormaliser(model.message());
                default -> model.skip();
            }
        }
    }

    private void readPiece(ProtobufReader piece) {
        String text = "";
        float score = 0;
        int type = NORMAL;
        while (piece.next()) {
            switch (piece.field()) {
                case 1 -> text = piece.text();
                case 2 -> score = piece.number();
                case 3 -> type = piece.integer();
                default -> piece.skip();
            }
        }
        if (pieces.size() == Vocabulary.MAX_ID) {
            throw new ModelCorrupt("[" + origin + "] more than " + Vocabulary.MAX_ID + " pieces");
        }
        pieces.add(text);
        scores.add(score);
        kinds.add(kind(text, type));
    }

    private TokenKind kind(String text, int type) {
        return switch (type) {
            case NORMAL -> TokenKind.TEXT;
            case USER_DEFINED -> TokenKind.ofAdded(text);
            case UNKNOWN, CONTROL, UNUSED -> TokenKind.CONTROL;
            case BYTE -> TokenKind.ofByte(origin, pieces.size(), text);
            default ->
                throw new ModelCorrupt(
                        "[" + origin + "] piece " + pieces.size() + " has type " + type + "; expected 1 to 6");
        };
    }

    private void readTrainer(ProtobufReader trainer) {
        while (trainer.next()) {
            switch (trainer.field()) {
                case 3 -> modelType = trainer.integer();
                case 24 -> spaceAsSuffix = trainer.flag();
                case 35 -> byteFallback = trainer.flag();
                default -> trainer.skip();
            }
        }
    }

    private void readNormaliser(ProtobufReader spec) {
        while (spec.next()) {
            switch (spec.field()) {
                case 1 -> normaliser = spec.text();
                case 2 -> replacesCharacters = spec.skippedLength() > 0;
                case 3 -> addsPrefix = spec.flag();
                case 4 -> removesSpaces = spec.flag();
                case 5 -> visibleSpaces = spec.flag();
                default -> spec.skip();
            }
        }
    }

    private TokenizerSpec toSpec(Map<Integer, String> added) {
        if (pieces.isEmpty()) {
            throw new ModelCorrupt("[" + origin + "] has no pieces; expected SentencePiece's protobuf message or"
                    + " tiktoken's lines");
        }
        if (modelType != UNIGRAM && modelType != BPE) {
            throw unsupported("model_type " + modelType + "; supported: 1 (unigram), 2 (BPE)");
        }
        if (replacesCharacters) {
            throw unsupported("normaliser '" + normaliser + "', which replaces characters; supported: identity");
        }
        if (removesSpaces) {
            throw unsupported("remove_extra_whitespaces: a text would not come back as it was");
        }
        if (!visibleSpaces || spaceAsSuffix) {
            throw unsupported(spaceAsSuffix ? "treat_whitespace_as_suffix" : "escape_whitespaces false");
        }
        if (!byteFallback) {
            throw unsupported("a model without byte_fallback: it could not encode every text");
        }
        addTokens(added);
        @Nullable String[] byId = pieces.toArray(new @Nullable String[0]);
        TokenKind[] kindById = kinds.toArray(new TokenKind[0]);
        Normaliser spaces = new Normaliser(false, true, addsPrefix ? Prefix.ALWAYS : Prefix.NONE);
        if (modelType == UNIGRAM) {
            float[] scoreById = new float[byId.length];
            for (int id = 0; id < scoreById.length; id++) {
                scoreById[id] = scores.get(id);
                if (!Float.isFinite(scoreById[id])) {
                    throw new ModelCorrupt("[" + origin + "] piece " + id + " has score " + scoreById[id]);
                }
            }
            Vocabulary vocabulary = Vocabulary.unmerged(origin, Alphabet.SENTENCE_PIECE, byId, kindById);
            return new TokenizerSpec(origin, vocabulary, spaces, PreTokenizer.NONE, false, scoreById);
        }
        Vocabulary vocabulary =
                Vocabulary.ranked(origin, Alphabet.SENTENCE_PIECE, byId, kindById, TokenizerSpec.ranksByScore(scores));
        return new TokenizerSpec(origin, vocabulary, spaces, PreTokenizer.NONE, false);
    }

    /// Tokens that tokenizer_config.json puts behind the pieces, or that it turns into control tokens.
    private void addTokens(Map<Integer, String> added) {
        Set<String> known = new HashSet<>(pieces);
        added.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(entry -> {
            int id = entry.getKey();
            String content = entry.getValue();
            if (id < pieces.size() && kinds.get(id) == TokenKind.TEXT && content.equals(pieces.get(id))) {
                kinds.set(id, TokenKind.CONTROL);
            } else if (id == pieces.size() && known.add(content)) {
                pieces.add(content);
                scores.add(0f);
                kinds.add(TokenKind.CONTROL);
            }
        });
    }

    private ModelUnsupported unsupported(String what) {
        return new ModelUnsupported("[" + origin + "] tokenizer: unsupported " + what
                + ". Save a tokenizer.json with transformers"
                + " (AutoTokenizer.from_pretrained(folder).save_pretrained(folder))");
    }
}
