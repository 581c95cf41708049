package dev.lectern.engine.internal.quant;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A code book of ggml's IQ types: a stored index stands for 4 or 8 numbers at once, points of a lattice that were
/// chosen to fit weights. The tables follow from no formula; they are in the resource `code-grids.txt`, which says
/// where they come from.
public final class CodeGrid {
    private static final Map<String, CodeGrid> ALL = read("code-grids.txt");

    /// 256 entries of 8 magnitudes.
    public static final CodeGrid IQ2_XXS = named("IQ2_XXS");
    /// 512 entries of 8 magnitudes.
    public static final CodeGrid IQ2_XS = named("IQ2_XS");
    /// 1024 entries of 8 magnitudes.
    public static final CodeGrid IQ2_S = named("IQ2_S");
    /// 256 entries of 4 magnitudes.
    public static final CodeGrid IQ3_XXS = named("IQ3_XXS");
    /// 512 entries of 4 magnitudes.
    public static final CodeGrid IQ3_S = named("IQ3_S");
    /// 2048 entries of 8 numbers, each -1, 0 or 1.
    public static final CodeGrid IQ1 = named("IQ1");

    private final int valuesPerEntry;
    private final byte[] values;

    private CodeGrid(int valuesPerEntry, byte[] values) {
        this.valuesPerEntry = valuesPerEntry;
        this.values = values;
    }

    /// Number `i` of an entry.
    int value(int entry, int i) {
        return values[entry * valuesPerEntry + i];
    }

    /// Each entry's numbers as bytes of one, number i in the bits from 8 * i on; those of four leave the upper
    /// half 0.
    public long[] packed() {
        long[] packed = new long[values.length / valuesPerEntry];
        for (int i = 0; i < values.length; i++) {
            packed[i / valuesPerEntry] |= (values[i] & 0xFFL) << Byte.SIZE * (i % valuesPerEntry);
        }
        return packed;
    }

    private static CodeGrid named(String name) {
        return Objects.requireNonNull(ALL.get(name), name);
    }

    private static Map<String, CodeGrid> read(String resource) {
        Map<String, CodeGrid> grids = new HashMap<>();
        for (String part : text(resource).replaceAll("#.*", "").split("grid ")) {
            if (!part.isBlank()) {
                int endOfLine = part.indexOf('\n');
                String[] head = part.substring(0, endOfLine).split(" ");
                String[] entries = part.substring(endOfLine).strip().split("\\s+");
                grids.put(
                        head[0], unpack(Integer.parseInt(head[1]), List.of(head).subList(2, head.length), entries));
            }
        }
        return grids;
    }

    private static CodeGrid unpack(int valuesPerEntry, List<String> levels, String[] entries) {
        int bits = levels.size() <= 4 ? 2 : 3;
        byte[] values = new byte[entries.length * valuesPerEntry];
        for (int i = 0; i < values.length; i++) {
            int packed = Integer.parseInt(entries[i / valuesPerEntry], 16);
            int level = packed >>> i % valuesPerEntry * bits & (1 << bits) - 1;
            values[i] = Byte.parseByte(levels.get(level));
        }
        return new CodeGrid(valuesPerEntry, values);
    }

    private static String text(String resource) {
        try (InputStream in = Objects.requireNonNull(CodeGrid.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
