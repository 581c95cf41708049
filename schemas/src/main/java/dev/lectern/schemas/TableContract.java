package dev.lectern.schemas;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;

/// What a table promises to its readers: columns, types, nullability, meaning. Read from `tables/NAME.json`, which is
/// validated against `tables/contract.schema.json`. Immutable and thread-safe.
///
/// A contract grows by nullable columns alone; its version then goes up by one.
///
/// @param partitionedBy columns that stand in folder names (`column=value`) instead of in the files, outermost first
public record TableContract(
        String name, int version, String meaning, List<String> partitionedBy, List<Column> columns) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final ConcurrentMap<String, TableContract> LOADED = new ConcurrentHashMap<>();

    /// All tables of the pipeline, in the order of its stages.
    public static final List<String> TABLES = List.of("documents", "rejects", "contexts", "results", "runs");

    public TableContract {
        partitionedBy = List.copyOf(partitionedBy);
        columns = List.copyOf(columns);
        Set<String> names = new HashSet<>();
        for (Column column : columns) {
            if (!names.add(column.name())) {
                throw new IllegalArgumentException(
                        "table " + name + ": column '" + column.name() + "' is defined twice; keep one");
            }
        }
        for (String partition : partitionedBy) {
            if (!names.contains(partition)) {
                throw new IllegalArgumentException("table " + name + ": partitionedBy names '" + partition
                        + "', which is no column; columns: " + names);
            }
        }
    }

    /// @param nullable whether the whole value may be null
    public record Column(String name, ColumnType type, boolean nullable, String meaning) {}

    public Optional<Column> column(String columnName) {
        return columns.stream().filter(c -> c.name().equals(columnName)).findFirst();
    }

    /// The columns that stand in the files.
    public List<Column> fileColumns() {
        return columns.stream().filter(c -> !partitionedBy.contains(c.name())).toList();
    }

    /// The contract of one of [#TABLES].
    ///
    /// @throws IllegalArgumentException when there is no such table
    public static TableContract load(String name) {
        if (!TABLES.contains(name)) {
            throw new IllegalArgumentException("no table '" + name + "'; tables: " + String.join(", ", TABLES));
        }
        return LOADED.computeIfAbsent(name, TableContract::read);
    }

    /// @param source names the contract in messages
    /// @throws IllegalArgumentException naming the source and each violation of the contract schema
    static TableContract parse(String source, byte[] json) {
        JsonNode tree;
        try {
            tree = JSON.readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException("[" + source + "] not JSON: " + e.getMessage(), e);
        }
        List<Error> errors = ContractSchema.SCHEMA.validate(tree);
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException("[" + source + "] "
                    + errors.stream()
                            .map(e -> e.getInstanceLocation() + " " + e.getMessage())
                            .collect(Collectors.joining("; ")));
        }
        List<String> partitionedBy = new ArrayList<>();
        tree.path("partitionedBy").forEach(n -> partitionedBy.add(n.asText()));
        List<Column> columns = new ArrayList<>();
        for (JsonNode column : tree.get("columns")) {
            columns.add(new Column(
                    column.get("name").asText(),
                    ColumnType.parse(column.get("type").asText()),
                    column.get("nullable").asBoolean(),
                    column.get("meaning").asText()));
        }
        return new TableContract(
                tree.get("name").asText(),
                tree.get("version").asInt(),
                tree.get("meaning").asText(),
                partitionedBy,
                columns);
    }

    private static TableContract read(String name) {
        TableContract contract = parse("tables/" + name + ".json", resource(name + ".json"));
        if (!contract.name().equals(name)) {
            throw new IllegalStateException(
                    "[tables/" + name + ".json] name is '" + contract.name() + "', expected '" + name + "'");
        }
        return contract;
    }

    private static byte[] resource(String file) {
        String path = "tables/" + file;
        try (InputStream in = TableContract.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("resource " + path + " is missing: the build packs schemas/tables");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new IllegalStateException("resource " + path + " cannot be read", e);
        }
    }

    /// Holder: the validator is built when the first contract is read.
    private static final class ContractSchema {
        static final Schema SCHEMA = schema();

        private static Schema schema() {
            try {
                return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(JSON.readTree(resource("contract.schema.json")));
            } catch (IOException e) {
                throw new IllegalStateException("tables/contract.schema.json is not JSON", e);
            }
        }
    }
}
