package dev.lectern.engine.internal.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

final class TeamTest {
    @Test
    void runsEveryItemOnce() {
        for (int threads = 1; threads <= 4; threads++) {
            try (Team team = new Team(threads)) {
                for (int items : new int[] {0, 1, 2, 3, 17, 1000}) {
                    AtomicIntegerArray runs = new AtomicIntegerArray(items);
                    team.run(items, (item, worker) -> runs.incrementAndGet(item));
                    for (int i = 0; i < items; i++) {
                        assertThat(runs.get(i))
                                .as("item %d of %d on %d threads", i, items, threads)
                                .isOne();
                    }
                }
            }
        }
    }

    @Test
    void neverMixesOneJobWithTheNext() {
        try (Team team = new Team(3)) {
            for (int job = 0; job < 20_000; job++) {
                AtomicInteger sum = new AtomicInteger();
                int items = 1 + job % 7;
                team.run(items, (item, worker) -> sum.addAndGet(1 << item));
                assertThat(sum.get()).as("job %d", job).isEqualTo((1 << items) - 1);
            }
        }
    }

    @Test
    void wakesParkedWorkers() {
        try (Team team = new Team(2)) {
            for (int job = 0; job < 3; job++) {
                // Each item waits for the other: they must run at the same time.
                CountDownLatch both = new CountDownLatch(2);
                Set<Thread> threads = ConcurrentHashMap.newKeySet();
                team.run(2, (item, worker) -> {
                    threads.add(Thread.currentThread());
                    both.countDown();
                    await(both);
                });
                assertThat(threads).hasSize(2).contains(Thread.currentThread());
                threads.remove(Thread.currentThread());
                for (Thread worker : threads) {
                    while (worker.getState() != Thread.State.WAITING) {
                        Thread.onSpinWait();
                    }
                }
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the other item did not start");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void throwsWhatAnItemThrowsAndGoesOn() {
        try (Team team = new Team(3)) {
            for (int culprit = 0; culprit < 40; culprit++) {
                int failing = culprit;
                assertThatThrownBy(() -> team.run(40, (item, worker) -> {
                            if (item == failing) {
                                throw new IllegalStateException("item " + item);
                            }
                        }))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("item " + failing);
                AtomicInteger count = new AtomicInteger();
                team.run(10, (item, worker) -> count.incrementAndGet());
                assertThat(count.get()).isEqualTo(10);
            }
        }
    }

    @Test
    void endsItsThreads() {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Team team = new Team(3);
        CountDownLatch all = new CountDownLatch(3);
        team.run(3, (item, worker) -> {
            threads.add(Thread.currentThread());
            all.countDown();
            await(all);
        });
        team.close();
        threads.remove(Thread.currentThread());
        assertThat(threads).hasSize(2).noneMatch(Thread::isAlive);
        assertThatThrownBy(() -> team.run(1, (item, worker) -> {})).hasMessageContaining("closed");
    }
}
