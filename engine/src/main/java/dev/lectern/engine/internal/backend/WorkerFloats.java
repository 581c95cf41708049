package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.Team;
import java.util.Arrays;

/// A worker's array, which grows to what is needed and stays. For one thread at a time.
final class WorkerFloats {
    /// Unused floats at the array's end, two cache lines: workers' arrays may lie side by side, and a line that two
    /// of them write would go to and fro between their processors.
    private static final int UNSHARED = 32;

    private float[] floats = new float[0];

    /// One a worker.
    static WorkerFloats[] of(Team team) {
        WorkerFloats[] all = new WorkerFloats[team.threads()];
        Arrays.setAll(all, worker -> new WorkerFloats());
        return all;
    }

    /// At least `size` floats, which hold whatever was left in them; growing loses it.
    float[] reserve(int size) {
        if (floats.length < size) {
            floats = new float[size + UNSHARED];
        }
        return floats;
    }
}
