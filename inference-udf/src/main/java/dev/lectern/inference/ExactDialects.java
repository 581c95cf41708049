package dev.lectern.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaContext;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.AbstractKeyword;
import com.networknt.schema.keyword.KeywordType;
import com.networknt.schema.keyword.KeywordValidator;
import com.networknt.schema.keyword.MultipleOfValidator;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The dialects of JSON Schema as networknt's validator knows them, but for `multipleOf`: it asks that of an
/// integer's nearest double, by which 9007199254740993 would be even. Here integers of any size are divided exactly.
public final class ExactDialects {
    private static final MultipleOf MULTIPLE_OF = new MultipleOf();
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
        return Dialect.builder(dialect).keyword(MULTIPLE_OF).build();
    }

    private static final class MultipleOf extends AbstractKeyword {
        MultipleOf() {
            super(KeywordType.MULTIPLE_OF.getValue());
        }

        @Override
        public KeywordValidator newValidator(
                SchemaLocation location, JsonNode schemaNode, Schema parentSchema, SchemaContext context) {
            return new MultipleOfValidator(location, schemaNode, parentSchema, context) {
                @Override
                protected @Nullable BigDecimal getDividend(JsonNode node) {
                    return node.isNumber() ? node.decimalValue() : null;
                }
            };
        }
    }
}
