package dev.lectern.engine.internal.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;

/// A schema inside a document.
///
/// @param id       number in the document; equal for the same schema
/// @param node     an object, or true or false
/// @param pointer  JSON pointer, for messages
/// @param resource the schema whose `$id` is the base of references in this one; the document's root if none
record Location(int id, JsonNode node, String pointer, JsonNode resource) {
    String keyword(String name) {
        return pointer + "/" + escape(name);
    }

    static String escape(String token) {
        return token.replace("~", "~0").replace("/", "~1");
    }
}
