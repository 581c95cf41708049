/// Spark SQL over the tables of a run.
@org.jspecify.annotations.NullMarked
package dev.lectern.pipeline.sql;
