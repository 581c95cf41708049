package dev.lectern.pipeline.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.lectern.engine.BackendInfo;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "doctor",
        description = "Shows what Lectern finds on this machine, and why each backend can or cannot run here.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private VerboseOption verbose;

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    @Override
    public void run() {
        Map<String, String> findings = findings();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Json.print(out, findings);
        } else {
            findings.forEach((name, value) -> out.printf("%-16s %s%n", name.replace('_', ' '), value));
            out.flush();
        }
    }

    private static Map<String, String> findings() {
        Map<String, String> findings = new LinkedHashMap<>();
        BuildInfo build = new BuildInfo();
        OperatingSystemMXBean machine = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        String sparkHome = System.getProperty("lectern.spark", "");
        findings.put("lectern", build.version() + " (commit " + build.commit() + ")");
        findings.put(
                "jdk",
                Runtime.version() + ", " + System.getProperty("java.vm.vendor") + ", "
                        + System.getProperty("java.home"));
        findings.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                        + System.getProperty("os.arch"));
        findings.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        findings.put(
                "memory",
                Sizes.bytes(machine.getTotalMemorySize()) + ", " + Sizes.bytes(machine.getFreeMemorySize())
                        + " free; heap at most "
                        + Sizes.bytes(Runtime.getRuntime().maxMemory()) + " (LECTERN_HEAP)");
        findings.put("temporary_files", temporaryFiles());
        findings.put(
                "spark",
                build.sparkVersion()
                        + (sparkHome.isEmpty()
                                ? " from the Maven class path"
                                : " expected; SPARK_HOME is " + sparkHome));
        for (BackendInfo backend : BackendInfo.all()) {
            findings.put(
                    "backend_" + backend.name(),
                    (backend.available() ? "available: " : "not available: ") + backend.reason());
        }
        return findings;
    }

    private static String temporaryFiles() {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            return folder + ", " + Sizes.bytes(Files.getFileStore(folder).getUsableSpace()) + " free";
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the free space cannot be found", e);
        }
    }
}
