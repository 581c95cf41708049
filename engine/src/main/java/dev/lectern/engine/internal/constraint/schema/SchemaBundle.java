package dev.lectern.engine.internal.constraint.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lectern.engine.constraint.SchemaException;
import dev.lectern.engine.constraint.SchemaException.Kind;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Puts the documents that a schema refers to inside it, under `$defs` with their URI as `$id` (JSON Schema Core,
/// 9.3: compound documents).
public final class SchemaBundle {
    private static final URI NO_BASE = URI.create("");

    private final Map<String, JsonNode> byId = new HashMap<>();
    private final Map<String, JsonNode> byName = new HashMap<>();

    /// @throws SchemaException if the text is no JSON
    public void add(String fileName, String text) {
        JsonNode document = parse(text);
        byName.put(fileName, document);
        String id =
                withoutFragment(document.path("$id").asText(document.path("id").asText("")));
        if (!id.isEmpty()) {
            byId.put(id, document);
        }
    }

    /// The schema with all documents that it refers to, as far as they are known here.
    ///
    /// @throws SchemaException if the text is no JSON
    public String bundled(String schema) {
        JsonNode root = parse(schema);
        if (!root.isObject()) {
            return schema;
        }
        Bundling bundling = new Bundling((ObjectNode) root);
        bundling.follow(root, base(root, NO_BASE));
        return bundling.added.isEmpty() ? schema : root.toString();
    }

    private static JsonNode parse(String text) {
        try {
            return SchemaCompiler.JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new SchemaException(Kind.INVALID, "", "", "is no JSON: " + e.getOriginalMessage());
        }
    }

    private static String withoutFragment(String reference) {
        int hash = reference.indexOf('#');
        return hash < 0 ? reference : reference.substring(0, hash);
    }

    private static URI base(JsonNode node, URI outer) {
        JsonNode id = node.get("$id");
        return id != null && id.isTextual() ? resolve(outer, withoutFragment(id.textValue())) : outer;
    }

    private static URI resolve(URI base, String reference) {
        try {
            return reference.isEmpty() ? base : base.resolve(reference);
        } catch (IllegalArgumentException noUri) {
            return base;
        }
    }

    private final class Bundling {
        private final ObjectNode root;
        private final Set<String> added = new HashSet<>();

        Bundling(ObjectNode root) {
            this.root = root;
        }

        void follow(JsonNode node, URI outer) {
            URI base = base(node, outer);
            JsonNode reference = node.get("$ref");
            if (reference != null && reference.isTextual()) {
                include(withoutFragment(reference.textValue()), base);
            }
            // What is added to the root on the way is followed by itself.
            for (JsonNode child : java.util.List.copyOf(java.util.stream.StreamSupport.stream(node.spliterator(), false)
                    .toList())) {
                if (child.isContainerNode()) {
                    follow(child, base);
                }
            }
        }

        private void include(String reference, URI base) {
            URI target = resolve(base, reference);
            JsonNode known = reference.isEmpty() ? null : find(target);
            if (known == null || isWithin(root, target, NO_BASE) || !added.add(target.toString())) {
                return;
            }
            JsonNode copy = known.deepCopy();
            JsonNode document = copy;
            if (copy instanceof ObjectNode object) {
                object.put("$id", target.toString());
            }
            JsonNode definitions = root.get("$defs");
            ObjectNode all = definitions instanceof ObjectNode some ? some : root.putObject("$defs");
            all.set(target.toString(), document);
            follow(document, NO_BASE);
        }

        private boolean isWithin(JsonNode node, URI target, URI outer) {
            URI base = base(node, outer);
            if (node.has("$id") && base.equals(target)) {
                return true;
            }
            for (JsonNode child : node) {
                if (child.isContainerNode() && isWithin(child, target, base)) {
                    return true;
                }
            }
            return false;
        }

        private @Nullable JsonNode find(URI target) {
            JsonNode document = byId.get(target.toString());
            String path = target.getPath();
            return document != null || path == null ? document : byName.get(path.substring(path.lastIndexOf('/') + 1));
        }
    }
}
