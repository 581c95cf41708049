package dev.lectern.pipeline.cli;

import java.io.PrintStream;

/// How far a long command is, on the error stream: one line that is overwritten on a terminal, a plain line now and
/// then elsewhere. Thread-safe.
final class ProgressLine implements AutoCloseable {
    private static final long TERMINAL_MILLIS = 100;
    private static final long PLAIN_MILLIS = 10_000;
    private static final String ERASE_TO_END = "\u001b[K";

    private final PrintStream err;
    private final boolean terminal;
    private long lastNanos;
    private boolean shown;
    private boolean closed;

    ProgressLine(PrintStream err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
        this.lastNanos = System.nanoTime();
    }

    /// For this process's own error stream; bin/lectern says whether that is a terminal.
    static ProgressLine toConsole() {
        return new ProgressLine(System.err, Boolean.getBoolean("lectern.terminal"));
    }

    /// Whether what is shown is overwritten; details that only a watching person wants are worth it then.
    boolean onTerminal() {
        return terminal;
    }

    /// Shows the text, unless something was shown a moment ago.
    synchronized void update(String text) {
        long elapsedMillis = (System.nanoTime() - lastNanos) / 1_000_000;
        if (closed || elapsedMillis < (terminal ? TERMINAL_MILLIS : PLAIN_MILLIS)) {
            return;
        }
        show(text);
    }

    /// Shows the text now: a new step began.
    synchronized void step(String text) {
        if (!closed) {
            show(text);
        }
    }

    private void show(String text) {
        lastNanos = System.nanoTime();
        if (terminal) {
            err.print("\r" + text + ERASE_TO_END);
            err.flush();
            shown = true;
        } else {
            err.println(text);
        }
    }

    /// Erases the line: what follows starts on a clean one.
    @Override
    public synchronized void close() {
        closed = true;
        if (shown) {
            err.print("\r" + ERASE_TO_END);
            err.flush();
            shown = false;
        }
    }
}
