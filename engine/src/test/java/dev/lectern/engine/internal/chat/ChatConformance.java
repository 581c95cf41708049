package dev.lectern.engine.internal.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.internal.chat.jinja.Template;
import dev.lectern.engine.internal.chat.jinja.TemplateException;
import dev.lectern.engine.internal.chat.jinja.Value;
import dev.lectern.engine.internal.tokenizer.TinyTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Published chat templates against what transformers renders of them: all of `chat/*.jinja` with `chat/golden.json`
/// below `bin/conformance DIR`. A template that refuses a conversation (`TemplateError`) must refuse it here in the
/// same words; where it fails for another reason, it must fail here, too, in whatever words.
final class ChatConformance {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Tokenizer TOKENIZER = TinyTokenizer.withControlTokens("<BOS>");
    private static final String RAISED = TemplateException.Reason.RAISED.pythonName() + ": ";
    private static final Pattern FAILURE = Pattern.compile(Stream.of(TemplateException.Reason.values())
            .map(TemplateException.Reason::pythonName)
            .collect(Collectors.joining("|", "(", "): ")));
    private static final Path REPORT = Path.of("target", "conformance", "ChatConformance.txt");

    @TestFactory
    List<DynamicTest> templates() throws IOException {
        Path folder =
                Path.of(System.getProperty("lectern.conformance.dir", "missing: run bin/conformance DIR"), "chat");
        assumeThat(folder.resolve("golden.json")).exists();
        Files.createDirectories(REPORT.toAbsolutePath().getParent());
        Files.deleteIfExists(REPORT);
        JsonNode golden = JSON.readTree(Files.readString(folder.resolve("golden.json")));
        Set<String> names = new LinkedHashSet<>();
        golden.get("expected").forEach(one -> names.add(one.get("template").asText()));
        assertThat(names).isNotEmpty();
        return names.stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> check(folder, name, golden)))
                .toList();
    }

    private static void check(Path folder, String name, JsonNode golden) throws IOException {
        String source = Files.readString(folder.resolve(name + ".jinja"));
        int cases = 0;
        List<String> wrong = new ArrayList<>();
        for (JsonNode expected : golden.get("expected")) {
            if (!expected.get("template").asText().equals(name)) {
                continue;
            }
            cases++;
            String conversation = expected.get("conversation").asText();
            Map<String, Value> variables = new LinkedHashMap<>();
            golden.get("variables")
                    .properties()
                    .forEach(entry -> variables.put(entry.getKey(), value(entry.getValue())));
            Value now = variables.remove("now");
            variables.put("messages", value(golden.get("conversations").get(conversation)));
            variables.put("tools", Value.NONE);
            variables.put("documents", Value.NONE);
            variables.put("add_generation_prompt", value(expected.get("add_generation_prompt")));
            String result = render(source, variables, LocalDateTime.parse(String.valueOf(now)));
            String wanted = expected.has("error")
                    ? expected.get("error").asText()
                    : expected.get("text").asText();
            boolean failsAlike = expected.has("error")
                    && !wanted.startsWith(RAISED)
                    && FAILURE.matcher(result).lookingAt();
            if (!failsAlike && !result.equals(wanted)) {
                wrong.add(conversation + ": " + result + ", expected " + wanted);
            }
        }
        String line = "ChatConformance: " + name + ", " + cases + " cases, " + (cases - wrong.size()) + " passed, "
                + split(source, golden.get("variables").path("bos_token").asText()) + "\n";
        Files.writeString(REPORT, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        assertThat(wrong).as("of " + cases + " cases").isEmpty();
    }

    /// Whether the template frames a document, and in how much text.
    private static String split(String source, String begin) {
        Map<String, String> specials = Map.of("bos_token", begin);
        ChatSettings settings = new ChatSettings(Optional.of(source), specials, OptionalInt.empty(), false, List.of());
        ChatFormat chat = ChatFormats.of("reference", settings, TOKENIZER);
        return chat.warning()
                .map(why -> "no prefix: " + why)
                .orElseGet(() -> "prefix of "
                        + Rendering.of(TOKENIZER, chat.userPrefix()).length() + ", suffix of "
                        + Rendering.of(TOKENIZER, chat.userSuffix()).length() + " characters");
    }

    /// The rendered text, or the failure as transformers names it.
    private static String render(String source, Map<String, Value> variables, LocalDateTime now) {
        try {
            return Template.parse(source).render(variables, now).value();
        } catch (TemplateException e) {
            return e.reason().pythonName() + ": " + e.detail();
        }
    }

    private static Value value(JsonNode node) {
        return Value.of(JSON.convertValue(node, Object.class));
    }
}
