package dev.lectern.engine.internal.constraint.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lectern.engine.internal.constraint.lexical.NumberLanguage;
import dev.lectern.engine.internal.constraint.lexical.StringLanguage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The values of an `enum` or `const` by type.
///
/// @param literals   [Facts#NULL], [Facts#TRUE] and [Facts#FALSE] where listed
/// @param composites lists and objects
record Constants(int literals, Set<String> strings, List<BigDecimal> numbers, List<JsonNode> composites) {
    static Constants of(Location at, String keyword, Iterable<JsonNode> values) {
        int literals = 0;
        Set<String> strings = new LinkedHashSet<>();
        List<BigDecimal> numbers = new ArrayList<>();
        List<JsonNode> composites = new ArrayList<>();
        for (JsonNode value : values) {
            if (value.isNull()) {
                literals |= Facts.NULL;
            } else if (value.isBoolean()) {
                literals |= value.booleanValue() ? Facts.TRUE : Facts.FALSE;
            } else if (value.isTextual()) {
                strings.add(value.textValue());
            } else if (value.isNumber()) {
                numbers.add(Values.decimal(at, keyword, value));
            } else {
                composites.add(value);
            }
        }
        return new Constants(literals, strings, numbers, composites);
    }

    /// The types of the values that are neither lists nor objects.
    int types() {
        return literals | (strings.isEmpty() ? 0 : Facts.STRING) | (numbers.isEmpty() ? 0 : Facts.NUMBER);
    }

    /// The value is one of those that are neither lists nor objects.
    void assume(Facts facts) {
        facts.only(types());
        if (!strings.isEmpty()) {
            facts.strings(StringLanguage.ofValues(strings));
        }
        if (!numbers.isEmpty()) {
            NumberLanguage values = NumberLanguage.ofValues(numbers);
            // Whole ones as they are listed, not as 1.0: validators do not agree whether that is the same inside of
            // lists and objects.
            boolean whole = numbers.stream()
                    .allMatch(number -> number.stripTrailingZeros().scale() <= 0);
            facts.numbers(whole ? values.intersect(NumberLanguage.integer()) : values);
        }
    }

    /// The value is none of those that are neither lists nor objects.
    void deny(Facts facts) {
        facts.only(~literals);
        if (!strings.isEmpty() && facts.may(Facts.STRING)) {
            facts.strings(StringLanguage.ofValues(strings).complement());
        }
        for (BigDecimal number : numbers) {
            facts.numbers(NumberLanguage.any()
                    .withMaximum(number, true)
                    .union(NumberLanguage.any().withMinimum(number, true)));
        }
    }
}
