package dev.lectern.engine.internal.chat;

import dev.lectern.engine.Tokenizer;
import java.util.Arrays;

/// Ids as the template that they stand for would render them, control tokens spelled out.
final class Rendering {
    private Rendering() {}

    static String of(Tokenizer tokenizer, int[] ids) {
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int i = 0; i < ids.length; i++) {
            String piece = tokenizer.piece(ids[i]);
            if (tokenizer.controlToken(piece).orElse(-1) == ids[i]) {
                text.append(tokenizer.decode(Arrays.copyOfRange(ids, from, i))).append(piece);
                from = i + 1;
            }
        }
        return text.append(tokenizer.decode(Arrays.copyOfRange(ids, from, ids.length)))
                .toString();
    }
}
