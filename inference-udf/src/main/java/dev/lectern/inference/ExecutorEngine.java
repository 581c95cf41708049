package dev.lectern.inference;

import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineConfig;
import dev.lectern.engine.EngineException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The engine of this JVM: opened by the first task that needs it, shared by all, closed when another model is
/// wanted or the JVM ends. Thread-safe.
public final class ExecutorEngine {
    private static final Logger LOG = LoggerFactory.getLogger(ExecutorEngine.class);
    private static final Object LOCK = new Object();

    private static @Nullable ExecutorEngine current;

    private final EngineSpec spec;
    private final Engine engine;
    private int leases;

    private ExecutorEngine(EngineSpec spec, Engine engine) {
        this.spec = spec;
        this.engine = engine;
    }

    /// The right to use the engine; to be closed by its user, who does not close the engine.
    public static final class Lease implements AutoCloseable {
        private final ExecutorEngine owner;
        private boolean closed;

        private Lease(ExecutorEngine owner) {
            this.owner = owner;
        }

        /// Valid until this lease is closed.
        public Engine engine() {
            return owner.engine;
        }

        @Override
        public void close() {
            synchronized (LOCK) {
                if (!closed) {
                    closed = true;
                    owner.leases--;
                }
            }
        }
    }

    /// Opens the engine, or waits for the task that is opening it.
    ///
    /// @throws EngineException       when it cannot be opened
    /// @throws IllegalStateException when tasks of this JVM use another engine, or the model here is another one
    public static Lease acquire(EngineSpec spec, Configuration hadoop) {
        synchronized (LOCK) {
            ExecutorEngine open = current;
            if (open != null && !open.spec.sameEngine(spec)) {
                if (open.leases > 0) {
                    throw new IllegalStateException("this executor's engine runs " + open.spec + " for " + open.leases
                            + " tasks, cannot open " + spec + " beside it; run one job after the other");
                }
                close("another model is wanted");
                open = null;
            }
            if (open == null) {
                open = open(spec, hadoop);
                current = open;
            }
            open.checkFingerprint(spec);
            open.leases++;
            return new Lease(open);
        }
    }

    private static ExecutorEngine open(EngineSpec spec, Configuration hadoop) {
        long start = System.nanoTime();
        Path model = LocalModel.of(spec.model(), hadoop, spec.cacheFolder());
        Engine engine = Engine.open(
                new EngineConfig(model, spec.backend(), spec.threads(), spec.kvMemoryBytes(), spec.speculation()));
        LOG.info(
                "engine opened: {} ({}, {} model bytes, mapped once) on {} with {} threads in {} of process {} in {} ms",
                model,
                engine.info().architecture(),
                engine.info().fileBytes(),
                engine.backendName(),
                engine.threads(),
                worker(),
                ProcessHandle.current().pid(),
                (System.nanoTime() - start) / 1_000_000);
        OnExit.register();
        return new ExecutorEngine(spec, engine);
    }

    /// This executor's name, for logs and manifests.
    static String worker() {
        SparkEnv env = SparkEnv.get();
        return env == null ? "driver" : "executor " + env.executorId();
    }

    private void checkFingerprint(EngineSpec wanted) {
        String found = engine.info().fingerprint();
        if (wanted.fingerprint() != null && !wanted.fingerprint().equals(found)) {
            throw new IllegalStateException("[" + wanted.model() + "] the model on this machine has the fingerprint "
                    + found + ", the driver's has " + wanted.fingerprint() + "; bring the same files to every machine");
        }
    }

    private static void close(String why) {
        ExecutorEngine open = current;
        if (open != null) {
            current = null;
            open.engine.close();
            LOG.info("engine closed in {}: {}", worker(), why);
        }
    }

    /// Holder: the hook is registered with the first engine.
    private static final class OnExit {
        static {
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                synchronized (LOCK) {
                                    // With work under way the process's end
                                    // frees everything; closing would pull the
                                    // weights from under it.
                                    if (current != null && current.leases == 0) {
                                        close("the process ends");
                                    }
                                }
                            },
                            "close-engine"));
        }

        static void register() {}
    }
}
