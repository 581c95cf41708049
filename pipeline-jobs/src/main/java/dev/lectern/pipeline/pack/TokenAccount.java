package dev.lectern.pipeline.pack;

import java.util.Optional;

/// Where every token of a run went. Each field is a number of tokens unless it says otherwise.
///
/// @param documentTokens        of all documents that came in
/// @param packedTokens          document tokens that stand in a context
/// @param rejectedTokens        document tokens that were turned away with a reason
/// @param prefixTokens          chat prefixes of the contexts
/// @param separatorTokens       between documents of one context
/// @param questionPaddingTokens fill at the ends of contexts, so that question and answer share an attention chunk
/// @param sentencePaddingTokens fill before attention chunks' borders, so that these fall between sentences
/// @param contextTokens         of all contexts, counted independently of the parts above
/// @param documents             number of documents that came in
/// @param rejectedDocuments     number of documents turned away
/// @param contexts              number of contexts
/// @param cutSentences          number of sentences with an attention chunk's border, or a context's end, inside
public record TokenAccount(
        long documentTokens,
        long packedTokens,
        long rejectedTokens,
        long prefixTokens,
        long separatorTokens,
        long questionPaddingTokens,
        long sentencePaddingTokens,
        long contextTokens,
        long documents,
        long rejectedDocuments,
        long contexts,
        long cutSentences) {
    public static final TokenAccount EMPTY = new TokenAccount(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// A document that came in.
    static TokenAccount arrived(long tokens) {
        return new TokenAccount(tokens, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0);
    }

    /// A document that was turned away.
    static TokenAccount rejected(long tokens) {
        return new TokenAccount(0, 0, tokens, 0, 0, 0, 0, 0, 0, 1, 0, 0);
    }

    /// Fill of both kinds.
    public long paddingTokens() {
        return questionPaddingTokens + sentencePaddingTokens;
    }

    public TokenAccount plus(TokenAccount other) {
        return new TokenAccount(
                documentTokens + other.documentTokens,
                packedTokens + other.packedTokens,
                rejectedTokens + other.rejectedTokens,
                prefixTokens + other.prefixTokens,
                separatorTokens + other.separatorTokens,
                questionPaddingTokens + other.questionPaddingTokens,
                sentencePaddingTokens + other.sentencePaddingTokens,
                contextTokens + other.contextTokens,
                documents + other.documents,
                rejectedDocuments + other.rejectedDocuments,
                contexts + other.contexts,
                cutSentences + other.cutSentences);
    }

    /// What does not balance, in words; empty when everything does.
    public Optional<String> imbalance() {
        if (documentTokens != packedTokens + rejectedTokens) {
            return Optional.of("document tokens " + documentTokens + " in, but " + packedTokens + " packed + "
                    + rejectedTokens + " rejected = " + (packedTokens + rejectedTokens));
        }
        long parts = packedTokens + prefixTokens + separatorTokens + questionPaddingTokens + sentencePaddingTokens;
        if (contextTokens != parts) {
            return Optional.of("contexts hold " + contextTokens + " tokens, but " + packedTokens + " document + "
                    + prefixTokens + " prefix + " + separatorTokens + " separator + " + questionPaddingTokens
                    + " question padding + " + sentencePaddingTokens + " sentence padding = " + parts);
        }
        return Optional.empty();
    }
}
