package dev.lectern.pipeline.ingest;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.tika.parser.txt.CharsetDetector;
import org.apache.tika.parser.txt.CharsetMatch;

/// Bytes to characters: a byte order mark decides, then valid UTF-8, then what the bytes look like.
///
/// @param charset name of the character set that was used
record TextDecoder(String text, String charset) {
    /// What the detector looks at; more does not make it surer.
    private static final int SAMPLE_BYTES = 64 << 10;

    /// All bytes are text here, and it is what undeclared text of the West mostly is.
    private static final Charset FALLBACK = Charset.forName("windows-1252");

    static TextDecoder decode(byte[] bytes) {
        if (startsWith(bytes, 0xEF, 0xBB, 0xBF)) {
            return of(bytes, 3, StandardCharsets.UTF_8);
        }
        if (startsWith(bytes, 0xFF, 0xFE)) {
            return of(bytes, 2, StandardCharsets.UTF_16LE);
        }
        if (startsWith(bytes, 0xFE, 0xFF)) {
            return of(bytes, 2, StandardCharsets.UTF_16BE);
        }
        Optional<String> utf8 = strictUtf8(bytes);
        return utf8.isPresent()
                ? new TextDecoder(utf8.get(), StandardCharsets.UTF_8.name())
                : of(bytes, 0, guess(bytes));
    }

    static Optional<String> strictUtf8(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static Charset guess(byte[] bytes) {
        CharsetDetector detector = new CharsetDetector();
        detector.setText(bytes.length <= SAMPLE_BYTES ? bytes : java.util.Arrays.copyOf(bytes, SAMPLE_BYTES));
        for (CharsetMatch match : detector.detectAll()) {
            // UTF-8 was tried on the whole text; a sample that looks like it ends in the middle of something else.
            if (!match.getName().equals("UTF-8") && Charset.isSupported(match.getName())) {
                return Charset.forName(match.getName());
            }
        }
        return FALLBACK;
    }

    private static TextDecoder of(byte[] bytes, int from, Charset charset) {
        return new TextDecoder(new String(bytes, from, bytes.length - from, charset), charset.name());
    }

    private static boolean startsWith(byte[] bytes, int... prefix) {
        if (bytes.length < prefix.length) {
            return false;
        }
        for (int i = 0; i < prefix.length; i++) {
            if ((bytes[i] & 0xFF) != prefix[i]) {
                return false;
            }
        }
        return true;
    }
}
