package dev.lectern.pipeline.infer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A questions file: rows of named strings. CSV as in RFC 4180 with a header (quotes doubled inside quotes, line
/// breaks allowed in them), or JSON Lines, one object of strings, numbers and booleans a line.
///
/// @param source  names the file in messages
/// @param columns of the header, or of any line
record QuestionTable(String source, List<String> columns, List<Entry> rows) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            // Numbers go into questions as the file spells them.
            .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
            .build();

    /// @param line   where the row begins, from 1
    /// @param values by column; columns that the row leaves out are absent
    record Entry(int line, Map<String, String> values) {}

    static QuestionTable parse(String source, String text) {
        String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
        String name = source.toLowerCase(java.util.Locale.ROOT);
        boolean jsonLines = name.endsWith(".jsonl") || name.endsWith(".ndjson") || name.endsWith(".json");
        QuestionTable table = jsonLines ? jsonLines(source, content) : csv(source, content);
        if (table.rows.isEmpty()) {
            throw new JobException(ExitCode.USAGE, "[" + source + "] no question in it; give a row for each question");
        }
        return table;
    }

    private static QuestionTable jsonLines(String source, String content) {
        Set<String> columns = new LinkedHashSet<>();
        List<Entry> rows = new ArrayList<>();
        int line = 0;
        for (String text : content.split("\n", -1)) {
            line++;
            if (text.isBlank()) {
                continue;
            }
            JsonNode tree;
            try {
                tree = JSON.readTree(text);
            } catch (JsonProcessingException e) {
                throw problem(source, line, "not JSON: " + e.getOriginalMessage());
            }
            if (!tree.isObject()) {
                throw problem(source, line, "expected an object, found " + tree.getNodeType());
            }
            Map<String, String> values = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> member : tree.properties()) {
                columns.add(member.getKey());
                if (member.getValue().isValueNode() && !member.getValue().isNull()) {
                    values.put(member.getKey(), member.getValue().asText());
                } else if (!member.getValue().isNull()) {
                    // Lists and objects may describe a question for other readers; a template cannot use them.
                    columns.remove(member.getKey());
                }
            }
            rows.add(new Entry(line, values));
        }
        return new QuestionTable(source, List.copyOf(columns), rows);
    }

    private static QuestionTable csv(String source, String content) {
        List<List<String>> records = new ArrayList<>();
        List<Integer> lines = new ArrayList<>();
        int at = 0;
        int line = 1;
        while (at < content.length()) {
            List<String> fields = new ArrayList<>();
            int begin = line;
            boolean more = true;
            while (more) {
                StringBuilder field = new StringBuilder();
                if (at < content.length() && content.charAt(at) == '"') {
                    int opened = line;
                    at++;
                    while (true) {
                        if (at >= content.length()) {
                            throw problem(source, opened, "a quoted field is not closed");
                        }
                        char c = content.charAt(at++);
                        if (c == '"') {
                            if (at >= content.length() || content.charAt(at) != '"') {
                                break;
                            }
                            at++;
                        } else if (c == '\n') {
                            line++;
                        }
                        field.append(c);
                    }
                    if (at < content.length() && ",\r\n".indexOf(content.charAt(at)) < 0) {
                        throw problem(source, line, "text after a closing quote; double the quotes inside a field");
                    }
                } else {
                    while (at < content.length() && ",\r\n".indexOf(content.charAt(at)) < 0) {
                        field.append(content.charAt(at++));
                    }
                }
                fields.add(field.toString());
                more = at < content.length() && content.charAt(at) == ',';
                if (more) {
                    at++;
                }
            }
            if (at < content.length() && content.charAt(at) == '\r') {
                at++;
            }
            if (at < content.length() && content.charAt(at) == '\n') {
                at++;
            }
            line++;
            boolean blank = fields.size() == 1 && fields.getFirst().isBlank();
            if (!blank) {
                records.add(fields);
                lines.add(begin);
            }
        }
        if (records.isEmpty()) {
            return new QuestionTable(source, List.of(), List.of());
        }
        List<String> header = records.getFirst().stream().map(String::strip).toList();
        if (Set.copyOf(header).size() < header.size()) {
            throw problem(source, lines.getFirst(), "a column stands twice in the header " + header);
        }
        List<Entry> rows = new ArrayList<>();
        for (int i = 1; i < records.size(); i++) {
            List<String> fields = records.get(i);
            if (fields.size() != header.size()) {
                throw problem(
                        source,
                        lines.get(i),
                        fields.size() + " fields, the header has " + header.size() + ": " + String.join(", ", header));
            }
            Map<String, String> values = new LinkedHashMap<>();
            for (int f = 0; f < fields.size(); f++) {
                values.put(header.get(f), fields.get(f));
            }
            rows.add(new Entry(lines.get(i), values));
        }
        return new QuestionTable(source, header, rows);
    }

    static JobException problem(String source, int line, String problem) {
        return new JobException(ExitCode.USAGE, "[" + source + "] line " + line + ": " + problem);
    }
}
