package dev.lectern.inference;

import dev.lectern.engine.FinishReason;
import dev.lectern.inference.AnswerOutline.OpenList;
import dev.lectern.inference.AnswerOutline.Value;
import java.util.List;

/// Says what was cut of an answer that was held to its schema and closed.
final class CutAnswer {
    private static final int SHOWN_FIELDS = 5;

    private CutAnswer() {}

    /// For a person: where the answer was cut, how many entries its lists have, which values are not the
    /// model's, and what to do.
    static String message(AskedQuestion.Reply reply) {
        StringBuilder message = new StringBuilder();
        if (reply.finish() == FinishReason.DEAD_END) {
            return "no token of the model continues the answer to one that the schema admits; relax the schema";
        }
        if (reply.tokensOut() == 0) {
            return "no answer that the schema admits is as short as the task's maxTokens; raise it";
        }
        AnswerOutline own = AnswerOutline.of(reply.text().substring(0, reply.written()));
        message.append("cut at ").append(named(own.cut())).append(" after ").append(reply.tokensOut());
        message.append(reply.tokensOut() == 1 ? " token" : " tokens");
        if (reply.requests() > 1) {
            message.append(" in ").append(reply.requests()).append(" requests");
        }
        message.append(" and closed there");
        for (OpenList list : own.openLists()) {
            message.append("; ")
                    .append(named(list.pointer()))
                    .append(" holds ")
                    .append(list.items().size())
                    .append(" whole entries");
        }
        List<String> filled = AnswerOutline.of(reply.text()).values().stream()
                .filter(value -> value.leaf() && value.end() > reply.written())
                .map(Value::pointer)
                .toList();
        if (!filled.isEmpty()) {
            message.append("; not the model's: ")
                    .append(String.join(", ", filled.subList(0, Math.min(filled.size(), SHOWN_FIELDS))));
            if (filled.size() > SHOWN_FIELDS) {
                message.append(" and ").append(filled.size() - SHOWN_FIELDS).append(" more");
            }
        }
        return message.append(
                        reply.finish() == FinishReason.CONTEXT_FULL
                                ? "; the model's context is full: make contexts shorter"
                                : own.openLists().isEmpty()
                                        ? "; raise the task's maxTokens to get the rest"
                                        : "; raise the task's maxTokens or maxAnswerTokens to get the rest")
                .toString();
    }

    private static String named(String pointer) {
        return pointer.isEmpty() ? "/" : pointer;
    }
}
