package dev.lectern.engine.internal.tokenizer;

/// Turns one word, as the pre-tokenizer cut it, into token ids. Implementations are immutable and
/// thread-safe; what they need besides is the caller's [Workspace].
sealed interface SubwordModel permits BpeModel, UnigramModel {
    /// Appends the ids of `text[from, to)`.
    void encode(char[] text, int from, int to, Workspace workspace, IdList ids);

    /// Arrays that one thread reuses from word to word.
    final class Workspace {
        int[] symbols = new int[64];
        int[] next = new int[64];
        int[] previous = new int[64];
        int[] ranks = new int[64];
        long[] heap = new long[64];
        double[] scores = new double[0];

        /// Room for a word of so many symbols.
        void require(int count) {
            if (symbols.length < count) {
                int capacity = Math.max(count, symbols.length + symbols.length / 2);
                symbols = new int[capacity];
                next = new int[capacity];
                previous = new int[capacity];
                ranks = new int[capacity];
            }
        }
    }
}
