package dev.lectern.inference;

/// A page's text, as `documents.pages` has it: UTF-16 units `[charStart, charEnd)` of documents.text.
public record PageSpan(int number, int charStart, int charEnd) {}
