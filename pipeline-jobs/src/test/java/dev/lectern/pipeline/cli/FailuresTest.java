package dev.lectern.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.EngineException;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.io.IOException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class FailuresTest {
    @Test
    void whatTheUserCanActOnIsFoundBelowSparksWrapping() {
        Throwable cause = new EngineException.NotEnoughMemory("needs 3 GiB, has 2");
        Throwable wrapped = new SparkException("Job aborted due to stage failure", new IOException(cause));
        assertThat(Failures.explain(wrapped))
                .isEqualTo(new Failures.Failure(ExitCode.ENGINE, "needs 3 GiB, has 2", true));
    }

    @Test
    void aJobsFailureKeepsItsCode() {
        Throwable thrown = new RuntimeException(new JobException(ExitCode.QUALITY, "the account does not balance"));
        assertThat(Failures.explain(thrown))
                .isEqualTo(new Failures.Failure(ExitCode.QUALITY, "the account does not balance", true));
    }

    @Test
    void eachEngineFailureHasItsCode() {
        assertThat(codeOf(new EngineException.ModelNotFound("m"))).isEqualTo(ExitCode.INPUT);
        assertThat(codeOf(new EngineException.InvalidRequest("m"))).isEqualTo(ExitCode.USAGE);
        assertThat(codeOf(new EngineException.BackendUnavailable("m"))).isEqualTo(ExitCode.ENGINE);
        assertThat(codeOf(new EngineException.Cancelled("m"))).isEqualTo(ExitCode.STOPPED);
    }

    @Test
    void theUnforeseenIsOneLineAndMarked() {
        Failures.Failure failure = Failures.explain(new IllegalStateException("first line\nsecond line"));
        assertThat(failure)
                .isEqualTo(new Failures.Failure(ExitCode.ENGINE, "IllegalStateException: first line", false));
        assertThat(Failures.explain(new NullPointerException()).message())
                .isEqualTo("NullPointerException: no message");
    }

    @Test
    void aLoopOfCausesEnds() {
        Exception first = new Exception("first");
        Exception second = new Exception("second", first);
        first.initCause(second);
        assertThat(Failures.explain(first).expected()).isFalse();
    }

    private static ExitCode codeOf(EngineException e) {
        return Failures.explain(e).exitCode();
    }
}
