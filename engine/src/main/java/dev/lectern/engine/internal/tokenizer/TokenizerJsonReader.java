package dev.lectern.engine.internal.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.lectern.engine.EngineException;
import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelNotFound;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.tokenizer.PreTokenizer.Step;
import dev.lectern.engine.internal.tokenizer.TokenizerSpec.Normaliser;
import dev.lectern.engine.internal.tokenizer.TokenizerSpec.Normaliser.Prefix;
import dev.lectern.engine.internal.tokenizer.Vocabulary.Alphabet;
import dev.lectern.engine.internal.tokenizer.Vocabulary.Merge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads Hugging Face's tokenizer.json (tokenizers 0.21, `Tokenizer.from_file`).
///
/// Reads byte-pair models with their normalisers and pre-tokenizers as far as [TokenizerSpec] can hold them,
/// and refuses the rest by name. What it does not use (post-processor, decoder, truncation, padding) it
/// skips.
final class TokenizerJsonReader {
    static final JsonFactory JSON = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private static final ObjectMapper TREES = new ObjectMapper(JSON);
    private static final List<String> BEHAVIORS =
            List.of("Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");
    /// Ids may leave gaps, but a vocabulary of a few tokens and millions of ids is damaged.
    private static final int SPARSE_IDS = 1 << 16;

    private static final int MOST_IDS_A_TOKEN = 4;

    private static final int MAX_PATTERN_LENGTH = 10_000;

    private final String origin;
    private final Map<String, Integer> vocabulary = new HashMap<>();
    private final List<Merge> merges = new ArrayList<>();
    private JsonNode addedTokens = NullNode.getInstance();
    private JsonNode normalizer = NullNode.getInstance();
    private JsonNode preTokenizer = NullNode.getInstance();
    private final Map<String, JsonNode> modelOptions = new HashMap<>();
    private boolean hasModel;

    private boolean composed;
    private boolean visibleSpaces;
    private Prefix prefix = Prefix.NONE;

    private TokenizerJsonReader(String origin) {
        this.origin = origin;
    }

    /// @throws ModelNotFound    when the file is missing
    /// @throws ModelCorrupt     when it is no tokenizer.json
    /// @throws ModelUnsupported for another kind of tokenizer
    static TokenizerSpec read(Path file) {
        try (JsonParser json = JSON.createParser(Files.newInputStream(file))) {
            return read(file.toString(), json);
        } catch (NoSuchFileException e) {
            throw new ModelNotFound("[" + file + "] no such file");
        } catch (IOException e) {
            throw new ModelCorrupt("[" + file + "] cannot be read: " + e.getMessage(), e);
        }
    }

    static TokenizerSpec read(String origin, String text) {
        try (JsonParser json = JSON.createParser(text)) {
            return read(origin, json);
        } catch (IOException e) {
            throw new ModelCorrupt("[" + origin + "] cannot be read: " + e.getMessage(), e);
        }
    }

    private static TokenizerSpec read(String origin, JsonParser json) throws IOException {
        TokenizerJsonReader reader = new TokenizerJsonReader(origin);
        try {
            reader.readFile(json);
        } catch (JsonProcessingException e) {
            throw new ModelCorrupt(
                    "[" + origin + "] is no JSON: " + e.getOriginalMessage() + " at line "
                            + (e.getLocation() == null ? "?" : e.getLocation().getLineNr()),
                    e);
        }
        return reader.toSpec();
    }

    private void readFile(JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw corrupt("is no JSON object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "added_tokens" -> addedTokens = TREES.readTree(json);
                case "normalizer" -> normalizer = TREES.readTree(json);
                case "pre_tokenizer" -> preTokenizer = TREES.readTree(json);
                case "model" -> readModel(json);
                default -> json.skipChildren();
            }
        }
    }

    private void readModel(JsonParser json) throws IOException {
        requireStart(json, JsonToken.START_OBJECT, "model");
        hasModel = true;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            JsonToken value = json.nextToken();
            if (key.equals("vocab") && value == JsonToken.START_OBJECT) {
                readVocabulary(json);
            } else if (key.equals("merges")) {
                readMerges(json);
            } else if (key.equals("vocab")) {
                json.skipChildren(); // An array: a Unigram model, which the type will tell.
            } else {
                modelOptions.put(key, TREES.readTree(json));
            }
        }
    }

    private void readVocabulary(JsonParser json) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String piece = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_NUMBER_INT) {
                throw corrupt("model.vocab: the id of '" + piece + "' is no whole number");
            }
            vocabulary.put(piece, requireId(json.getLongValue(), "model.vocab: '" + piece + "'"));
        }
    }

    /// Pairs are written `["a", "b"]`, or `"a b"` in older files.
    private void readMerges(JsonParser json) throws IOException {
        requireStart(json, JsonToken.START_ARRAY, "model.merges");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() == JsonToken.VALUE_STRING) {
                merges.add(spacedMerge(origin, json.getText()));
            } else if (json.currentToken() == JsonToken.START_ARRAY) {
                String left = json.nextTextValue();
                String right = json.nextTextValue();
                if (left == null || right == null || json.nextToken() != JsonToken.END_ARRAY) {
                    throw corrupt("model.merges[" + merges.size() + "] is no pair of strings");
                }
                merges.add(new Merge(left, right));
            } else {
                throw corrupt("model.merges[" + merges.size() + "] is no pair of strings");
            }
        }
    }

    static Merge spacedMerge(String origin, String text) {
        int space = text.indexOf(' ', 1);
        if (space < 0 || space == text.length() - 1) {
            throw new ModelCorrupt("[" + origin + "] merge '" + text + "' is no pair of pieces with a space between");
        }
        return new Merge(text.substring(0, space), text.substring(space + 1));
    }

    private TokenizerSpec toSpec() {
        if (!hasModel) {
            throw corrupt("has no 'model'");
        }
        String type = text(modelOptions.get("type"), merges.isEmpty() ? "unknown" : "BPE");
        if (!type.equals("BPE")) {
            throw unsupported("model type '" + type + "'; supported: BPE");
        }
        for (String affix : new String[] {"continuing_subword_prefix", "end_of_word_suffix"}) {
            if (!text(modelOptions.get(affix), "").isEmpty()) {
                throw unsupported("model." + affix + " '" + text(modelOptions.get(affix), "") + "'");
            }
        }
        JsonNode dropout = modelOptions.get("dropout");
        if (dropout != null && dropout.asDouble() != 0) {
            throw unsupported("model.dropout " + dropout + ", an encoding left to chance");
        }
        readNormalizer(normalizer);
        PreTokenizer cutting = new PreTokenizer(steps(preTokenizer, new ArrayList<>()));
        Alphabet alphabet = alphabet(cutting);
        return new TokenizerSpec(
                origin,
                vocabulary(alphabet),
                new Normaliser(composed, visibleSpaces, prefix),
                cutting,
                isTrue(modelOptions.get("ignore_merges")));
    }

    private Alphabet alphabet(PreTokenizer cutting) {
        boolean byteLevel = cutting.steps().stream().anyMatch(Step.ByteLevel.class::isInstance);
        if (byteLevel && visibleSpaces) {
            throw unsupported("a byte-level pre-tokenizer together with visible spaces");
        }
        if (!byteLevel && !isTrue(modelOptions.get("byte_fallback"))) {
            throw unsupported(
                    "a BPE model that is neither byte-level nor has byte_fallback: it could not encode every text");
        }
        return byteLevel ? Alphabet.BYTE_LEVEL : Alphabet.SENTENCE_PIECE;
    }

    private Vocabulary vocabulary(Alphabet alphabet) {
        int size = 0;
        for (int id : vocabulary.values()) {
            size = Math.max(size, id + 1);
        }
        if (!addedTokens.isNull() && !addedTokens.isArray()) {
            throw corrupt("added_tokens is no array");
        }
        for (JsonNode token : addedTokens) {
            JsonNode id = token.get("id");
            if (id == null || !id.isIntegralNumber() || !token.path("content").isTextual()) {
                throw corrupt("added_tokens: " + abbreviated(token) + " lacks a whole 'id' or a textual 'content'");
            }
            size = Math.max(size, requireId(id.asLong(), "added_tokens: " + token.get("content")) + 1);
        }
        int count = vocabulary.size() + addedTokens.size();
        if (size > SPARSE_IDS + MOST_IDS_A_TOKEN * count) {
            throw corrupt("has " + count + " tokens, and ids up to " + (size - 1));
        }
        @Nullable String[] pieces = new String[size];
        TokenKind[] kinds = new TokenKind[size];
        Arrays.fill(kinds, TokenKind.NONE);
        for (Map.Entry<String, Integer> entry : vocabulary.entrySet()) {
            int id = entry.getValue();
            if (pieces[id] != null) {
                throw corrupt(
                        "model.vocab: id " + id + " has two tokens, '" + pieces[id] + "' and '" + entry.getKey() + "'");
            }
            pieces[id] = entry.getKey();
            kinds[id] = alphabet == Alphabet.SENTENCE_PIECE && TokenKind.isByte(entry.getKey())
                    ? TokenKind.BYTE
                    : TokenKind.TEXT;
        }
        for (JsonNode token : addedTokens) {
            int id = token.get("id").asInt();
            String content = token.get("content").asText();
            Integer known = vocabulary.get(content);
            if ((pieces[id] != null && !content.equals(pieces[id])) || (known != null && known != id)) {
                throw corrupt("added_tokens: '" + content + "' has id " + id + ", where the vocabulary has "
                        + (known == null ? "'" + pieces[id] + "'" : "id " + known));
            }
            pieces[id] = content;
            TokenKind kind = isTrue(token.get("special")) ? TokenKind.CONTROL : TokenKind.ofAdded(content);
            // Runs of `▁` are made by merges: the library finds added tokens before it makes spaces visible.
            boolean merged =
                    kind == TokenKind.ADDED_TEXT && known != null && content.indexOf(Vocabulary.VISIBLE_SPACE) >= 0;
            kinds[id] = merged ? TokenKind.TEXT : kind;
        }
        String unknown = text(modelOptions.get("unk_token"), "");
        Integer unknownId = vocabulary.get(unknown);
        if (unknownId != null) {
            kinds[unknownId] = TokenKind.CONTROL;
        }
        return Vocabulary.of(origin, alphabet, pieces, kinds, merges);
    }

    private void readNormalizer(JsonNode node) {
        if (node.isNull()) {
            return;
        }
        String type = text(node.get("type"), "");
        switch (type) {
            case "Sequence" -> requireArray(node, "normalizers", "normalizer").forEach(this::readNormalizer);
            case "NFC" -> composed = true;
            case "Prepend" -> {
                requireVisibleSpace(text(node.get("prepend"), ""), "normalizer Prepend");
                prefix = Prefix.ALWAYS;
            }
            case "Replace" -> {
                if (!" ".equals(text(node.path("pattern").get("String"), ""))) {
                    throw unsupported("normalizer Replace of " + node.get("pattern") + "; supported: of a space by ▁");
                }
                requireVisibleSpace(text(node.get("content"), ""), "normalizer Replace");
                visibleSpaces = true;
            }
            default -> throw unsupported("normalizer '" + type + "'; supported: NFC, Prepend, Replace, Sequence");
        }
    }

    private List<Step> steps(JsonNode node, List<Step> steps) {
        if (node.isNull()) {
            return steps;
        }
        String type = text(node.get("type"), "");
        switch (type) {
            case "Sequence" ->
                requireArray(node, "pretokenizers", "pre_tokenizer").forEach(step -> steps(step, steps));
            case "Split" -> {
                Step.Split split = split(node);
                // Of the spaces that were made visible before, none is left to split at (Gemma 3).
                if (!visibleSpaces || split.regex() || split.pattern().indexOf(' ') < 0) {
                    steps.add(split);
                }
            }
            case "Digits" -> steps.add(new Step.Digits(isTrue(node.get("individual_digits"))));
            case "ByteLevel" -> {
                // The library puts the space before each piece that the steps before left.
                if (isTrue(node.get("add_prefix_space")) && !steps.isEmpty()) {
                    throw unsupported("pre_tokenizer ByteLevel with add_prefix_space after other steps");
                }
                prefix = isTrue(node.get("add_prefix_space")) ? Prefix.IF_MISSING : prefix;
                steps.add(new Step.ByteLevel(!isFalse(node.get("use_regex"))));
            }
            case "Metaspace" -> readMetaspace(node, steps);
            default ->
                throw unsupported(
                        "pre_tokenizer '" + type + "'; supported: ByteLevel, Digits, Metaspace, Sequence, Split");
        }
        return steps;
    }

    private Step.Split split(JsonNode node) {
        JsonNode pattern = node.path("pattern");
        String regex = text(pattern.get("Regex"), "");
        String literal = text(pattern.get("String"), "");
        String behavior = text(node.get("behavior"), "");
        if (regex.isEmpty() == literal.isEmpty() || regex.length() + literal.length() > MAX_PATTERN_LENGTH) {
            throw corrupt("pre_tokenizer Split: the pattern must be one Regex or one String of at most "
                    + MAX_PATTERN_LENGTH + " characters, and is " + abbreviated(pattern));
        }
        // Keeping nothing but the matches of a pattern that matches everything (Phi-4).
        if (behavior.equals("Removed")
                && isTrue(node.get("invert"))
                && PreTokenizer.isolated(regex).matchesEverything()) {
            return new Step.Split(regex, true, "Isolated", false);
        }
        if (!BEHAVIORS.contains(behavior)) {
            throw unsupported("pre_tokenizer Split with behavior '" + behavior + "'; supported: " + BEHAVIORS);
        }
        return new Step.Split(regex + literal, !regex.isEmpty(), behavior, isTrue(node.get("invert")));
    }

    private void readMetaspace(JsonNode node, List<Step> steps) {
        if (!steps.isEmpty()) {
            throw unsupported("pre_tokenizer Metaspace after other steps");
        }
        String replacement = text(node.get("replacement"), String.valueOf(Vocabulary.VISIBLE_SPACE));
        requireVisibleSpace(replacement, "pre_tokenizer Metaspace");
        visibleSpaces = true;
        String scheme = text(node.get("prepend_scheme"), isFalse(node.get("add_prefix_space")) ? "never" : "always");
        prefix = switch (scheme) {
            case "never" -> Prefix.NONE;
            case "first", "always" -> Prefix.IF_MISSING;
            default -> throw unsupported("pre_tokenizer Metaspace with prepend_scheme '" + scheme + "'");
        };
        if (!isFalse(node.get("split"))) {
            steps.add(new Step.Split(replacement, false, "MergedWithNext", false));
        }
    }

    private void requireVisibleSpace(String value, String where) {
        if (!value.equals(String.valueOf(Vocabulary.VISIBLE_SPACE))) {
            throw unsupported(where + " with '" + value + "'; supported: ▁");
        }
    }

    private Iterable<JsonNode> requireArray(JsonNode node, String key, String where) {
        JsonNode array = node.path(key);
        if (!array.isArray()) {
            throw corrupt(where + " Sequence without an array '" + key + "'");
        }
        return array;
    }

    private int requireId(long id, String where) {
        if (id < 0 || id >= Vocabulary.MAX_ID) {
            throw corrupt(where + " has id " + id + ", outside 0 to " + (Vocabulary.MAX_ID - 1));
        }
        return (int) id;
    }

    private void requireStart(JsonParser json, JsonToken start, String where) {
        if (json.currentToken() != start) {
            throw corrupt(where + (start == JsonToken.START_ARRAY ? " is no array" : " is no object"));
        }
    }

    private static String text(@Nullable JsonNode node, String absent) {
        return node == null || !node.isTextual() ? absent : node.asText();
    }

    private static boolean isTrue(@Nullable JsonNode node) {
        return node != null && node.isBoolean() && node.booleanValue();
    }

    private static boolean isFalse(@Nullable JsonNode node) {
        return node != null && node.isBoolean() && !node.booleanValue();
    }

    private static String abbreviated(JsonNode node) {
        String text = node.toString();
        return text.length() <= 120 ? text : text.substring(0, 120) + "…";
    }

    private EngineException corrupt(String what) {
        return new ModelCorrupt("[" + origin + "] " + what);
    }

    private EngineException unsupported(String what) {
        return new ModelUnsupported("[" + origin + "] tokenizer: unsupported " + what);
    }
}
