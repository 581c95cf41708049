package dev.lectern.engine.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lectern.engine.internal.model.AttentionSpec;
import dev.lectern.engine.internal.model.MlpSpec;
import dev.lectern.engine.internal.model.Rope;
import dev.lectern.engine.internal.model.Weight;
import dev.lectern.engine.internal.quant.TensorType;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every backend does: small cases with their results written out, then random ones against [ScalarBackend] at
/// sizes on both sides of lane and tile widths, then what must not change a result.
abstract class BackendContract {
    private static final long SEED = 20261121;
    private static final MlpSpec.Router ROUTER = MlpSpec.Router.sigmoidOnInput(4, 1);

    private static final MlpSpec.Activation GELU = new MlpSpec.Activation.GeluTanh();
    private static final MlpSpec.Activation SWISH = new MlpSpec.Activation.ClampedSwish(1.702f, 7);

    private final Arena arena = Arena.ofShared();
    private final Backend oracle = new ScalarBackend();
    private Backend backend = oracle;
    private Fixtures fixtures = new Fixtures(arena, SEED);

    abstract Backend open();

    /// How much larger than float32's own errors those of matrix products may be.
    float productTolerance() {
        return 1;
    }

    @BeforeEach
    void openBackend() {
        backend = open();
    }

    @AfterEach
    void close() {
        backend.close();
        arena.close();
    }

    // Small cases

    @Test
    void embedsRowsOfTheTable() {
        Weight table = fixtures.f32(3, 2, 1, 2, 3, 4, 5, 6);
        Tensor out = fixtures.zeros(2, 2);
        backend.embed(table, new int[] {2, 0}, 2, out);
        assertThat(Fixtures.values(out, 2)).containsExactly(5, 6, 1, 2);
        assertThatThrownBy(() -> backend.embed(table, new int[] {0, 3}, 2, out))
                .hasMessageContaining("token id 3")
                .hasMessageContaining("vocabulary of 3");
    }

    @Test
    void normalisesByTheRootOfTheMeanSquare() {
        Tensor in = fixtures.of(2, 3, 4, 6, 8);
        backend.rmsNorm(in, 2, new float[] {1, 2}, 0, in);
        float root = (float) Math.sqrt(12.5);
        assertClose(new float[] {3 / root, 8 / root, 3 / root, 8 / root}, Fixtures.values(in, 2), 1e-6f, "norm");
        Tensor zero = fixtures.zeros(1, 4);
        backend.rmsNorm(zero, 1, null, 1e-5f, zero);
        assertThat(Fixtures.values(zero, 1)).containsOnly(0);
    }

    @Test
    void multipliesByTheTransposedWeight() {
        Tensor in = fixtures.of(2, 1, 2, 3, 4);
        Weight weight = fixtures.f32(3, 2, 1, 0, 0, 1, 10, 100);
        for (Phase phase : Phase.values()) {
            Tensor out = fixtures.zeros(2, 3);
            backend.matmul(in, 2, weight, out, phase);
            assertThat(Fixtures.values(out, 2)).as(phase.name()).containsExactly(1, 2, 210, 3, 4, 430);
        }
        assertThatThrownBy(() -> backend.matmul(in, 2, weight, fixtures.zeros(2, 2), Phase.DECODE))
                .hasMessageContaining("outputs");
    }

    @Test
    void turnsPairsByTheirAngle() {
        float quarter = (float) (Math.PI / 2);
        Tensor adjacent = fixtures.of(4, 1, 2, 3, 4);
        backend.rope(adjacent, 1, 4, 0, new Rope(Rope.Pairing.ADJACENT, new float[] {quarter, 0}), new int[] {1});
        assertClose(new float[] {-2, 1, 3, 4}, Fixtures.values(adjacent, 1), 1e-6f, "adjacent");
        Tensor part = fixtures.of(4, 1, 2, 3, 4);
        backend.rope(part, 1, 4, 2, new Rope(Rope.Pairing.ADJACENT, new float[] {quarter}, 2), new int[] {1});
        assertClose(new float[] {1, 2, -8, 6}, Fixtures.values(part, 1), 1e-6f, "a part of the head, grown");
        Tensor halves = fixtures.of(4, 1, 2, 3, 4);
        backend.rope(halves, 1, 4, 0, new Rope(Rope.Pairing.HALVES, new float[] {quarter, 0}), new int[] {1});
        assertClose(new float[] {-3, 2, 1, 4}, Fixtures.values(halves, 1), 1e-6f, "halves");
    }

    @Test
    void growsQueriesWithThePosition() {
        Tensor x = fixtures.of(1, 1, 1, 1, 1);
        backend.scaleByTemperature(
                x, 4, new AttentionSpec.Temperature(8192, 0.1f), new int[] {8190, 8191, 131071, 10485759});
        assertClose(new float[] {1, 1.0693f, 1.2833f, 1.7155f}, Fixtures.values(x, 4), 5e-5f, "temperature");
    }

    @Test
    void routesToTheLargestLogit() {
        Tensor logits = fixtures.of(4, 0, 2, 2, 1, -1, -2, -3, -0.5f, 9, 0, 0, 0);
        Routing routing = new Routing(3, 4, 1);
        backend.route(logits, 3, ROUTER, null, routing);
        assertThat(routing.expertStart).containsExactly(0, 1, 2, 2, 3);
        assertThat(routing.slotRow).containsExactly(2, 0, 1);
        float[] scores = {sigmoid(9), sigmoid(2), sigmoid(-0.5)};
        assertClose(scores, routing.slotScore, 1e-6f, "scores");

        Tensor x = fixtures.of(2, 1, 1, 2, 2, 3, 3);
        Tensor gathered = fixtures.zeros(3, 2);
        backend.gather(x, routing, true, gathered);
        float[] expected = {3 * scores[0], 3 * scores[0], scores[1], scores[1], 2 * scores[2], 2 * scores[2]};
        assertClose(expected, Fixtures.values(gathered, 3), 1e-6f, "gathered");
        backend.scatterAdd(fixtures.of(2, 10, 20, 30, 40, 50, 60), routing, false, x);
        assertThat(Fixtures.values(x, 3)).containsExactly(31, 41, 52, 62, 13, 23);
    }

    @Test
    void routesToSeveralExperts() {
        MlpSpec.Router two = MlpSpec.Router.sigmoidOnInput(3, 2);
        Routing routing = new Routing(2, 3, 2);
        backend.route(fixtures.of(3, 1, 3, 2, 5, 4, 4), 2, two, null, routing);
        assertThat(routing.expertStart).containsExactly(0, 1, 3, 4);
        assertThat(routing.slotRow).containsExactly(1, 0, 1, 0);
        Tensor x = fixtures.zeros(2, 1);
        backend.scatterAdd(fixtures.of(1, 1, 2, 4, 8), routing, false, x);
        assertThat(Fixtures.values(x, 2)).containsExactly(10, 5);
    }

    @Test
    void gatesAndAdds() {
        Tensor gate = fixtures.of(4, 0, 1, -100, 100);
        backend.activate(MlpSpec.Activation.SILU, gate, fixtures.of(4, 7, 2, 1, 1), 1);
        assertClose(new float[] {0, 1.4621172f, 0, 100}, gate.row(0), 1e-6f, "silu");
        Tensor x = fixtures.of(2, 1, 2, 3, 4);
        backend.add(x, fixtures.of(2, 10, 20, 30, 40), 1, 2);
        assertThat(Fixtures.values(x, 2)).containsExactly(11, 22, 33, 44);
    }

    @Test
    void activates() {
        Tensor gelu = fixtures.of(3, 0, 1, -1);
        backend.activate(new MlpSpec.Activation.GeluTanh(), gelu, fixtures.of(3, 7, 2, 1), 1);
        assertClose(new float[] {0, 1.682384f, -0.158808f}, gelu.row(0), 1e-6f, "gelu");
        Tensor swish = fixtures.of(4, 0, 1, 9, -1);
        MlpSpec.Activation clamped = new MlpSpec.Activation.ClampedSwish(1.702f, 7);
        backend.activate(clamped, swish, fixtures.of(4, 7, 1, 9, -9), 1);
        assertClose(new float[] {0, 1.691591f, 55.999626f, 0.925226f}, swish.row(0), 1e-6f, "clamped swish");
    }

    @Test
    void addsBiases() {
        Tensor x = fixtures.of(2, 1, 2, 3, 4, 5, 6);
        backend.addBias(x, 2, new float[] {10, 20});
        assertThat(Fixtures.values(x, 3)).containsExactly(11, 22, 13, 24, 5, 6);
        backend.addBiases(x, new int[] {0, 1, 1, 3}, new float[][] {{1, 1}, {100, 100}, {2, 3}});
        assertThat(Fixtures.values(x, 3)).containsExactly(12, 23, 15, 27, 7, 9);
        backend.scale(x, 1, 2);
        assertThat(Fixtures.values(x, 3)).containsExactly(24, 46, 15, 27, 7, 9);
    }

    @Test
    void putsHeadsOneAfterAnotherAndBack() {
        Tensor rows = fixtures.of(6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        Tensor heads = fixtures.zeros(4, 2);
        backend.gatherHeads(rows, 2, 2, 1, heads);
        assertThat(Fixtures.values(heads, 4)).containsExactly(2, 3, 8, 9, 5, 6, 11, 12);
        Tensor back = fixtures.zeros(2, 6);
        backend.scatterHeads(heads, 2, 2, 0, back);
        assertThat(Fixtures.values(back, 2)).containsExactly(2, 3, 0, 5, 6, 0, 8, 9, 0, 11, 12, 0);
    }

    @Test
    void softmaxRoutersWeighTheOutput() {
        Tensor logits =
                fixtures.of(4, (float) Math.log(1), (float) Math.log(4), (float) Math.log(3), (float) Math.log(2));
        Routing routing = new Routing(1, 4, 2);
        backend.route(logits, 1, MlpSpec.Router.softmax(4, 2, false), null, routing);
        assertThat(routing.expertStart).containsExactly(0, 0, 1, 2, 2);
        assertClose(new float[] {0.4f, 0.3f}, routing.slotScore, 1e-6f, "softmax over all");
        backend.route(logits, 1, MlpSpec.Router.softmax(4, 2, true), null, routing);
        assertClose(new float[] {4 / 7f, 3 / 7f}, routing.slotScore, 1e-6f, "softmax over the chosen");
        Tensor x = fixtures.of(1, 100);
        backend.gather(x, routing, false, fixtures.zeros(2, 1));
        backend.scatterAdd(fixtures.of(1, 7, 14), routing, true, x);
        assertClose(new float[] {110}, Fixtures.values(x, 1), 1e-5f, "weighted sum");
    }

    @Test
    void groupsAndBiasesDecideTheChoiceAlone() {
        MlpSpec.Router router = new MlpSpec.Router(
                6,
                2,
                MlpSpec.Gating.SIGMOID,
                true,
                Optional.of(new MlpSpec.Groups(3, 1)),
                true,
                2.5f,
                MlpSpec.ScoreOn.OUTPUT);
        // Sigmoids: 0.5 everywhere but expert 0; the bias makes the last group's sum the largest.
        Tensor logits = fixtures.of(6, 9, 0, 0, 0, 0, 0);
        Routing routing = new Routing(1, 6, 2);
        backend.route(logits, 1, router, new float[] {0, 0, 0, 0, 0.7f, 0.4f}, routing);
        assertThat(routing.expertStart).containsExactly(0, 0, 0, 0, 0, 1, 2);
        assertClose(new float[] {1.25f, 1.25f}, routing.slotScore, 1e-6f, "scores without the bias");
    }

    // Against the scalar backend

    @Test
    void multipliesEveryTypeAndOrder() {
        int[][] shapes = {{1, 1, 32}, {3, 33, 64}, {17, 70, 288}, {65, 31, 1056}, {9, 96, 192}};
        for (TensorType type : TensorType.values()) {
            for (int[] shape : shapes) {
                for (Phase phase : Phase.values()) {
                    int inputs = wholeBlocks(type, shape[2]);
                    checkMatmul(fixtures.weight(type, Weight.Order.OUTPUT_MAJOR, shape[1], inputs), shape[0], phase);
                    if (type.blockWeights() == 1) {
                        checkMatmul(
                                fixtures.weight(type, Weight.Order.INPUT_MAJOR, shape[1], shape[2]), shape[0], phase);
                    }
                }
            }
        }
    }

    @Test
    void multipliesOddDepths() {
        for (int depth : new int[] {1, 3, 15, 16, 17, 31, 33, 255, 256, 257, 1023, 1025}) {
            for (Phase phase : Phase.values()) {
                checkMatmul(fixtures.weight(TensorType.F32, Weight.Order.OUTPUT_MAJOR, 9, depth), 5, phase);
                checkMatmul(fixtures.weight(TensorType.BF16, Weight.Order.INPUT_MAJOR, 9, depth), 5, phase);
            }
        }
    }

    /// Longer than a first level cache holds beside the weights, where decode reads several outputs together.
    @Test
    void multipliesLongRows() {
        for (TensorType type : new TensorType[] {TensorType.Q8_0, TensorType.Q4_0, TensorType.Q4_K, TensorType.Q6_K}) {
            for (Phase phase : Phase.values()) {
                for (int outputs : new int[] {3, 39}) {
                    checkMatmul(fixtures.weight(type, Weight.Order.OUTPUT_MAJOR, outputs, 4352), 6, phase);
                    checkMatmul(fixtures.weight(type, Weight.Order.OUTPUT_MAJOR, outputs, 4352), 1, phase);
                }
            }
        }
    }

    private void checkMatmul(Weight weight, int rows, Phase phase) {
        Tensor in = fixtures.random(rows, weight.inputs());
        Tensor expected = fixtures.zeros(rows, weight.outputs());
        Tensor actual = fixtures.zeros(rows, weight.outputs());
        oracle.matmul(in, rows, weight, expected, phase);
        backend.matmul(in, rows, weight, actual, phase);
        assertClose(
                expected, actual, rows, 3e-5f * productTolerance(), weight.name() + " x " + rows + " rows, " + phase);

        // A row alone gives what it gives among the others, to the last bit.
        int row = fixtures.random().nextInt(rows);
        Tensor alone = fixtures.zeros(1, weight.outputs());
        backend.matmul(fixtures.rows(in, row, 1), 1, weight, alone, phase);
        assertThat(alone.row(0))
                .as("row %d alone: %s, %s", row, weight.name(), phase)
                .isEqualTo(actual.row(row));
    }

    @Test
    void multipliesGroups() {
        for (TensorType type : TensorType.values()) {
            for (Phase phase : Phase.values()) {
                for (int rows : new int[] {1, 7, 100}) {
                    checkGrouped(type, Weight.Order.OUTPUT_MAJOR, rows, phase);
                    if (type.blockWeights() == 1) {
                        checkGrouped(type, Weight.Order.INPUT_MAJOR, rows, phase);
                    }
                }
            }
        }
    }

    private void checkGrouped(TensorType type, Weight.Order order, int rows, Phase phase) {
        int[] starts = fixtures.starts(rows, 6);
        int inputs = wholeBlocks(type, 96);
        Weight[] weights = new Weight[6];
        for (int g = 0; g < weights.length; g++) {
            weights[g] = fixtures.weight(type, order, 41, inputs);
        }
        Tensor in = fixtures.random(rows, inputs);
        Tensor expected = fixtures.zeros(rows, 41);
        Tensor actual = fixtures.zeros(rows, 41);
        oracle.groupedMatmul(in, starts, weights, expected, phase);
        backend.groupedMatmul(in, starts, weights, actual, phase);
        assertClose(
                expected,
                actual,
                rows,
                2e-5f * productTolerance(),
                "groups of " + weights[0].name() + ", " + rows + " rows, " + phase);
    }

    /// Several products of the same rows give what each gives alone, to the last bit: of one storage type and
    /// of two, of as many outputs and of others.
    @Test
    void multipliesTogetherAsOneByOne() {
        for (TensorType type : TensorType.values()) {
            for (Phase phase : Phase.values()) {
                for (int rows : new int[] {1, 3, 20}) {
                    checkTogether(type, type, rows, phase);
                }
                checkTogether(type, TensorType.F32, 2, phase);
            }
        }
    }

    private void checkTogether(TensorType type, TensorType other, int rows, Phase phase) {
        int inputs = wholeBlocks(type, 96);
        int[] starts = fixtures.starts(rows, 3);
        Weight[][] weights = new Weight[3][3];
        Tensor[] outs = new Tensor[3];
        for (int i = 0; i < 3; i++) {
            int outputs = new int[] {150, 7, 64}[i];
            TensorType stored = i == 2 ? other : type;
            Arrays.setAll(weights[i], g -> fixtures.weight(stored, Weight.Order.OUTPUT_MAJOR, outputs, inputs));
            outs[i] = fixtures.zeros(rows, outputs);
        }
        Tensor in = fixtures.random(rows, inputs);
        backend.groupedMatmuls(in, starts, weights, outs, phase);
        for (int i = 0; i < 3; i++) {
            Tensor alone = fixtures.zeros(rows, weights[i][0].outputs());
            backend.groupedMatmul(in, starts, weights[i], alone, phase);
            assertThat(Fixtures.values(outs[i], rows))
                    .as("groups %d of %s and %s, %d rows, %s", i, type, other, rows, phase)
                    .isEqualTo(Fixtures.values(alone, rows));
        }
        Weight[] first = {weights[0][0], weights[1][0], weights[2][0]};
        backend.matmuls(in, rows, first, outs, phase);
        for (int i = 0; i < 3; i++) {
            Tensor alone = fixtures.zeros(rows, first[i].outputs());
            backend.matmul(in, rows, first[i], alone, phase);
            assertThat(Fixtures.values(outs[i], rows))
                    .as("product %d of %s and %s, %d rows, %s", i, type, other, rows, phase)
                    .isEqualTo(Fixtures.values(alone, rows));
        }
    }

    @Test
    void rowOperationsAtLaneEdges() {
        for (int columns : new int[] {1, 2, 7, 8, 15, 16, 17, 32, 48, 100}) {
            for (int rows : new int[] {1, 5, 300}) {
                String what = "(" + rows + ", " + columns + ")";
                float[] gain = fixtures.random(1, columns).row(0);
                compare(rows, columns, 1e-6f, what + " norm", (b, x) -> b.rmsNorm(x, rows, gain, 1e-5f, x));
                compare(
                        rows,
                        columns,
                        1e-6f,
                        what + " norm without gain",
                        (b, x) -> b.rmsNorm(x, rows, null, 1e-5f, x));
                Tensor other = fixtures.random(rows, columns, 4);
                compare(rows, columns, 0, what + " add", (b, x) -> b.add(x, other, 1, rows));
                compare(
                        rows,
                        columns,
                        2e-6f,
                        what + " silu",
                        (b, x) -> b.activate(MlpSpec.Activation.SILU, x, other, rows));
                compare(rows, columns, 3e-6f, what + " gelu", (b, x) -> b.activate(GELU, x, other, rows));
                compare(rows, columns, 3e-6f, what + " swish", (b, x) -> b.activate(SWISH, x, other, rows));
                compare(rows, columns, 0, what + " bias", (b, x) -> b.addBias(x, rows, gain));
                compare(rows, columns, 0, what + " add a part", (b, x) -> b.add(x, other, 0.3f, rows));
            }
        }
    }

    @Test
    void turnsHeadsAtLaneEdges() {
        for (int headDim : new int[] {2, 8, 12, 36, 64, 128}) {
            for (int turned : new int[] {headDim, headDim / 4 * 2}) {
                float[] frequencies = new float[turned / 2];
                for (int i = 0; i < frequencies.length; i++) {
                    frequencies[i] = (float) Math.pow(5e5, -2.0 * i / headDim);
                }
                int rows = 9;
                int[] positions = new int[rows];
                Arrays.setAll(positions, i -> i == 0 ? 10_485_759 : i * 1001);
                for (Rope.Pairing pairing : Rope.Pairing.values()) {
                    Rope rope = new Rope(pairing, frequencies);
                    String what = "rope " + pairing + " " + turned + " of " + headDim;
                    compare(rows, 3 * headDim, 1e-6f, what, (b, x) -> b.rope(x, rows, headDim, 0, rope, positions));
                }
            }
        }
    }

    @Test
    void routesLikeTheOracle() {
        int rows = 333;
        int experts = 16;
        int columns = 37;
        MlpSpec.Router router = MlpSpec.Router.sigmoidOnInput(experts, 3);
        Tensor logits = fixtures.random(rows, experts, 3);
        Tensor x = fixtures.random(rows, columns);
        Tensor update = fixtures.random(3 * rows, columns);
        Routing expected = new Routing(rows, experts, 3);
        Routing actual = new Routing(rows, experts, 3);
        oracle.route(logits, rows, router, null, expected);
        backend.route(logits, rows, router, null, actual);
        assertThat(actual.slotRow).isEqualTo(expected.slotRow);
        assertThat(actual.expertStart).isEqualTo(expected.expertStart);
        Tensor expectedSlots = fixtures.zeros(3 * rows, columns);
        Tensor actualSlots = fixtures.zeros(3 * rows, columns);
        oracle.gather(x, expected, true, expectedSlots);
        backend.gather(x, actual, true, actualSlots);
        assertClose(expectedSlots, actualSlots, 3 * rows, 0, "gathered");
        compare(rows, columns, 0, "scattered", (b, out) -> b.scatterAdd(update, expected, false, out));
    }

    @Test
    void embedsEveryType() {
        for (TensorType type : TensorType.values()) {
            int columns = wholeBlocks(type, 96);
            Weight table = fixtures.weight(type, Weight.Order.OUTPUT_MAJOR, 11, columns);
            int[] ids = {10, 0, 3, 3};
            Tensor expected = fixtures.zeros(4, columns);
            Tensor actual = fixtures.zeros(4, columns);
            oracle.embed(table, ids, 4, expected);
            backend.embed(table, ids, 4, actual);
            assertClose(expected, actual, 4, 0, type.name());
        }
    }

    // Tools

    private static int wholeBlocks(TensorType type, int weights) {
        return Math.ceilDiv(weights, type.blockWeights()) * type.blockWeights();
    }

    interface InPlace {
        void apply(Backend backend, Tensor x);
    }

    private void compare(int rows, int columns, float tolerance, String what, InPlace operation) {
        Tensor expected = fixtures.random(rows, columns, 8);
        Tensor actual = fixtures.copy(expected);
        operation.apply(oracle, expected);
        operation.apply(backend, actual);
        assertClose(expected, actual, rows, tolerance, what);
    }

    private static float sigmoid(double x) {
        return (float) (1 / (1 + Math.exp(-x)));
    }

    static void assertClose(Tensor expected, Tensor actual, int rows, float tolerance, String what) {
        assertClose(Fixtures.values(expected, rows), Fixtures.values(actual, rows), tolerance, what);
    }

    /// Absolute for small values, relative for large ones.
    static void assertClose(float[] expected, float[] actual, float tolerance, String what) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            float allowed = tolerance * Math.max(1, Math.abs(expected[i]));
            if (!(Math.abs(expected[i] - actual[i]) <= allowed)) {
                assertThat(actual[i])
                        .as("%s, seed %d, element %d", what, SEED, i)
                        .isCloseTo(expected[i], within(allowed));
            }
        }
    }
}
