package dev.lectern.engine.internal.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/// A limit on a number. In draft 4 `exclusiveMinimum` is true or false and sharpens `minimum`; since draft 6 it is a
/// limit of its own.
record Bound(BigDecimal value, boolean lower, boolean exclusive) {
    static List<Bound> of(Location at) {
        List<Bound> bounds = new ArrayList<>();
        add(bounds, at, "minimum", "exclusiveMinimum", true);
        add(bounds, at, "maximum", "exclusiveMaximum", false);
        return bounds;
    }

    private static void add(List<Bound> bounds, Location at, String inclusive, String exclusive, boolean lower) {
        JsonNode sharp = at.node().get(exclusive);
        boolean sharpened = sharp != null && sharp.isBoolean() && sharp.booleanValue();
        if (at.node().has(inclusive)) {
            bounds.add(new Bound(Values.decimal(at, inclusive), lower, sharpened));
        }
        if (sharp != null && !sharp.isBoolean()) {
            bounds.add(new Bound(Values.decimal(at, exclusive), lower, true));
        }
    }
}
