package dev.lectern.pipeline.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Locale;

/// Writes JSON as Python's `json.dumps(value, ensure_ascii=False)` does: on one line, a space after `,` and `:`,
/// only the escapes that are needed; numbers as they were written.
final class JsonLayout {
    private JsonLayout() {}

    /// Reads one value, the parser being at its first token, and writes it.
    static String render(JsonParser json) throws IOException {
        StringBuilder text = new StringBuilder();
        render(json, text);
        return text.toString();
    }

    private static void render(JsonParser json, StringBuilder text) throws IOException {
        switch (json.currentToken()) {
            case START_OBJECT -> {
                text.append('{');
                String separator = "";
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    text.append(separator);
                    quote(json.currentName(), text);
                    text.append(": ");
                    json.nextToken();
                    render(json, text);
                    separator = ", ";
                }
                text.append('}');
            }
            case START_ARRAY -> {
                text.append('[');
                String separator = "";
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    text.append(separator);
                    render(json, text);
                    separator = ", ";
                }
                text.append(']');
            }
            case VALUE_STRING -> quote(json.getText(), text);
            default -> text.append(json.getText());
        }
    }

    private static void quote(String value, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < 0x20 || Character.isSurrogate(c) && !paired(value, i)) {
                        text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    private static boolean paired(String value, int i) {
        return Character.isHighSurrogate(value.charAt(i))
                ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
    }
}
