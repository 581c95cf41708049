package dev.lectern.inference;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// The parts of an answer whose schemas carry a mark: a keyword that is true, such as `x-cite`.
///
/// A part is marked if any of the schemas that may apply to it is: those of its property or element, and what these
/// refer to or combine (`$ref`, `allOf`, `anyOf`, `oneOf`, `then`, `else`). Immutable and thread-safe.
final class AnswerMarks {
    static final String CITE = "x-cite";
    static final String QUOTE = "x-quote";
    static final String PARTIAL = "x-partial";
    private static final List<String> LISTS = List.of("allOf", "anyOf", "oneOf");
    private static final List<String> BRANCHES = List.of("then", "else");
    private static final List<String> ELEMENTS = List.of("items", "additionalItems", "unevaluatedItems", "contains");
    private static final List<String> MEMBERS = List.of("additionalProperties", "unevaluatedProperties");
    /// References upon references multiply; nobody reads so long a list.
    private static final int MAX_VISITED = 10_000;

    private final String keyword;
    private final boolean inherited;
    private final JsonNode root;
    private final SchemaReferences references;
    private final boolean any;

    /// @param source    names the schema in messages
    /// @param keyword   the mark
    /// @param inherited whether it reaches all that is within a marked part
    /// @throws InvalidAnswerSchema when the keyword's value is neither true nor false
    AnswerMarks(String source, JsonNode root, String keyword, boolean inherited) {
        this.keyword = keyword;
        this.inherited = inherited;
        this.root = root;
        this.references = new SchemaReferences(source, root);
        this.any = anyMarked(source);
    }

    /// Whether any part is marked.
    boolean any() {
        return any;
    }

    /// @param pointer JSON pointer of a part of an answer
    boolean marks(String pointer) {
        if (!any) {
            return false;
        }
        Set<JsonNode> schemas = applying(List.of(root));
        boolean above = marked(schemas);
        String[] tokens =
                pointer.isEmpty() ? new String[0] : pointer.substring(1).split("/", -1);
        for (String token : tokens) {
            List<JsonNode> within = new ArrayList<>();
            String name = token.replace("~1", "/").replace("~0", "~");
            schemas.forEach(schema -> step(schema, name, within));
            schemas = applying(within);
            above = inherited && above || marked(schemas);
        }
        return above;
    }

    private boolean marked(Set<JsonNode> schemas) {
        return schemas.stream().anyMatch(schema -> schema.path(keyword).booleanValue());
    }

    /// The schemas and all others that apply to the same value by them.
    private Set<JsonNode> applying(List<JsonNode> schemas) {
        Set<JsonNode> all = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<JsonNode> open = new ArrayDeque<>(schemas);
        while (!open.isEmpty()) {
            JsonNode schema = open.remove();
            if (schema.isObject() && all.add(schema)) {
                besides(schema, "", (other, pointer) -> open.add(other));
            }
        }
        return all;
    }

    /// What applies to the same value as this schema, with its pointer.
    private void besides(JsonNode schema, String pointer, BiConsumer<JsonNode, String> found) {
        if (schema.path("$ref").isTextual()) {
            SchemaReferences.Target target =
                    references.resolve(schema.get("$ref").textValue(), pointer);
            if (target != null) {
                found.accept(target.schema(), target.pointer());
            }
        }
        for (String list : LISTS) {
            JsonNode members = schema.path(list);
            for (int i = 0; i < members.size(); i++) {
                found.accept(members.get(i), pointer + "/" + list + "/" + i);
            }
        }
        for (String branch : BRANCHES) {
            if (schema.has(branch)) {
                found.accept(schema.get(branch), pointer + "/" + branch);
            }
        }
        for (Map.Entry<String, JsonNode> member :
                schema.path("dependentSchemas").properties()) {
            found.accept(member.getValue(), pointer + "/dependentSchemas/" + AnswerTypeMapper.escape(member.getKey()));
        }
    }

    /// What applies to the member or element of a value that this schema applies to.
    private static void step(JsonNode schema, String name, List<JsonNode> within) {
        JsonNode property = schema.path("properties").path(name);
        boolean declared = !property.isMissingNode();
        if (declared) {
            within.add(property);
        }
        for (Map.Entry<String, JsonNode> entry :
                schema.path("patternProperties").properties()) {
            if (matches(entry.getKey(), name)) {
                within.add(entry.getValue());
                declared = true;
            }
        }
        for (String keyword : MEMBERS) {
            if (!declared && schema.has(keyword)) {
                within.add(schema.get(keyword));
            }
        }
        if (!name.isEmpty() && name.length() < 10 && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
            JsonNode tuple = schema.path(schema.path("items").isArray() ? "items" : "prefixItems");
            JsonNode element = tuple.path(Integer.parseInt(name));
            if (!element.isMissingNode()) {
                within.add(element);
            } else {
                ELEMENTS.stream().filter(schema::has).map(schema::get).forEach(within::add);
            }
        }
    }

    /// An expression that Java reads otherwise than ECMAScript is taken to match: a mark too many is a citation
    /// too many.
    private static boolean matches(String pattern, String name) {
        try {
            return Pattern.compile(pattern).matcher(name).find();
        } catch (PatternSyntaxException e) {
            return true;
        }
    }

    /// @param schema  where it stands
    /// @param pointer of the schema
    /// @param part    of the answer, where `*` stands for any element or name
    private record Place(JsonNode schema, String pointer, String part) {}

    private void forEachWithin(Place place, Consumer<Place> found) {
        JsonNode schema = place.schema();
        besides(schema, place.pointer(), (other, pointer) -> found.accept(new Place(other, pointer, place.part())));
        for (Map.Entry<String, JsonNode> member : schema.path("properties").properties()) {
            String name = AnswerTypeMapper.escape(member.getKey());
            found.accept(
                    new Place(member.getValue(), place.pointer() + "/properties/" + name, place.part() + "/" + name));
        }
        for (Map.Entry<String, JsonNode> member :
                schema.path("patternProperties").properties()) {
            String at = place.pointer() + "/patternProperties/" + AnswerTypeMapper.escape(member.getKey());
            found.accept(new Place(member.getValue(), at, place.part() + "/*"));
        }
        for (String tuple : List.of("prefixItems", "items")) {
            JsonNode members = schema.path(tuple);
            for (int i = 0; members.isArray() && i < members.size(); i++) {
                found.accept(
                        new Place(members.get(i), place.pointer() + "/" + tuple + "/" + i, place.part() + "/" + i));
            }
        }
        for (List<String> keywords : List.of(ELEMENTS, MEMBERS)) {
            for (String name : keywords) {
                if (schema.path(name).isObject()) {
                    found.accept(new Place(schema.get(name), place.pointer() + "/" + name, place.part() + "/*"));
                }
            }
        }
    }

    private boolean anyMarked(String source) {
        Set<JsonNode> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Place> open = new ArrayDeque<>(List.of(new Place(root, "", "")));
        boolean found = false;
        while (!open.isEmpty()) {
            Place place = open.remove();
            JsonNode schema = place.schema();
            if (!schema.isObject() || !seen.add(schema)) {
                continue;
            }
            JsonNode mark = schema.path(keyword);
            if (!mark.isMissingNode() && !mark.isBoolean()) {
                throw new InvalidAnswerSchema(
                        source, place.pointer() + "/" + keyword, "expected true or false, found " + mark);
            }
            found |= mark.booleanValue();
            forEachWithin(place, open::add);
        }
        return found;
    }

    /// The marked parts as JSON pointers with `*` for any element or name; of recursive schemas the first round.
    Set<String> parts() {
        Set<String> parts = new LinkedHashSet<>();
        if (any) {
            collect(new Place(root, "", ""), Collections.newSetFromMap(new IdentityHashMap<>()), parts, new int[1]);
        }
        return parts;
    }

    private void collect(Place place, Set<JsonNode> around, Set<String> parts, int[] visited) {
        if (!place.schema().isObject() || ++visited[0] > MAX_VISITED || !around.add(place.schema())) {
            return;
        }
        if (place.schema().path(keyword).booleanValue()) {
            parts.add(place.part());
        }
        forEachWithin(place, within -> collect(within, around, parts, visited));
        around.remove(place.schema());
    }
}
