package dev.lectern.engine;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.stream.Stream;

/// Public methods and constructors take and return public types only, so that what is internal can change freely.
final class ShowNoInternalTypes extends ArchCondition<JavaClass> {
    ShowNoInternalTypes() {
        super("show no type of an internal package");
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        for (JavaCodeUnit unit : type.getCodeUnits()) {
            if (!unit.getModifiers().contains(JavaModifier.PUBLIC)) {
                continue;
            }
            Stream.concat(Stream.of(unit.getRawReturnType()), unit.getRawParameterTypes().stream())
                    .filter(shown ->
                            shown.getBaseComponentType().getPackageName().contains(".internal"))
                    .forEach(shown -> events.add(
                            SimpleConditionEvent.violated(unit, unit.getFullName() + " shows " + shown.getName())));
        }
    }
}
