@org.jspecify.annotations.NullMarked
package dev.lectern.pipeline.run;
