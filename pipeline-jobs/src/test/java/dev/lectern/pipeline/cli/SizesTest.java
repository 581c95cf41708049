package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SizesTest {
    @Test
    void bytesHaveTheUnitThatFits() {
        assertThat(Sizes.bytes(0)).isEqualTo("0 bytes");
        assertThat(Sizes.bytes(1023)).isEqualTo("1023 bytes");
        assertThat(Sizes.bytes(1024)).isEqualTo("1.0 KiB");
        assertThat(Sizes.bytes(15_378_024)).isEqualTo("14.7 MiB");
        assertThat(Sizes.bytes(Long.MAX_VALUE)).endsWith(" TiB");
    }

    @Test
    void durationsHaveTheUnitThatFits() {
        assertThat(Sizes.duration(840)).isEqualTo("0.8 s");
        assertThat(Sizes.duration(41_400)).isEqualTo("41 s");
        assertThat(Sizes.duration(725_000)).isEqualTo("12 min 5 s");
        assertThat(Sizes.duration(10_920_000)).isEqualTo("3 h 2 min");
    }

    @Test
    void countsAreGrouped() {
        assertThat(Sizes.count(1_048_576)).isEqualTo("1,048,576");
    }
}
