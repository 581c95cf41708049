package dev.lectern.pipeline;

import org.apache.spark.sql.SparkSession;

/// Base of the tests that need Spark: one real session, `local[2]`, for the whole JVM.
public abstract class SparkTest {
    protected static SparkSession spark() {
        return Session.SPARK;
    }

    /// Holder: the session starts with the first test that asks for it and ends with the JVM (Spark's own hook).
    private static final class Session {
        static final SparkSession SPARK = SparkSession.builder()
                .master("local[2]")
                .appName("tests")
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "localhost")
                .config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.sql.session.timeZone", "UTC")
                .getOrCreate();
    }
}
