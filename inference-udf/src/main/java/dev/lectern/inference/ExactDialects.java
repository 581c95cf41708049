package dev.lectern.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaContext;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.AbstractKeyword;
import com.networknt.schema.keyword.ConstValidator;
import com.networknt.schema.keyword.EnumValidator;
import com.networknt.schema.keyword.KeywordType;
import com.networknt.schema.keyword.KeywordValidator;
import com.networknt.schema.keyword.MultipleOfValidator;
import com.networknt.schema.path.NodePath;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The dialects of JSON Schema as networknt's validator knows them, but for numbers that it takes for others. It
/// asks `multipleOf` of an integer's nearest double, by which 9007199254740993 would be even; here integers of any
/// size are divided exactly. In the lists and objects of `const` and `enum` it tells 1 from 1.0, which are the same
/// number.
public final class ExactDialects {
    private static final List<Dialect> ALL = List.of(
            exact(Dialects.getDraft202012()),
            exact(Dialects.getDraft201909()),
            exact(Dialects.getDraft7()),
            exact(Dialects.getDraft6()),
            exact(Dialects.getDraft4()));

    private ExactDialects() {}

    /// @param version of schemas without `$schema`
    public static SchemaRegistry registry(SpecificationVersion version, SchemaRegistryConfig config) {
        List<Dialect> dialects = new ArrayList<>();
        for (Dialect dialect : ALL) {
            dialects.add(dialect.getSpecificationVersion() == version ? 0 : dialects.size(), dialect);
        }
        return SchemaRegistry.withDialects(dialects, builder -> builder.schemaRegistryConfig(config));
    }

    private static Dialect exact(Dialect dialect) {
        Dialect.Builder exact =
                Dialect.builder(dialect).keyword(new MultipleOfKeyword()).keyword(new EnumKeyword());
        // Draft 4 has no such keyword.
        return (dialect.getKeywords().containsKey(ConstKeyword.NAME) ? exact.keyword(new ConstKeyword()) : exact)
                .build();
    }

    /// Lists and objects with their numbers as decimals without trailing zeros; other values as they are.
    private static JsonNode withPlainNumbers(JsonNode node) {
        if (!node.isContainerNode()) {
            return node;
        }
        if (node.isArray()) {
            ArrayNode plain = JsonNodeFactory.instance.arrayNode();
            node.forEach(item -> plain.add(plain(item)));
            return plain;
        }
        ObjectNode plain = JsonNodeFactory.instance.objectNode();
        node.properties().forEach(member -> plain.set(member.getKey(), plain(member.getValue())));
        return plain;
    }

    private static JsonNode plain(JsonNode node) {
        return node.isNumber() ? DecimalNode.valueOf(node.decimalValue().stripTrailingZeros()) : withPlainNumbers(node);
    }

    private static final class MultipleOfKeyword extends AbstractKeyword {
        MultipleOfKeyword() {
            super(KeywordType.MULTIPLE_OF.getValue());
        }

        @Override
        public KeywordValidator newValidator(
                SchemaLocation location, JsonNode divisor, Schema parentSchema, SchemaContext context) {
            return new MultipleOfValidator(location, divisor, parentSchema, context) {
                @Override
                protected @Nullable BigDecimal getDividend(JsonNode node) {
                    return node.isNumber() ? node.decimalValue() : null;
                }
            };
        }
    }

    private static final class ConstKeyword extends AbstractKeyword {
        static final String NAME = KeywordType.CONST.getValue();

        ConstKeyword() {
            super(NAME);
        }

        @Override
        public KeywordValidator newValidator(
                SchemaLocation location, JsonNode value, Schema parentSchema, SchemaContext context) {
            return new ConstValidator(location, withPlainNumbers(value), parentSchema, context) {
                @Override
                public void validate(ExecutionContext execution, JsonNode node, JsonNode root, NodePath path) {
                    super.validate(execution, withPlainNumbers(node), root, path);
                }
            };
        }
    }

    private static final class EnumKeyword extends AbstractKeyword {
        EnumKeyword() {
            super(KeywordType.ENUM.getValue());
        }

        @Override
        public KeywordValidator newValidator(
                SchemaLocation location, JsonNode values, Schema parentSchema, SchemaContext context) {
            ArrayNode plain = JsonNodeFactory.instance.arrayNode();
            values.forEach(value -> plain.add(withPlainNumbers(value)));
            return new EnumValidator(location, plain, parentSchema, context) {
                @Override
                public void validate(ExecutionContext execution, JsonNode node, JsonNode root, NodePath path) {
                    super.validate(execution, withPlainNumbers(node), root, path);
                }
            };
        }
    }
}
