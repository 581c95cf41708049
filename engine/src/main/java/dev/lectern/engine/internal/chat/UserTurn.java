package dev.lectern.engine.internal.chat;

import dev.lectern.engine.ChatFormat.Message;
import dev.lectern.engine.internal.chat.jinja.TemplateException;
import dev.lectern.engine.internal.chat.jinja.Text;
import java.util.List;

/// What a template writes around a conversation's only message: the part before it, which a document follows, and the
/// part after it, which follows a question.
///
/// A template gives that only if it writes the message once, as it is, and if nothing around it depends on the
/// message. No inspection of the template's source could tell; so it is rendered with messages that differ in
/// document, question, length, script and marks, and all must come out alike. Whether it trims white space at a
/// message's ends does not matter here.
///
/// @param before text of the template alone
/// @param after  text of the template alone
record UserTurn(Text before, Text after) {
    /// The message is a document, then a question: those with the same document come first.
    private static final List<String> PROBES = List.of(
            "Lorem ipsum.\n\nQuestion: Who?",
            "Lorem ipsum.\n\nQuestion: How many of them, and since when?",
            "A",
            "{\"quoted\": \"it's <b>bold</b> & [listed] \\ escaped\"}\n\n\tindented\n",
            "  \n white space at both ends \n\n ",
            "# Überschrift 第一章 \uD83D\uDE00 1. 2. 3.",
            "A long document. ".repeat(500) + "\n\nQuestion: What is it about?");

    /// Why a template has no such parts.
    static final class Impossible extends Exception {
        private static final long serialVersionUID = 1L;

        Impossible(String message) {
            super(message);
        }
    }

    /// @throws Impossible        when what the template writes around a message is not the same for all
    /// @throws TemplateException when the template fails
    static UserTurn of(ChatPrompt prompt) throws Impossible {
        UserTurn turn = null;
        for (String probe : PROBES) {
            UserTurn around = around(probe, prompt.render(List.of(new Message("user", probe)), true));
            if (turn == null) {
                turn = around;
            } else if (!turn.before.equals(around.before)) {
                throw new Impossible("what it writes before a user's message depends on the message");
            } else if (!turn.after.equals(around.after)) {
                throw new Impossible("what it writes after a user's message depends on the message");
            }
        }
        if (turn == null) {
            throw new IllegalStateException("no probes");
        }
        return turn;
    }

    private static UserTurn around(String message, Text rendered) throws Impossible {
        if (rendered.runs() == 0) {
            throw new Impossible("it does not write the user's message");
        }
        if (rendered.runs() > 1) {
            throw new Impossible("it writes the user's message in pieces, or more than once");
        }
        int start = rendered.runStart(0);
        int end = rendered.runEnd(0);
        String shown = rendered.value().substring(start, end);
        if (!shown.strip().equals(message.strip())) {
            throw new Impossible("it changes the user's message");
        }
        return new UserTurn(
                Text.of(rendered.value().substring(0, start)),
                Text.of(rendered.value().substring(end)));
    }
}
