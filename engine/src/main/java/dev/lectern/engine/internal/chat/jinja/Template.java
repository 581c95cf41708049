package dev.lectern.engine.internal.chat.jinja;

import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;

/// A chat template: the subset of Jinja that Hugging Face's chat templates use, rendered as transformers renders it
/// (`trim_blocks` and `lstrip_blocks` on, loop controls, `raise_exception`, `strftime_now`, `tojson` without HTML
/// escapes, `{% generation %}`). Immutable and thread-safe.
///
/// Not there: template inheritance, inclusion and import, autoescaping, and the filters that make HTML. Integers have
/// 64 bits. Work, output and nesting of a rendering are bounded (see [Budget]).
public final class Template {
    /// UTF-16 units; the longest published templates have under 20,000.
    private static final int MAX_LENGTH = 1 << 20;

    private final List<Statement> statements;

    private Template(List<Statement> statements) {
        this.statements = statements;
    }

    /// @throws TemplateException when the source is no template, with its place
    public static Template parse(String source) {
        if (source.length() > MAX_LENGTH) {
            throw TemplateException.limit(
                    "a template of " + source.length() + " characters; no more than " + MAX_LENGTH + " are read");
        }
        return new Template(Parser.parse(source));
    }

    /// @param variables what the template may name
    /// @param now       what `strftime_now` tells
    /// @return the rendered text, which knows what in it came from [Text#input]
    /// @throws TemplateException when the template fails or asks for too much, with its place
    public Text render(Map<String, Value> variables, LocalDateTime now) {
        InputSize size = InputSize.of(variables.values());
        Budget budget = new Budget(size.characters(), size.values());
        Scope scope = new Scope(null);
        variables.forEach(scope::set);
        return new Renderer(budget, new Evaluator(budget, Globals.of(now))).render(statements, scope);
    }

    /// How much a rendering is given to work on.
    private record InputSize(long characters, long values) {
        static InputSize of(Iterable<Value> values) {
            long characters = 0;
            long count = 0;
            for (Value value : values) {
                count++;
                InputSize inside = switch (value) {
                    case Text text -> new InputSize(text.length(), 0);
                    case Value.Sequence sequence -> of(sequence.items());
                    case Value.Mapping mapping -> of(mapping.entries().values());
                    case Value.None _,
                            Value.Bool _,
                            Value.Int _,
                            Value.Real _,
                            Value.Undefined _,
                            Value.Namespace _,
                            Value.Callable _,
                            LoopVariable _ -> new InputSize(0, 0);
                };
                characters += inside.characters();
                count += inside.values();
            }
            return new InputSize(characters, count);
        }
    }
}
