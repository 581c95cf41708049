package dev.lectern.engine;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// What memory the process may count on.
final class MachineMemory {
    /// Left to the system, other processes and the JVM's own structures.
    private static final double USABLE_SHARE = 0.85;

    private static final long LEAST_BYTES = 64L << 20;

    private MachineMemory() {}

    /// Bytes left for keys and values beside the heap's maximum, the mapped weights (which must stay in memory
    /// to be fast) and the workspace. Container limits count as the machine's memory.
    static long leftForKeysAndValues(long weightBytes, long workspaceBytes) {
        return Math.max(LEAST_BYTES, besideHeap() - weightBytes - workspaceBytes);
    }

    /// Whether weights fit twice beside the heap. The mapped ones give way where memory is short, their copy
    /// does not; what it leaves is for keys and values.
    static boolean hasRoomForTwo(long weightBytes) {
        return weightBytes <= besideHeap() / 2;
    }

    private static long besideHeap() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return (long) (system.getTotalMemorySize() * USABLE_SHARE)
                - Runtime.getRuntime().maxMemory();
    }
}
