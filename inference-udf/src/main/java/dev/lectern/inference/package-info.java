/// The engine in a Spark executor: contexts in, typed and cited result rows out.
@org.jspecify.annotations.NullMarked
package dev.lectern.inference;
