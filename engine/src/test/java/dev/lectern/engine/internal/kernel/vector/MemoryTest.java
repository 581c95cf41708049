package dev.lectern.engine.internal.kernel.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class MemoryTest {
    @Test
    void readsAndWritesWhereTheSegmentLies() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(64, 8);
            long address = Memory.address(segment, 12, 4);
            Memory.setFloat(address, 2.5f);
            assertThat(segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 12)).isEqualTo(2.5f);
            assertThat(Memory.getFloat(Memory.pointer(address))).isEqualTo(2.5f);
            assertThat(Memory.pointer(address)).isEqualTo(address);
        }
    }

    @Test
    void refusesBytesOutsideTheSegment() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = arena.allocate(64);
            assertThat(Memory.address(segment, 60, 4)).isEqualTo(segment.address() + 60);
            assertThatThrownBy(() -> Memory.address(segment, 61, 4)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> Memory.address(segment, -4, 4)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> Memory.address(segment, 0, Long.MAX_VALUE))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void refusesArrays() {
        MemorySegment array = MemorySegment.ofArray(new float[4]);
        assertThatThrownBy(() -> Memory.address(array, 0, 16))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("native memory");
    }

    @Test
    void refusesClosedMemory() {
        Arena arena = Arena.ofConfined();
        MemorySegment segment = arena.allocate(16);
        arena.close();
        assertThatThrownBy(() -> Memory.address(segment, 0, 16))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void alignsToLinesOfTheCache() {
        assertThat(Memory.align(0)).isZero();
        assertThat(Memory.align(1)).isEqualTo(64);
        assertThat(Memory.align(64)).isEqualTo(64);
        assertThat(Memory.align(65)).isEqualTo(128);
    }
}
