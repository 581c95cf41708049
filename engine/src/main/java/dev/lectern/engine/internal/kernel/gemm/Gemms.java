package dev.lectern.engine.internal.kernel.gemm;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.kernel.Kernels;
import org.jspecify.annotations.Nullable;

/// The choice among providers of prefill products, by the system property `lectern.gemm`: `java`, which is the
/// default; `onednn`, for all weights that it takes; `auto`, for those of them that it multiplies faster, all in
/// Java where it cannot run; `onednn-8bit`, which rounds rows as programs do that quantise activations.
public final class Gemms {
    static final String PROPERTY = "lectern.gemm";
    private static final System.Logger LOG = System.getLogger(Gemms.class.getName());

    private Gemms() {}

    /// Opens what is asked for and logs it. Null: all products in Java.
    ///
    /// @throws EngineException.BackendUnavailable when the named one cannot run here
    /// @throws EngineException.InvalidRequest     for a name that is none
    public static @Nullable Gemm open(Kernels kernels, int threads) {
        return switch (name()) {
            case "java" -> null;
            case "onednn" -> named(kernels, 16, threads);
            case "onednn-8bit" -> named(kernels, 8, threads);
            case "auto" -> ifAvailable(kernels, threads);
            default ->
                throw new EngineException.InvalidRequest(
                        PROPERTY + " '" + name() + "': unknown; expected java, onednn, onednn-8bit or auto");
        };
    }

    /// Whether what is opened is for those weights only that it multiplies faster.
    public static boolean measured() {
        return name().equals("auto");
    }

    private static String name() {
        return System.getProperty(PROPERTY, "java");
    }

    private static Gemm named(Kernels kernels, int bits, int threads) {
        try {
            Gemm gemm = OneDnnGemm.open(kernels, bits, threads);
            LOG.log(System.Logger.Level.INFO, "gemm " + gemm.name() + " (asked for)");
            return gemm;
        } catch (GemmUnavailable e) {
            throw new EngineException.BackendUnavailable("gemm '" + name() + "': " + e.getMessage());
        }
    }

    private static @Nullable Gemm ifAvailable(Kernels kernels, int threads) {
        try {
            return OneDnnGemm.open(kernels, 16, threads);
        } catch (GemmUnavailable e) {
            LOG.log(System.Logger.Level.INFO, "gemm java (onednn: " + e.getMessage() + ")");
            return null;
        }
    }
}
