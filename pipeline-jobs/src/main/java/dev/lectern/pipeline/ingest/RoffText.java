package dev.lectern.pipeline.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Takes the lines of a manual page and builds its text (man(7), mdoc(7)). Not thread-safe.
final class RoffText {
    /// Requests and macros that only lay out.
    private static final Set<String> LAYOUT = Set.of(
            "ad",
            "na",
            "hy",
            "nh",
            "in",
            "ti",
            "ll",
            "lt",
            "ta",
            "ne",
            "bp",
            "ft",
            "fam",
            "ps",
            "vs",
            "ss",
            "cs",
            "ce",
            "rj",
            "nr",
            "rr",
            "rm",
            "als",
            "rn",
            "tr",
            "ec",
            "eo",
            "fl",
            "ev",
            "cc",
            "c2",
            "hc",
            "hw",
            "lc",
            "tc",
            "mk",
            "rt",
            "ns",
            "rs",
            "wh",
            "ch",
            "em",
            "it",
            "ig",
            "nx",
            "ex",
            "ab",
            "tm",
            "pc",
            "pl",
            "po",
            "pn",
            "ls",
            "af",
            "as",
            "di",
            "da",
            "mso",
            "hcolor",
            "color",
            "defcolor",
            "warn",
            "ftr",
            "fp",
            "fchar",
            "char",
            "schar",
            "RS",
            "RE",
            "PD",
            "DT",
            "AT",
            "UC",
            "HP",
            "Bk",
            "Ek",
            "Os",
            "Bf",
            "Ef",
            "Sm",
            "nop",
            "break",
            "return",
            "do",
            "lf",
            "kern",
            "lg",
            "open",
            "close",
            "write",
            "shift",
            "device",
            "output",
            "evc",
            "tl",
            "pso",
            "sy");
    private static final Set<String> FONTS = Set.of("B", "I", "SM", "SB", "R", "CW");
    private static final Set<String> ALTERNATING = Set.of("BR", "RB", "BI", "IB", "IR", "RI");

    private final ProseBuilder prose;
    private final RoffEscapes escapes = new RoffEscapes();
    private final MdocLine mdoc = new MdocLine(escapes);
    private @Nullable String title;
    private @Nullable String section;
    private @Nullable String included;
    private String ignoreUntil = "";
    private int conditionDepth;
    private boolean verbatim;
    private boolean tag;
    private boolean tableFormat;
    private boolean table;
    private boolean lastConditionHeld;

    RoffText(int maxChars) {
        this.prose = new ProseBuilder(maxChars);
    }

    Optional<String> title() {
        return Optional.ofNullable(title);
    }

    Optional<String> section() {
        return Optional.ofNullable(section);
    }

    /// The page that `.so` refers to.
    Optional<String> included() {
        return Optional.ofNullable(included);
    }

    String build() {
        return prose.build();
    }

    void line(String source) {
        if (!ignoreUntil.isEmpty()) {
            if (source.strip().equals(ignoreUntil)) {
                ignoreUntil = "";
            }
            return;
        }
        if (conditionDepth > 0) {
            conditionDepth = Math.max(0, conditionDepth + braces(source));
            return;
        }
        if (isRequest(source)) {
            request(source.substring(1).strip());
        } else if (tableFormat) {
            // A format ends with a full stop.
            tableFormat = !source.strip().endsWith(".");
        } else {
            text(RoffEscapes.withoutComment(source));
        }
    }

    private static boolean isRequest(String source) {
        return !source.isEmpty() && (source.charAt(0) == '.' || source.charAt(0) == '\'');
    }

    private void text(String source) {
        String plain = escapes.plain(source);
        if (plain.isBlank()) {
            if (verbatim) {
                prose.verbatim("\n");
            } else {
                prose.paragraph();
            }
        } else if (verbatim) {
            prose.verbatim(plain + "\n");
        } else if (table) {
            prose.text(plain.replace("\t", " | "));
            prose.line();
        } else {
            prose.text(plain);
            prose.text(" ");
            endTag();
        }
    }

    private void endTag() {
        if (tag) {
            tag = false;
            prose.line();
        }
    }

    private void request(String request) {
        if (request.startsWith("\\\"") || request.isEmpty()) {
            return;
        }
        List<String> words = arguments(RoffEscapes.withoutComment(request));
        if (words.isEmpty()) {
            return;
        }
        String name = words.getFirst();
        List<String> args = words.subList(1, words.size());
        switch (name) {
            case "TH", "Dt" -> {
                title = args.isEmpty() ? null : escapes.plain(args.get(0));
                section = args.size() < 2 ? null : escapes.plain(args.get(1));
            }
            case "SH", "SS", "Sh", "Ss" -> {
                endVerbatim();
                prose.paragraph();
                prose.text(escapes.plain(String.join(" ", args)));
                prose.paragraph();
            }
            case "PP", "P", "LP", "Pp", "sp", "El" -> {
                prose.paragraph();
                tag = false;
            }
            case "TP", "TQ" -> {
                prose.paragraph();
                tag = true;
            }
            case "IP" -> {
                prose.paragraph();
                if (!args.isEmpty() && !args.getFirst().isBlank()) {
                    prose.text(escapes.plain(args.getFirst()));
                    prose.line();
                }
            }
            case "br" -> prose.line();
            case "nf", "EX", "Bd" -> {
                prose.paragraph();
                verbatim = !name.equals("Bd") || args.contains("-literal") || args.contains("-unfilled");
            }
            case "fi", "EE", "Ed" -> endVerbatim();
            case "TS" -> {
                prose.paragraph();
                table = true;
                tableFormat = true;
            }
            case "T&" -> tableFormat = true;
            case "TE" -> {
                table = false;
                tableFormat = false;
                prose.paragraph();
            }
            case "UR", "MT" -> prose.text(args.isEmpty() ? "" : escapes.plain(args.getFirst()) + " ");
            case "UE", "ME" -> prose.text(args.isEmpty() ? "" : escapes.plain(args.getFirst()) + " ");
            case "SY", "OP" -> prose.text(escapes.plain(String.join(" ", args)) + " ");
            case "YS" -> prose.line();
            case "so" -> included = args.isEmpty() ? null : args.getFirst();
            case "de", "de1", "am", "ig" -> ignoreUntil = args.size() > 1 ? "." + args.get(1) : "..";
            case "ds", "ds1" -> defineString(request);
            case "if", "ie", "while" ->
                condition(request.substring(name.length()).strip());
            case "el" -> {
                if (lastConditionHeld) {
                    skip(request.substring(2).strip());
                } else {
                    body(request.substring(2).strip());
                }
            }
            default -> macro(name, args);
        }
    }

    private void macro(String name, List<String> args) {
        if (LAYOUT.contains(name)) {
            return;
        }
        if (FONTS.contains(name)) {
            inline(String.join(" ", args));
        } else if (ALTERNATING.contains(name)) {
            inline(String.join("", args));
        } else if (mdoc.knows(name)) {
            if (mdoc.startsItem(name)) {
                prose.item("- ");
            }
            inlinePlain(mdoc.render(name, args));
            if (mdoc.startsItem(name)) {
                prose.itemEnd();
            }
        } else if (!args.isEmpty() && Character.isUpperCase(name.charAt(0))) {
            // A macro of the page's own: its arguments are what it shows.
            inline(String.join(" ", args));
        }
    }

    private void inline(String source) {
        inlinePlain(escapes.plain(source));
    }

    private void inlinePlain(String plain) {
        if (plain.isBlank()) {
            return;
        }
        if (verbatim) {
            prose.verbatim(plain + "\n");
        } else {
            prose.text(plain);
            prose.text(" ");
            endTag();
        }
    }

    private void endVerbatim() {
        verbatim = false;
        tag = false;
        prose.paragraph();
    }

    private void defineString(String request) {
        String[] parts = request.split("\\s+", 3);
        if (parts.length >= 2) {
            String value = parts.length == 3 ? parts[2] : "";
            escapes.define(parts[1], value.startsWith("\"") ? value.substring(1) : value);
        }
    }

    /// `n` (a terminal, not a typesetter) and `1` hold; what compares registers does not: pages use that for other
    /// formatters.
    private void condition(String rest) {
        boolean negated = rest.startsWith("!");
        String test = negated ? rest.substring(1) : rest;
        int space = test.indexOf(' ');
        String expression = space < 0 ? test : test.substring(0, space);
        boolean holds = expression.equals("n") || expression.equals("1") || expression.equals("o");
        lastConditionHeld = holds != negated;
        String body = space < 0 ? "" : test.substring(space + 1).strip();
        if (lastConditionHeld) {
            body(body);
        } else {
            skip(space < 0 ? test : body);
        }
    }

    private void body(String body) {
        String inner = body.startsWith("\\{") ? body.substring(2).strip() : body;
        if (!inner.isEmpty() && !inner.equals("\\")) {
            line(inner);
        }
    }

    private void skip(String body) {
        conditionDepth = Math.max(0, braces(body));
    }

    private static int braces(String source) {
        int depth = 0;
        for (int i = source.indexOf('\\'); i >= 0 && i + 1 < source.length(); i = source.indexOf('\\', i + 2)) {
            depth += source.charAt(i + 1) == '{' ? 1 : source.charAt(i + 1) == '}' ? -1 : 0;
        }
        return depth;
    }

    /// Blanks separate, double quotes hold together, `""` inside them is one.
    static List<String> arguments(String request) {
        List<String> words = new ArrayList<>();
        int i = 0;
        while (i < request.length()) {
            char c = request.charAt(i);
            if (c == ' ' || c == '\t') {
                i++;
                continue;
            }
            StringBuilder word = new StringBuilder();
            boolean quoted = c == '"' && !words.isEmpty();
            if (quoted) {
                i++;
            }
            for (; i < request.length(); i++) {
                char at = request.charAt(i);
                if (at == '\\' && i + 1 < request.length()) {
                    word.append(at).append(request.charAt(++i));
                } else if (quoted && at == '"') {
                    if (i + 1 >= request.length() || request.charAt(i + 1) != '"') {
                        i++;
                        break;
                    }
                    word.append(request.charAt(++i));
                } else if (!quoted && (at == ' ' || at == '\t')) {
                    break;
                } else {
                    word.append(at);
                }
            }
            words.add(word.toString());
        }
        return words;
    }
}
