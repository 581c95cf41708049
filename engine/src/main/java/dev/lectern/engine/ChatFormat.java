package dev.lectern.engine;

import java.util.List;
import java.util.Optional;

/// How a model wants to be talked to, in token ids: its own chat template, run as Hugging Face runs it. Control tokens
/// come from the template, contents are ordinary text, whatever they spell.
///
/// One user turn that holds a document and then a question is `userPrefix() + document + question +
/// userSuffix()`; the answer follows. The prefix is the same for all questions, so a document prefilled behind it
/// serves them all. In that form nothing is trimmed, also where the template trims a message's ends; [#encode] does
/// what the template does.
///
/// A template that asks for the day's date gets the fixed 26 July 2024: a prompt must not change from day to day.
public interface ChatFormat {
    /// `template` (the model's own), for models without one `llama4`, `llama3` or `chatml` by their control tokens, or
    /// `plain`: only a begin-of-text token, where the model has one.
    String name();

    /// What a user should know: why the model's own template is not used, or not for documents and questions. Empty
    /// when all is as the model wants it.
    default Optional<String> warning() {
        return Optional.empty();
    }

    /// Ids before the first user content: begin of text, header of the user's turn.
    int[] userPrefix();

    /// Ids between the end of the user's content and the answer: end of turn, header of the assistant's turn.
    int[] userSuffix();

    /// Ids that end an answer.
    int[] stopTokens();

    /// A whole conversation, with the assistant's header at the end.
    int[] encode(List<Message> messages);

    /// @param role    `system`, `user` or `assistant`
    /// @param content ordinary text
    record Message(String role, String content) {}
}
