package dev.lectern.pipeline.ingest;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.conf.JobConf;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds a job's input files. Not thread-safe; one use.
///
/// Folders are read with all folders below. Names that begin with `.` are left out (and counted) unless a path of
/// the job names them itself; so is everything under the job's output folder. A folder that is reached twice
/// through links is read once.
final class InputFiles {
    private static final Logger LOG = LoggerFactory.getLogger(InputFiles.class);

    private final Configuration hadoop;
    private final List<PathGlob> excludes = new ArrayList<>();
    private final String output;
    private final TreeMap<String, InputFile> found = new TreeMap<>();
    private int hidden;
    private int excluded;
    private int links;

    private InputFiles(JobConf.Input input, String output, Configuration hadoop) {
        this.hadoop = hadoop;
        for (String exclude : input.exclude()) {
            excludes.add(glob(exclude));
        }
        this.output = new Path(output).toString() + "/";
    }

    /// In the order of their URIs, each once.
    ///
    /// @param output the job's output folder
    /// @throws JobException (INPUT) when a path is missing or no file is found, naming the paths
    static List<InputFile> find(JobConf.Input input, String output, Configuration hadoop) {
        InputFiles files = new InputFiles(input, output, hadoop);
        for (String path : input.paths()) {
            int before = files.found.size();
            files.add(path);
            if (files.found.size() == before) {
                LOG.warn("input path {} adds no file", path);
            }
        }
        LOG.info(
                "{} input files; left out: {} by exclude, {} hidden, {} links to folders that are read anyway",
                files.found.size(),
                files.excluded,
                files.hidden,
                files.links);
        if (files.found.isEmpty()) {
            throw new JobException(
                    ExitCode.INPUT,
                    "no input files: " + String.join(", ", input.paths()) + " (left out: " + files.excluded
                            + " by input.exclude, " + files.hidden + " whose names begin with '.')");
        }
        return List.copyOf(files.found.values());
    }

    private void add(String path) {
        try {
            if (PathGlob.isGlob(path)) {
                PathGlob glob = glob(path);
                Path base = new Path(PathGlob.base(path));
                FileSystem fs = base.getFileSystem(hadoop);
                if (!fs.exists(base)) {
                    throw missing(path, base);
                }
                walk(fs, fs.getFileStatus(base), glob);
                return;
            }
            Path file = new Path(path);
            FileSystem fs = file.getFileSystem(hadoop);
            walk(fs, fs.getFileStatus(file), null);
        } catch (FileNotFoundException e) {
            throw missing(path, new Path(path));
        } catch (IOException | IllegalArgumentException e) {
            throw new JobException(ExitCode.INPUT, "input path '" + path + "' cannot be read: " + e.getMessage(), e);
        }
    }

    private static JobException missing(String path, Path where) {
        return new JobException(
                ExitCode.INPUT, "input path '" + path + "': no such file or folder (" + where + "); check input.paths");
    }

    private void walk(FileSystem fs, FileStatus start, @Nullable PathGlob glob) throws IOException {
        Set<String> visited = new HashSet<>();
        Deque<FileStatus> folders = new ArrayDeque<>();
        if (start.isFile()) {
            consider(start, glob);
            return;
        }
        folders.push(start);
        while (!folders.isEmpty()) {
            FileStatus folder = folders.pop();
            if (!visited.add(identity(fs, folder.getPath()))) {
                LOG.debug("{} leads to a folder that was read already", folder.getPath());
                links++;
                continue;
            }
            RemoteIterator<FileStatus> entries = fs.listStatusIterator(folder.getPath());
            while (entries.hasNext()) {
                FileStatus entry = entries.next();
                String name = entry.getPath().getName();
                if (name.startsWith(".")) {
                    hidden++;
                } else if (entry.isDirectory()) {
                    folders.push(entry);
                } else if (entry.isFile()) {
                    consider(entry, glob);
                } else {
                    consider(fs.getFileStatus(entry.getPath()), glob);
                }
            }
        }
    }

    private void consider(FileStatus file, @Nullable PathGlob glob) {
        String uri = file.getPath().toString();
        if (uri.startsWith(output) || (glob != null && !glob.matches(uri))) {
            return;
        }
        for (PathGlob exclude : excludes) {
            if (exclude.matches(uri)) {
                excluded++;
                return;
            }
        }
        found.put(uri, new InputFile(uri, file.getLen()));
    }

    /// What a folder is behind its links. Only local file systems follow links by themselves.
    private static String identity(FileSystem fs, Path folder) throws IOException {
        boolean local = "file".equals(fs.getUri().getScheme());
        return local
                ? java.nio.file.Path.of(folder.toUri().getPath()).toRealPath().toString()
                : folder.toString();
    }

    private static PathGlob glob(String glob) {
        try {
            return new PathGlob(glob);
        } catch (IllegalArgumentException e) {
            throw new JobException(ExitCode.USAGE, e.getMessage() == null ? glob : e.getMessage(), e);
        }
    }
}
