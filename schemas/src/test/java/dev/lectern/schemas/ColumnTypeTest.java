package dev.lectern.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ColumnTypeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "string",
                "int",
                "long",
                "double",
                "boolean",
                "binary",
                "timestamp",
                "output",
                "array<int>",
                "array<string?>",
                "map<string,long>",
                "struct<a:int,b:array<struct<c:timestamp?>>?>"
            })
    void canonicalFormsComeBack(String text) {
        assertThat(ColumnType.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "integer|position 0: found 'integer', expected string",
                "array<int|position 9: found the end, expected '>'",
                "array int|expected '<'",
                "map<int,long>|position 4: found 'int,long>', expected string",
                "struct<>|position 7: found '>', expected a name",
                "struct<a:int,a:int>|which is there already",
                "int?|found '?', expected the end",
                "''|expected a name"
            })
    void mistakesAreNamedWithTheirPlace(String text, String message) {
        assertThatThrownBy(() -> ColumnType.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void hostileTextIsRefusedNotFollowed() {
        assertThatThrownBy(() -> ColumnType.parse("array<".repeat(100_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("levels of nesting");
        String alphabet = "array<struct<a:int?>,map<string,long>>";
        long seed = 7;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(alphabet);
            for (int n = random.nextInt(4); n >= 0; n--) {
                int at = random.nextInt(text.length());
                text.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThatCode(() -> {
                        try {
                            ColumnType type = ColumnType.parse(text.toString());
                            assertThat(ColumnType.parse(type.toString())).isEqualTo(type);
                        } catch (IllegalArgumentException expected) {
                            assertThat(expected).hasMessageContaining("column type '" + text + "'");
                        }
                    })
                    .as("seed %d, case %d: %s", seed, i, text)
                    .doesNotThrowAnyException();
        }
    }
}
