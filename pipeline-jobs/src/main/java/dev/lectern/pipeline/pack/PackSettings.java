package dev.lectern.pipeline.pack;

import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.ModelInfo;
import dev.lectern.engine.Tokenizer;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.conf.JobConf;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/// Everything that decides how documents become contexts. Serialisable: it travels to the executors.
///
/// @param prefix         tokens before the first document
/// @param separator      tokens between two documents of a context
/// @param fillToken      a newline, of which padding consists
/// @param limit          most tokens of a context
/// @param chunk          tokens of an attention chunk; 0 when the model has none
/// @param questionTokens tokens that shall follow a context in the chunk where it ends; 0 to leave the ends as
///                       they are
/// @param paddingPercent most fill between sentences, in percent of a context's document tokens; 0 for none
/// @param split          whether a document longer than a context is cut in parts; otherwise it is rejected
record PackSettings(
        int[] prefix,
        int[] separator,
        int fillToken,
        int limit,
        int chunk,
        int questionTokens,
        double paddingPercent,
        boolean split)
        implements Serializable {
    private static final String BETWEEN_DOCUMENTS = "\n\n";
    private static final String FILL = "\n";

    /// To be changed with the packing rules.
    private static final String RULES = "pack-1";

    PackSettings {
        prefix = prefix.clone();
        separator = separator.clone();
        if (lastEnd(limit, chunk, questionTokens) <= prefix.length) {
            throw new IllegalArgumentException(tooSmall(limit, prefix.length, chunk, questionTokens));
        }
    }

    /// @param questionTokens tokens of the longest question together with its answer's budget
    /// @throws JobException (64) when no document token fits
    static PackSettings of(
            JobConf.Context context, ModelInfo model, Tokenizer tokenizer, ChatFormat chat, int questionTokens) {
        int wanted = context.maxTokens() > 0 ? context.maxTokens() : Integer.MAX_VALUE;
        int limit = Math.min(wanted, model.contextLength() - questionTokens);
        int chunk = model.attentionChunk().orElse(0);
        boolean chunked = chunk > 0;
        int aligned = chunked && context.alignQuestions() ? questionTokens : 0;
        int[] prefix = chat.userPrefix();
        if (lastEnd(limit, chunk, aligned) <= prefix.length) {
            throw new JobException(
                    ExitCode.USAGE,
                    tooSmall(limit, prefix.length, chunk, aligned) + "; the limit is the smaller of context.maxTokens "
                            + context.maxTokens() + " and the model's context length " + model.contextLength()
                            + " less " + questionTokens + " for the longest question and its answer");
        }
        int[] fill = tokenizer.encode(FILL).ids();
        if (fill.length == 0) {
            throw new JobException(ExitCode.INPUT, "the tokenizer encodes a newline as nothing; padding needs a token");
        }
        return new PackSettings(
                prefix,
                tokenizer.encode(BETWEEN_DOCUMENTS).ids(),
                fill[fill.length - 1],
                limit,
                chunk,
                aligned,
                chunked && context.alignSentences() ? context.maxPaddingPercent() : 0,
                context.overflow() == JobConf.Overflow.SPLIT);
    }

    /// The furthest end of a context's text such that it and the padding behind it stay within the limit.
    int lastEnd() {
        return lastEnd(limit, chunk, questionTokens);
    }

    private static int lastEnd(int limit, int chunk, int questionTokens) {
        if (chunk == 0 || questionTokens == 0) {
            return limit;
        }
        int border = limit - Math.floorMod(limit, chunk);
        return Math.max(border, Math.min(limit, border + chunk - questionTokens));
    }

    /// Where a context that ends at `end` ends after padding: at the next border when the question does not fit
    /// before it.
    int paddedEnd(int end) {
        if (questionTokens == 0) {
            return end;
        }
        int left = Math.floorMod(-end, chunk);
        return left < questionTokens ? end + left : end;
    }

    /// Changes with every setting that can move a token, and with [#RULES].
    String fingerprint(JobConf.Grouping grouping) {
        String recipe = String.join(
                "|",
                RULES,
                grouping.name(),
                Arrays.toString(prefix),
                Arrays.toString(separator),
                Integer.toString(fillToken),
                Integer.toString(limit),
                Integer.toString(chunk),
                Integer.toString(questionTokens),
                Double.toString(paddingPercent),
                Boolean.toString(split));
        return HexFormat.of().formatHex(PackColumns.sha256().digest(recipe.getBytes(StandardCharsets.UTF_8)));
    }

    private static String tooSmall(int limit, int prefix, int chunk, int questionTokens) {
        return "a context of at most " + limit + " tokens has no room for a document after the prefix of " + prefix
                + " tokens"
                + (questionTokens > 0
                        ? " with question and answer (" + questionTokens + " tokens) inside an attention chunk of "
                                + chunk
                        : "")
                + "; raise context.maxTokens or lower the tasks' maxTokens";
    }
}
