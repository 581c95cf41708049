package dev.lectern.engine.internal.kernel.gemm;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.kernel.Kernels;
import org.jspecify.annotations.Nullable;

/// The choice among providers of prefill products: the system property `lectern.gemm`.
public final class Gemms {
    static final String PROPERTY = "lectern.gemm";
    private static final System.Logger LOG = System.getLogger(Gemms.class.getName());

    private Gemms() {}

    /// Opens what is asked for and logs it. Null: all products in Java.
    ///
    /// @throws EngineException.BackendUnavailable when the named one cannot run here
    /// @throws EngineException.InvalidRequest     for a name that is none
    public static @Nullable Gemm open(Kernels kernels, int threads) {
        String name = System.getProperty(PROPERTY, "java");
        return switch (name) {
            case "java" -> null;
            case "onednn" -> logged(named(kernels, 16, threads));
            case "onednn-8bit" -> logged(named(kernels, 8, threads));
            default ->
                throw new EngineException.InvalidRequest(
                        PROPERTY + " '" + name + "': unknown; expected java, onednn or onednn-8bit");
        };
    }

    private static Gemm named(Kernels kernels, int bits, int threads) {
        try {
            return OneDnnGemm.open(kernels, bits, threads);
        } catch (GemmUnavailable e) {
            throw new EngineException.BackendUnavailable("gemm 'onednn': " + e.getMessage());
        }
    }

    private static Gemm logged(Gemm gemm) {
        LOG.log(System.Logger.Level.INFO, "gemm " + gemm.name() + " (asked for)");
        return gemm;
    }
}
