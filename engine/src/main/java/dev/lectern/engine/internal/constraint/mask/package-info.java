/// A vocabulary as a tree of bytes, and sets of its tokens.
package dev.lectern.engine.internal.constraint.mask;
