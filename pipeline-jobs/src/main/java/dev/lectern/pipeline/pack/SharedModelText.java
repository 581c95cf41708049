package dev.lectern.pipeline.pack;

import dev.lectern.engine.ModelFiles;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// A model's tokenizer, one a JVM however many tasks ask. It lives as long as the JVM: executors come back to it with
/// every document.
///
/// @param location the model's GGUF file or folder, as a URI of a file system that is mounted on every machine
record SharedModelText(String location) implements ModelText.Source {
    private static final ConcurrentMap<String, ModelText> OPENED = new ConcurrentHashMap<>();

    @Override
    public ModelText open() {
        return OPENED.computeIfAbsent(location, SharedModelText::load);
    }

    private static ModelText load(String location) {
        ModelFiles files = ModelFiles.open(local(location));
        return new ModelText(files.info(), files.tokenizer(), files.chat());
    }

    private static Path local(String location) {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(location);
        URI uri = path.toUri();
        if (uri.getScheme() != null && !uri.getScheme().equals("file")) {
            throw new JobException(
                    ExitCode.USAGE,
                    "model.path " + location + ": models are read from local or mounted file systems; copy it there");
        }
        return Path.of(uri.getPath());
    }
}
