package dev.lectern.engine.internal.chat.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.internal.chat.jinja.TemplateException.Reason;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The language, construct by construct. Every expected text is what transformers 5.23.0 with Jinja 3.1.6 renders.
final class TemplateTest {
    private static final LocalDateTime NOW = LocalDateTime.of(2026, 1, 2, 3, 4, 5);

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            value = {
                // white space
                "`a\n  {% if true %}\n  b\n  {% endif %}\nc` => `a\n  b\nc`",
                "`a  {%- if true -%}  b  {%- endif %}  c` => `ab  c`",
                "`a\n  {%+ if true %}b{% endif %}\n` => `a\n  b`",
                "`{# note #}\nx {#- note -#} y` => `xy`",
                "`{% raw %}{{ x }}{% endraw %}` => `{{ x }}`",
                // arithmetic
                "`{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }}` => `3 -4 2 3.5 1024`",
                "`{{ 1e20 }} {{ 1.0 }} {{ 0.1 + 0.2 }} {{ 1e-5 }} {{ true + 1 }}` => `1e+20 1.0 0.30000000000000004 1e-05 2`",
                "`{{ 1 ~ 'a' ~ none }} {{ 'ab' * 2 }} {{ [1] * 2 }}` => `1aNone abab [1, 1]`",
                // comparison, membership, logic
                "`{{ 1 < 2 < 3 }} {{ 1 == 1.0 }} {{ 'b' in 'abc' }} {{ 2 not in [1] }} {{ 'a' in {'a': 1} }}` => `True True True True True`",
                "`{{ '' or 'x' }} {{ 0 and 1 }} {{ not [] }} {{ 'y' if 0 }}` => `x 0 True `",
                // values as text
                "`{{ [1, 'a', none, true, 2.5, {'k': (1,)}] }}` => `[1, 'a', None, True, 2.5, {'k': (1,)}]`",
                "`{{ [\"it's\", 'q\"', 'n\\n'] }}` => `[\"it's\", 'q\"', 'n\\n']`",
                // slices and indices
                "`{{ 'abcd'[1:3] }} {{ 'abcd'[::-1] }} {{ [1,2,3][-1] }} {{ [1,2,3][:-1] }} {{ [1,2][9] }}` => `bc dcba 3 [1, 2] `",
                // filters
                "`{{ ' a ' | trim }} {{ 'a' | upper }} {{ [3,1] | sort }} {{ [1,2] | join('-') }}` => `a A [1, 3] 1-2`",
                "`{{ none | default('d') }} {{ none | default('d', true) }} {{ nosuch | default('d') }}` => `None d d`",
                "`{{ {'b': 1, 'a': 'é<'} | tojson }}` => `{\"b\": 1, \"a\": \"é<\"}`",
                "`{{ [1, {'a': []}] | tojson(indent=2) }}` => `[\n  1,\n  {\n    \"a\": []\n  }\n]`",
                "`{{ 'é' | tojson(ensure_ascii=true) }}` => `\"\\u00e9\"`",
                "`{{ ['a', 'b'] | map('upper') | list }} {{ [1, none] | select | list }}` => `['A', 'B'] [1]`",
                "`{{ [{'r': 'u'}, {'r': 'a'}] | selectattr('r', 'equalto', 'u') | list }}` => `[{'r': 'u'}]`",
                "`{{ [{'r': 'u'}, {'x': 1}] | rejectattr('r', 'defined') | map(attribute='x') | list }}` => `[1]`",
                "`{{ {'b': 1, 'A': 2} | dictsort }} {{ {'a': 1} | items | list }}` => `[('A', 2), ('b', 1)] [('a', 1)]`",
                "`{{ 'a\nb' | indent(2) }} {{ '7' | int + 1 }} {{ 'x' | int(5) }} {{ 2.567 | round(1) }}` => `a\n  b 8 5 2.6`",
                "`{{ [1, 2, 1] | unique | list }} {{ 'abc' | first }} {{ [] | last }} {{ 'a b' | title }}` => `[1, 2] a  A B`",
                "`{{ '%s-%02d' | format('a', 7) }} {{ '%s' % 'x' }} {{ '{} {n}'.format(1, n=2) }}` => `a-07 x 1 2`",
                // tests
                "`{{ x is defined }} {{ 1 is number }} {{ true is number }} {{ 'a' is string }} {{ {} is mapping }}` => `False True True True True`",
                "`{{ 'a' is iterable }} {{ {} is sequence }} {{ none is none }} {{ 3 is divisibleby 3 }} {{ 2 is not odd }}` => `True True True True True`",
                // methods
                "`{{ 'a</t>b'.split('</t>')[-1] }} {{ ' x '.strip() }} {{ 'xxa'.lstrip('x') }} {{ 'ab'.startswith(('b', 'a')) }}` => `b x a True`",
                "`{{ 'aXb'.replace('X', '-').title() }} {{ 'abc'.find('c') }} {{ 'a,b'.split(',', 1) }}` => `A-B 2 ['a', 'b']`",
                "`{{ {'a': 1}.get('b', 2) }} {{ {'items': 5}.items() | list }} {{ {'items': 5}['items'] }}` => `2 [('items', 5)] 5`",
                // statements
                "`{% for x in [1,2,3] if x != 2 %}{{ loop.index }}{{ x }}{{ ',' if not loop.last }}{% else %}none{% endfor %}` => `11,23`",
                "`{% for x in [] %}{% else %}none{% endfor %}` => `none`",
                "`{% for k, v in {'a': 1}.items() %}{{ k }}{{ v }}{% endfor %}` => `a1`",
                "`{% for i in range(5) %}{% if i == 1 %}{% continue %}{% elif i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}` => `02`",
                "`{% set x = 1 %}{% for i in [1,2] %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}` => `231`",
                "`{% set n = namespace(x=1) %}{% for i in [1,2] %}{% set n.x = n.x + i %}{% endfor %}{{ n.x }}` => `4`",
                "`{% macro f(a, b='B', c=a) %}{{ a }}{{ b }}{{ c }};{% endmacro %}{{ f(1) }}{{ f(1, c=3) }}{{ f() }}` => `1B1;1B3;B;`",
                "`{% macro f() %}[{{ caller('x') }}]{% endmacro %}{% call(y) f() %}<{{ y }}>{% endcall %}` => `[<x>]`",
                "`{% set x | upper %}a{{ 1 }}{% endset %}{{ x }}{% filter trim %} b {% endfilter %}` => `A1b`",
                "`{% with a = 1 %}{{ a }}{% endwith %}{{ a }}` => `1`",
                "`{% set a, b = 1, [2] %}{{ a }}{{ b }}{% generation %}g{% endgeneration %}` => `1[2]g`",
                "`{% for x in [[1, [2]], [3]] recursive %}{{ loop.depth }}{{ loop(x) if x is iterable else x }}{% endfor %}` => `121232123`",
                "`{{ strftime_now('%d %b %Y %H:%M') }}` => `02 Jan 2026 03:04`",
                // undefined
                "`[{{ nosuch }}{{ {}.a }}{{ nosuch | length }}{{ nosuch | list }}{{ 'a' in nosuch }}]` => `[0[]False]`",
            })
    void rendersAsTransformersDoes(String template, String expected) {
        assertThat(render(template)).isEqualTo(expected == null ? "" : expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            value = {
                "`{% if x %}` => SYNTAX => `line 1, column 11: unexpected end of template`",
                "`\n{{ 1 + }}` => SYNTAX => `line 2, column 8: unexpected end of print statement`",
                "`{% for x in y %}\n{% endif %}` => SYNTAX => `line 2, column 4: unknown tag 'endif'; expected here: else, endfor`",
                "`{% include 'x' %}` => SYNTAX => `line 1, column 4: unknown tag 'include'`",
                "`{{ 'a }}` => SYNTAX => `line 1, column 4: a string without its closing quote`",
                "`{# a` => SYNTAX => `line 1, column 1: Missing end of comment tag`",
                "`{{ (1] }}` => SYNTAX => `line 1, column 6: unexpected ']', expected ')'`",
                "`{% set none = 1 %}` => SYNTAX => `line 1, column 8: can't assign to 'none'`",
                "`a\n {{ x.y }}` => UNDEFINED => `line 2, column 7: 'x' is undefined`",
                "`{{ {}.a.b }}` => UNDEFINED => `line 1, column 9: 'dict object' has no attribute 'a'`",
                "`{{ 'a' + 1 }}` => TYPE => `line 1, column 8: unsupported operand type(s) for +: 'str' and 'int'`",
                "`{{ 1 // 0 }}` => TYPE => `line 1, column 6: division by zero`",
                "`{% for a in 5 %}{% endfor %}` => TYPE => `line 1, column 4: 'int' object is not iterable`",
                "`{{ x | from_json }}` => UNSUPPORTED => `line 1, column 8: No filter named 'from_json' found; supported: abs`",
                "`{{ 1 is prime }}` => UNSUPPORTED => `line 1, column 9: No test named 'prime' found`",
                "`{{ 9223372036854775807 + 1 }}` => UNSUPPORTED => `line 1, column 24: an integer beyond 64 bits`",
                "`{% if 1 %}\n  {{ raise_exception('No ' ~ 1) }}{% endif %}` => RAISED => `line 2, column 6: No 1`",
            })
    void saysWhereAndWhyItFails(String template, Reason reason, String message) {
        assertThatThrownBy(() -> render(template))
                .isInstanceOfSatisfying(
                        TemplateException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            value = {
                "`{% for i in range(10**12) %}x{% endfor %}` => `Range too big`",
                "`{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}` => `more work`",
                "`{% set n = namespace(s='x') %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}` => `more work`",
                "`{{ 'x' * 10 ** 12 }}` => `more work`",
                "`{{ [1] * 10 ** 12 }}` => `more work`",
                "`{{ 'x' | center(10 ** 12) }}` => `more work`",
                "`{{ 'x'.zfill(10 ** 12) }}` => `more work`",
                "`{{ 'a\nb' | indent(10 ** 12) }}` => `more work`",
                "`{{ [1] | tojson(indent=10 ** 12) }}` => `more work`",
                "`{{ [1, 2] | batch(10 ** 12, 0) | list }}` => `more work`",
                "`{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}` => `nests deeper`",
                "`{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}` => `nests deeper`",
                "`{% set n = namespace(x=[]) %}{% for i in range(500) %}{% set n.x = [n.x] %}{% endfor %}` => `nested deeper`",
                "`{% set n = namespace(x=[]) %}{% for i in range(90) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}` => `more work`",
                "`{% set n = namespace() %}{% set n.me = n %}{{ n }}` => `inside themselves`",
                "`{{ 'a' * 2000000 in 'a' * 1000000 ~ 'b' }}{{ ('a' * 3000000).count('a' * 50000 ~ 'b') }}{{ 'x' * 10 ** 8 }}` => `more work`",
            })
    void neitherHangsNorFillsTheMemory(String template, String message) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> render(template))
                .isInstanceOfSatisfying(
                        TemplateException.class, e -> assertThat(e.reason()).isEqualTo(Reason.LIMIT))
                .hasMessageContaining(message);
        assertThat(System.nanoTime() - start).as("nanoseconds").isLessThan(3_000_000_000L);
    }

    @Test
    void nestingIsBoundedWhereverItIs() {
        for (String[] nest : new String[][] {
            {"{{ ", "(", "1", ")", " }}"},
            {"{{ ", "[", "1", "]", " }}"},
            {"{{ ", "{1:", "1", "}", " }}"},
            {"{{ ", "not ", "1", "", " }}"},
            {"{{ ", "- ", "1", "", " }}"},
            {"{{ ", "1 if 1 else ", "1", "", " }}"},
            {"", "{% if 1 %}", "1", "{% endif %}", ""},
            {"{{ 1", ".a", "", "", " }}"},
            {"{{ 1", " | string", "", "", " }}"},
            {"{{ 1", " and 1", "", "", " }}"},
            {"{% for ", "(", "a", ")", " in [] %}{% endfor %}"}
        }) {
            String template = nest[0] + nest[1].repeat(20_000) + nest[2] + nest[3].repeat(20_000) + nest[4];
            assertThatThrownBy(() -> render(template))
                    .as(nest[1])
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining("deeper");
        }
        // A long sum is not deep.
        assertThat(render("{{ 0" + " + 1".repeat(20_000) + " }}")).isEqualTo("20000");
    }

    @Test
    void depthFitsASmallStack() throws InterruptedException {
        // The depth that is allowed, of the statements that take the most stack.
        String template = "{% macro f(n) %}{% for i in [1] %}{% if n %}{{ [f(n - 1)] | join }}{% endif %}{% endfor %}"
                + "{% endmacro %}{{ f(1000) }}";
        StringBuilder outcome = new StringBuilder();
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        render(template);
                    } catch (TemplateException e) {
                        outcome.append(e.reason());
                    }
                },
                "small",
                512 * 1024);
        thread.start();
        thread.join();
        assertThat(outcome).hasToString("LIMIT");
    }

    @Test
    void charactersOfTheInputStayKnown() {
        Text text = Template.parse(
                        "{{ ('<' ~ (c | trim)[1:] ~ '>').replace('x', 'yy') }}{{ c | upper }}|{{ c.split()[0] }}")
                .render(Map.of("c", Text.input(" axb d ")), NOW);

        assertThat(text.value()).isEqualTo("<yyb d> AXB D |axb");
        StringBuilder marks = new StringBuilder("-".repeat(text.length()));
        for (int i = 0; i < text.runs(); i++) {
            marks.replace(text.runStart(i), text.runEnd(i), "i".repeat(text.runEnd(i) - text.runStart(i)));
        }
        assertThat(marks).hasToString("---iii-iiiiiii-iii");
    }

    private static String render(String template) {
        Map<String, Value> variables = new LinkedHashMap<>();
        variables.put("messages", Value.of(List.of(Map.of("role", "user", "content", "Hi"))));
        return Template.parse(template).render(variables, NOW).value();
    }
}
