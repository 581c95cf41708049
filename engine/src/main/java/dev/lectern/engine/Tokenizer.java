package dev.lectern.engine;

import java.util.OptionalInt;

/// Text to token ids and back. Thread-safe.
///
/// Text never becomes a control token: `<|eot|>` in a document is encoded as the characters that it is. Control
/// tokens are reached by [#controlToken] alone.
public interface Tokenizer {
    /// Encodes ordinary text; adds nothing before or after.
    Encoding encode(String text);

    /// The text of the ids. Bytes that form no character (a token sequence cut inside one) become U+FFFD; control
    /// tokens are left out.
    String decode(int[] tokenIds);

    /// The id of a control token by its exact spelling, for example `<|eot|>`.
    OptionalInt controlToken(String content);

    /// The token's spelling as the vocabulary has it (for display).
    String piece(int tokenId);

    /// Number of ids, control tokens included.
    int vocabSize();

    /// Hex SHA-256 of everything that decides the encoding; equal for equal tokenizers.
    String fingerprint();

    /// Token ids with the characters they stand for.
    ///
    /// @param ids    token ids
    /// @param starts index of each token's first UTF-16 unit in the text
    /// @param ends   index after each token's last UTF-16 unit. Spans ascend and cover the text; a character whose
    ///               bytes are spread over several tokens belongs to the first of them, the others' spans are
    ///               empty.
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
