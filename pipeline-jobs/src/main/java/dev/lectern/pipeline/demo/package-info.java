/// The bundled demo: its output folder, and its answers beside the truth.
@NullMarked
package dev.lectern.pipeline.demo;

import org.jspecify.annotations.NullMarked;
