package dev.lectern.engine.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DecreasingItemsTest {
    @Test
    void everyUnitIsInOneItemAndItemsGetSmaller() {
        DecreasingItems items = new DecreasingItems();
        for (int units = 0; units < 300; units++) {
            for (int threads = 1; threads <= 17; threads += 4) {
                for (int least = 1; least < 50; least += 12) {
                    items.cut(units, threads, least);
                    int next = 0;
                    int before = Integer.MAX_VALUE;
                    for (int item = 0; item < items.size(); item++) {
                        assertThat(items.first(item)).isEqualTo(next);
                        int size = items.end(item) - next;
                        assertThat(size).isBetween(1, before);
                        assertThat(size >= least || item == items.size() - 1).isTrue();
                        next = items.end(item);
                        before = size;
                    }
                    assertThat(next).isEqualTo(units);
                }
            }
        }
    }

    @Test
    void eachThreadBeginsWithALongItemAndTheLastAreSingleUnits() {
        DecreasingItems items = new DecreasingItems();

        items.cut(32, 2, 1);

        assertThat(items.size()).isEqualTo(6);
        assertThat(items.end(0)).isEqualTo(12);
        assertThat(items.end(1)).isEqualTo(24);
        assertThat(items.end(5) - items.first(5)).isEqualTo(1);
    }

    @Test
    void veryManyItemsHaveRoom() {
        DecreasingItems items = new DecreasingItems();

        items.cut(1000, 128, 1);

        assertThat(items.size()).isGreaterThan(128);
        assertThat(items.end(items.size() - 1)).isEqualTo(1000);
    }
}
