package dev.lectern.engine.internal.backend;

import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import org.junit.jupiter.api.Nested;

/// The contract on teams of several sizes.
final class CpuBackendTest {
    @Nested
    final class OnOneThread extends BackendContract {
        @Override
        Backend open() {
            return new CpuBackend(new VectorKernels(), 1);
        }
    }

    @Nested
    final class OnTwoThreads extends BackendContract {
        @Override
        Backend open() {
            return new CpuBackend(new VectorKernels(), 2);
        }
    }

    @Nested
    final class OnThreeThreads extends BackendContract {
        @Override
        Backend open() {
            return new CpuBackend(new VectorKernels(), 3);
        }
    }

    @Nested
    final class AttentionOnOneThread extends AttentionContract {
        @Override
        Backend open() {
            return new CpuBackend(new VectorKernels(), 1);
        }
    }

    @Nested
    final class AttentionOnThreeThreads extends AttentionContract {
        @Override
        Backend open() {
            return new CpuBackend(new VectorKernels(), 3);
        }
    }
}
