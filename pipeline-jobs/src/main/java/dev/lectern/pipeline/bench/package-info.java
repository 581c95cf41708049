/// Measuring an engine's speed: which runs, how they are timed, and what is made of the times.
@NullMarked
package dev.lectern.pipeline.bench;

import org.jspecify.annotations.NullMarked;
