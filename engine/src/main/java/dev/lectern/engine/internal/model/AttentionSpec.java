package dev.lectern.engine.internal.model;

import java.util.Objects;
import java.util.Optional;

/// What one layer's attention is: data that the one forward pass reads, never code per model family.
///
/// A new family adds a function that fills these in, and a field here only when it does something that no family did
/// before.
public sealed interface AttentionSpec {
    /// The softmax part, which is the same for both forms.
    Scores scores();

    /// Query heads.
    default int heads() {
        return scores().heads();
    }

    /// Which keys a query sees.
    default Mask mask() {
        return scores().mask();
    }

    /// Softmax over keys, and the mixing of values.
    ///
    /// @param heads    query heads
    /// @param kvHeads  key and value heads; divides `heads`. Query head h reads key head `h / (heads / kvHeads)`
    /// @param keyDim   width of a key (and query) head
    /// @param valueDim width of a value head
    /// @param storage  where the cache keeps the values
    /// @param scale    factor on q·k
    /// @param mask     which keys a query sees
    record Scores(int heads, int kvHeads, int keyDim, int valueDim, ValueStorage storage, float scale, Mask mask) {
        public Scores {
            if (heads <= 0 || kvHeads <= 0 || keyDim <= 0 || valueDim <= 0 || heads % kvHeads != 0) {
                throw new IllegalArgumentException("heads " + heads + ", kvHeads " + kvHeads + ", keyDim " + keyDim
                        + ", valueDim " + valueDim + ": heads must be a positive multiple of kvHeads");
            }
            if (storage == ValueStorage.IN_KEYS && valueDim > keyDim) {
                throw new IllegalArgumentException("values of " + valueDim + " in keys of " + keyDim);
            }
        }

        /// Query heads that read one key head.
        public int groupSize() {
            return heads / kvHeads;
        }

        /// Elements of a token's query in one layer: all heads together.
        public int queryWidth() {
            return heads * keyDim;
        }

        /// Elements of what a token reads in one layer.
        public int outputWidth() {
            return heads * valueDim;
        }

        /// Elements of a token's key that a layer caches: all key heads together.
        public int keyWidth() {
            return kvHeads * keyDim;
        }

        /// Elements of a token's value that a layer caches besides the key; 0 where the key holds it.
        public int valueWidth() {
            return storage == ValueStorage.SEPARATE ? kvHeads * valueDim : 0;
        }
    }

    /// Where the cache keeps a token's values.
    enum ValueStorage {
        /// Beside the keys.
        SEPARATE,
        /// A key's first `valueDim` elements are the value (latent attention).
        IN_KEYS
    }

    /// Grouped-query attention with keys and values of the same width.
    ///
    /// @param scores      heads, scale and mask
    /// @param rope        rotary embedding; empty for Llama 4's NoPE layers
    /// @param qkNorm      normalisation of q and k; empty where there is none
    /// @param temperature growth of q with the position in NoPE layers (Llama 4); empty elsewhere
    /// @param biases      which projections add a bias
    /// @param sinks       whether each head has a learned logit in the softmax's sum that no value belongs to
    ///                    (GPT-OSS)
    record GroupedQuery(
            Scores scores,
            Optional<Rope> rope,
            Optional<QkNorm> qkNorm,
            Optional<Temperature> temperature,
            Biases biases,
            boolean sinks)
            implements AttentionSpec {

        /// Full causal attention at scale `1/sqrt(headDim)` with nothing besides; `with…` adds the rest.
        public static GroupedQuery of(int heads, int kvHeads, int headDim) {
            float scale = (float) (1 / Math.sqrt(headDim));
            return new GroupedQuery(
                    new Scores(heads, kvHeads, headDim, headDim, ValueStorage.SEPARATE, scale, new Mask.Full()),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Biases.NONE,
                    false);
        }

        public int headDim() {
            return scores.keyDim();
        }

        public int kvHeads() {
            return scores.kvHeads();
        }

        public GroupedQuery withScale(float scale) {
            return withScores(new Scores(
                    scores.heads, scores.kvHeads, scores.keyDim, scores.valueDim, scores.storage, scale, scores.mask));
        }

        public GroupedQuery withMask(Mask mask) {
            return withScores(new Scores(
                    scores.heads, scores.kvHeads, scores.keyDim, scores.valueDim, scores.storage, scores.scale, mask));
        }

        private GroupedQuery withScores(Scores changed) {
            return new GroupedQuery(changed, rope, qkNorm, temperature, biases, sinks);
        }

        public GroupedQuery withRope(Rope changed) {
            return new GroupedQuery(scores, Optional.of(changed), qkNorm, temperature, biases, sinks);
        }

        public GroupedQuery withQkNorm(QkNorm changed) {
            return new GroupedQuery(scores, rope, Optional.of(changed), temperature, biases, sinks);
        }

        public GroupedQuery withTemperature(Optional<Temperature> changed) {
            return new GroupedQuery(scores, rope, qkNorm, changed, biases, sinks);
        }

        public GroupedQuery withBiases(Biases changed) {
            return new GroupedQuery(scores, rope, qkNorm, temperature, changed, sinks);
        }

        public GroupedQuery withSinks() {
            return new GroupedQuery(scores, rope, qkNorm, temperature, biases, true);
        }
    }

    /// Multi-head latent attention (DeepSeek V2, section 2.1) in its absorbed form: what is cached is one latent
    /// vector for all heads and one rotary key, `latentDim + ropeDim` elements a token. Each head's query is
    /// taken into the latent space, where it meets the latents as one key head; what it reads there is a
    /// mixture of latents, which the head's value projection takes back.
    ///
    /// @param heads       query heads
    /// @param queryRank   width of the query's own low-rank form; 0 where queries are projected at once
    /// @param latentDim   width of the cached latent (`kv_lora_rank`)
    /// @param noPeDim     width of a head's query without rotary embedding
    /// @param ropeDim     width of a head's query with it, and of the rotary key
    /// @param valueDim    width of a head's value
    /// @param scale       factor on q·k
    /// @param rope        of the rotary part
    /// @param normEpsilon of the norms of the low-rank query and of the latent
    record Latent(
            int heads,
            int queryRank,
            int latentDim,
            int noPeDim,
            int ropeDim,
            int valueDim,
            float scale,
            Rope rope,
            float normEpsilon)
            implements AttentionSpec {
        public Latent {
            if (heads <= 0 || queryRank < 0 || latentDim <= 0 || noPeDim <= 0 || ropeDim <= 0 || valueDim <= 0) {
                throw new IllegalArgumentException("latent attention: heads " + heads + ", queryRank " + queryRank
                        + ", latentDim " + latentDim + ", noPeDim " + noPeDim + ", ropeDim " + ropeDim + ", valueDim "
                        + valueDim + ": expected positive numbers");
            }
            Objects.requireNonNull(rope);
        }

        /// The latents are keys and values of one head that all query heads read.
        @Override
        public Scores scores() {
            return new Scores(heads, 1, latentDim + ropeDim, latentDim, ValueStorage.IN_KEYS, scale, new Mask.Full());
        }

        /// Width of a head's query before it is taken into the latent space.
        public int queryDim() {
            return noPeDim + ropeDim;
        }
    }

    /// Which keys a query may see. Positions are absolute, from the start of the context.
    sealed interface Mask {
        /// The first position that the query at `position` sees; it sees all from there to itself. Never
        /// decreases as `position` grows.
        int firstVisible(int position);

        /// Most positions that a query sees; [Integer#MAX_VALUE] where there is no limit.
        int reach();

        /// Every key at or before the query.
        record Full() implements Mask {
            @Override
            public int firstVisible(int position) {
                return 0;
            }

            @Override
            public int reach() {
                return Integer.MAX_VALUE;
            }
        }

        /// Keys at or before the query in the query's own chunk, `position / size`: at a chunk's first
        /// position only itself. Not a sliding window (Llama 4, `attention_chunk_size`).
        record Chunked(int size) implements Mask {
            public Chunked {
                checkSize("attention chunk", size);
            }

            @Override
            public int firstVisible(int position) {
                return position - position % size;
            }

            @Override
            public int reach() {
                return size;
            }
        }

        /// The query's own key and the `size - 1` before it (`sliding_window`).
        record Window(int size) implements Mask {
            public Window {
                checkSize("sliding window", size);
            }

            @Override
            public int firstVisible(int position) {
                return Math.max(0, position - size + 1);
            }

            @Override
            public int reach() {
                return size;
            }
        }

        private static void checkSize(String what, int size) {
            if (size <= 0) {
                throw new IllegalArgumentException(what + " " + size + ": expected a positive number of tokens");
            }
        }
    }

    /// `q *= 1 + scale * ln(floor((position + 1) / floor) + 1)` (Llama 4; 8192 and 0.1 in Scout).
    record Temperature(int floor, float scale) {
        public float factor(int position) {
            return (float) (1 + scale * Math.log(Math.floorDiv(position + 1L, (long) floor) + 1.0));
        }
    }

    /// Root-mean-square normalisation of q and k.
    record QkNorm(Kind kind, float epsilon) {
        /// What is normalised, when, and whether with gains.
        public enum Kind {
            /// Each head, after rope, without gains (Llama 4 Scout).
            HEAD_AFTER_ROPE,
            /// Each head, before rope, with gains that all heads share (Qwen 3, Gemma 3).
            HEAD_BEFORE_ROPE,
            /// All heads together, before rope, with a gain an element (OLMoE).
            ALL_HEADS_BEFORE_ROPE
        }

        public boolean beforeRope() {
            return kind != Kind.HEAD_AFTER_ROPE;
        }
    }

    /// Which projections add a bias.
    enum Biases {
        NONE,
        /// Query, key and value (Qwen 2).
        INPUTS,
        /// Query, key, value and output (GPT-OSS).
        ALL;

        public boolean onInputs() {
            return this != NONE;
        }

        public boolean onOutput() {
            return this == ALL;
        }
    }
}
