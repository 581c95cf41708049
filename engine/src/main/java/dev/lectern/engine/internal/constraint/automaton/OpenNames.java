package dev.lectern.engine.internal.constraint.automaton;

import org.jspecify.annotations.Nullable;

/// The names that the open objects of a text have, so that none gets one of them twice.
public interface OpenNames {
    /// Of a text that has not begun.
    OpenNames NONE = new OpenNames() {
        @Override
        public boolean has(int level, String name) {
            return false;
        }

        @Override
        public byte[] begun() {
            return new byte[0];
        }

        @Override
        public OpenNames after(byte[] bytes) {
            return this;
        }
    };

    /// @param level 0 for the innermost open object or list, 1 for that around it
    boolean has(int level, String name);

    /// The bytes of the name that is being read, as they are spelled, without the quote; empty if none is.
    byte[] begun();

    /// After more bytes of the text; null if they give an object a name that it has.
    @Nullable
    OpenNames after(byte[] bytes);
}
