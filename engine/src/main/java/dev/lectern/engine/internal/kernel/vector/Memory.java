package dev.lectern.engine.internal.kernel.vector;

import dev.lectern.engine.internal.kernel.NativeBuffer;
import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;

/// Native memory by its address.
///
/// Loops do not read the caller's segments but [#ALL], a constant. Of a constant the compiler knows the class, while
/// the code behind a variable segment is compiled for the classes that came by anywhere in the process: once heap,
/// native and mapped segments did, each access is a chain of virtual calls, and the products of a mapped `Q8_0`
/// weight with one row fall from 18.5 to 7.8 GB/s.
///
/// What a segment checks at each access, [#address] checks once for all that a kernel is about to touch: that the
/// bytes lie inside and that the segment is open. That nobody closes it before the kernel returns is the caller's to
/// see to, as [dev.lectern.engine.internal.kernel.Kernels] says.
final class Memory {
    /// The whole address space.
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final long ADDRESS_BITS = (1L << 56) - 1;

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private Memory() {}

    /// The address of byte `offset`.
    ///
    /// @param bytes how many from there on will be read or written
    /// @throws IndexOutOfBoundsException when they are not all inside
    /// @throws IllegalArgumentException  when the segment is an array's
    /// @throws IllegalStateException     when the segment is closed
    static long address(MemorySegment segment, long offset, long bytes) {
        Objects.checkFromIndexSize(offset, bytes, segment.byteSize());
        if (!segment.isNative()) {
            throw new IllegalArgumentException(
                    "kernels work on native memory, not on " + segment + "; copy it to a segment of an arena first");
        }
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException(segment + " is closed");
        }
        return segment.address() + offset;
    }

    /// The address of the first of some rows.
    ///
    /// @param stride their distance, and at least their size
    static long rows(MemorySegment segment, long offset, long stride, int rows) {
        return address(segment, offset, stride * rows);
    }

    /// The next multiple of [NativeBuffer#ALIGNMENT].
    static long align(long bytes) {
        return bytes + NativeBuffer.ALIGNMENT - 1 & -NativeBuffer.ALIGNMENT;
    }

    /// The same address, with what the compiler cannot know of it: that it is not negative, nor so large that
    /// what is read from there on could pass the end of [#ALL]. Whatever adds a constant to it is then read
    /// without a check, wherever in a nest of loops that is.
    static long pointer(long address) {
        return address & ADDRESS_BITS;
    }

    /// The address of an output's row of weights.
    static long row(Weight weight, int output) {
        return address(weight.data(), weight.rowOffset(output), weight.type().bytes(weight.inputs()));
    }

    static FloatVector floats(long address) {
        return FloatVector.fromMemorySegment(Lanes.FLOATS, ALL, address, ORDER);
    }

    static void store(FloatVector floats, long address) {
        floats.intoMemorySegment(ALL, address, ORDER);
    }

    static float getFloat(long address) {
        return ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
    }

    static void setFloat(long address, float value) {
        ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
    }
}
