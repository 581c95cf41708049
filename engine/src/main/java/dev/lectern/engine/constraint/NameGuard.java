package dev.lectern.engine.constraint;

import dev.lectern.engine.internal.constraint.automaton.CanonicalText;
import dev.lectern.engine.internal.constraint.automaton.OpenNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads along in a JSON text that is known to be well formed so far, and knows the names of every open object: no
/// object gets a name twice. (The automaton sees to that for names which the schema lists; the others are without
/// number.) Immutable.
final class NameGuard implements OpenNames {
    private enum Place {
        /// Outside of strings.
        BETWEEN,
        /// In a string that is a value.
        VALUE,
        /// In a name.
        NAME
    }

    /// An open object or list and those around it.
    private record Level(
            @Nullable Level outer, boolean object, @Nullable Names names) {}

    private record Names(String name, @Nullable Names others) {}

    static final NameGuard START = new NameGuard(null, Place.BETWEEN, false, false, new byte[0], Spacing.START);

    private final @Nullable Level level;
    private final Place place;
    private final boolean nameComes;
    private final boolean escaped;
    /// The bytes of a name so far, as they are spelled.
    private final byte[] name;
    private final Spacing spacing;

    private NameGuard(
            @Nullable Level level, Place place, boolean nameComes, boolean escaped, byte[] name, Spacing spacing) {
        this.level = level;
        this.place = place;
        this.nameComes = nameComes;
        this.escaped = escaped;
        this.name = name;
        this.spacing = spacing;
    }

    /// After more bytes; null if they give an object a name that it has.
    @Override
    public @Nullable NameGuard after(byte[] bytes) {
        Level level = this.level;
        Place place = this.place;
        boolean nameComes = this.nameComes;
        boolean escaped = this.escaped;
        byte[] spelled = name;
        Spacing spacing = this.spacing;
        int length = name.length;
        for (byte next : bytes) {
            if (place == Place.BETWEEN) {
                spacing = spacing.after(next, level != null && level.object());
                switch (next) {
                    case '{' -> {
                        level = new Level(level, true, null);
                        nameComes = true;
                    }
                    case '[' -> level = new Level(level, false, null);
                    case '}', ']' -> level = level == null ? null : level.outer();
                    case ',' -> nameComes = level != null && level.object();
                    case '"' -> {
                        place = nameComes ? Place.NAME : Place.VALUE;
                        nameComes = false;
                        length = 0;
                    }
                    default -> {}
                }
                continue;
            }
            if (!escaped && next == '"') {
                if (place == Place.NAME && level != null) {
                    String ended = CanonicalText.read(spelled, length);
                    for (Names known = level.names(); known != null; known = known.others()) {
                        if (known.name().equals(ended)) {
                            return null;
                        }
                    }
                    level = new Level(level.outer(), true, new Names(ended, level.names()));
                }
                place = Place.BETWEEN;
                continue;
            }
            escaped = !escaped && next == '\\';
            if (place == Place.NAME) {
                if (length == spelled.length || spelled == name) {
                    spelled = Arrays.copyOf(spelled, Math.max(32, length * 2));
                }
                spelled[length++] = next;
            }
        }
        byte[] open = place == Place.NAME ? Arrays.copyOf(spelled, length) : START.name;
        return new NameGuard(level, place, nameComes, escaped, open, spacing);
    }

    /// Whether a name is being read that may become one which the object has: more than its quote has been read.
    boolean isWithinUsed() {
        return name.length > 0 && !restsOfUsed().isEmpty();
    }

    /// How the names that the object has go on, if they begin like the one that is being read; in canonical
    /// spelling.
    List<byte[]> restsOfUsed() {
        List<byte[]> rests = new ArrayList<>();
        if (place == Place.NAME && level != null) {
            for (Names known = level.names(); known != null; known = known.others()) {
                byte[] spelled = CanonicalText.spell(known.name());
                if (spelled.length >= name.length && Arrays.equals(spelled, 0, name.length, name, 0, name.length)) {
                    rests.add(Arrays.copyOfRange(spelled, name.length, spelled.length));
                }
            }
        }
        return rests;
    }

    boolean isInString() {
        return place != Place.BETWEEN;
    }

    /// As if the text so far had this layout, and as if what is between two parts of it were written.
    NameGuard in(Spacing layout) {
        return new NameGuard(level, place, nameComes, escaped, name, layout);
    }

    Spacing spacing() {
        return spacing;
    }

    /// Whether the innermost open bracket is an object's.
    boolean isInObject() {
        return level != null && level.object();
    }

    /// Whether the next quote may end a name that is there already.
    boolean mayRepeat() {
        if (place != Place.NAME || level == null) {
            return false;
        }
        String begun = new String(name, StandardCharsets.UTF_8);
        if (begun.indexOf('\\') >= 0 || begun.indexOf('\uFFFD') >= 0) {
            return level.names() != null;
        }
        for (Names known = level.names(); known != null; known = known.others()) {
            if (known.name().startsWith(begun)) {
                return true;
            }
        }
        return false;
    }

    /// Whether there is an open object with a name.
    boolean hasNames() {
        for (Level at = level; at != null; at = at.outer()) {
            if (at.names() != null) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean has(int level, String name) {
        Level at = this.level;
        for (int i = 0; i < level && at != null; i++) {
            at = at.outer();
        }
        for (Names known = at == null ? null : at.names(); known != null; known = known.others()) {
            if (known.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public byte[] begun() {
        return name;
    }
}
