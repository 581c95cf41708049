package dev.lectern.engine.internal.convert;

import dev.lectern.engine.EngineException.ModelCorrupt;
import dev.lectern.engine.EngineException.ModelUnsupported;
import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.Team;
import dev.lectern.engine.internal.kernel.vector.VectorKernels;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/// Quantises tensors, rows in parallel, a few megabytes at a time whatever their size: rows are read as float32,
/// quantised, decoded again to see the error, and handed on in their order. The result depends neither on the number
/// of threads nor on the pieces. One tensor at a time.
final class TensorEncoder implements AutoCloseable {
    /// Weights of a worker's piece, at least a row.
    private static final int PIECE_WEIGHTS = 1 << 16;
    /// Pieces of a batch for each worker: enough to even out uneven ones.
    private static final int PIECES_PER_WORKER = 4;

    private static final long COPY_BYTES = 8 << 20;

    private final String file;
    private final Kernels kernels = new VectorKernels();
    private final Team team;
    private final Worker[] workers;
    private Arena arena = Arena.ofShared();
    private MemorySegment batch = MemorySegment.NULL;

    /// @param file for messages
    TensorEncoder(String file, int threads) {
        this.file = file;
        team = new Team(threads);
        workers = new Worker[threads];
        for (int i = 0; i < threads; i++) {
            workers[i] = new Worker();
        }
    }

    /// @param out receives the tensor's bytes, piece after piece
    /// @return nothing lost where the bytes are copied
    TensorError encode(OutputTensor tensor, Consumer<ByteBuffer> out) {
        try {
            if (tensor.stored() != null) {
                copy(tensor.stored(), out);
                return new TensorError(tensor.weights(), 0, 0);
            }
            return quantise(tensor, out);
        } catch (InternalError e) {
            // What the JVM makes of a page of a mapped file that cannot be read.
            throw new ModelCorrupt(
                    "[" + file + "] tensor '" + tensor.name() + "' cannot be read: the disk fails, or the file was"
                            + " cut while it was read",
                    e);
        }
    }

    private static void copy(MemorySegment stored, Consumer<ByteBuffer> out) {
        for (long at = 0; at < stored.byteSize(); at += COPY_BYTES) {
            out.accept(stored.asSlice(at, Math.min(COPY_BYTES, stored.byteSize() - at))
                    .asByteBuffer());
        }
    }

    private TensorError quantise(OutputTensor tensor, Consumer<ByteBuffer> out) {
        if (tensor.rowCount() == 0) {
            return TensorError.NONE;
        }
        int pieceRows = (int) Math.clamp(PIECE_WEIGHTS / tensor.shape().getLast(), 1, tensor.rowCount());
        long batchRows = (long) pieceRows * PIECES_PER_WORKER * workers.length;
        long rowBytes = tensor.type().bytes(tensor.rowWeights());
        reserve(Math.min(batchRows, tensor.rowCount()) * rowBytes);
        TensorError error = TensorError.NONE;
        for (long from = 0; from < tensor.rowCount(); from += batchRows) {
            long first = from;
            int rows = (int) Math.min(batchRows, tensor.rowCount() - from);
            TensorError[] errors = new TensorError[Math.ceilDiv(rows, pieceRows)];
            team.run(errors.length, (piece, worker) -> {
                int skipped = piece * pieceRows;
                int count = Math.min(pieceRows, rows - skipped);
                errors[piece] = workers[worker].quantise(tensor, first + skipped, count, skipped * rowBytes);
            });
            for (TensorError one : errors) {
                error = error.plus(one);
            }
            out.accept(batch.asSlice(0, rows * rowBytes).asByteBuffer());
        }
        return error;
    }

    private void reserve(long bytes) {
        if (batch.byteSize() < bytes) {
            arena.close();
            arena = Arena.ofShared();
            batch = arena.allocate(bytes, Long.BYTES);
        }
    }

    @Override
    public void close() {
        team.close();
        arena.close();
    }

    /// One thread's scratch memory.
    private final class Worker {
        private final Map<TensorType, RowQuantiser> quantisers = new EnumMap<>(TensorType.class);
        private float[] weights = new float[0];
        private float[] decoded = new float[0];

        TensorError quantise(OutputTensor tensor, long firstRow, int rows, long offset) {
            int count = Math.multiplyExact(rows, tensor.rowWeights());
            if (weights.length < count) {
                weights = new float[count];
                decoded = new float[count];
            }
            tensor.rows().read(firstRow, rows, weights);
            TensorType type = tensor.type();
            quantisers
                    .computeIfAbsent(type, each -> TargetType.of(each).newQuantiser())
                    .quantise(weights, 0, count, batch, offset);
            Weight written = new Weight(
                    tensor.name(),
                    type,
                    rows,
                    tensor.rowWeights(),
                    Weight.Order.OUTPUT_MAJOR,
                    type.bytes(tensor.rowWeights()),
                    batch.asSlice(offset));
            kernels.decode(written, 0, 0, rows, tensor.rowWeights(), decoded, tensor.rowWeights());
            double errorSquares = 0;
            double squares = 0;
            for (int i = 0; i < count; i++) {
                double weight = weights[i];
                double error = decoded[i] - weight;
                errorSquares += error * error;
                squares += weight * weight;
            }
            if (!Double.isFinite(errorSquares)) {
                throw unrepresentable(tensor, firstRow, count);
            }
            return new TensorError(count, errorSquares, squares);
        }

        private RuntimeException unrepresentable(OutputTensor tensor, long firstRow, int count) {
            for (int i = 0; i < count; i++) {
                if (!Float.isFinite(weights[i])) {
                    return new ModelCorrupt(
                            place(tensor, firstRow, i) + "; expected a finite number: the model is" + " damaged");
                }
            }
            for (int i = 0; i < count; i++) {
                if (!Float.isFinite(decoded[i])) {
                    return new ModelUnsupported(place(tensor, firstRow, i) + " is beyond the range of " + tensor.type()
                            + "; convert to BF16 or F32");
                }
            }
            throw new IllegalStateException("an infinite error of finite weights in '" + tensor.name() + "'");
        }

        private String place(OutputTensor tensor, long firstRow, int i) {
            return "[" + file + "] tensor '" + tensor.name() + "', row " + (firstRow + i / tensor.rowWeights())
                    + ", weight " + i % tensor.rowWeights() + ": " + weights[i];
        }
    }
}
