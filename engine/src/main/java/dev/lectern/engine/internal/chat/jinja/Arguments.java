package dev.lectern.engine.internal.chat.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The arguments of a call, evaluated.
record Arguments(List<Value> positional, Map<String, Value> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(Value... values) {
        return new Arguments(List.of(values), Map.of());
    }

    /// Matches the arguments with parameters.
    ///
    /// @param what       whose, for messages
    /// @param required   how many of the parameters must be given
    /// @param parameters names in order
    /// @return a value per parameter, null where none was given
    @Nullable
    Value[] bind(String what, int required, String... parameters) {
        if (positional.size() > parameters.length) {
            throw TemplateException.type(
                    what + " takes at most " + parameters.length + " arguments, " + positional.size() + " were given");
        }
        @Nullable Value[] bound = new @Nullable Value[parameters.length];
        for (int i = 0; i < positional.size(); i++) {
            bound[i] = positional.get(i);
        }
        for (Map.Entry<String, Value> argument : named.entrySet()) {
            int at = List.of(parameters).indexOf(argument.getKey());
            if (at < 0) {
                throw TemplateException.type(what + " got an unexpected keyword argument '" + argument.getKey() + "'");
            }
            if (bound[at] != null) {
                throw TemplateException.type(what + " got two values for argument '" + argument.getKey() + "'");
            }
            bound[at] = argument.getValue();
        }
        for (int i = 0; i < required; i++) {
            if (bound[i] == null) {
                throw TemplateException.type(what + " misses its argument '" + parameters[i] + "'");
            }
        }
        return bound;
    }
}
