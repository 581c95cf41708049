package dev.lectern.engine.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lectern.engine.EngineException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BackendsTest {
    @Test
    void opensByName() {
        try (Backend auto = Backends.open("auto", 2, true);
                Backend cpu = Backends.open("cpu", 1, true);
                Backend scalar = Backends.open("scalar", 4, true)) {
            assertThat(auto.name()).isEqualTo("cpu");
            assertThat(auto.threads()).isEqualTo(2);
            assertThat(cpu.threads()).isEqualTo(1);
            assertThat(scalar.name()).isEqualTo("scalar");
            assertThat(scalar.threads()).isEqualTo(1);
        }
        try (Backend all = Backends.open("cpu", 0, true)) {
            assertThat(all.threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
        }
    }

    @Test
    void refusesWhatIsNotThere() {
        assertThatThrownBy(() -> Backends.open("cuda", 1, true))
                .isInstanceOf(EngineException.BackendUnavailable.class)
                .hasMessageContaining("not built in this version");
        assertThatThrownBy(() -> Backends.open("gpu", 1, true))
                .isInstanceOf(EngineException.InvalidRequest.class)
                .hasMessageContaining("'gpu'")
                .hasMessageContaining("auto, cpu, scalar or cuda");
        assertThatThrownBy(() -> Backends.open("cpu", -1, true)).isInstanceOf(EngineException.InvalidRequest.class);
    }

    @Test
    void describesAll() {
        assertThat(Backends.describe()).extracting(Backends.Description::name).containsExactly("cuda", "cpu", "scalar");
        assertThat(Backends.describe())
                .extracting(Backends.Description::available)
                .containsExactly(false, true, true);
    }

    /// A Java machine of its own, started without the Vector API's module.
    @Test
    void doesWithoutTheVectorModule() throws IOException, InterruptedException {
        assertThat(withoutVectorModule("auto"))
                .contains("scalar")
                .contains("--add-modules=jdk.incubator.vector")
                .contains("WARNING");
        assertThat(withoutVectorModule("cpu"))
                .contains("BackendUnavailable")
                .contains("--add-modules=jdk.incubator.vector");
    }

    private static String withoutVectorModule(String backend) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Open.class.getName(), backend));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    /// Prints what [Backends] does with a name.
    static final class Open {
        private Open() {}

        public static void main(String[] args) {
            System.out.println(Backends.describe());
            try (Backend backend = Backends.open(args[0], 1, true)) {
                System.out.println(backend.name());
            }
        }
    }
}
