package dev.lectern.engine.internal.kernel.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GemmsTest {
    private final Kernels kernels = new VectorKernels();

    @AfterEach
    void forget() {
        System.clearProperty(Gemms.PROPERTY);
    }

    @Test
    void javaUnlessAskedFor() {
        assertThat(Gemms.open(kernels, 1)).isNull();
        assertThat(Gemms.measured()).isFalse();
    }

    @Test
    void namesThatAreNone() {
        System.setProperty(Gemms.PROPERTY, "mkl");
        assertThatThrownBy(() -> Gemms.open(kernels, 1))
                .isInstanceOf(EngineException.InvalidRequest.class)
                .hasMessageContaining("expected java, onednn");
    }

    @Test
    void opensOrSaysWhyNot() {
        System.setProperty(Gemms.PROPERTY, "onednn");
        try (Gemm gemm = Gemms.open(kernels, 1)) {
            assertThat(gemm).isNotNull().extracting(Gemm::name).asString().startsWith("oneDNN 3.");
        } catch (EngineException.BackendUnavailable e) {
            assertThat(e).hasMessageMatching("gemm 'onednn': (the class path has no|this processor|oneDNN).*");
        }
    }
}
