package dev.lectern.inference;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The targets of a schema's references: JSON pointers into the same file. Immutable and thread-safe.
final class SchemaReferences {
    private final String source;
    private final JsonNode root;

    /// @param source names the schema in messages
    SchemaReferences(String source, JsonNode root) {
        this.source = source;
        this.root = root;
    }

    /// @param pointer where the target stands
    record Target(JsonNode schema, String pointer) {}

    /// What a `$ref` names; null when it names an anchor.
    ///
    /// @param pointer of the schema that has the reference
    /// @throws InvalidAnswerSchema when it names nothing in this file
    @Nullable
    Target resolve(String reference, String pointer) {
        if (!reference.startsWith("#")) {
            throw new InvalidAnswerSchema(
                    source, pointer + "/$ref", "'" + reference + "' lies outside the file; copy it into '$defs'");
        }
        try {
            String path = URLDecoder.decode(reference.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8);
            if (!path.isEmpty() && path.charAt(0) != '/') {
                return null;
            }
            JsonNode target = root.at(path);
            if (target.isMissingNode()) {
                throw new InvalidAnswerSchema(source, pointer + "/$ref", "nothing at '" + reference + "'");
            }
            return new Target(target, path);
        } catch (IllegalArgumentException e) {
            throw new InvalidAnswerSchema(source, pointer + "/$ref", "'" + reference + "' is no JSON pointer");
        }
    }
}
