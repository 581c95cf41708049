package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.NativeBuffer;
import dev.lectern.engine.internal.kernel.WeightPanels;
import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// What panels of all types have in common.
///
/// ```
///   strip, two vectors wide:            of an output:
///   +-------------------------------+
///   | ints of group 0's codes       |   eight 4-bit codes an int, four of 8 bits, two of 16
///   | group 0's scales              |   a float16, float32 or bytes, or none
///   +-------------------------------+
///   | group 1 …                     |
/// ```
///
/// A panel is two strips, one behind the other, which a product of few rows reads side by side, and the register
/// tile one at a time. Memory is read in this order, and in this order only, each byte as the arithmetic needs it:
/// scales that lay behind all codes were a stream of their own, which cost a fourth; scales of many groups in front of
/// their codes, read in one go, were more than a processor fetches ahead, which cost a fifth. A processor fetches
/// ahead for each stream it sees: with two of them at the same pace a product of one row takes three quarters of the
/// time on an Intel core (Cascade Lake, 4-bit codes from memory), and with four the same.
///
/// An int of codes is 4 stored bytes as they lie, where the type allows it, so that packing is a transposition of
/// ints and works on vectors of any width. A code is masked and converted where it is in its quad: code i of 4 as
/// `code * 2^(bits * i)`; the input that it meets is divided by as much when the row is prepared, and the product is
/// the same to the last bit.
abstract class VectorPanels implements WeightPanels {
    static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
    static final VectorSpecies<Integer> INTS = FLOATS.vectorShape().withLanes(int.class);
    static final int LANES = FLOATS.length();
    /// As many vectors side by side as there are multiply-adds under way in a processor.
    static final int COLUMNS = 4 * LANES;
    /// Of these, a strip's, which the register tile takes at a time.
    static final int TILE_COLUMNS = COLUMNS / 2;
    /// Their decoded weights of one input.
    static final int TILE_STEP_BYTES = Float.BYTES * TILE_COLUMNS;
    /// From one int of an output to its next, in a strip.
    static final int STEP_BYTES = Integer.BYTES * TILE_COLUMNS;

    static final int VECTOR_BYTES = Float.BYTES * LANES;

    static final VectorSpecies<Short> HALVES =
            LANES == 16 ? ShortVector.SPECIES_256 : LANES == 8 ? ShortVector.SPECIES_128 : ShortVector.SPECIES_64;
    /// A float16 a lane.
    static final int HALVES_BYTES = Short.BYTES * LANES;
    /// A byte a lane, or the first of them: no species is narrower than 8 bytes.
    static final VectorSpecies<Byte> BYTES = LANES == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

    /// A finite float16, its sign extended, shifted so far has its exponent and significand where a float32 has
    /// them,
    static final int SCALE_SHIFT = 13;
    /// and with only these bits kept is the float32 of 2^-112 times its value.
    static final int SCALE_BITS = 0x8FFFE000;

    private static final int SCALE_EXPONENT = 112;

    /// The smallest float16 times this power of 2 is a normal one.
    private static final int RAISED = 10;

    /// Weights that share a scale, of most types.
    static final int GROUP = 32;

    /// A prepared group is its inputs in the order of the codes; then what its chains of products start from,
    /// which takes the codes' zero point away;
    static final int START = GROUP;
    /// then the sum of its inputs, for minima;
    static final int SUM = START + 1;
    /// and these are its floats.
    static final int PREPARED = SUM + 1;

    /// Groups whose products with all rows are added up before the next groups are read, so that further rows
    /// find them in the first level cache: as many as the largest block has. For one row of a type without larger
    /// blocks the run is as long as the inputs.
    static final int RUN_GROUPS = 8;

    private final int bits;
    private final int group;
    private final long groupBytes;

    /// @param bits       of a code
    /// @param scaleBytes an output's in a group
    VectorPanels(int bits, int scaleBytes) {
        this(bits, scaleBytes, GROUP);
    }

    /// @param group weights that share a scale, 16 or 32
    VectorPanels(int bits, int scaleBytes, int group) {
        this.bits = bits;
        this.group = group;
        groupBytes = codeBytes() + (long) scaleBytes * TILE_COLUMNS;
    }

    /// Weights that share a scale.
    final int group() {
        return group;
    }

    /// [#START] of a prepared group: behind its inputs, however many these are.
    final int start() {
        return group + START - GROUP;
    }

    /// [#SUM] of a prepared group.
    final int sum() {
        return group + SUM - GROUP;
    }

    /// Floats of a prepared group.
    final int prepared() {
        return group + PREPARED - GROUP;
    }

    /// Bytes of a group's codes in a strip; its scales are behind them.
    final long codeBytes() {
        return (long) STEP_BYTES * codeInts();
    }

    /// Ints of a group's codes of an output.
    final int codeInts() {
        return bits * group / Integer.SIZE;
    }

    /// From a group to the next.
    final long groupBytes() {
        return groupBytes;
    }

    /// Bytes of [#multiple] inputs in a strip.
    long blockBytes() {
        return groupBytes;
    }

    /// Takes an output's scales and codes of [#multiple] inputs to its column.
    ///
    /// @param to       address of the strip's block
    /// @param column   of the strip
    /// @param exponent of the power of 2 that float16 are multiplied with
    /// @return false when [#packScale] cannot hold a scale
    abstract boolean packBlock(Weight weight, int output, int input, long to, int column, int exponent);

    /// Where an output's block of weights is stored, whose first is that of an input.
    static long stored(Weight weight, int output, int input) {
        return Memory.row(weight, output) + weight.type().bytes(input);
    }

    /// Brings a group's inputs into the order of its codes, each divided by what its code is multiplied with.
    ///
    /// @param from address of the group's floats
    /// @param out  receives [#PREPARED] floats from `at` on
    abstract void prepareGroup(long from, float[] out, int at);

    /// The weights of a strip's block, each step of the arithmetic rounded; shape ([#multiple], [#TILE_COLUMNS]).
    ///
    /// @param unit of scales
    /// @param to   address of the first weight
    abstract void decodeBlock(long block, float unit, long to);

    @Override
    public final int columns() {
        return COLUMNS;
    }

    @Override
    public final int tileColumns() {
        return TILE_COLUMNS;
    }

    @Override
    public final long panelBytes(int inputs) {
        return unitAt(inputs) + NativeBuffer.ALIGNMENT;
    }

    private long stripBytes(int inputs) {
        return Memory.align(inputs / multiple() * blockBytes());
    }

    /// Where in a panel the unit of its scales is.
    private long unitAt(int inputs) {
        return COLUMNS / TILE_COLUMNS * stripBytes(inputs);
    }

    @Override
    public boolean holds(Weight weight) {
        return weight.order() == Weight.Order.OUTPUT_MAJOR
                && weight.scales() == null
                && weight.inputs() % multiple() == 0;
    }

    /// Scales are raised as far as makes small ones normal, where that leaves none infinite: an Intel core takes
    /// some 150 cycles for a vector in which a float32 is subnormal, and the scales of `Q4_K` are small (from the
    /// cache, products ran at 14 GFLOP/s where all vectors had one, at 33 where none).
    @Override
    public final boolean pack(Weight weight, int output, MemorySegment out, long at) {
        return pack(weight, output, out, at, RAISED) || pack(weight, output, out, at, 0);
    }

    private boolean pack(Weight weight, int output, MemorySegment out, long at, int exponent) {
        int inputs = weight.inputs();
        long panel = Memory.address(out, at, panelBytes(inputs));
        if (output + COLUMNS > weight.outputs()) {
            out.asSlice(at, panelBytes(inputs)).fill((byte) 0);
        }
        Memory.setFloat(panel + unitAt(inputs), Math.scalb(1f, SCALE_EXPONENT - exponent));
        int count = Math.min(COLUMNS, weight.outputs() - output);
        for (int i = 0; i < inputs; i += multiple(), panel += blockBytes()) {
            for (int c = 0; c < count; c++) {
                long to = panel + c / TILE_COLUMNS * stripBytes(inputs);
                if (!packBlock(weight, output + c, i, to, c % TILE_COLUMNS, exponent)) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public int scratchFloats(int rows) {
        return 0;
    }

    @Override
    public final int preparedFloats(int inputs) {
        return inputs / group * prepared();
    }

    @Override
    public final void prepare(MemorySegment in, long offset, int inputs, float[] out, int at) {
        long from = Memory.pointer(Memory.address(in, offset, (long) Float.BYTES * inputs));
        for (int i = 0, to = at; i < inputs; i += group, to += prepared()) {
            prepareGroup(from + (long) Float.BYTES * i, out, to);
        }
    }

    @Override
    public final void dots(
            MemorySegment panel, long at, int inputs, float[] x, int xAt, int rows, float[] scratch, float[] sums) {
        int stride = preparedFloats(inputs);
        long group = Memory.address(panel, at, panelBytes(inputs));
        long strip = stripBytes(inputs);
        float unit = Memory.getFloat(group + unitAt(inputs));
        Arrays.fill(sums, 0, rows * COLUMNS, 0);
        int groups = inputs / group();
        int run = rows == 1 ? groupsOfOneRow(groups) : RUN_GROUPS;
        for (int g = 0, k = xAt; g < groups; g += run, k += run * prepared()) {
            group += addRun(group, strip, unit, Math.min(run, groups - g), x, k, stride, rows, scratch, sums);
        }
    }

    /// Groups whose products with a single row are added up in one go, of all.
    int groupsOfOneRow(int groups) {
        return multiple() == group ? groups : RUN_GROUPS;
    }

    /// Adds the products of rows with some groups to their sums.
    ///
    /// @param group      the first strip's first
    /// @param stripBytes from there to the second strip's
    /// @param scaleUnit  what scales are multiples of
    /// @param groups     a block's, or where a block is a group, as many as there are in the run
    /// @return bytes of the groups in a strip
    long addRun(
            long group,
            long stripBytes,
            float scaleUnit,
            int groups,
            float[] x,
            int xAt,
            int stride,
            int rows,
            float[] scratch,
            float[] sums) {
        addProducts(group, stripBytes, groups, Short.BYTES, scaleUnit, x, xAt, stride, rows, sums);
        return groupBytes * groups;
    }

    /// `sums += Σ over groups of scale * Σ code * x`.
    ///
    /// @param scaleBytes 2 for scales of [#packScale], 1 for signed bytes, 4 for float32
    final void addProducts(
            long group,
            long stripBytes,
            int groups,
            int scaleBytes,
            float scaleUnit,
            float[] x,
            int xAt,
            int stride,
            int rows,
            float[] sums) {
        int quads = group() / 4;
        int row = 0;
        for (; row < rows - 3; row += 4) {
            int xRow = xAt + row * stride;
            int to = row * COLUMNS;
            PanelDots.fourRows(
                    group, groupBytes, groups, bits, quads, scaleBytes, scaleUnit, x, xRow, stride, sums, to);
            long second = group + stripBytes;
            int right = to + TILE_COLUMNS;
            PanelDots.fourRows(
                    second, groupBytes, groups, bits, quads, scaleBytes, scaleUnit, x, xRow, stride, sums, right);
        }
        for (; row < rows - 1; row += 2) {
            int xRow = xAt + row * stride;
            int to = row * COLUMNS;
            PanelDots.twoRows(
                    group,
                    groupBytes,
                    stripBytes,
                    groups,
                    bits,
                    quads,
                    scaleBytes,
                    scaleUnit,
                    x,
                    xRow,
                    stride,
                    sums,
                    to);
        }
        if (row < rows) {
            int xRow = xAt + row * stride;
            int to = row * COLUMNS;
            PanelDots.oneRow(
                    group, groupBytes, stripBytes, groups, bits, quads, scaleBytes, scaleUnit, x, xRow, sums, to);
        }
    }

    @Override
    public final void decode(
            MemorySegment panel, long at, int inputs, int column, int first, int count, MemorySegment weights) {
        long address = Memory.address(panel, at, panelBytes(inputs));
        float unit = Memory.getFloat(address + unitAt(inputs));
        long strip = address + column / TILE_COLUMNS * stripBytes(inputs);
        long block = strip + first / multiple() * blockBytes();
        long to = Memory.address(weights, 0, (long) TILE_STEP_BYTES * count);
        for (int i = 0; i < count; i += multiple(), block += blockBytes()) {
            decodeBlock(Memory.pointer(block), unit, Memory.pointer(to + (long) TILE_STEP_BYTES * i));
        }
    }

    static IntVector ints(long address) {
        return IntVector.fromMemorySegment(INTS, Memory.ALL, address, ByteOrder.LITTLE_ENDIAN);
    }

    /// [#packBlock] of groups that are stored as a float16 and codes in ints.
    ///
    /// @param scaleAt where the scale is
    /// @param codesAt where the codes are
    /// @param turned  bits of each int of codes that are turned
    final boolean packGroup(long stored, int scaleAt, int codesAt, int turned, long to, int column, int exponent) {
        long ints = to + (long) Integer.BYTES * column;
        for (int i = 0; i < codeInts(); i++) {
            int codes = StoredCodes.int32(stored + codesAt + Integer.BYTES * i);
            StoredCodes.setInt32(ints + (long) STEP_BYTES * i, codes ^ turned);
        }
        int scale = StoredCodes.unsigned16(stored + scaleAt);
        return packScale(scale, exponent, to + codeBytes() + (long) Short.BYTES * column);
    }

    /// The bits of a float16 times a power of 2.
    static int raise(int float16, int exponent) {
        return Float.floatToFloat16(Math.scalb(Float.float16ToFloat((short) float16), exponent)) & 0xFFFF;
    }

    /// Writes a float16 times a power of 2.
    ///
    /// @param float16  its bits
    /// @param exponent of the power, for which no finite number loses a bit but by becoming infinite
    /// @return false when what is written is infinite or no number
    static boolean packScale(int float16, int exponent, long to) {
        int scaled = raise(float16, exponent);
        StoredCodes.setInt16(to, scaled);
        return Float.isFinite(Float.float16ToFloat((short) scaled));
    }

    /// Scales of [#packScale] from an address on, one a lane.
    static FloatVector scales(long address, float unit) {
        return ((IntVector) ShortVector.fromMemorySegment(HALVES, Memory.ALL, address, ByteOrder.LITTLE_ENDIAN)
                        .convertShape(VectorOperators.S2I, INTS, 0))
                .lanewise(VectorOperators.LSHL, SCALE_SHIFT)
                .and(SCALE_BITS)
                .reinterpretAsFloats()
                .mul(unit);
    }
}
