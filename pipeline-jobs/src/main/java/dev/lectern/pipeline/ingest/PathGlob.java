package dev.lectern.pipeline.ingest;

import java.util.regex.Pattern;

/// A glob on whole paths as Hadoop writes them: `?` and `*` stay within one name, `**` crosses folders (`a/**/b`
/// matches `a/b` too), `[a-z]` and `[!a-z]` choose a character, `{a,b}` one of several; `\` takes the meaning away.
final class PathGlob {
    private final String glob;
    private final Pattern pattern;

    /// @throws IllegalArgumentException naming what is wrong
    PathGlob(String glob) {
        this.glob = glob;
        this.pattern = Pattern.compile(regex(glob), Pattern.DOTALL);
    }

    boolean matches(String path) {
        return pattern.matcher(path).matches();
    }

    @Override
    public String toString() {
        return glob;
    }

    static boolean isGlob(String path) {
        return path.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
    }

    /// The folder above the first name that is a pattern.
    static String base(String glob) {
        int first = 0;
        while ("*?[{".indexOf(glob.charAt(first)) < 0) {
            first++;
        }
        int slash = glob.lastIndexOf('/', first);
        return slash < 0 ? "" : glob.substring(0, glob.charAt(Math.max(0, slash - 1)) == ':' ? slash + 1 : slash);
    }

    private static String regex(String glob) {
        StringBuilder regex = new StringBuilder();
        int braces = 0;
        int i = 0;
        while (i < glob.length()) {
            char c = glob.charAt(i++);
            switch (c) {
                case '*' -> {
                    boolean two = i < glob.length() && glob.charAt(i) == '*';
                    boolean wholeName = two
                            && (i < 2 || glob.charAt(i - 2) == '/')
                            && i + 1 < glob.length()
                            && glob.charAt(i + 1) == '/';
                    regex.append(wholeName ? "(?:.*/)?" : two ? ".*" : "[^/]*");
                    i += wholeName ? 2 : two ? 1 : 0;
                }
                case '?' -> regex.append("[^/]");
                case '[' -> i = charClass(glob, i, regex);
                case '{' -> {
                    braces++;
                    regex.append("(?:");
                }
                case '}' -> {
                    if (braces == 0) {
                        regex.append("\\}");
                    } else {
                        braces--;
                        regex.append(')');
                    }
                }
                case ',' -> regex.append(braces > 0 ? "|" : ",");
                case '\\' -> regex.append(Pattern.quote(i < glob.length() ? glob.substring(i, ++i) : "\\"));
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        if (braces > 0) {
            throw new IllegalArgumentException("glob '" + glob + "': a { is not closed");
        }
        return regex.toString();
    }

    private static int charClass(String glob, int from, StringBuilder regex) {
        int close = glob.indexOf(']', from + 1);
        if (close < 0) {
            throw new IllegalArgumentException("glob '" + glob + "': a [ is not closed");
        }
        String chars = glob.substring(from, close);
        boolean negated = chars.startsWith("!") || chars.startsWith("^");
        String body = (negated ? chars.substring(1) : chars)
                .replace("\\", "\\\\")
                .replace("[", "\\[")
                .replace("&&", "&\\&")
                .replace("^", "\\^");
        try {
            Pattern.compile("[" + body + "]");
        } catch (java.util.regex.PatternSyntaxException e) {
            throw new IllegalArgumentException("glob '" + glob + "': [" + chars + "] is no set of characters", e);
        }
        regex.append("(?!/)[").append(negated ? "^" : "").append(body).append(']');
        return close + 1;
    }
}
