package dev.lectern.engine.internal.constraint.lexical;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The formats of JSON Schema as regular languages.
///
/// Each is a subset of what the standard it names admits, on which the validators in use agree, and never
/// more: where they differ (leap seconds, lower case in date-times, one-label mail domains, the year 0),
/// the language leaves out what some of them refuse. A date is a day that there is.
final class Formats {
    private static final String HEX = "[0-9a-fA-F]";
    private static final String YEAR = "(?:000[1-9]|00[1-9]\\d|0[1-9]\\d{2}|[1-9]\\d{3})";
    private static final String LEAP_YEAR =
            "(?:\\d{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)";
    private static final String DATE = "(?:" + YEAR + "-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])"
            + "|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))|" + LEAP_YEAR + "-02-29)";
    /// Offsets to 17:59, for Java knows none beyond 18:00, and not -00:00, which says that the offset is
    /// unknown.
    private static final String OFFSET =
            "(?:Z|\\+(?:0\\d|1[0-7]):[0-5]\\d|-(?:00:(?:0[1-9]|[1-5]\\d)|(?:0[1-9]|1[0-7]):[0-5]\\d))";

    private static final String TIME = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?" + OFFSET;
    private static final String DURATION_TIME = "T(?:\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S)";
    private static final String DURATION = "P(?:\\d+W|(?:\\d+Y(?:\\d+M(?:\\d+D)?)?|\\d+M(?:\\d+D)?|\\d+D)(?:"
            + DURATION_TIME + ")?|" + DURATION_TIME + ")";

    private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d{2}|[1-9]?\\d)";
    private static final String IPV4 = "(?:" + BYTE + "\\.){3}" + BYTE;
    private static final String IPV6 = ipv6();

    private static final String LABEL = "[a-zA-Z0-9](?:-?[a-zA-Z0-9])*";
    /// The last label begins with a letter, so that no address in digits is taken for a name.
    private static final String HOSTNAME = "(?:LABEL\\.)*[a-zA-Z](?:-?[a-zA-Z0-9])*".replace("LABEL", LABEL);

    /// Letters of other scripts that internationalised names admit everywhere (RFC 5892, PVALID).
    private static final String LETTERS = "\\u00DF-\\u00F6\\u00F8-\\u00FF\\u03B1-\\u03C1\\u03C3-\\u03C9\\u0430-\\u044F"
            + "\\u4E00-\\u9FA5\\uAC00-\\uD7A3";
    private static final String IDN_LABEL = "[a-z0-9L](?:-?[a-z0-9L])*".replace("L]", LETTERS + "]");
    private static final String IDN_HOSTNAME =
            "(?:LABEL\\.)*[a-zL](?:-?[a-z0-9L])*".replace("L]", LETTERS + "]").replace("LABEL", IDN_LABEL);

    private static final String ATOM = "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]";
    /// All of an address but its top-level domain.
    private static final String EMAIL = "ATOM{1,20}(?:\\.ATOM{1,20}){0,2}@(?:LABEL\\.)+"
            .replace("ATOM", ATOM)
            .replace("LABEL", LABEL);

    private static final String IDN_EMAIL = "ATOM{1,10}(?:\\.ATOM{1,10}){0,1}@(?:LABEL\\.)+"
            .replace("ATOM", ATOM.replace("~-]", "~" + LETTERS + "-]"))
            .replace("LABEL", IDN_LABEL);

    private static final String UNRESERVED = "a-zA-Z0-9._~-";
    /// Characters beyond ASCII that are no space, control or private-use character (RFC 3987, ucschar).
    private static final String UCS = "\\u00A1-\\u167F\\u1681-\\u1FFF\\u2010-\\u2027\\u2030-\\u205E\\u2070-\\u2FEF"
            + "\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFEF\\u{10000}-\\u{1FFFD}\\u{20000}-\\u{2FFFD}";

    /// Without the number sign, which some take for the start of a fragment.
    private static final String POINTER = "(?:/(?:[^/~#]|~[01])*)*";

    private static final Map<String, String> PATTERNS = Map.ofEntries(
            Map.entry("date", DATE),
            Map.entry("time", TIME),
            Map.entry("date-time", DATE + "T" + TIME),
            Map.entry("duration", DURATION),
            Map.entry("uuid", "HEX{8}-HEX{4}-HEX{4}-HEX{4}-HEX{12}".replace("HEX", HEX)),
            Map.entry("email", EMAIL),
            Map.entry("idn-email", IDN_EMAIL),
            Map.entry("hostname", HOSTNAME),
            Map.entry("idn-hostname", IDN_HOSTNAME),
            Map.entry("ipv4", IPV4),
            Map.entry("ipv6", IPV6),
            Map.entry("uri", uri("", false)),
            Map.entry("uri-reference", uri("", true)),
            Map.entry("iri", uri(UCS, false)),
            Map.entry("iri-reference", uri(UCS, true)),
            Map.entry("uri-template", uriTemplate()),
            Map.entry("json-pointer", POINTER),
            Map.entry("relative-json-pointer", "(?:0|[1-9]\\d*)(?:#|" + POINTER + ")"),
            Map.entry("regex", regex()));

    /// Where the standard limits the whole string: RFC 1035 for names, RFC 5321 for mail addresses; with
    /// other letters the limit leaves room for their form in ASCII.
    private static final Map<String, Integer> MAX_LENGTHS =
            Map.of("hostname", 253, "email", 254, "idn-hostname", 253, "idn-email", 64);

    /// How long the labels of names may be: 63 in ASCII, and so much less in other letters that their form
    /// in ASCII is no longer.
    private static final Map<String, String> ALSO = Map.of(
            "hostname", "^(?:[^.]{1,63}\\.)*[^.]{1,63}$",
            "email", "^[^@]+@(?:[^.]{1,63}\\.)+$",
            "idn-hostname", "^(?:[^.]{1,14}\\.)*[^.]{1,14}$",
            "idn-email", "^[^@]+@(?:[^.]{1,14}\\.)+$");

    /// Formats that the language has in full, so that its complement is theirs.
    private static final Set<String> EXACT = Set.of("uuid", "ipv4");

    /// What every string has that any validator takes for one of the format: its complement leaves all of
    /// these out.
    private static final Map<String, String> WHOLE = Map.ofEntries(
            Map.entry("date", "^[-+0-9]"),
            Map.entry("time", "^[0-9Tt]"),
            Map.entry("date-time", "^[-+0-9]"),
            Map.entry("duration", "^[-+Pp]"),
            Map.entry("email", "@"),
            Map.entry("idn-email", "@"),
            Map.entry("hostname", "^[^:/@\\s]*$"),
            Map.entry("idn-hostname", "^[^:/@\\s]*$"),
            Map.entry("ipv6", ":.*:"),
            Map.entry("uri", ":"),
            Map.entry("iri", ":"),
            Map.entry("json-pointer", "^(?:[/#]|$)"),
            Map.entry("relative-json-pointer", "^[0-9]"));

    private static final Map<String, StringLanguage> MADE = new ConcurrentHashMap<>();

    private Formats() {}

    static Set<String> names() {
        return PATTERNS.keySet();
    }

    static @Nullable StringLanguage of(String name) {
        String pattern = PATTERNS.get(name);
        return pattern == null ? null : MADE.computeIfAbsent(name, key -> make(key, pattern));
    }

    private static StringLanguage make(String name, String pattern) {
        StringLanguage language = StringLanguage.ofPattern("^(?:" + pattern + ")$");
        String also = ALSO.get(name);
        if (also != null) {
            language = language.intersect(StringLanguage.ofPattern(also));
        }
        if (name.endsWith("email")) {
            language = language.then(topLevelDomains());
        }
        Integer max = MAX_LENGTHS.get(name);
        language = max == null ? language : language.withLength(0, max);
        if (EXACT.contains(name)) {
            return language;
        }
        String whole = WHOLE.get(name);
        return language.asPartOf(
                whole == null ? null : StringLanguage.ofTree(RegexParser.parse(whole), true),
                "the format '" + name + "'");
    }

    /// In small letters and in capitals.
    private static List<String> topLevelDomains() {
        List<String> domains = new ArrayList<>();
        try (InputStream stream = Formats.class.getResourceAsStream("top-level-domains.txt")) {
            String text = new String(
                    Objects.requireNonNull(stream, "top-level-domains.txt").readAllBytes(), StandardCharsets.US_ASCII);
            for (String line : text.lines().toList()) {
                for (String domain : line.startsWith("#") ? new String[0] : line.split(" ")) {
                    domains.add(domain);
                    domains.add(domain.toUpperCase(Locale.ROOT));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("top-level-domains.txt cannot be read", e);
        }
        return domains;
    }

    /// RFC 3986, section 3.2.2: eight groups, or fewer around one `::`, of which two may be an IPv4 address.
    private static String ipv6() {
        String group = HEX + "{1,4}";
        String last = "(?:" + group + ":" + group + "|" + IPV4 + ")";
        StringBuilder pattern = new StringBuilder("(?:(?:" + group + ":){6}" + last);
        for (int after = 5; after >= 0; after--) {
            String before = after == 5 ? "" : "(?:" + group + "(?::" + group + "){0," + (4 - after) + "})?";
            pattern.append('|')
                    .append(before)
                    .append("::(?:")
                    .append(group)
                    .append(":){")
                    .append(after)
                    .append('}');
            pattern.append(last);
        }
        pattern.append("|(?:")
                .append(group)
                .append("(?::")
                .append(group)
                .append("){0,5})?::")
                .append(group);
        pattern.append("|(?:").append(group).append("(?::").append(group).append("){0,6})?::)");
        return pattern.toString();
    }

    /// RFC 3986, appendix A, without the future forms of addresses; `other` are further characters, as of
    /// RFC 3987.
    private static String uri(String other, boolean reference) {
        String escaped = "%" + HEX + "{2}";
        String plain = UNRESERVED.substring(0, UNRESERVED.length() - 1) + other + "!$&'()*+,;=-";
        String segmentChar = "(?:[:@" + plain + "]|" + escaped + ")";
        String host = "(?:(?:[" + plain + "]|" + escaped + ")+|\\[" + IPV6 + "\\])";
        String authority = "(?:(?:[:" + plain + "]|" + escaped + ")*@)?" + host + "(?::\\d{1,5})?";
        String pathAfterAuthority = "(?:/" + segmentChar + "*)*";
        String absolutePath = "/(?:" + segmentChar + "+" + pathAfterAuthority + ")?";
        String rootless = segmentChar + "+" + pathAfterAuthority;
        String tail = "(?:\\?(?:[/?:@" + plain + "]|" + escaped + ")*)?(?:#(?:[/?:@" + plain + "]|" + escaped + ")*)?";
        String anchored = "//" + authority + pathAfterAuthority + "|//" + absolutePath + "|" + absolutePath;
        String absolute = "[a-zA-Z][a-zA-Z0-9+.-]*:(?:" + anchored + "|" + rootless + ")" + tail;
        if (!reference) {
            return absolute;
        }
        String noScheme = "(?:[@" + plain + "]|" + escaped + ")+" + pathAfterAuthority;
        return absolute + "|(?:" + anchored + "|" + noScheme + ")?" + tail;
    }

    /// RFC 6570, literals in ASCII.
    private static String uriTemplate() {
        String name = "(?:[a-zA-Z0-9_]|%" + HEX + "{2})+(?:\\.(?:[a-zA-Z0-9_]|%" + HEX + "{2})+)*";
        String variable = name + "(?:\\*|:[1-9]\\d{0,3})?";
        String expression = "\\{[+#./;?&]?" + variable + "(?:," + variable + ")*\\}";
        return "(?:[!#$&(-;=?-\\[\\]_a-z~]|%" + HEX + "{2}|" + expression + ")*";
    }

    /// Expressions that ECMAScript, Java and Python all read, with groups to the depth of three, and ranges
    /// within letters or digits only in the usual forms.
    private static String regex() {
        String escape = "\\\\[dDwWsStnrfv^$.*+?()\\[\\]{}|/\\\\-]";
        String member = "(?:[^\\\\\\[\\]^&~|-]|a-z|A-Z|0-9|a-f|A-F|" + escape + ")";
        String atom = "(?:[^\\\\\\[\\](){}|*+?^$]|" + escape + "|\\[\\^?" + member + "+\\]GROUP)";
        String count = "(?:[*+?]\\??|\\{\\d{1,2},?\\}\\??)?";
        String term = "(?:" + atom + count + "|[$^])";
        String depth0 = "TERM*(?:\\|TERM*)*".replace("TERM", term.replace("GROUP", ""));
        String depth1 = "TERM*(?:\\|TERM*)*".replace("TERM", term.replace("GROUP", "|\\((?:\\?:)?" + depth0 + "\\)"));
        String depth2 = "TERM*(?:\\|TERM*)*".replace("TERM", term.replace("GROUP", "|\\((?:\\?:)?" + depth1 + "\\)"));
        return "TERM*(?:\\|TERM*)*".replace("TERM", term.replace("GROUP", "|\\((?:\\?:)?" + depth2 + "\\)"));
    }
}
