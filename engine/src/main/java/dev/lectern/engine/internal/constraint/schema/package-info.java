/// JSON Schema (2020-12 and the forms of drafts 4 to 7) as what a value of each type has to satisfy.
///
/// ```
/// text ── SchemaDocument: subschemas numbered (Location), references resolved, nothing fetched
///           │
///         Demand: a set of subschemas and of negated ones that one value has to satisfy together
///           │  expanded by Keywords: every keyword adds to Facts, or branches (anyOf, oneOf, if, not, dependencies)
///         Facts: one way to satisfy it: allowed types, a string and a number language, groups of rules for lists and
/// objects
///           │  the ways that are satisfiable, those that differ in required names alone made one
///         Shape: literals, StringLanguages, NumberLanguages, ArrayShapes, ObjectShapes; their members are Demands
/// again
/// ```
/// `allOf` is the union of demands, `$ref` adds its target to the demand, `not` negates a literal and is pushed
/// inwards keyword by keyword, `oneOf` is each branch without the others unless they are disjoint anyway. A demand
/// is expanded once, however often it occurs, so recursion through `$ref` ends where a demand comes back. Which
/// shapes have any value at all is a least fixed point; an optional property whose demand has none may not occur,
/// and a schema whose root has none is refused.
package dev.lectern.engine.internal.constraint.schema;
