/// Files to documents: finding them, reading them, and accounting for each.
@org.jspecify.annotations.NullMarked
package dev.lectern.pipeline.ingest;
