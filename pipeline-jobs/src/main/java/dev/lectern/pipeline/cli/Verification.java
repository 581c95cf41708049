package dev.lectern.pipeline.cli;

import dev.lectern.engine.Cancellation;
import dev.lectern.engine.Engine;
import dev.lectern.engine.Generation;
import dev.lectern.engine.GenerationRequest;
import dev.lectern.engine.ReferenceLogits;
import dev.lectern.engine.SamplingParams;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// How an engine's logits and greedy tokens compare with a reference.
///
/// @param passed                within the tolerance, same argmax everywhere, same greedy tokens
/// @param tokens                positions compared
/// @param split                 tokens of a prefill piece; 0 for one piece
/// @param threads               of the engine
/// @param backend               of the engine
/// @param tolerance             largest difference allowed
/// @param maxDifference         largest absolute difference of a logit; infinite when one is not a number
/// @param medianDifference      of all absolute differences
/// @param argmaxEqual           positions with the same most likely token
/// @param greedyTokens          greedy tokens of the reference
/// @param greedyEqual           how many of them agree before the first that differs
/// @param firstDifferingPosition first position whose argmax or difference is out; -1 for none
record Verification(
        boolean passed,
        int tokens,
        int split,
        int threads,
        String backend,
        double tolerance,
        double maxDifference,
        double medianDifference,
        int argmaxEqual,
        int greedyTokens,
        int greedyEqual,
        int firstDifferingPosition) {

    /// @throws JobException (INPUT) when the reference belongs to another model
    static Verification of(Engine engine, ReferenceLogits reference, int split, double tolerance) {
        int vocabSize = engine.info().vocabSize();
        int columns = reference.logits()[0].length;
        if (columns != vocabSize) {
            throw new JobException(
                    ExitCode.INPUT,
                    "reference logits have " + columns + " columns, the model's vocabulary has " + vocabSize
                            + " tokens: the reference was made with another model");
        }
        float[][] logits = engine.logits(reference.tokens(), split);
        int rows = reference.tokens().length;
        double[] differences = new double[Math.multiplyExact(rows, vocabSize)];
        int argmaxEqual = 0;
        int firstDiffering = -1;
        for (int row = 0; row < rows; row++) {
            double rowMax = 0;
            for (int token = 0; token < vocabSize; token++) {
                double difference =
                        Math.abs((double) logits[row][token] - reference.logits()[row][token]);
                difference = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
                differences[row * vocabSize + token] = difference;
                rowMax = Math.max(rowMax, difference);
            }
            boolean sameArgmax = argmax(logits[row]) == argmax(reference.logits()[row]);
            argmaxEqual += sameArgmax ? 1 : 0;
            if (firstDiffering < 0 && (!sameArgmax || rowMax > tolerance)) {
                firstDiffering = row;
            }
        }
        Arrays.sort(differences);
        double max = differences[differences.length - 1];
        int[] greedy = reference.greedy();
        int greedyEqual = greedyEqual(engine, reference);
        boolean passed = max <= tolerance && argmaxEqual == rows && greedyEqual == greedy.length;
        return new Verification(
                passed,
                rows,
                split,
                engine.threads(),
                engine.backendName(),
                tolerance,
                max,
                differences[differences.length / 2],
                argmaxEqual,
                greedy.length,
                greedyEqual,
                firstDiffering);
    }

    private static int greedyEqual(Engine engine, ReferenceLogits reference) {
        if (reference.greedy().length == 0) {
            return 0;
        }
        GenerationRequest request =
                new GenerationRequest(reference.tokens(), reference.greedy().length, SamplingParams.GREEDY, new int[0]);
        Generation generation =
                engine.generate(null, List.of(request), Cancellation.NONE).getFirst();
        int mismatch = Arrays.mismatch(generation.tokens(), reference.greedy());
        return mismatch < 0 ? reference.greedy().length : mismatch;
    }

    private static int argmax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }

    /// For people.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, "max difference      %.3g (tolerance %.3g)", maxDifference, tolerance));
        lines.add(String.format(Locale.ROOT, "median difference   %.3g", medianDifference));
        lines.add("argmax agreement    " + argmaxEqual + " of " + tokens);
        lines.add("greedy tokens       " + greedyEqual + " of " + greedyTokens + " equal");
        lines.add(
                "first differing     " + (firstDifferingPosition < 0 ? "none" : "position " + firstDifferingPosition));
        lines.add(String.format(
                Locale.ROOT,
                "run                 %s, %d threads, pieces of %s tokens",
                backend,
                threads,
                split == 0 ? "all" : split));
        lines.add(passed ? "PASSED" : "FAILED");
        return lines;
    }
}
