package dev.lectern.engine.internal.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A persistent team of threads that share out the items of one job at a time; the caller is worker 0.
///
/// Items are claimed one by one from a counter, so that uneven items leave nobody idle. A worker that is not
/// scheduled in time costs nothing: [#run] waits for the claimed items only, never for a worker to turn up. Idle
/// workers spin for a while (the next operation usually follows at once), then park. [#run] is called
/// from one thread at a time.
public final class Team implements AutoCloseable {
    /// What is done with each item. Items of one job run at the same time on several workers.
    @FunctionalInterface
    public interface Work {
        /// @param item   0 to the number of items
        /// @param worker 0 to the number of threads: which scratch memory to use
        void run(int item, int worker);
    }

    /// Some hundreds of microseconds, longer than what a forward pass does between two jobs: a thread that
    /// parks takes tens of microseconds to come back, which is a decode step's whole product.
    private static final int SPINS = 30_000;
    private static final Work NOTHING = (item, worker) -> {};

    /// High half: number of the job. Low half: items that are not claimed yet. The job's number makes a claim
    /// fail when the job has changed since the counter was read, so that a claimed item always belongs to the
    /// current fields.
    private final AtomicLong unclaimed = new AtomicLong();

    private final AtomicInteger unfinished = new AtomicInteger();
    private final Worker[] workers;
    private int items;
    private Work work = NOTHING;
    private volatile @Nullable Thread waiting;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;

    /// @param threads size of the team with the caller
    public Team(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads " + threads + ": expected at least 1");
        }
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    public int threads() {
        return workers.length + 1;
    }

    /// Runs all items and returns when they are done. The first exception of any of them is thrown here; items
    /// that nobody had started by then are dropped.
    public void run(int items, Work work) {
        if (closed) {
            throw new IllegalStateException("the team of threads is closed");
        }
        if (items <= 1 || workers.length == 0) {
            for (int item = 0; item < items; item++) {
                work.run(item, 0);
            }
            return;
        }
        this.items = items;
        this.work = work;
        failure = null;
        unfinished.set(items);
        long job = (unclaimed.get() >>> 32) + 1;
        unclaimed.set(job << 32 | items);
        for (int i = 0; i < Math.min(workers.length, items - 1); i++) {
            workers[i].wake();
        }
        while (claimAndRun(0)) {
            // until nothing is left to claim
        }
        awaitOthers();
        this.work = NOTHING;
        if (failure instanceof RuntimeException exception) {
            throw exception;
        } else if (failure instanceof Error error) {
            throw error;
        }
    }

    /// Returns false when there was nothing to claim.
    private boolean claimAndRun(int worker) {
        long seen = unclaimed.get();
        int left = (int) seen;
        if (left == 0) {
            return false;
        }
        if (!unclaimed.compareAndSet(seen, seen - 1)) {
            return true;
        }
        try {
            if (failure == null) {
                work.run(items - left, worker);
            }
        } catch (Throwable thrown) {
            // Not swallowed: run() throws it in the caller's thread.
            failure = thrown;
        } finally {
            if (unfinished.decrementAndGet() == 0) {
                LockSupport.unpark(waiting);
            }
        }
        return true;
    }

    private void awaitOthers() {
        for (int spin = 0; spin < SPINS; spin++) {
            if (unfinished.get() == 0) {
                return;
            }
            Thread.onSpinWait();
        }
        waiting = Thread.currentThread();
        while (unfinished.get() != 0) {
            LockSupport.park(this);
        }
        waiting = null;
    }

    /// Ends the threads and waits for them; nothing runs afterwards.
    @Override
    public void close() {
        closed = true;
        boolean interrupted = false;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
        for (Worker worker : workers) {
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Worker extends Thread {
        private final int index;
        private volatile boolean parked;

        Worker(int index) {
            super("lectern-cpu-" + index);
            this.index = index;
            setDaemon(true);
        }

        void wake() {
            if (parked) {
                LockSupport.unpark(this);
            }
        }

        @Override
        public void run() {
            int idle = 0;
            while (!closed) {
                if (claimAndRun(index)) {
                    idle = 0;
                } else if (++idle < SPINS) {
                    Thread.onSpinWait();
                } else {
                    // Set before the last look: run() publishes its job before it looks at this
                    // flag.
                    parked = true;
                    if (!hasUnclaimed() && !closed) {
                        LockSupport.park(Team.this);
                    }
                    parked = false;
                    idle = 0;
                }
            }
        }

        private boolean hasUnclaimed() {
            return (int) unclaimed.get() != 0;
        }
    }
}
