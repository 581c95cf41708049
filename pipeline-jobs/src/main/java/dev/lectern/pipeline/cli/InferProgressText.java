package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.infer.InferProgress;

/// How far inference is, on the progress line.
final class InferProgressText implements InferProgress {
    private final ProgressLine line;

    InferProgressText(ProgressLine line) {
        this.line = line;
    }

    @Override
    public void update(State state) {
        line.update("reading: " + Sizes.count(state.tokensRead()) + " of " + Sizes.count(state.tokens()) + " tokens, "
                + state.contextsDone() + " of " + state.contexts() + " contexts, " + state.questionsDone() + " of "
                + state.questions() + " questions answered");
    }
}
