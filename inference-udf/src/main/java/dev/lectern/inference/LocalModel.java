package dev.lectern.inference;

import dev.lectern.engine.EngineException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A model's files on this machine: local ones in place, others copied once a machine.
///
/// A copy lies in a folder named by URI, lengths and modification times of the files, so a changed model is copied
/// anew. It appears by one rename when it is complete; a file lock keeps the other processes of the machine waiting
/// meanwhile.
public final class LocalModel {
    private static final Logger LOG = LoggerFactory.getLogger(LocalModel.class);
    private static final Object ONE_COPY_A_JVM = new Object();

    private LocalModel() {}

    /// @param model       a path or any Hadoop URI of a file or of a folder (its files, without folders below)
    /// @param cacheFolder for copies; null for one in the machine's temporary folder
    /// @throws EngineException.ModelNotFound when there is nothing at the URI or it cannot be read
    public static Path of(String model, Configuration hadoop, @Nullable String cacheFolder) {
        org.apache.hadoop.fs.Path remote = new org.apache.hadoop.fs.Path(model);
        try {
            FileSystem files = remote.getFileSystem(hadoop);
            if (files.getUri().getScheme().equals("file")) {
                return local(model, remote);
            }
            return copied(model, remote, files, hadoop, cacheFolder);
        } catch (FileNotFoundException e) {
            throw new EngineException.ModelNotFound("[" + model + "] no such file or folder; set model.path to a GGUF"
                    + " file or a Hugging Face folder");
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "[" + model + "] the model cannot be copied to this machine: " + e.getMessage(), e);
        }
    }

    private static Path local(String model, org.apache.hadoop.fs.Path path) {
        Path local = Path.of(path.toUri().getPath());
        if (!Files.exists(local)) {
            throw new EngineException.ModelNotFound("[" + model + "] no such file or folder on this machine; a local"
                    + " model must lie under the same path on every machine, or give an hdfs: or s3a: URI");
        }
        return local;
    }

    private static Path copied(
            String model,
            org.apache.hadoop.fs.Path remote,
            FileSystem files,
            Configuration hadoop,
            @Nullable String cacheFolder)
            throws IOException {
        List<FileStatus> sources = sources(remote, files);
        Path cache = cacheFolder == null
                ? Path.of(System.getProperty("java.io.tmpdir"), "lectern-models-" + System.getProperty("user.name"))
                : Path.of(cacheFolder);
        Files.createDirectories(cache);
        List<String> key = new ArrayList<>(List.of(files.makeQualified(remote).toString()));
        sources.forEach(source -> key.addAll(List.of(
                source.getPath().getName(),
                Long.toString(source.getLen()),
                Long.toString(source.getModificationTime()))));
        Path folder = cache.resolve(Sha256.hex(key.toArray(String[]::new)).substring(0, 32));
        Path entry = folder.resolve(remote.getName());
        // A lock belongs to the process: its threads must wait for each other by other means.
        synchronized (ONE_COPY_A_JVM) {
            if (Files.exists(entry)) {
                return entry;
            }
            try (FileChannel channel = FileChannel.open(
                            cache.resolve(folder.getFileName() + ".lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                if (lock.isValid() && !Files.exists(entry)) {
                    copy(model, remote, sources, files, folder, hadoop);
                }
            }
        }
        return entry;
    }

    private static List<FileStatus> sources(org.apache.hadoop.fs.Path remote, FileSystem files) throws IOException {
        FileStatus status = files.getFileStatus(remote);
        if (!status.isDirectory()) {
            return List.of(status);
        }
        List<FileStatus> sources = Stream.of(files.listStatus(remote))
                .filter(FileStatus::isFile)
                .sorted(Comparator.comparing(file -> file.getPath().getName()))
                .toList();
        if (sources.isEmpty()) {
            throw new FileNotFoundException(remote + " is an empty folder");
        }
        return sources;
    }

    private static void copy(
            String model,
            org.apache.hadoop.fs.Path remote,
            List<FileStatus> sources,
            FileSystem files,
            Path folder,
            Configuration hadoop)
            throws IOException {
        long bytes = sources.stream().mapToLong(FileStatus::getLen).sum();
        LOG.info("copying model {} ({} bytes) to {}", model, bytes, folder);
        // Only the holder of the lock writes here: what is there is the remains of a killed process.
        Path partial = folder.resolveSibling(folder.getFileName() + ".partial");
        FileUtil.fullyDelete(partial.toFile());
        boolean single =
                sources.size() == 1 && sources.getFirst().getPath().getName().equals(remote.getName());
        Path into = single ? partial : partial.resolve(remote.getName());
        Files.createDirectories(into);
        for (FileStatus source : sources) {
            Path target = into.resolve(source.getPath().getName());
            FileUtil.copy(files, source.getPath(), target.toFile(), false, hadoop);
            if (Files.size(target) != source.getLen()) {
                throw new IOException(target + " has " + Files.size(target) + " bytes, " + source.getPath() + " has "
                        + source.getLen() + ": it changed while it was copied");
            }
        }
        Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
    }
}
