package dev.lectern.engine.internal.backend;

import org.junit.jupiter.api.Nested;

final class ScalarBackendTest {
    @Nested
    final class Operations extends BackendContract {
        @Override
        Backend open() {
            return new ScalarBackend();
        }
    }

    @Nested
    final class Attention extends AttentionContract {
        @Override
        Backend open() {
            return new ScalarBackend();
        }
    }
}
