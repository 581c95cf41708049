package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(written, true, StandardCharsets.UTF_8);

    @Test
    void aTerminalSeesOneLineThatIsErased() {
        try (ProgressLine line = new ProgressLine(err, true)) {
            line.step("first");
            line.step("second");
        }
        assertThat(text()).isEqualTo("\rfirst\u001b[K\rsecond\u001b[K\r\u001b[K");
    }

    @Test
    void elsewhereStepsArePlainLines() {
        try (ProgressLine line = new ProgressLine(err, false)) {
            line.step("first");
            line.update("too soon");
        }
        assertThat(text()).isEqualTo("first" + System.lineSeparator());
    }

    @Test
    void nothingIsShownAfterTheEnd() {
        ProgressLine line = new ProgressLine(err, false);
        line.close();
        line.step("late");
        assertThat(text()).isEmpty();
    }

    private String text() {
        return written.toString(StandardCharsets.UTF_8);
    }
}
