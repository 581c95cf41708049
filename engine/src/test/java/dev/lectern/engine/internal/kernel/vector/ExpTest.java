package dev.lectern.engine.internal.kernel.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

final class ExpTest {
    private static final long SEED = 7;

    @Test
    void exp2IsWithinTwoUnitsInTheLastPlace() {
        Random random = new Random(SEED);
        double worst = 0;
        for (int i = 0; i < 20_000; i++) {
            float x = i < 2000 ? -i / 16f : -random.nextFloat() * 126;
            x = Math.max(x, -126);
            float actual =
                    Exp.exp2NonPositive(FloatVector.broadcast(Lanes.FLOATS, x)).lane(0);
            worst = Math.max(worst, error(Math.pow(2, x), actual, x));
        }
        assertThat(worst).isLessThan(2);
    }

    @Test
    void expIsWithinTwoUnitsInTheLastPlace() {
        Random random = new Random(SEED);
        double worst = 0;
        for (int i = 0; i < 20_000; i++) {
            float x = random.nextFloat() * (i % 2 == 0 ? 2 : 175) - (i % 2 == 0 ? 1 : 87);
            float actual = Exp.exp(FloatVector.broadcast(Lanes.FLOATS, x)).lane(0);
            worst = Math.max(worst, error(Math.exp(x), actual, x));
        }
        assertThat(worst).isLessThan(2);
    }

    @Test
    void endsOfTheRange() {
        assertThat(exp2(0)).isEqualTo(1);
        assertThat(exp2(-0f)).isEqualTo(1);
        assertThat(exp2(-126)).isEqualTo(0x1p-126f);
        assertThat(exp2(Float.NEGATIVE_INFINITY)).isEqualTo(0x1p-126f);
        assertThat(exp2(-Float.MAX_VALUE)).isEqualTo(0x1p-126f);
        assertThat(exp2(Float.NaN)).isNaN();
        assertThat(exp(-1000)).isBetween(Float.MIN_NORMAL, 1.3e-38f);
        assertThat(exp(1000)).isBetween(2e38f, Float.MAX_VALUE);
        assertThat(exp(0)).isEqualTo(1);
    }

    private static float exp2(float x) {
        return Exp.exp2NonPositive(FloatVector.broadcast(Lanes.FLOATS, x)).lane(0);
    }

    private static float exp(float x) {
        return Exp.exp(FloatVector.broadcast(Lanes.FLOATS, x)).lane(0);
    }

    private static double error(double exact, float actual, float x) {
        double units = Math.abs(exact - actual) / Math.ulp((float) exact);
        assertThat(units).as("at %s, seed %d", x, SEED).isLessThan(2);
        return units;
    }
}
