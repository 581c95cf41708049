package dev.lectern.engine.internal.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/// Hugging Face's tokenizers in native code, through the lowest layer of DJL's binding: the peer that the
/// engine's own tokenizers are compared with. The library is unpacked once to `~/.djl.ai`.
final class PeerTokenizer {
    private static final Cleaner CLEANER = Cleaner.create();

    private final long handle;

    private PeerTokenizer(long handle) {
        this.handle = handle;
        CLEANER.register(this, () -> TokenizersLibrary.LIB.deleteTokenizer(handle));
    }

    /// The peer of a tokenizer's text half.
    static PeerTokenizer of(TokenizerSpec spec) {
        return ofJson(PeerTokenizerJson.write(spec));
    }

    /// The peer of a whole tokenizer.json.
    static PeerTokenizer ofJson(String json) {
        Library.require();
        return new PeerTokenizer(TokenizersLibrary.LIB.createTokenizerFromString(json));
    }

    long[] encode(String text) {
        try {
            long encoding = TokenizersLibrary.LIB.encode(handle, text, false);
            try {
                return TokenizersLibrary.LIB.getTokenIds(encoding);
            } finally {
                TokenizersLibrary.LIB.deleteEncoding(encoding);
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /// Loads the native library once, from the jar alone.
    private static final class Library {
        private static final String OFFLINE = "ai.djl.offline";

        static {
            // On a machine with CUDA the binding would fetch another library from the network, unless told that there
            // is none.
            String before = System.setProperty(OFFLINE, "true");
            try {
                LibUtils.checkStatus();
            } finally {
                if (before == null) {
                    System.clearProperty(OFFLINE);
                } else {
                    System.setProperty(OFFLINE, before);
                }
            }
        }

        static void require() {
            // Its work is done by the initialiser.
        }
    }
}
