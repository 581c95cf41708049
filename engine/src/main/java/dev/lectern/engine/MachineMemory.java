package dev.lectern.engine;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// What memory the process may count on.
final class MachineMemory {
    /// Left to the system, other processes and the JVM's own structures.
    private static final double USABLE_SHARE = 0.85;

    private static final long LEAST_BYTES = 64L << 20;

    private MachineMemory() {}

    /// Bytes left for keys and values beside the heap's maximum, the weights (which must stay in memory to be fast)
    /// and the workspace. Container limits count as the machine's memory.
    ///
    /// @param weightBytes of the mapped weights or of their copy, whichever is larger: mapped ones that have a copy
    ///                    give way where memory is short
    static long leftForKeysAndValues(long weightBytes, long workspaceBytes) {
        return Math.max(LEAST_BYTES, besideHeap() - weightBytes - workspaceBytes);
    }

    /// Whether the mapped weights and their copy fit beside the heap; what the mapped ones give way to later is for
    /// keys and values.
    static boolean hasRoomFor(long weightBytes, long copyBytes) {
        return weightBytes + copyBytes <= besideHeap();
    }

    private static long besideHeap() {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return (long) (system.getTotalMemorySize() * USABLE_SHARE)
                - Runtime.getRuntime().maxMemory();
    }
}
