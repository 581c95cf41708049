package dev.lectern.pipeline.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/// The Spark session of a command. With a `local` master this process is driver and executor; with any other
/// master the executors get this process's class path and flags, so they must see the same folders (spark-submit
/// ships a jar instead).
final class EmbeddedSpark {
    private EmbeddedSpark() {}

    /// The caller stops the session.
    static SparkSession open(String application, SparkOptions options) {
        Map<String, String> settings = new LinkedHashMap<>(defaults(options.master()));
        settings.putAll(options.settings());
        SparkSession.Builder builder =
                SparkSession.builder().appName("lectern " + application).master(options.master());
        settings.forEach(builder::config);
        return builder.getOrCreate();
    }

    private static Map<String, String> defaults(String master) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("spark.sql.session.timeZone", "UTC");
        settings.put("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
        settings.put("spark.ui.showConsoleProgress", "false");
        if (!master.startsWith("spark://") && !master.startsWith("yarn") && !master.startsWith("k8s")) {
            // One machine: nobody else looks for this driver, and a laptop's host name may not resolve.
            settings.put("spark.driver.host", "127.0.0.1");
            settings.put("spark.driver.bindAddress", "127.0.0.1");
            settings.put("spark.ui.enabled", "false");
            settings.put(
                    "spark.sql.shuffle.partitions",
                    Integer.toString(Runtime.getRuntime().availableProcessors()));
        }
        if (!master.startsWith("local[") && !master.equals("local")) {
            settings.put("spark.executor.extraClassPath", System.getProperty("java.class.path"));
            settings.put("spark.executor.extraJavaOptions", executorFlags());
        }
        return settings;
    }

    /// The flags of bin/jvm.options on one line.
    private static String executorFlags() {
        Path file = Path.of(System.getProperty("lectern.home", "."), "bin", "jvm.options");
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("-")).collect(Collectors.joining(" "));
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": the flags of the executors' JVMs cannot be read", e);
        }
    }
}
