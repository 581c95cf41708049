package dev.lectern.engine;

import java.util.List;

/// A model's chat layout, in token ids. Roles and control tokens come from the layout, contents are ordinary text.
///
/// One user turn that holds a document and then a question is `userPrefix() + document + question +
/// userSuffix()`; the answer follows. The prefix is the same for all questions, so a document prefilled behind it
/// serves them all.
public interface ChatFormat {
    /// `llama4`, `llama3`, `chatml` or `plain` (no chat layout known: only a begin-of-text token, where the model
    /// has one).
    String name();

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
