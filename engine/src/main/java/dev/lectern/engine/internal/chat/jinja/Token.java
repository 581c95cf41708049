package dev.lectern.engine.internal.chat.jinja;

/// @param text a name, an operator or a tag's spelling; a string's or number's source; template text
record Token(Kind kind, String text, Position at) {
    enum Kind {
        DATA,
        OUTPUT_BEGIN,
        OUTPUT_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    /// As messages show it.
    String display() {
        return switch (kind) {
            case DATA -> "template text";
            case OUTPUT_BEGIN -> "'{{'";
            case OUTPUT_END -> "end of print statement";
            case BLOCK_BEGIN -> "'{%'";
            case BLOCK_END -> "end of statement block";
            case NAME, OPERATOR, INTEGER, FLOAT -> "'" + text + "'";
            case STRING -> "a string";
            case END -> "end of template";
        };
    }
}
