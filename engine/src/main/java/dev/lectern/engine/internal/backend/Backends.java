package dev.lectern.engine.internal.backend;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.gemm.Gemms;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.Weight;
import java.util.ArrayList;
import java.util.List;

/// Which backends there are, which of them can run here and why not, and the choice among them.
public final class Backends {
    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    private static final String ADD_VECTOR_MODULE =
            "the Vector API is not loaded; start Java with --add-modules=" + VECTOR_MODULE;
    private static final System.Logger LOG = System.getLogger(Backends.class.getName());

    private Backends() {}

    /// @param available whether [#open] can open it here
    /// @param reason    why not; or what it runs on
    public record Description(String name, boolean available, String reason) {}

    /// All backends in order of preference.
    public static List<Description> describe() {
        List<Description> descriptions = new ArrayList<>();
        descriptions.add(new Description("cuda", false, "not built in this version"));
        if (hasVectorModule()) {
            // The vector classes load only inside this branch.
            descriptions.add(new Description("cpu", true, VectorKernels.vectorBits() + "-bit vectors"));
        } else {
            descriptions.add(new Description("cpu", false, ADD_VECTOR_MODULE));
        }
        descriptions.add(new Description("scalar", true, "plain Java on one thread, for verification"));
        return List.copyOf(descriptions);
    }

    /// Opens a backend and logs the choice.
    ///
    /// @param name    `auto` for the best that is available, or `cpu`, `scalar`, `cuda`
    /// @param threads size of the team of threads; 0 for all processors
    /// @param packs   whether weights may take [#packedBytes] more for their order to be a faster one
    /// @throws EngineException.BackendUnavailable when the named one cannot run here
    /// @throws EngineException.InvalidRequest     for a name that is none
    public static Backend open(String name, int threads, boolean packs) {
        if (threads < 0) {
            throw new EngineException.InvalidRequest(
                    "threads: " + threads + "; expected 0 for all processors, or more");
        }
        int team = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        return switch (name) {
            case "auto" -> openBest(team, packs);
            case "cpu" -> {
                requireCpu();
                yield logged(openCpu(team, packs), packs, "asked for");
            }
            case "scalar" -> logged(new ScalarBackend(), false, "asked for");
            case "cuda" ->
                throw new EngineException.BackendUnavailable(
                        "backend 'cuda': not built in this version; use 'auto', 'cpu' or 'scalar'");
            default ->
                throw new EngineException.InvalidRequest(
                        "backend '" + name + "': unknown; expected auto, cpu, scalar or cuda");
        };
    }

    /// What [PackedWeights] of all of a model's weights take.
    public static long packedBytes(List<Weight> weights) {
        return hasVectorModule() ? PackedWeights.bytes(new VectorKernels(), weights) : 0;
    }

    /// @throws EngineException.BackendUnavailable where the vector kernels cannot run
    public static void requireCpu() {
        if (!hasVectorModule()) {
            throw new EngineException.BackendUnavailable("backend 'cpu': " + ADD_VECTOR_MODULE);
        }
    }

    private static Backend openBest(int threads, boolean packs) {
        if (hasVectorModule()) {
            return logged(openCpu(threads, packs), packs, "cuda: not built in this version");
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "backend scalar, which is very slow: cuda: not built in this version; cpu: " + ADD_VECTOR_MODULE);
        return new ScalarBackend();
    }

    private static Backend openCpu(int threads, boolean packs) {
        Kernels kernels = new VectorKernels();
        return new CpuBackend(kernels, threads, packs, Gemms.open(kernels, threads), Gemms.measured());
    }

    private static Backend logged(Backend backend, boolean packs, String why) {
        String vectors = backend instanceof CpuBackend ? ", " + VectorKernels.vectorBits() + "-bit vectors" : "";
        String weights = packs ? ", weights packed where their type has panels" : ", weights mapped";
        LOG.log(
                System.Logger.Level.INFO,
                "backend " + backend.name() + vectors + weights + ", threads " + backend.threads() + " (" + why + ")");
        return backend;
    }

    private static boolean hasVectorModule() {
        return ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
    }
}
