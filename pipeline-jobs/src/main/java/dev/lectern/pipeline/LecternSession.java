package dev.lectern.pipeline;

import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/// The Spark session of a job that spark-submit starts. Settings that the user gave win, save those that the
/// executors' JVMs cannot do without.
public final class LecternSession {
    private static final String EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions";
    private static final String[] NEEDED = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"};

    private LecternSession() {}

    /// The caller stops the session.
    public static SparkSession open(String application) {
        SparkConf conf = new SparkConf();
        conf.setIfMissing("spark.app.name", "lectern " + application);
        conf.setIfMissing("spark.master", "local[*]");
        conf.setIfMissing("spark.sql.session.timeZone", "UTC");
        conf.setIfMissing("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
        if (conf.get("spark.master").toLowerCase(Locale.ROOT).startsWith("local")) {
            conf.setIfMissing("spark.ui.enabled", "false");
        }
        StringBuilder options = new StringBuilder(conf.get(EXECUTOR_OPTIONS, ""));
        for (String needed : NEEDED) {
            if (options.indexOf(needed) < 0) {
                options.append(options.isEmpty() ? "" : " ").append(needed);
            }
        }
        conf.set(EXECUTOR_OPTIONS, options.toString());
        return SparkSession.builder().config(conf).getOrCreate();
    }
}
