package dev.lectern.engine.internal.family;

import dev.lectern.engine.EngineException;
import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.source.Metadata;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Which layers of a Hugging Face configuration see a sliding window and which everything: its `layer_types`.
///
/// @param local one a layer
/// @param window tokens of the window; used in local layers alone
record LayerTypes(List<Boolean> local, int window) {
    /// @param allLocal what layers are where the configuration does not list them
    static LayerTypes of(Metadata config, int numLayers, boolean allLocal) {
        List<String> types = config.strings("layer_types").orElse(List.of());
        List<Boolean> local = new ArrayList<>();
        for (String type : types) {
            switch (type) {
                case "sliding_attention" -> local.add(true);
                case "full_attention" -> local.add(false);
                default ->
                    throw new EngineException.ModelUnsupported("[" + config.file() + "] layer_types '" + type
                            + "' unknown; supported: full_attention, sliding_attention");
            }
        }
        if (!types.isEmpty() && types.size() != numLayers) {
            throw new EngineException.ModelCorrupt("[" + config.file() + "] layer_types has " + types.size()
                    + " entries for " + numLayers + " layers");
        }
        return of(config, local.isEmpty() ? Collections.nCopies(numLayers, allLocal) : local);
    }

    static LayerTypes of(Metadata config, List<Boolean> local) {
        boolean any = local.contains(true);
        return new LayerTypes(local, any ? DecoderShape.positive(config, "sliding_window", Integer.MAX_VALUE) : 1);
    }

    AttentionSpec.Mask mask(int layer) {
        return local.get(layer) ? new AttentionSpec.Mask.Window(window) : new AttentionSpec.Mask.Full();
    }
}
