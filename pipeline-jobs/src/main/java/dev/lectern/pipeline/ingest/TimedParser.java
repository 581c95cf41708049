package dev.lectern.pipeline.ingest;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Parses on a thread of its own, so that a file whose reader does not come to an end can be given up. Owned by one
/// task; [#close] ends the thread.
final class TimedParser implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TimedParser.class);

    private final FileParser parser;
    private final long maxMillis;
    private ExecutorService worker = newWorker();

    TimedParser(FileParser parser, long maxMillis) {
        this.parser = parser;
        this.maxMillis = maxMillis;
    }

    /// @throws InterruptedException when the task is cancelled
    FileOutcome parse(String name, byte[] bytes) throws InterruptedException {
        Future<FileOutcome> outcome = worker.submit(() -> parser.parse(name, bytes));
        try {
            return outcome.get(maxMillis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            abandon(outcome);
            LOG.warn("gave up reading a file of {} bytes after {} ms", bytes.length, maxMillis);
            return new FileOutcome.Reject(
                    FileParser.sha256(bytes),
                    bytes.length,
                    RejectCode.TIMEOUT,
                    "the reader was not done after " + maxMillis + " ms");
        } catch (InterruptedException e) {
            abandon(outcome);
            throw e;
        } catch (ExecutionException e) {
            // The parser turns all that a file can cause into a reject.
            throw new IllegalStateException("reading failed", e.getCause());
        }
    }

    /// Readers look at the interrupt between pages and blocks of text; a library's own endless loop keeps its
    /// (daemon) thread, while a new one takes the next file.
    private void abandon(Future<FileOutcome> outcome) {
        outcome.cancel(true);
        worker.shutdownNow();
        worker = newWorker();
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }

    private static ExecutorService newWorker() {
        return Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("ingest-reader-", 0).daemon(true).factory());
    }
}
