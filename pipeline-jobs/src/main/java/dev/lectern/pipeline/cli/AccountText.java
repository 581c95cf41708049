package dev.lectern.pipeline.cli;

import dev.lectern.pipeline.pack.TokenAccount;
import java.util.Locale;

/// The token account for people.
final class AccountText {
    private AccountText() {}

    static String of(TokenAccount account) {
        return String.format(
                Locale.ROOT,
                "%s document tokens = %s packed into %s contexts + %s rejected; besides them %s prefix, %s separator and %s padding"
                        + " tokens (%.2f%%: %s before questions, %s between sentences); %s sentences cut",
                Sizes.count(account.documentTokens()),
                Sizes.count(account.packedTokens()),
                Sizes.count(account.contexts()),
                Sizes.count(account.rejectedTokens()),
                Sizes.count(account.prefixTokens()),
                Sizes.count(account.separatorTokens()),
                Sizes.count(account.paddingTokens()),
                100.0 * account.paddingTokens() / Math.max(1, account.packedTokens()),
                Sizes.count(account.questionPaddingTokens()),
                Sizes.count(account.sentencePaddingTokens()),
                Sizes.count(account.cutSentences()));
    }
}
