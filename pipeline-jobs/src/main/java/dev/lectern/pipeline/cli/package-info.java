/// The command line: a class per command, its options, and what it prints.
@NullMarked
package dev.lectern.pipeline.cli;

import org.jspecify.annotations.NullMarked;
