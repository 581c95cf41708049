package dev.lectern.engine;

import java.util.OptionalInt;

/// Text to token ids and back. Thread-safe.
///
/// Text never becomes a control token: `<|eot|>` in a document is encoded as the characters that it is.
/// Control tokens are reached by [#controlToken] alone.
public interface Tokenizer {
    /// Encodes ordinary text; adds nothing before or after.
    Encoding encode(String text);

    /// Encodes a text that arrives in parts, for example one that is larger than memory: the ids and spans
    /// are those of encoding the whole, wherever the parts end.
    ///
    /// Holds back what following text could change. That is the last words, whatever the text's length; only
    /// a text without any place where this tokenizer's words certainly end is held as a whole.
    ///
    /// @param sink takes the tokens as they become certain
    TextStream stream(TokenSink sink);

    /// A text on its way into tokens. Not thread-safe.
    interface TextStream {
        /// Takes the next part; it may end anywhere, also inside a surrogate pair.
        void append(CharSequence part);

        /// Ends the text: what was held back goes to the sink. To be called once.
        void finish();
    }

    /// Takes tokens in order.
    @FunctionalInterface
    interface TokenSink {
        /// @param ids    token ids; the first `count` entries count, and the arrays are reused after the call
        /// @param starts index of each token's first UTF-16 unit in the whole text
        /// @param ends   index after each token's last UTF-16 unit; see [Encoding#ends]
        void accept(int[] ids, long[] starts, long[] ends, int count);
    }

    /// The text of the ids. Bytes that form no character (a token sequence cut inside one) become U+FFFD;
    /// control tokens are left out.
    String decode(int[] tokenIds);

    /// The id of a control token by its exact spelling, for example `<|eot|>`.
    OptionalInt controlToken(String content);

    /// The token's spelling as the vocabulary has it (for display).
    String piece(int tokenId);

    /// The bytes that a token adds to a text; none for control tokens, and for those that look like markup,
    /// which no text becomes. They need not be whole characters. Not to be changed.
    byte[] textBytes(int tokenId);

    /// Number of ids, control tokens included.
    int vocabSize();

    /// Hex SHA-256 of everything that decides the encoding; equal for equal tokenizers.
    String fingerprint();

    /// Token ids with the characters they stand for.
    ///
    /// @param ids    token ids
    /// @param starts index of each token's first UTF-16 unit in the text
    /// @param ends   index after each token's last UTF-16 unit. Spans ascend and cover the text; a character
    ///               whose bytes are spread over several tokens belongs to the first of them, the others'
    ///               spans are empty.
    record Encoding(int[] ids, int[] starts, int[] ends) {
        public Encoding {
            if (ids.length != starts.length || ids.length != ends.length) {
                throw new IllegalArgumentException("ids, starts and ends of different lengths: " + ids.length + ", "
                        + starts.length + ", " + ends.length);
            }
        }

        public int length() {
            return ids.length;
        }
    }
}
