@org.jspecify.annotations.NullMarked
package dev.lectern.pipeline.pack;
