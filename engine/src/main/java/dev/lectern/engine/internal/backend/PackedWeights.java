package dev.lectern.engine.internal.backend;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.kernel.Kernels;
import dev.lectern.engine.internal.kernel.NativeBuffer;
import dev.lectern.engine.internal.kernel.Team;
import dev.lectern.engine.internal.kernel.WeightPanels;
import dev.lectern.engine.internal.model.Weight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Copies of weights in the order of [WeightPanels], made ahead by the whole team or when a product first needs one,
/// and kept until this is closed. For one thread at a time.
///
/// All of a model's weights are packed or none: were some packed only where memory lasts, the last bits of answers
/// would depend on what was asked before. Where they are not, the weights stay where the file is mapped, and all
/// processes of a machine share them.
public final class PackedWeights implements AutoCloseable {
    static final String PROPERTY = "lectern.weights";

    private final Kernels kernels;
    private final Team team;
    private final Arena arena = Arena.ofShared();
    /// Empty: the weight's numbers do not go into panels.
    private final Map<Weight, Optional<Panels>> packed = new IdentityHashMap<>();

    PackedWeights(Kernels kernels, Team team) {
        this.kernels = kernels;
        this.team = team;
    }

    /// Panels of a weight, one behind the other.
    ///
    /// @param order how a panel is laid out
    /// @param bytes of a panel
    record Panels(WeightPanels order, MemorySegment data, long bytes) {}

    /// The choice by the system property `lectern.weights`: `packed`, `mapped`, or `auto`, which is the default,
    /// for packed where there is room.
    ///
    /// @param room whether there is
    /// @throws EngineException.InvalidRequest for another word
    public static boolean chosen(boolean room) {
        String choice = System.getProperty(PROPERTY, "auto");
        return switch (choice) {
            case "auto" -> room;
            case "packed" -> true;
            case "mapped" -> false;
            default ->
                throw new EngineException.InvalidRequest(
                        PROPERTY + " '" + choice + "': unknown; expected auto, packed or mapped");
        };
    }

    /// What copies of weights take; 0 for those that do not go into panels.
    static long bytes(Kernels kernels, List<Weight> weights) {
        long bytes = 0;
        for (Weight weight : weights) {
            WeightPanels order = kernels.panels(weight.type());
            if (order != null && order.holds(weight)) {
                bytes = Math.addExact(bytes, bytes(weight, order));
            }
        }
        return bytes;
    }

    private static long bytes(Weight weight, WeightPanels order) {
        return Math.multiplyExact(order.panelBytes(weight.inputs()), panels(weight, order));
    }

    private static int panels(Weight weight, WeightPanels order) {
        return Math.ceilDiv(weight.outputs(), order.columns());
    }

    /// Packs weights that are not packed yet.
    ///
    /// @throws EngineException.NotEnoughMemory where the copies do not fit
    void add(List<Weight> weights) {
        List<Weight> missing =
                weights.stream().filter(weight -> !packed.containsKey(weight)).toList();
        List<Optional<Panels>> made = new ArrayList<>(Collections.nCopies(missing.size(), Optional.empty()));
        team.run(missing.size(), (item, worker) -> made.set(item, pack(missing.get(item))));
        for (int i = 0; i < missing.size(); i++) {
            packed.put(missing.get(i), made.get(i));
        }
    }

    /// A weight's panels; null where there are none for how it is stored, or where it holds a scale that is no
    /// number.
    @Nullable
    Panels of(Weight weight) {
        Optional<Panels> known = packed.get(weight);
        if (known == null) {
            known = pack(weight);
            packed.put(weight, known);
        }
        return known.orElse(null);
    }

    /// The panels of `weights[p][g]`, part after part; null where there are none, and where group g has none of the
    /// rows `[starts[g], starts[g + 1])`.
    @Nullable
    Panels[] of(int[] starts, Weight[][] weights) {
        int groups = weights[0].length;
        @Nullable Panels[] panels = new Panels[weights.length * groups];
        for (int i = 0; i < panels.length; i++) {
            boolean used = starts[i % groups] < starts[i % groups + 1];
            panels[i] = used ? of(weights[i / groups][i % groups]) : null;
        }
        return panels;
    }

    private Optional<Panels> pack(Weight weight) {
        WeightPanels order = kernels.panels(weight.type());
        if (order == null || !order.holds(weight)) {
            return Optional.empty();
        }
        long bytes = order.panelBytes(weight.inputs());
        MemorySegment data = allocate(weight, bytes(weight, order));
        for (int panel = 0; panel < panels(weight, order); panel++) {
            if (!order.pack(weight, panel * order.columns(), data, panel * bytes)) {
                return Optional.empty();
            }
        }
        return Optional.of(new Panels(order, data, bytes));
    }

    private MemorySegment allocate(Weight weight, long bytes) {
        try {
            return arena.allocate(bytes, NativeBuffer.ALIGNMENT);
        } catch (OutOfMemoryError e) {
            throw new EngineException.NotEnoughMemory(weight.name() + ": no memory for a copy of its " + bytes
                    + " bytes in the order of decode; -D" + PROPERTY + "=mapped does without copies");
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
