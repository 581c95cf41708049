package dev.lectern.engine.internal.backend;

final class ScalarBackendTest extends BackendContract {
    @Override
    Backend open() {
        return new ScalarBackend();
    }
}
