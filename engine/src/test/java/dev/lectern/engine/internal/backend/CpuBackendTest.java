package dev.lectern.engine.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lectern.engine.internal.kernel.gemm.Gemm;
import dev.lectern.engine.internal.kernel.gemm.GemmUnavailable;
import dev.lectern.engine.internal.kernel.gemm.OneDnnGemm;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

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
    final class OnWeightsAsStored extends BackendContract {
        @Override
        Backend open() {
            return new CpuBackend(new VectorKernels(), 2, false, null, false);
        }
    }

    @Nested
    final class WithOneDnn extends BackendContract {
        @Override
        Backend open() {
            return new CpuBackend(new VectorKernels(), 2, true, openOneDnn(), false);
        }

        /// Rows are rounded to 16 bits, which is `3e-5` of the length of a row and not of the product.
        @Override
        float productTolerance() {
            return 20;
        }
    }

    /// Packed weights are the same numbers: what is decoded from them gives the same products to the last bit.
    @Test
    void packingDoesNotChangePrefill() {
        try (Arena arena = Arena.ofShared();
                Backend packing = new CpuBackend(new VectorKernels(), 2);
                Backend reading = new CpuBackend(new VectorKernels(), 2, false, null, false)) {
            Fixtures fixtures = new Fixtures(arena, 6);
            for (TensorType type : List.of(TensorType.Q8_0, TensorType.Q4_0, TensorType.Q4_K, TensorType.Q6_K)) {
                Weight weight = fixtures.weight(type, Weight.Order.OUTPUT_MAJOR, 70, 2304);
                packing.prepare(List.of(weight));
                Tensor in = fixtures.random(20, 2304);
                Tensor expected = fixtures.zeros(20, 70);
                Tensor actual = fixtures.zeros(20, 70);
                reading.matmul(in, 20, weight, expected, Phase.PREFILL);
                packing.matmul(in, 20, weight, actual, Phase.PREFILL);
                assertThat(Fixtures.values(actual, 20)).as("%s", type).isEqualTo(Fixtures.values(expected, 20));
            }
        }
    }

    /// A weight that cannot be packed changes nothing for the rows of others; and a call may have no rows.
    @Test
    void damagedWeightsLeaveTheirNeighboursAlone() {
        try (Arena arena = Arena.ofShared();
                Backend backend = new CpuBackend(new VectorKernels(), 2)) {
            Fixtures fixtures = new Fixtures(arena, 8);
            Weight sound = fixtures.weight(TensorType.Q4_0, Weight.Order.OUTPUT_MAJOR, 40, 512);
            Weight damaged = fixtures.weight(TensorType.Q4_0, Weight.Order.OUTPUT_MAJOR, 40, 512);
            damaged.data().set(ValueLayout.JAVA_SHORT_UNALIGNED, damaged.rowOffset(3), (short) 0x7C01);
            Tensor in = fixtures.random(4, 512);
            Tensor together = fixtures.zeros(4, 40);
            Tensor alone = fixtures.zeros(4, 40);
            Weight[] weights = {sound, damaged};
            backend.groupedMatmul(in, new int[] {0, 0, 0}, weights, together, Phase.DECODE);
            backend.groupedMatmul(in, new int[] {0, 2, 4}, weights, together, Phase.DECODE);
            backend.matmul(in, 2, sound, alone, Phase.DECODE);
            assertThat(Fixtures.values(together, 2)).isEqualTo(Fixtures.values(alone, 2));
            assertThat(Fixtures.values(fixtures.rows(together, 2, 1), 1)[3]).isNaN();
            assertThat(Fixtures.values(fixtures.rows(together, 2, 1), 1)[4]).isFinite();
        }
    }

    /// Whatever is chosen, the product is right, and the next one the same.
    @Test
    void choosesByMeasuring() {
        try (Arena arena = Arena.ofShared()) {
            Fixtures fixtures = new Fixtures(arena, 5);
            Weight weight = fixtures.weight(TensorType.Q8_0, Weight.Order.OUTPUT_MAJOR, 70, 512);
            Tensor in = fixtures.random(20, 512);
            Tensor expected = fixtures.zeros(20, 70);
            Tensor first = fixtures.zeros(20, 70);
            Tensor second = fixtures.zeros(20, 70);
            Backend scalar = new ScalarBackend();
            scalar.matmul(in, 20, weight, expected, Phase.PREFILL);
            Backend backend = new CpuBackend(new VectorKernels(), 2, true, openOneDnn(), true);
            backend.matmul(in, 20, weight, first, Phase.PREFILL);
            backend.matmul(in, 20, weight, second, Phase.PREFILL);
            backend.close();
            BackendContract.assertClose(expected, first, 20, 1e-3f, "measured");
            assertThat(Fixtures.values(second, 20)).isEqualTo(Fixtures.values(first, 20));
        }
    }

    private static Gemm openOneDnn() {
        try {
            return OneDnnGemm.open(new VectorKernels(), 16, 2);
        } catch (GemmUnavailable e) {
            return Assumptions.abort(e.toString());
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

    /// Whoever works out a segment of keys, a query's result is the same to the last bit.
    @Test
    void attentionDoesNotDependOnThreads() {
        AttentionSpec.Scores spec = AttentionContract.attention(4, 2, 16, new AttentionSpec.Mask.Full());
        int rows = 300;
        int first = 2000;
        try (Arena arena = Arena.ofShared()) {
            Fixtures fixtures = new Fixtures(arena, 7);
            MemoryKvSequence sequence = new MemoryKvSequence(arena, first + rows, 64, spec.keyWidth());
            Batch whole = AttentionContract.batch(Phase.PREFILL, first + rows, 0, sequence);
            Tensor keys = fixtures.random(first + rows, spec.keyWidth(), 2);
            Tensor values = fixtures.random(first + rows, spec.valueWidth(), 2);
            Tensor queries = fixtures.random(rows, spec.queryWidth(), 3);
            Tensor expected = fixtures.zeros(rows, spec.outputWidth());
            for (int threads = 1; threads <= 4; threads++) {
                for (Phase phase : Phase.values()) {
                    Tensor actual = fixtures.zeros(rows, spec.outputWidth());
                    try (Backend backend = new CpuBackend(new VectorKernels(), threads)) {
                        backend.storeKv(keys, values, whole, 0);
                        Batch batch = AttentionContract.batch(phase, rows, first, sequence);
                        backend.attention(queries, batch, 0, spec, null, actual);
                    }
                    if (threads == 1 && phase == Phase.PREFILL) {
                        expected = actual;
                    }
                    assertThat(Fixtures.values(actual, rows))
                            .as("%d threads, %s", threads, phase)
                            .isEqualTo(Fixtures.values(expected, rows));
                }
            }
        }
    }
}
