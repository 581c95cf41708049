package dev.lectern.engine.internal.constraint.schema;

import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Objects.
///
/// @param properties those with a name in the schema, in its order; then those that patterns admit, where they are
///                   few
/// @param listed     how many of them have a name in the schema
/// @param others     the other names, in classes without common members; empty if there may be none
/// @param terms      of the properties' indices: one of these has to hold
/// @param witnesses  how many [Facts.Witness]es have to be found
public record ObjectShape(
        List<Property> properties,
        int listed,
        List<NameClass> others,
        List<Term> terms,
        int minProperties,
        int maxProperties,
        int witnesses) {

    /// A way to give a member its value, and which witnesses (bits) the member is if it has one of these.
    public record Choice(Shape shape, int witnesses) {}

    /// @param choices none if the property may not occur
    public record Property(String name, List<Choice> choices) {}

    /// @param names null for every name that no property has
    public record NameClass(@Nullable StringLanguage names, List<Choice> choices) {}

    /// Which properties have to be there, and which must not.
    public record Term(BitSet required, BitSet forbidden) {}
}
