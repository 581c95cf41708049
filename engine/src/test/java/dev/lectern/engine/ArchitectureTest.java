package dev.lectern.engine;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The engine's inner walls, as rules: who may use what, and how long a file may be.
class ArchitectureTest {
    private static final int MAX_LINES = 600;

    private static final JavaClasses ENGINE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.lectern.engine");

    @Test
    void knowsNeitherSparkNorThePipeline() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "org.apache.spark..",
                        "org.apache.hadoop..",
                        "scala..",
                        "dev.lectern.pipeline..",
                        "dev.lectern.inference..",
                        "dev.lectern.schemas.."))
                .check(ENGINE);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("dev.lectern.engine.internal.(**)")
                .should()
                .beFreeOfCycles()
                .check(ENGINE);
    }

    @Test
    void vectorsStayInTheVectorKernels() {
        noClasses()
                .that(resideOutsideOfPackage("dev.lectern.engine.internal.kernel.vector.."))
                .should()
                .dependOnClassesThat(resideInAPackage("jdk.incubator.vector.."))
                .check(ENGINE);
    }

    @Test
    void nativeCallsStayInCuda() {
        noClasses()
                .that(resideOutsideOfPackages(
                        "dev.lectern.engine.internal.cuda..", "dev.lectern.engine.internal.kernel.gemm.."))
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.Linker")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.foreign.SymbolLookup")
                .check(ENGINE);
    }

    @Test
    void tensorOperationsDoNotKnowFileFormats() {
        noClasses()
                .that(resideInAnyPackage("dev.lectern.engine.internal.kernel..", "dev.lectern.engine.internal.quant.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "dev.lectern.engine.internal.gguf..", "dev.lectern.engine.internal.safetensors.."))
                .check(ENGINE);
    }

    @Test
    void publicTypesShowNoInternalOnes() {
        classes()
                .that(resideInAPackage("dev.lectern.engine"))
                .and()
                .arePublic()
                .should(new ShowNoInternalTypes())
                .check(ENGINE);
    }

    @Test
    void filesStayShort() throws IOException {
        assertThat(tooLong(Path.of("src")))
                .as("Java files over %d lines", MAX_LINES)
                .isEmpty();
    }

    private static List<String> tooLong(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> lines(file) > MAX_LINES)
                    .map(file -> file + ": " + lines(file))
                    .sorted()
                    .toList();
        }
    }

    private static long lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
