package dev.lectern.engine;

/// What can go wrong in the engine, as a closed set, so that callers map each kind to a row or an exit code.
///
/// Messages say what, where, actual, expected and the fix: `[model.gguf] tensor 'blk.3.attn_q.weight': type 99
/// unknown; supported: F32, F16, BF16, Q8_0, Q4_0`.
public abstract sealed class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private EngineException(String message, Throwable cause) {
        super(message, cause);
    }

    private EngineException(String message) {
        super(message);
    }

    /// No file or folder where the model (or a file that it needs) should be.
    public static final class ModelNotFound extends EngineException {
        private static final long serialVersionUID = 1L;

        public ModelNotFound(String message) {
            super(message);
        }
    }

    /// The bytes contradict the format: truncated, an offset outside the file, a shape that does not fit.
    public static final class ModelCorrupt extends EngineException {
        private static final long serialVersionUID = 1L;

        public ModelCorrupt(String message) {
            super(message);
        }

        public ModelCorrupt(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// A well-formed model that this engine cannot run: its architecture, a tensor type or a feature is unknown.
    public static final class ModelUnsupported extends EngineException {
        private static final long serialVersionUID = 1L;

        public ModelUnsupported(String message) {
            super(message);
        }
    }

    /// Tokenizer and model do not belong together.
    public static final class TokenizerMismatch extends EngineException {
        private static final long serialVersionUID = 1L;

        public TokenizerMismatch(String message) {
            super(message);
        }
    }

    /// More tokens than the model's context length admits.
    public static final class ContextTooLong extends EngineException {
        private static final long serialVersionUID = 1L;

        public ContextTooLong(String message) {
            super(message);
        }
    }

    /// The work needs more memory than the budget or the machine has; says how much of each.
    public static final class NotEnoughMemory extends EngineException {
        private static final long serialVersionUID = 1L;

        public NotEnoughMemory(String message) {
            super(message);
        }
    }

    /// The backend that was asked for cannot run here; says why.
    public static final class BackendUnavailable extends EngineException {
        private static final long serialVersionUID = 1L;

        public BackendUnavailable(String message) {
            super(message);
        }
    }

    /// A request that makes no sense whatever the model (an empty prompt, a token id outside the vocabulary).
    public static final class InvalidRequest extends EngineException {
        private static final long serialVersionUID = 1L;

        public InvalidRequest(String message) {
            super(message);
        }
    }

    /// A file that this engine was to write cannot be written: no such folder, no permission, no room.
    public static final class OutputFailed extends EngineException {
        private static final long serialVersionUID = 1L;

        public OutputFailed(String message) {
            super(message);
        }

        public OutputFailed(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// The caller's [Cancellation] said stop; nothing is left allocated.
    public static final class Cancelled extends EngineException {
        private static final long serialVersionUID = 1L;

        public Cancelled(String message) {
            super(message);
        }
    }
}
