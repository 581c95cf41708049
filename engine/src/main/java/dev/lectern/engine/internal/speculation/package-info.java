/// Guessing tokens from texts that the model has seen, so that a decode step can verify several at once.
package dev.lectern.engine.internal.speculation;
