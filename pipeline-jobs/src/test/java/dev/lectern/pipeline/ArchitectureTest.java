package dev.lectern.pipeline;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Which room may know which: `pipeline-jobs -> inference-udf -> engine`, the first two also `-> schemas`, nothing
/// back.
class ArchitectureTest {
    private static final int MAX_LINES = 600;

    private static final JavaClasses LECTERN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.lectern");

    @Test
    void roomsPointOneWay() {
        noClasses()
                .that(resideInAPackage("dev.lectern.schemas.."))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("dev.lectern.engine..", "dev.lectern.inference..", "dev.lectern.pipeline.."))
                .check(LECTERN);
        noClasses()
                .that(resideInAPackage("dev.lectern.inference.."))
                .should()
                .dependOnClassesThat(resideInAPackage("dev.lectern.pipeline.."))
                .check(LECTERN);
        noClasses()
                .that(resideInAPackage("dev.lectern.schemas.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.apache.spark..", "org.apache.hadoop.."))
                .check(LECTERN);
    }

    @Test
    void whatIsInternalToTheEngineStaysThere() {
        noClasses()
                .that(resideInAnyPackage("dev.lectern.schemas..", "dev.lectern.inference..", "dev.lectern.pipeline.."))
                .should()
                .dependOnClassesThat(resideInAPackage("dev.lectern.engine.internal.."))
                .check(LECTERN);
    }

    @Test
    void nothingDependsOnTheCommandLine() {
        noClasses()
                .that(resideInAPackage("dev.lectern.pipeline.."))
                .and()
                .resideOutsideOfPackage("dev.lectern.pipeline.cli..")
                .should()
                .dependOnClassesThat(resideInAPackage("dev.lectern.pipeline.cli.."))
                .orShould()
                .dependOnClassesThat(resideInAPackage("picocli.."))
                .check(LECTERN);
    }

    @Test
    void stagesFormNoCycle() {
        slices().matching("dev.lectern.pipeline.(*)..")
                .should()
                .beFreeOfCycles()
                .check(LECTERN);
    }

    @Test
    void classesThatArePublicAreFinalOrMeantToBeExtended() {
        classes()
                .that(resideInAnyPackage("dev.lectern.inference..", "dev.lectern.pipeline.."))
                .and()
                .arePublic()
                .and()
                .areTopLevelClasses()
                .and()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .should()
                .haveModifier(JavaModifier.FINAL)
                .orShould()
                .haveModifier(JavaModifier.ABSTRACT)
                .check(LECTERN);
    }

    @Test
    void filesStayShort() throws IOException {
        Path home = Path.of(System.getProperty("lectern.home"));
        for (String module : new String[] {"schemas", "inference-udf", "pipeline-jobs"}) {
            assertThat(tooLong(home.resolve(module).resolve("src")))
                    .as("Java files over %d lines", MAX_LINES)
                    .isEmpty();
        }
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
