package dev.lectern.pipeline.ingest;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One line of mdoc(7) macros, which may call each other: `.Op Fl o Ar file` is `[-o file]`. Not thread-safe.
final class MdocLine {
    private static final Set<String> PLAIN = Set.of(
            "Ad", "An", "Ar", "At", "Bx", "Bsx", "Cd", "Cm", "Dv", "Em", "Er", "Ev", "Fa", "Fn", "Fo", "Ft", "Fx", "Ic",
            "In", "Li", "Lk", "Ms", "Mt", "No", "Nx", "Ox", "Ot", "Pa", "Rv", "St", "Sx", "Sy", "Tn", "Ux", "Va", "Vt",
            "Xc", "Rs", "Re", "%A", "%B", "%D", "%I", "%J", "%N", "%O", "%P", "%R", "%T", "%U", "%V", "Dl", "D1", "Bl",
            "Dd", "Ta", "Fc", "Nd", "Oo", "Oc", "Xo", "Ex", "Bro", "Brc");
    private static final Map<String, String> OPEN =
            Map.of("Op", "[", "Dq", "“", "Qq", "\"", "Sq", "‘", "Ql", "‘", "Pq", "(", "Bq", "[", "Aq", "⟨", "Brq", "{");
    private static final Map<String, String> CLOSE =
            Map.of("Op", "]", "Dq", "”", "Qq", "\"", "Sq", "’", "Ql", "’", "Pq", ")", "Bq", "]", "Aq", "⟩", "Brq", "}");
    private static final Set<String> OTHERS = Set.of("Fl", "It", "Nm", "Ns", "Xr", "Ap");

    private final RoffEscapes escapes;
    private @Nullable String name;

    MdocLine(RoffEscapes escapes) {
        this.escapes = escapes;
    }

    boolean knows(String macro) {
        return PLAIN.contains(macro) || OPEN.containsKey(macro) || OTHERS.contains(macro);
    }

    boolean startsItem(String macro) {
        return macro.equals("It");
    }

    String render(String macro, List<String> args) {
        if (macro.equals("Bl") || macro.equals("Dd") || macro.equals("Ex") || macro.equals("Rv")) {
            // List styles, dates and standard sentences of the macro package.
            return "";
        }
        StringBuilder out = new StringBuilder();
        Deque<String> open = new ArrayDeque<>();
        word(macro, args, out, open, true);
        boolean glue = macro.equals("Fl");
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (knows(arg)) {
                word(arg, args.subList(i + 1, args.size()), out, open, false);
                glue = arg.equals("Fl") || arg.equals("Ns") || OPEN.containsKey(arg) || arg.equals("Ap");
                continue;
            }
            String plain = escapes.plain(arg);
            if (isSection(macro, args, i)) {
                out.append('(').append(plain).append(')');
            } else {
                separate(out, plain, glue);
                out.append(plain);
            }
            glue = false;
        }
        if (macro.equals("Nm") && name == null && !args.isEmpty()) {
            name = escapes.plain(args.getFirst());
        }
        while (!open.isEmpty()) {
            out.append(open.pop());
        }
        return macro.equals("Nd")
                ? "- " + out.toString().strip()
                : out.toString().strip();
    }

    /// `Xr name section`, on its own or called by another macro.
    private static boolean isSection(String macro, List<String> args, int i) {
        String called = i == 1 ? macro : i > 1 ? args.get(i - 2) : "";
        return called.equals("Xr") && args.get(i).matches("[1-9][a-z]*");
    }

    private void word(String macro, List<String> rest, StringBuilder out, Deque<String> open, boolean first) {
        String opening = OPEN.get(macro);
        if (opening != null) {
            separate(out, opening, out.isEmpty() || endsWithOpening(out));
            out.append(opening);
            open.push(CLOSE.getOrDefault(macro, ""));
        } else if (macro.equals("Fl")) {
            separate(out, "-", endsWithOpening(out));
            out.append('-');
        } else if (macro.equals("Nm") && name != null && (rest.isEmpty() || knows(rest.getFirst()))) {
            separate(out, name, endsWithOpening(out));
            out.append(name);
        } else if (macro.equals("Oo") || macro.equals("Bro")) {
            out.append(macro.equals("Oo") ? " [" : " {");
        } else if (macro.equals("Oc") || macro.equals("Brc")) {
            out.append(macro.equals("Oc") ? "]" : "}");
        } else if (macro.equals("Ap")) {
            out.append('\'');
        } else if (!first && macro.equals("Ns")) {
            // No space: what follows is glued.
            while (!out.isEmpty() && out.charAt(out.length() - 1) == ' ') {
                out.setLength(out.length() - 1);
            }
        }
    }

    private static boolean endsWithOpening(StringBuilder out) {
        return out.isEmpty() || "[(“\"‘⟨{".indexOf(out.charAt(out.length() - 1)) >= 0;
    }

    private static void separate(StringBuilder out, String next, boolean glue) {
        boolean punctuation = next.length() == 1 && ".,;:!?)]".contains(next);
        if (!glue && !punctuation && !endsWithOpening(out)) {
            out.append(' ');
        }
    }
}
