package dev.lectern.engine.constraint;

/// The white space between the parts of a JSON text, which no schema decides.
public enum Layout {
    /// That of `json.dumps`: a space after `:` and `,`, and none elsewhere.
    SPACED,
    /// What the answer has had so far at places of the same kind: after a colon, after the comma of an object
    /// or of a list, after their opening brackets. Where it has had none yet, or something other than a single
    /// space, nothing is said.
    AS_SHOWN
}
