/// Contracts of the pipeline's tables as files, and their loader. Knows neither Spark nor the pipeline.
@org.jspecify.annotations.NullMarked
package dev.lectern.schemas;
