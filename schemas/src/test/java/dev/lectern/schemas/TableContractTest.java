package dev.lectern.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class TableContractTest {
    static final List<String> TABLES = TableContract.TABLES;

    @ParameterizedTest
    @FieldSource("TABLES")
    void everyContractLoads(String name) {
        TableContract contract = TableContract.load(name);

        assertThat(contract.name()).isEqualTo(name);
        assertThat(contract.columns()).isNotEmpty();
        for (TableContract.Column column : contract.columns()) {
            assertThat(ColumnType.parse(column.type().toString()))
                    .as(name + "." + column.name())
                    .isEqualTo(column.type());
            assertThat(column.meaning()).as(name + "." + column.name()).endsWith(".");
        }
    }

    /// The copies under `frozen` are what has been released: readers of old tables rely on every column there.
    @ParameterizedTest
    @FieldSource("TABLES")
    void contractsGrowByNullableColumnsOnly(String name) throws IOException {
        TableContract now = TableContract.load(name);
        TableContract frozen = frozen(name);

        for (TableContract.Column old : frozen.columns()) {
            TableContract.Column column = now.column(old.name()).orElse(null);
            assertThat(column).as("%s.%s may not be removed", name, old.name()).isNotNull();
            assertThat(Objects.requireNonNull(column).type())
                    .as("type of %s.%s may not change", name, old.name())
                    .isEqualTo(old.type());
            assertThat(column.nullable())
                    .as("nullability of %s.%s may not change", name, old.name())
                    .isEqualTo(old.nullable());
        }
        assertThat(now.partitionedBy())
                .as("%s: its folders may not change", name)
                .isEqualTo(frozen.partitionedBy());
        List<TableContract.Column> added = now.columns().stream()
                .filter(c -> frozen.column(c.name()).isEmpty())
                .toList();
        assertThat(added).as("%s: added columns are nullable", name).allMatch(TableContract.Column::nullable);
        assertThat(now.version())
                .as("%s: the version goes up when columns are added, and only then", name)
                .isEqualTo(added.isEmpty() ? frozen.version() : frozen.version() + 1);
    }

    @Test
    void fileColumnsLeaveOutThePartitions() {
        TableContract results = TableContract.load("results");

        assertThat(results.partitionedBy()).containsExactly("task");
        assertThat(results.fileColumns()).extracting(TableContract.Column::name).doesNotContain("task");
        assertThat(results.column("output").orElseThrow().type()).isEqualTo(ColumnType.Simple.OUTPUT);
    }

    @Test
    void anUnknownTableIsNamedWithTheKnownOnes() {
        assertThatThrownBy(() -> TableContract.load("answers"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no table 'answers'; tables: documents, rejects, contexts, results, runs");
    }

    @Test
    void aContractThatBreaksTheMetaSchemaIsRefusedWithThePlace() {
        assertThatThrownBy(() -> parse("""
                {"name": "t", "version": 1, "meaning": "m", "columns": [{"name": "a", "type": "int", "nullabel": true, "meaning": "m"}]}"""))
                .hasMessageContaining("[test] ")
                .hasMessageContaining("/columns/0")
                .hasMessageContaining("nullabel");
        assertThatThrownBy(() -> parse("[1")).hasMessageStartingWith("[test] not JSON");
        assertThatThrownBy(() -> parse("""
                {"name": "t", "version": 1, "meaning": "m", "columns": [
                  {"name": "a", "type": "int", "nullable": true, "meaning": "m"},
                  {"name": "a", "type": "int", "nullable": true, "meaning": "m"}]}""")).hasMessage("table t: column 'a' is defined twice; keep one");
        assertThatThrownBy(() -> parse("""
                {"name": "t", "version": 1, "meaning": "m", "partitionedBy": ["b"], "columns": [
                  {"name": "a", "type": "int", "nullable": true, "meaning": "m"}]}""")).hasMessageContaining("partitionedBy names 'b', which is no column");
    }

    private static TableContract parse(String json) {
        return TableContract.parse("test", json.getBytes(UTF_8));
    }

    private static TableContract frozen(String name) throws IOException {
        String path = "frozen/" + name + ".json";
        try (InputStream in = TableContractTest.class.getResourceAsStream(path)) {
            assertThat(in).as("test resource %s", path).isNotNull();
            byte[] bytes = Objects.requireNonNull(in).readAllBytes();
            assertThat(new ObjectMapper().readTree(bytes).isObject()).isTrue();
            return TableContract.parse(path, bytes);
        }
    }
}
