package dev.lectern.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.FinishReason;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerParserTest {
    private static final String SCHEMA = """
            {"type":"object","additionalProperties":false,"properties":{
              "amount":{"type":["integer","null"]},"rate":{"type":"number"},"date":{"type":"string","format":"date"},
              "party":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}},"any":{}}}""";
    private static final AnswerParser PARSER = new AnswerParser(AnswerSchema.parse("t", SCHEMA));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}",
                " {\"amount\":93400,\"date\":\"2031-04-17\"} ",
                "{\"amount\":null,\"tags\":[],\"any\":{\"deep\":[1,null]}}",
                "{\"amount\":9223372036854775807}",
                "{\"amount\":93400.00}",
                "{\"rate\":0.1}",
                "{\"rate\":1e3}",
                "{\"rate\":93400}",
                "{\"party\":\"\\ud83d\\ude00\"}",
            })
    void acceptsWhatConformsAndFits(String text) {
        assertThat(PARSER.parse(text, FinishReason.STOP)).isInstanceOf(Answer.Valid.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "` `                                  | NOT_JSON        | the answer is empty",
                "no                                   | NOT_JSON        | Unrecognized token 'no'",
                "{\"amount\":1                        | NOT_JSON        | Unexpected end-of-input",
                "{\"amount\":1} because               | NOT_JSON        | Unrecognized token 'because'",
                "{\"amount\":1} {}                    | NOT_JSON        | the answer goes on after its JSON value (character 13)",
                "{\"rate\":NaN}                       | NOT_JSON        | NaN",
                "{\"amount\":01}                      | NOT_JSON        | Leading zeroes",
                "{\"amount\":1,\"amount\":2}          | SCHEMA_MISMATCH | /amount: the name stands twice in its object",
                "{\"any\":{\"a\":1,\"a\":2}}          | SCHEMA_MISMATCH | /any/a: the name stands twice in its object",
                "[]                                   | SCHEMA_MISMATCH | /:",
                "null                                 | SCHEMA_MISMATCH | /:",
                "{\"amount\":\"1\"}                   | SCHEMA_MISMATCH | /amount: string found",
                "{\"date\":\"2031-4-17\"}             | SCHEMA_MISMATCH | /date:",
                "{\"other\":1}                        | SCHEMA_MISMATCH | other",
                "{\"tags\":[\"a\",1]}                 | SCHEMA_MISMATCH | /tags/1:",
                "{\"amount\":1.5}                     | SCHEMA_MISMATCH | /amount:",
                "{\"amount\":9223372036854775808}     | SCHEMA_MISMATCH | /amount: number 9223372036854775808 does not fit its column of type LONG",
                "{\"amount\":1e999999999}             | SCHEMA_MISMATCH | /amount: the number has no double or long",
                "{\"rate\":9007199254740993}          | SCHEMA_MISMATCH | /rate: number 9007199254740993 does not fit its column of type DOUBLE",
                "{\"rate\":1e309}                     | SCHEMA_MISMATCH | /rate: number",
                "{\"party\":\"\\ud83d\"}              | SCHEMA_MISMATCH | /party: holds half of a surrogate pair",
                "{\"any\":{\"a/b\":[\"\\udead\"]}}    | SCHEMA_MISMATCH | /any/a~1b/0: holds half of a surrogate pair",
            })
    void saysWhyNot(String text, Answer.Code code, String message) {
        assertThat(PARSER.parse(text, FinishReason.STOP)).isInstanceOfSatisfying(Answer.Invalid.class, answer -> {
            assertThat(answer.code()).as(answer.message()).isEqualTo(code);
            assertThat(answer.message()).contains(message);
        });
    }

    @ParameterizedTest
    @CsvSource({"LENGTH,maxTokens", "CONTEXT_FULL,context length"})
    void cutAnswersAreIncompleteWhateverTheySay(FinishReason finish, String message) {
        assertThat(PARSER.parse("{}", finish)).isInstanceOfSatisfying(Answer.Incomplete.class, answer -> {
            assertThat(answer.code()).isEqualTo(finish.name());
            assertThat(answer.message()).contains(message);
        });
    }

    @Test
    void anyTextHasAnOutcome() {
        String seedText = "{\"amount\":93400,\"rate\":-1.5e3,\"tags\":[\"a\\u00e9\"],\"any\":{\"x\":[null,true]}}";
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder(seedText);
            for (int i = random.nextInt(5); i >= 0; i--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 ->
                        text.setCharAt(at, (char)
                                (random.nextInt(8) == 0 ? random.nextInt(0x10000) : 32 + random.nextInt(96)));
                    default -> text.insert(at, "[{\"9e\\".charAt(random.nextInt(6)));
                }
            }
            assertThat(PARSER.parse(text.toString(), FinishReason.STOP))
                    .as("seed %d", seed)
                    .isNotNull();
        }
        assertThat(PARSER.parse("[".repeat(100_000), FinishReason.STOP)).isInstanceOf(Answer.Invalid.class);
        assertThat(PARSER.parse("9".repeat(100_000), FinishReason.STOP)).isInstanceOf(Answer.Invalid.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"amount\":\"1\"}              | DISAGREEMENT    | /amount: string found",
                "{\"amount\":1                     | DISAGREEMENT    | Unexpected end-of-input",
                "{\"amount\":1,\"amount\":2}       | DISAGREEMENT    | /amount: the name stands twice",
                "{\"rate\":9007199254740993}       | SCHEMA_MISMATCH | does not fit its column",
            })
    void whatWasHeldToTheSchemaAndIsRefusedIsADisagreement(String text, Answer.Code code, String message) {
        assertThat(PARSER.parse(text, FinishReason.STOP, true)).isInstanceOfSatisfying(Answer.Invalid.class, answer -> {
            assertThat(answer.code()).isEqualTo(code);
            assertThat(answer.message()).contains(message);
        });
    }

    @Test
    void whatWasHeldAndConformsOrWasCutIsAsEver() {
        assertThat(PARSER.parse("{\"amount\":1}", FinishReason.STOP, true)).isInstanceOf(Answer.Valid.class);
        assertThat(PARSER.parse("{\"amount\":", FinishReason.LENGTH, true)).isInstanceOf(Answer.Incomplete.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"price\":93400.50}                             | true",
                "{\"price\":9.34e4}                               | true",
                "{\"price\":9999999999999999.99}                  | true",
                "{\"total\":999999999999999999999999999999999999.99} | true",
                "{\"total\":1e36}                                 | false",
                "{\"day\":\"2028-02-29\"}                         | true",
                "{\"at\":\"2031-04-17T10:11:12.123456Z\"}         | true",
                "{\"at\":\"2031-04-17t10:11:12.123456000+02:00\"} | true",
                "{\"at\":\"2031-04-17T10:11:12.1234567Z\"}        | false",
                "{\"rates\":{\"EUR\":1.5,\"USD\":null}}           | true",
                "{\"rates\":{\"EUR\":9007199254740993}}           | false",
            })
    void columnsHoldWhatFitsThem(String text, boolean fits) {
        AnswerParser parser = new AnswerParser(AnswerSchema.parse("t", """
                {"type":"object","properties":{
                  "price":{"type":"number","multipleOf":0.01,"minimum":0,"maximum":1e16},"total":{"type":"number","multipleOf":0.01},
                  "day":{"type":"string","format":"date"},"at":{"type":"string","format":"date-time"},
                  "rates":{"type":"object","additionalProperties":{"type":["number","null"]}}}}"""));
        Answer answer = parser.parse(text, FinishReason.STOP);
        if (fits) {
            assertThat(answer).isInstanceOf(Answer.Valid.class);
        } else {
            assertThat(answer)
                    .isInstanceOfSatisfying(
                            Answer.Invalid.class,
                            invalid -> assertThat(invalid.message()).contains("does not fit its column"));
        }
    }
}
