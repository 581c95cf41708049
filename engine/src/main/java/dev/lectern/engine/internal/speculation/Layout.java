package dev.lectern.engine.internal.speculation;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// How an answer was laid out: its tokens, and which of them it had in common with one before it. Those are names and
/// punctuation for the most part, with values between them. Immutable.
///
/// @param question the end of its prompt, by which the layout of an answer to come is chosen
/// @param tokens   the answer
/// @param common   which of its tokens stood in the earlier answer too, in the same order
record Layout(int[] question, int[] tokens, BitSet common) {
    /// Of a layout's common tokens, those that an answer may leave out. Where it may leave out more, values agree with
    /// what they have nothing to do with.
    private static final int MOST_PASSED = 4;

    /// How many tokens two questions have in common, at their beginnings and ends.
    int agreement(int[] other) {
        int least = Math.min(question.length, other.length);
        int first = 0;
        while (first < least && question[first] == other[first]) {
            first++;
        }
        int last = 0;
        while (last < least - first && question[question.length - 1 - last] == other[other.length - 1 - last]) {
            last++;
        }
        return first + last;
    }

    /// Where in a layout an answer is that is being written. For one thread.
    static final class Place {
        private final Layout layout;
        private int next;
        private int agreed;
        private int written;
        private final BitSet found = new BitSet();

        Place(Layout layout) {
            this.layout = layout;
        }

        /// The answer has grown by a token: it is the next one of the layout, or one behind a value, or part of a
        /// value of its own.
        void append(int token) {
            int place = next;
            int passed = 0;
            while (place < layout.tokens.length && !continues(place, token)) {
                passed += layout.common.get(place) ? 1 : 0;
                place = passed > MOST_PASSED ? layout.tokens.length : place + 1;
            }
            if (place < layout.tokens.length) {
                agreed = place == next ? agreed + 1 : 1;
                next = place + 1;
                found.set(written);
            } else {
                agreed = 0;
            }
            written++;
        }

        private boolean continues(int place, int token) {
            return layout.tokens[place] == token && (place == next || layout.common.get(place));
        }

        /// The tokens that come next in both answers; null within a value.
        Proposer.@Nullable Guess guess(Odds odds) {
            int sure = layout.common.nextClearBit(next) - next;
            if (agreed == 0 || sure == 0) {
                return null;
            }
            int[] tokens = layout.tokens;
            return new Proposer.Guess(tokens, tokens.length, next, sure, Odds.group(agreed, sure), odds);
        }

        /// Which of the answer's tokens stand in the layout.
        BitSet found() {
            return found;
        }
    }
}
