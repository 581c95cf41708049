package dev.lectern.engine.internal.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lectern.engine.constraint.SchemaException;
import dev.lectern.engine.constraint.SchemaException.Kind;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A schema's text with its subschemas numbered, and its references resolved: JSON pointers, `$id` and `id`,
/// anchors.
///
/// Nothing is ever fetched: a reference to another document is refused.
final class SchemaDocument {
    static final int TRUE = 0;
    static final int FALSE = 1;

    /// Nodes that a schema may have for being compared with others.
    private static final int MAX_SHARED = 40;

    private static final List<String> ANNOTATIONS = List.of("title", "description", "default", "examples", "$comment");
    private static final String DEFAULT_BASE = "lectern:/schema";

    private final JsonNode root;
    /// Until draft 7 a `$ref` hides its siblings; since 2019-09 they apply too.
    private final boolean refHidesSiblings;

    private final List<Location> locations = new ArrayList<>();
    private final Map<JsonNode, Location> known = new IdentityHashMap<>();
    private final Map<JsonNode, Location> constants = new IdentityHashMap<>();
    private final Map<JsonNode, Location> contents = new HashMap<>();
    private @Nullable Map<String, Location> identified;
    private @Nullable Map<JsonNode, URI> bases;

    SchemaDocument(JsonNode root) {
        this.root = root;
        String dialect = root.path("$schema").asText("");
        this.refHidesSiblings =
                dialect.contains("draft-04") || dialect.contains("draft-06") || dialect.contains("draft-07");
        locations.add(new Location(TRUE, BooleanNode.TRUE, "", root));
        locations.add(new Location(FALSE, BooleanNode.FALSE, "", root));
    }

    boolean refHidesSiblings() {
        return refHidesSiblings;
    }

    Location root() {
        return at(root, "", root);
    }

    Location at(int id) {
        return locations.get(id);
    }

    /// The schema under a keyword of another one.
    Location child(Location parent, String keyword) {
        return at(parent.node().get(keyword), parent.keyword(keyword), parent.resource());
    }

    /// A schema in a map or list under a keyword of another one.
    Location child(Location parent, String keyword, String key) {
        return at(
                parent.node().get(keyword).get(key),
                parent.keyword(keyword) + "/" + Location.escape(key),
                parent.resource());
    }

    Location child(Location parent, String keyword, int index) {
        return at(parent.node().get(keyword).get(index), parent.keyword(keyword) + "/" + index, parent.resource());
    }

    private Location at(JsonNode node, String pointer, JsonNode resource) {
        if (node.isBoolean()) {
            return locations.get(node.booleanValue() ? TRUE : FALSE);
        }
        if (!node.isObject()) {
            throw new SchemaException(
                    Kind.INVALID,
                    pointer,
                    "",
                    "a schema is an object, true or false; this is " + (node.isArray() ? "a list" : node.toString()));
        }
        Location location = known.get(node);
        if (location == null && resource == root) {
            location = equal(node, pointer);
        }
        if (location == null) {
            boolean ownResource = !ownId(node).isEmpty() && !ownId(node).startsWith("#");
            location = new Location(locations.size(), node, pointer, ownResource ? node : resource);
            locations.add(location);
            known.put(node, location);
        }
        return location;
    }

    /// A small schema that says the same as an earlier one is that one: then a demand that contradicts itself is
    /// recognised as such.
    private @Nullable Location equal(JsonNode node, String pointer) {
        if (!ownId(node).isEmpty() || weigh(node, MAX_SHARED) > MAX_SHARED || node.findValue("$ref") != null) {
            return null;
        }
        ObjectNode bare = ((ObjectNode) node).deepCopy().without(ANNOTATIONS);
        Location same = contents.get(bare);
        if (same == null) {
            same = new Location(locations.size(), node, pointer, root);
            locations.add(same);
            contents.put(bare, same);
        }
        known.put(node, same);
        return same;
    }

    private static int weigh(JsonNode node, int enough) {
        int weight = 1;
        for (JsonNode child : node) {
            if (weight > enough) {
                break;
            }
            weight += weigh(child, enough - weight);
        }
        return weight;
    }

    /// A schema that is satisfied by exactly one list or object.
    Location constant(JsonNode value, String pointer) {
        Location location = constants.get(value);
        if (location == null) {
            location = at(constantSchema(value), pointer, root);
            constants.put(value, location);
        }
        return location;
    }

    private static ObjectNode constantSchema(JsonNode value) {
        ObjectNode schema = JsonNodeFactory.instance.objectNode();
        if (value.isObject()) {
            schema.put("type", "object");
            ObjectNode properties = schema.putObject("properties");
            ArrayNode required = schema.putArray("required");
            value.properties().forEach(entry -> {
                properties.putObject(entry.getKey()).set("const", entry.getValue());
                required.add(entry.getKey());
            });
            schema.put("additionalProperties", false);
        } else {
            schema.put("type", "array");
            ArrayNode items = schema.putArray("prefixItems");
            value.forEach(item -> items.addObject().set("const", item));
            schema.put("items", false);
            schema.put("minItems", value.size());
        }
        return schema;
    }

    private static String ownId(JsonNode node) {
        JsonNode id = node.get("$id");
        if (id == null || !id.isTextual()) {
            id = node.get("id");
        }
        return id != null && id.isTextual() ? id.textValue() : "";
    }

    /// @throws SchemaException for what is not in the document
    Location resolve(Location from, String reference) {
        if (reference.equals("#") || reference.startsWith("#/")) {
            Location found = walk(from.resource(), reference.substring(1));
            if (found == null && from.resource() != root) {
                found = walk(root, reference.substring(1));
            }
            if (found == null) {
                throw new SchemaException(
                        Kind.INVALID, from.pointer(), "$ref", "'" + reference + "' points to nothing in the schema");
            }
            return found;
        }
        int hash = reference.indexOf('#');
        String fragment = hash < 0 ? "" : reference.substring(hash + 1);
        Location resource = identified().get(absolute(from, reference));
        if (resource != null) {
            return resource;
        }
        resource = hash < 0 ? null : identified().get(absolute(from, reference.substring(0, hash)));
        Location found = resource == null ? null : walk(resource.node(), fragment);
        if (found == null) {
            throw new SchemaException(
                    Kind.UNSUPPORTED,
                    from.pointer(),
                    "$ref",
                    "'" + reference
                            + "' is in another document, and nothing is fetched; put it under $defs, or in a folder of schemas");
        }
        return found;
    }

    private @Nullable Location walk(JsonNode start, String pointer) {
        JsonNode node = start;
        Location at = known.get(start);
        StringBuilder path = new StringBuilder(at == null ? "" : at.pointer());
        JsonNode resource = start;
        if (!pointer.isEmpty()) {
            for (String escaped : pointer.substring(1).split("/", -1)) {
                String token = decode(escaped).replace("~1", "/").replace("~0", "~");
                JsonNode next = null;
                if (node.isArray()) {
                    next = token.matches("[0-9]{1,9}") ? node.get(Integer.parseInt(token)) : null;
                } else if (node.isObject()) {
                    next = node.get(token);
                }
                if (next == null) {
                    return null;
                }
                node = next;
                path.append('/').append(Location.escape(token));
                if (node.isObject() && !ownId(node).isEmpty() && !ownId(node).startsWith("#")) {
                    resource = node;
                }
            }
        }
        return at(node, path.toString(), resource);
    }

    private static String decode(String token) {
        if (token.indexOf('%') < 0) {
            return token;
        }
        try {
            return URLDecoder.decode(token.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return token;
        }
    }

    private String absolute(Location from, String reference) {
        URI base = bases().get(from.resource());
        return normal(resolve(base == null ? URI.create(DEFAULT_BASE) : base, reference)
                .toString());
    }

    private static URI resolve(URI base, String reference) {
        try {
            return reference.startsWith("#")
                    ? URI.create(normal(base.toString()) + reference)
                    : base.resolve(reference);
        } catch (IllegalArgumentException e) {
            return base;
        }
    }

    private static String normal(String uri) {
        return uri.endsWith("#") ? uri.substring(0, uri.length() - 1) : uri;
    }

    private Map<String, Location> identified() {
        if (identified == null) {
            index();
        }
        return java.util.Objects.requireNonNull(identified);
    }

    private Map<JsonNode, URI> bases() {
        if (bases == null) {
            index();
        }
        return java.util.Objects.requireNonNull(bases);
    }

    private void index() {
        identified = new HashMap<>();
        bases = new IdentityHashMap<>();
        index(root, "", root, URI.create(DEFAULT_BASE), identified, bases);
    }

    private void index(
            JsonNode node,
            String pointer,
            JsonNode resource,
            URI base,
            Map<String, Location> byId,
            Map<JsonNode, URI> baseOf) {
        JsonNode ownResource = resource;
        URI ownBase = base;
        if (node.isObject()) {
            String id = ownId(node);
            if (!id.isEmpty()) {
                URI uri = resolve(base, id);
                byId.putIfAbsent(normal(uri.toString()), at(node, pointer, resource));
                if (!id.startsWith("#")) {
                    ownBase = uri;
                    ownResource = node;
                }
            }
            JsonNode anchor = node.get("$anchor");
            if (anchor != null && anchor.isTextual()) {
                byId.putIfAbsent(
                        normal(resolve(ownBase, "#" + anchor.textValue()).toString()), at(node, pointer, ownResource));
            }
            baseOf.put(ownResource, ownBase);
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                if (!entry.getKey().equals("enum") && !entry.getKey().equals("const")) {
                    index(
                            entry.getValue(),
                            pointer + "/" + Location.escape(entry.getKey()),
                            ownResource,
                            ownBase,
                            byId,
                            baseOf);
                }
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                index(node.get(i), pointer + "/" + i, resource, base, byId, baseOf);
            }
        }
    }
}
