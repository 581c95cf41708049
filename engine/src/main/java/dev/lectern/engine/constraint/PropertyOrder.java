package dev.lectern.engine.constraint;

/// In which order an object's properties may come.
public enum PropertyOrder {
    /// As the schema lists them, optional ones left out or not, others after them. What models are best at, and what
    /// lets whole names be forced.
    SCHEMA,
    /// Any; all that JSON Schema admits.
    ANY
}
