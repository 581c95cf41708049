package dev.lectern.engine.internal.chat.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.source.Fuzzing;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Damaged templates end in a [TemplateException] or render, in bounded time and memory; nothing else may happen.
final class TemplateFuzzTest {
    private static final int FEW = 10_000;
    private static final LocalDateTime NOW = LocalDateTime.of(2026, 1, 2, 3, 4, 5);

    /// Ours, with the constructs that published templates use.
    private static final List<String> SEEDS = List.of("""
            {{- bos_token }}
            {%- if not date is defined %}{%- set date = strftime_now("%d %b %Y") %}{%- endif %}
            {%- set ns = namespace(last=-1, text='', found=false) %}
            {%- for m in messages[::-1] if m.role != 'system' %}
                {%- set index = (messages | length - 1) - loop.index0 %}
                {%- if not ns.found and m.role == "user" %}{%- set ns.last = index %}{%- set ns.found = true %}{%- endif %}
            {%- endfor %}
            {%- for message in messages %}
                {{- '<|start|>' + message['role'] + '<|end|>\\n\\n' }}
                {%- if message.content is string %}
                    {%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}
                    {{- content | trim ~ ('!' * 3) }}
                {%- elif message.content is iterable and message.content is not mapping %}
                    {%- for part in message.content %}{{ part.text or raise_exception('no text') }}{% endfor %}
                {%- endif %}
                {%- if loop.index0 > ns.last and message.tool_calls is defined %}{{ message.tool_calls | tojson(indent=2) }}{% endif %}
                {%- if loop.last %}{% break %}{% else %}{{ loop.cycle('a', 'b') }}{% endif %}
            {%- endfor %}
            """, """
            {%- macro show(value, keys=True, depth=0) -%}
                {%- if value is mapping -%}
                    { {%- for k, v in value | dictsort -%}{{ k if keys else '' }}:{{ show(v, depth=depth + 1) }}{%- if not loop.last %},{% endif -%}{%- endfor -%} }
                {%- elif value is sequence and value is not string -%}
                    [{% for v in value %}{{ show(v) }}{{ ', ' if not loop.last }}{% endfor %}]
                {%- else -%}{{ value | string | upper | replace('A', 'aa') }}{%- endif -%}
            {%- endmacro -%}
            {{ show(messages) }}{{ show({'a': [1, 2.5, none, true], 'b': {'c': 'd'}}) }}
            {% set users = messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | list %}
            {% set joined | indent(2) %}{{ users | join('\\n') }}{% endset %}{{ joined[:-1] }}{{ users[-1][1:40:2] }}
            {% for i in range(5, -1, -1) %}{{ i // 2 + i % 3 ** 2 - -i * 1.5 }}{% if i in [1, 2] %}{% continue %}{% endif %}{% endfor %}
            {% macro box(n) %}<{{ caller(n) }}>{% endmacro %}{% call(x) box([1]) %}{{ x }}{% endcall %}{% with a = 1, b = 'é' %}{{ a ~ b }}{% endwith %}{% raw %}{{ }}{% endraw %}
            """);

    private static final List<String> PIECES = List.of(
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "-",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "'",
            "\\",
            "|",
            ".",
            "~",
            "**",
            "//",
            "%",
            "*",
            "10**9",
            "range(99999)",
            "messages",
            "show(messages)",
            "loop",
            "ns",
            " if ",
            " for x in ",
            " is ",
            " not ",
            " in ",
            "| tojson",
            "| sort",
            "| list",
            "| map('trim')",
            ".split()",
            "'x' * 99999",
            "\uD83D",
            "\n");

    private static final Map<String, Value> VARIABLES = Map.of(
            "messages",
            Value.of(List.of(
                    Map.of("role", "system", "content", " Be brief. "),
                    Map.of("role", "user", "content", "One?"),
                    Map.of("role", "assistant", "content", "<think>\nhm</think>\nTwo.", "tool_calls", List.of(1)),
                    Map.of("role", "user", "content", List.of(Map.of("type", "text", "text", "é中"))))),
            "bos_token",
            Text.of("<s>"));

    @Test
    void undamagedTemplatesRender() {
        assertThat(SEEDS)
                .allSatisfy(seed -> assertThat(
                                Template.parse(seed).render(VARIABLES, NOW).value())
                        .isNotEmpty());
    }

    @Test
    void damagedTemplatesNeverDoWorseThanAMessage() throws InterruptedException {
        double rendered = Fuzzing.run(TemplateFuzzTest.class, "chat template", FEW, random -> {
            String template = damaged(random);
            try {
                assertThat(Template.parse(template).render(VARIABLES, NOW).runs())
                        .isZero();
            } catch (TemplateException e) {
                assertThat(e.position()).as(e.getMessage()).isPresent();
                // What the engine makes of it.
                throw new EngineException.ModelUnsupported(String.valueOf(e.getMessage()));
            }
        });
        // Both outcomes must occur, or the damage is too small or too great to try anything.
        assertThat(rendered).isBetween(0.01, 0.75);
    }

    private static String damaged(Random random) {
        String template = SEEDS.get(random.nextInt(SEEDS.size()));
        int injuries = 1 + random.nextInt(3);
        for (int i = 0; i < injuries; i++) {
            int at = random.nextInt(template.length());
            int until = Math.min(template.length(), at + 1 + random.nextInt(1 << random.nextInt(6)));
            String left = template.substring(0, at);
            String right = template.substring(until);
            template = switch (random.nextInt(6)) {
                case 0 -> left + (char) (template.charAt(at) ^ (1 << random.nextInt(7))) + template.substring(at + 1);
                case 1 -> left + right;
                case 2, 3 -> left + PIECES.get(random.nextInt(PIECES.size())) + template.substring(at);
                case 4 -> left + PIECES.get(random.nextInt(PIECES.size())) + right;
                default -> template.substring(0, until) + template.substring(at);
            };
        }
        return template;
    }
}
