package dev.lectern.engine.internal.kernel;

import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;

/// A copy of a storage type's weights in the order in which products read them: panels of some vectors of outputs,
/// and in them, for one step down the depth after the other, the codes of many outputs side by side.
///
/// A weight keeps its value to the last bit. A product then needs no sums over lanes, its vectors load
/// without taking bytes apart, one input serves a whole panel, and memory is read in order. Against products
/// on stored blocks ([BlockDots]) that is up to 2.3 times as fast, for as much memory again as the weights take; types
/// without such products gain five to eight times, for 9 to 12 bits a weight.
///
/// Each result is a vector lane's chain of fused multiply-adds a group of 16 or 32 weights, in the order of the panel,
/// times the group's scale where there is one, added up over the groups in ascending order: it depends on nothing
/// else in the call, to the last bit. Implementations are stateless.
public interface WeightPanels {
    /// Outputs of a panel.
    int columns();

    /// Outputs of a panel that [#decode] takes, as many as the register tile has; [#columns] is a multiple.
    int tileColumns();

    /// What the number of inputs must be a multiple of.
    int multiple();

    /// Bytes of a panel; a multiple of [NativeBuffer#ALIGNMENT].
    long panelBytes(int inputs);

    /// Whether a weight of the type is of a shape, and stored in a way, that goes into panels.
    boolean holds(Weight weight);

    /// Copies the outputs `[output, output + columns)` of a weight that these panels hold, or as many as there are of
    /// them, into a panel; what there are not are zeros.
    ///
    /// @param out receives [#panelBytes] bytes from `at` on
    /// @return false when a scale is infinite or no number, which panels cannot hold: what is in `out` then is
    ///     of no use
    boolean pack(Weight weight, int output, MemorySegment out, long at);

    /// Floats of the scratch that [#dots] needs.
    int scratchFloats(int rows);

    /// Floats of a row that is brought into the panels' order.
    int preparedFloats(int inputs);

    /// Brings a row into the panels' order.
    ///
    /// @param in  the row's floats from byte `offset` on
    /// @param out receives [#preparedFloats] floats from `at` on
    void prepare(MemorySegment in, long offset, int inputs, float[] out, int at);

    /// Dot products of prepared rows with all outputs of a panel.
    ///
    /// @param x       prepared rows side by side, the first at `xAt`
    /// @param scratch of [#scratchFloats]
    /// @param sums    shape (rows, columns)
    void dots(MemorySegment panel, long at, int inputs, float[] x, int xAt, int rows, float[] scratch, float[] sums);

    /// The weights themselves, to the last bit those that [Kernels#decode] gives: `weights[k][c]`, of
    /// [#tileColumns] columns, is that of output `column + c` and input `first + k`.
    ///
    /// @param column  a multiple of [#tileColumns]
    /// @param first   a multiple of [#multiple], as is `count`
    /// @param weights native memory, written from its beginning on
    void decode(MemorySegment panel, long at, int inputs, int column, int first, int count, MemorySegment weights);
}
