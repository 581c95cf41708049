package dev.lectern.pipeline.ingest;

/// One printed line. Lengths in points, y downwards from the top of the page.
///
/// @param left           x of the first character
/// @param right          x after the last one
/// @param baseline       y
/// @param fontSize       largest on the line
/// @param firstWordWidth of the first word
/// @param spaceWidth     of a blank in the line's font
record PdfLine(
        String text, float left, float right, float baseline, float fontSize, float firstWordWidth, float spaceWidth) {
    /// Whether the two share most of the narrower one's width: lines of one column do.
    boolean overlaps(PdfLine other) {
        float shared = Math.min(right, other.right) - Math.max(left, other.left);
        return shared > 0.5f * Math.min(right - left, other.right - other.left);
    }

    boolean endsSentence() {
        String end = text.replaceAll("[\"'”’»)\\]]+$", "");
        return !end.isEmpty() && ".!?:;".indexOf(end.charAt(end.length() - 1)) >= 0;
    }
}
