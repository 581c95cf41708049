package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.Team;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/// How fast cores read memory: vector loads over a buffer that no cache holds, and an addition each. The limit that
/// decode's rates are quoted against, since every token reads all active weights.
public final class MemoryReads {
    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_PREFERRED;
    private static final int CHUNK_BYTES = 4 << 20;
    private static final int CHUNKS = 128;
    private static final int MIN_PASSES = 4;

    private MemoryReads() {}

    /// The best of several passes over 512 MiB, in units of 10^9 bytes a second.
    ///
    /// @param threads that share out each pass
    /// @param millis  about how long to measure; allocating the buffer takes some 100 ms more
    public static double measureGigabytes(int threads, int millis) {
        try (Arena arena = Arena.ofShared();
                Team team = new Team(threads)) {
            MemorySegment buffer = arena.allocate((long) CHUNK_BYTES * CHUNKS, 64);
            // Pages that were never written are all one page of zeros.
            team.run(CHUNKS, (chunk, worker) -> chunk(buffer, chunk).fill((byte) 1));
            int[] sums = new int[CHUNKS];
            double best = 0;
            long end = System.nanoTime() + millis * 1_000_000L;
            for (int pass = 0; pass < MIN_PASSES || System.nanoTime() < end; pass++) {
                long start = System.nanoTime();
                team.run(CHUNKS, (chunk, worker) -> sums[chunk] = sum(chunk(buffer, chunk)));
                best = Math.max(best, (double) buffer.byteSize() / (System.nanoTime() - start));
            }
            int expected = (int) (0x01010101L * (CHUNK_BYTES / Integer.BYTES));
            for (int sum : sums) {
                if (sum != expected) {
                    throw new IllegalStateException("a sum over the buffer is " + sum + ", expected " + expected);
                }
            }
            return best;
        }
    }

    private static MemorySegment chunk(MemorySegment buffer, int chunk) {
        return buffer.asSlice((long) chunk * CHUNK_BYTES, CHUNK_BYTES);
    }

    /// Four sums, so that loads do not wait for additions.
    private static int sum(MemorySegment chunk) {
        ByteOrder order = ByteOrder.nativeOrder();
        long step = SPECIES.vectorByteSize();
        IntVector a = IntVector.zero(SPECIES);
        IntVector b = a;
        IntVector c = a;
        IntVector d = a;
        for (long at = 0; at < CHUNK_BYTES; at += 4 * step) {
            a = a.add(IntVector.fromMemorySegment(SPECIES, chunk, at, order));
            b = b.add(IntVector.fromMemorySegment(SPECIES, chunk, at + step, order));
            c = c.add(IntVector.fromMemorySegment(SPECIES, chunk, at + 2 * step, order));
            d = d.add(IntVector.fromMemorySegment(SPECIES, chunk, at + 3 * step, order));
        }
        return sum(a.add(b).add(c.add(d)));
    }

    private static int sum(IntVector vector) {
        int[] lanes = vector.toArray();
        int sum = 0;
        for (int lane : lanes) {
            sum += lane;
        }
        return sum;
    }
}
