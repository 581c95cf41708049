package dev.lectern.engine.internal.model;

import java.util.Optional;

/// What one layer's attention is: data that the one forward pass reads, never code per model family.
///
/// A new family adds a function that fills these in, and a field here only when it does something that no family did
/// before.
public sealed interface AttentionSpec {
    Mask mask();

    /// @param heads       query heads
    /// @param kvHeads     key and value heads; divides `heads`. Query head h reads key head `h / (heads / kvHeads)`
    /// @param headDim     width of a head
    /// @param scale       factor on q·k, `1/sqrt(headDim)` unless the file says otherwise
    /// @param mask        which keys a query sees
    /// @param rope        rotary embedding; empty for Llama 4's NoPE layers
    /// @param qkNorm      normalisation of q and k after rope; empty where there is none
    /// @param temperature growth of q with the position in NoPE layers (Llama 4); empty elsewhere
    record GroupedQuery(
            int heads,
            int kvHeads,
            int headDim,
            float scale,
            Mask mask,
            Optional<Rope> rope,
            Optional<QkNorm> qkNorm,
            Optional<Temperature> temperature)
            implements AttentionSpec {
        public GroupedQuery {
            if (heads <= 0 || kvHeads <= 0 || headDim <= 0 || heads % kvHeads != 0) {
                throw new IllegalArgumentException("heads " + heads + ", kvHeads " + kvHeads + ", headDim " + headDim
                        + ": heads must be a positive multiple of kvHeads");
            }
        }

        /// Query heads that read one key head.
        public int groupSize() {
            return heads / kvHeads;
        }
    }

    /// Which keys a query may see. Positions are absolute, from the start of the context.
    sealed interface Mask {
        /// The first position that the query at `position` sees; it sees all from there to itself.
        int firstVisible(int position);

        /// Every key at or before the query.
        record Full() implements Mask {
            @Override
            public int firstVisible(int position) {
                return 0;
            }
        }

        /// Keys at or before the query in the query's own chunk, `position / size`: at a chunk's first position
        /// only itself. Not a sliding window (Llama 4, `attention_chunk_size`).
        record Chunked(int size) implements Mask {
            public Chunked {
                if (size <= 0) {
                    throw new IllegalArgumentException(
                            "attention chunk " + size + ": expected a positive number of tokens");
                }
            }

            @Override
            public int firstVisible(int position) {
                return position - position % size;
            }
        }
    }

    /// `q *= 1 + scale * ln(floor((position + 1) / floor) + 1)` (Llama 4; 8192 and 0.1 in Scout).
    record Temperature(int floor, float scale) {
        public float factor(int position) {
            return (float) (1 + scale * Math.log(Math.floorDiv(position + 1L, (long) floor) + 1.0));
        }
    }

    /// Weightless root-mean-square normalisation of q and k per head, after rope (Llama 4 Scout).
    record QkNorm(float epsilon) {}
}
