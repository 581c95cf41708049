package dev.lectern.pipeline.conf;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/// A YAML value that remembers where it was written, so that a mistake can be shown at its line.
sealed interface YamlNode {
    /// Where the value was written: `job.yaml:12`, or the override that set it.
    String where();

    /// What the value is, for messages: `text "6h"`, `a list`.
    String describe();

    /// @param text as written, without quotes
    record Scalar(Kind kind, String text, String where) implements YamlNode {
        @Override
        public String describe() {
            return kind == Kind.NULL ? "nothing" : kind.label + " '" + text + "'";
        }
    }

    record Sequence(List<YamlNode> items, String where) implements YamlNode {
        @Override
        public String describe() {
            return "a list";
        }
    }

    /// @param entries mutable: overrides are written into it
    record Mapping(Map<String, YamlNode> entries, String where) implements YamlNode {
        @Override
        public String describe() {
            return "a section";
        }
    }

    enum Kind {
        TEXT("text"),
        INTEGER("the number"),
        DECIMAL("the number"),
        BOOLEAN("the truth value"),
        NULL("nothing");

        private final String label;

        Kind(String label) {
            this.label = label;
        }
    }

    /// @param source  shown in messages
    /// @param oneLine whether to leave line numbers out of them
    /// @throws JobException (USAGE) for anything but one YAML document without duplicate keys, anchors and aliases
    static YamlNode parse(String yaml, String source, boolean oneLine) {
        try (YAMLParser parser = new YAMLFactory().createParser(yaml)) {
            if (parser.nextToken() == null) {
                return new Scalar(Kind.NULL, "", source);
            }
            YamlNode node = new Builder(source, oneLine).value(parser);
            if (parser.nextToken() != null) {
                throw new JobException(
                        ExitCode.USAGE, source + ": holds more than one YAML document; keep the first one only");
            }
            return node;
        } catch (JacksonException e) {
            throw new JobException(ExitCode.USAGE, syntaxError(e, source, oneLine), e);
        } catch (IOException e) {
            throw new JobException(ExitCode.USAGE, source + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String syntaxError(JacksonException e, String source, boolean oneLine) {
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            String line = oneLine ? "" : ":" + (marked.getProblemMark().getLine() + 1);
            return source + line + ": not YAML: " + marked.getProblem();
        }
        JsonLocation at = e.getLocation();
        String line = at == null || oneLine ? "" : ":" + at.getLineNr();
        return source + line + ": not YAML: "
                + e.getOriginalMessage().lines().findFirst().orElse("unreadable");
    }

    /// Recursion is bounded by Jackson's own limit on nesting.
    final class Builder {
        private final String source;
        private final boolean oneLine;

        private Builder(String source, boolean oneLine) {
            this.source = source;
            this.oneLine = oneLine;
        }

        private YamlNode value(YAMLParser parser) throws IOException {
            String where = where(parser);
            if (parser.isCurrentAlias() || parser.getObjectId() != null) {
                throw new JobException(
                        ExitCode.USAGE, where + ": anchors and aliases (&, *) are not used here; write the value out");
            }
            JsonToken token = parser.currentToken();
            return switch (token) {
                case START_OBJECT -> mapping(parser, where);
                case START_ARRAY -> sequence(parser, where);
                case VALUE_STRING -> new Scalar(Kind.TEXT, parser.getText(), where);
                case VALUE_NUMBER_INT -> new Scalar(Kind.INTEGER, parser.getText(), where);
                case VALUE_NUMBER_FLOAT -> new Scalar(Kind.DECIMAL, parser.getText(), where);
                case VALUE_TRUE, VALUE_FALSE -> new Scalar(Kind.BOOLEAN, parser.getText(), where);
                case VALUE_NULL -> new Scalar(Kind.NULL, "", where);
                case END_ARRAY, END_OBJECT, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                    throw new JobException(ExitCode.USAGE, where + ": unexpected YAML: " + token);
            };
        }

        private YamlNode mapping(YAMLParser parser, String where) throws IOException {
            Map<String, YamlNode> entries = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                String keyWhere = where(parser);
                parser.nextToken();
                YamlNode previous = entries.put(key, value(parser));
                if (previous != null) {
                    throw new JobException(
                            ExitCode.USAGE,
                            keyWhere + ": key '" + key + "' is there already (" + previous.where() + "); keep one");
                }
            }
            return new Mapping(entries, where);
        }

        private YamlNode sequence(YAMLParser parser, String where) throws IOException {
            List<YamlNode> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(value(parser));
            }
            return new Sequence(items, where);
        }

        private String where(JsonParser parser) {
            return oneLine
                    ? source
                    : source + ":" + parser.currentTokenLocation().getLineNr();
        }
    }
}
