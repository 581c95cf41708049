package dev.lectern.pipeline.bench;

/// What one measurement runs.
///
/// @param depthTokens  tokens in the context before the clock starts
/// @param promptTokens tokens that are read as a context; 0 for none
/// @param genTokens    tokens that each continuation decodes; 0 for none
/// @param questions    continuations that are decoded together; 0 where `genTokens` is 0
public record BenchTest(int depthTokens, int promptTokens, int genTokens, int questions) {
    public BenchTest {
        if (depthTokens < 0 || promptTokens < 0 || genTokens < 0 || questions < 0) {
            throw new IllegalArgumentException("depth " + depthTokens + ", prompt " + promptTokens + ", generated "
                    + genTokens + ", questions " + questions + ": expected no negative number");
        }
        if (depthTokens > 0 && promptTokens > 0) {
            throw new IllegalArgumentException("a prompt of " + promptTokens + " at depth " + depthTokens
                    + ": contexts are read from their beginning");
        }
        if (promptTokens + genTokens == 0 || (genTokens == 0) != (questions == 0)) {
            throw new IllegalArgumentException("prompt " + promptTokens + ", generated " + genTokens + ", questions "
                    + questions + ": expected something to measure");
        }
    }

    /// Reading a context.
    public static BenchTest prompt(int tokens) {
        return new BenchTest(0, tokens, 0, 0);
    }

    /// Decoding one sequence.
    public static BenchTest generation(int depthTokens, int tokens) {
        return new BenchTest(depthTokens, 0, tokens, 1);
    }

    /// Reading a context once, then decoding continuations of it together.
    public static BenchTest shared(int promptTokens, int genTokens, int questions) {
        return new BenchTest(0, promptTokens, genTokens, questions);
    }

    /// As llama-bench names it: `pp512`, `tg32 @ d8192`; `pp8192+16xtg64` for continuations of one context.
    public String name() {
        String prompt = promptTokens == 0 ? "" : "pp" + promptTokens;
        String generation = genTokens == 0 ? "" : (promptTokens == 0 ? "" : "+" + questions + "x") + "tg" + genTokens;
        return prompt + generation + (depthTokens == 0 ? "" : " @ d" + depthTokens);
    }

    /// Tokens that go through the model while the clock runs.
    public int tokens() {
        return Math.addExact(promptTokens, Math.multiplyExact(questions, genTokens));
    }
}
