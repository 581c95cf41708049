/// Constrained decoding: a JSON Schema and a vocabulary become masks that leave only tokens after which the answer
/// can still be finished validly.
///
/// ```
/// Constraint.compile(schema, vocabulary)      once per schema; refuses what cannot be enforced, by JSON pointer
///   .quoting(QuoteSource.of(texts))           once per context, if the schema has quotes ("x-quote": true)
///   .matcher()                                once per answer
///     .mask(mask)  sample  .accept(token)     once per token, until isComplete and the model ends
/// ```
package dev.lectern.engine.constraint;
