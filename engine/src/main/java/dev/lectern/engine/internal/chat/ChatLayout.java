package dev.lectern.engine.internal.chat;

import java.util.List;

/// The frame that a family of chat models puts around a message: `open role close content end`.
///
/// @param name        as [dev.lectern.engine.ChatFormat#name] gives it
/// @param open        control token before the role
/// @param close       control token after the role; empty if the role ends in text alone
/// @param afterHeader text between the header and the content
/// @param end         control token after the content
/// @param afterEnd    text between two messages
/// @param stops       control tokens that end an answer, as far as the vocabulary has them
enum ChatLayout {
    LLAMA4(
            "llama4",
            "<|header_start|>",
            "<|header_end|>",
            "\n\n",
            "<|eot|>",
            "",
            List.of("<|eot|>", "<|eom|>", "<|end_of_text|>")),
    LLAMA3(
            "llama3",
            "<|start_header_id|>",
            "<|end_header_id|>",
            "\n\n",
            "<|eot_id|>",
            "",
            List.of("<|eot_id|>", "<|eom_id|>", "<|end_of_text|>")),
    CHATML("chatml", "<|im_start|>", "", "\n", "<|im_end|>", "\n", List.of("<|im_end|>", "<|endoftext|>"));

    final String layoutName;
    final String open;
    final String close;
    final String afterHeader;
    final String end;
    final String afterEnd;
    final List<String> stops;

    ChatLayout(
            String layoutName,
            String open,
            String close,
            String afterHeader,
            String end,
            String afterEnd,
            List<String> stops) {
        this.layoutName = layoutName;
        this.open = open;
        this.close = close;
        this.afterHeader = afterHeader;
        this.end = end;
        this.afterEnd = afterEnd;
        this.stops = stops;
    }
}
