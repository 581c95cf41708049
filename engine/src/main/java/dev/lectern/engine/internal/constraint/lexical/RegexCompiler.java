package dev.lectern.engine.internal.constraint.lexical;

import dev.lectern.engine.internal.constraint.lexical.LexicalException.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Makes the automaton of the strings in which a [Regex] finds a match somewhere.
///
/// Thompson's construction with places (`^`, `$`, `\b`) as empty moves that are only made where they hold;
/// then the empty moves are eliminated. Behind the first character `^` never holds, before the last one `$`
/// never does, and what leads nowhere is dropped with the useless states. A boundary looks at the
/// characters on both sides: the one before is part of the state, the one after narrows what the next move
/// may read.
final class RegexCompiler {
    private static final int MAX_NODES = 40_000;
    private static final int COUNT_FROM = 16;
    private static final int NONE = -1;

    /// What an automaton accepts, by its states and by limits on the length.
    record Compiled(Nfa nfa, int minLength, int maxLength) {}

    private enum Move {
        EMPTY,
        CHARS,
        START,
        END,
        BOUNDARY,
        NO_BOUNDARY
    }

    private final boolean widely;
    private final List<Move> moves = new ArrayList<>();
    private final List<CodePoints> sets = new ArrayList<>();
    /// Of each node up to two that it leads to.
    private int[] first = new int[64];
    private int[] second = new int[64];
    private boolean boundaries;

    private RegexCompiler(boolean widely) {
        this.widely = widely;
    }

    /// @param widely whether classes on which readers disagree take what any of them takes, or what all do
    static Compiled compile(Regex tree, boolean widely) {
        if (tree instanceof Regex.Sequence(List<Regex> parts)
                && parts.size() == 3
                && parts.get(0) instanceof Regex.Start
                && parts.get(1) instanceof Regex.Repeat(Regex body, int min, int max)
                && body instanceof Regex.Chars(CharClass set)
                && parts.get(2) instanceof Regex.End
                && (min > COUNT_FROM || (max > COUNT_FROM && max < Integer.MAX_VALUE))) {
            Nfa.Builder builder = new Nfa.Builder();
            int state = builder.state(true);
            builder.edges(state, set.set(widely), state);
            builder.start(state);
            return new Compiled(builder.build(), min, max);
        }
        return new Compiled(nfa(tree, widely), 0, Integer.MAX_VALUE);
    }

    private static Nfa nfa(Regex tree, boolean widely) {
        if (tree instanceof Regex.Choice(List<Regex> branches) && looksAhead(tree)) {
            List<Nfa> parts = new ArrayList<>();
            for (Regex branch : branches) {
                parts.add(nfa(branch, widely));
            }
            return Nfa.union(parts);
        }
        if (tree instanceof Regex.Sequence(List<Regex> parts)) {
            int places = 0;
            boolean anchored = false;
            List<Regex> rest = new ArrayList<>();
            List<Regex.Ahead> aheads = new ArrayList<>();
            while (places < parts.size()) {
                Regex part = parts.get(places);
                if (part instanceof Regex.Start) {
                    anchored = true;
                } else if (part instanceof Regex.Ahead ahead) {
                    aheads.add(ahead);
                } else {
                    break;
                }
                places++;
            }
            if (anchored && !aheads.isEmpty()) {
                rest.add(new Regex.Start());
                rest.addAll(parts.subList(places, parts.size()));
                return withAheads(new Regex.Sequence(rest), aheads, widely);
            }
        }
        return new RegexCompiler(widely).search(tree);
    }

    /// What a pattern looks ahead at from the start of the string is a condition of its own on the whole
    /// string.
    private static Nfa withAheads(Regex rest, List<Regex.Ahead> aheads, boolean widely) {
        Nfa result = nfa(rest, widely);
        for (Regex.Ahead ahead : aheads) {
            Regex condition = new Regex.Sequence(List.of(new Regex.Start(), ahead.body()));
            result = result.intersect(
                    ahead.negated()
                            ? nfa(condition, !widely).complement(StringLanguage.MAX_COMPLEMENT_STATES)
                            : nfa(condition, widely));
        }
        return result;
    }

    private static boolean looksAhead(Regex tree) {
        return switch (tree) {
            case Regex.Ahead ahead -> true;
            case Regex.Sequence(List<Regex> parts) -> parts.stream().anyMatch(RegexCompiler::looksAhead);
            case Regex.Choice(List<Regex> branches) -> branches.stream().anyMatch(RegexCompiler::looksAhead);
            case Regex.Repeat(Regex body, int min, int max) -> looksAhead(body);
            case Regex.Chars chars -> false;
            case Regex.Start start -> false;
            case Regex.End end -> false;
            case Regex.Boundary boundary -> false;
        };
    }

    private Nfa search(Regex tree) {
        int found = node(Move.EMPTY, CodePoints.NONE);
        int any = node(Move.CHARS, CodePoints.ALL);
        first[any] = found;
        first[found] = any;
        int match = fragment(tree, found);
        int begin = node(Move.EMPTY, CodePoints.NONE);
        int skip = node(Move.CHARS, CodePoints.ALL);
        first[skip] = begin;
        first[begin] = skip;
        second[begin] = match;
        return new Elimination(begin, found).build();
    }

    private int node(Move move, CodePoints set) {
        int node = moves.size();
        if (node >= MAX_NODES) {
            throw new LexicalException(
                    Reason.LIMIT, "the pattern needs more than " + MAX_NODES + " states; use smaller bounds");
        }
        if (node == first.length) {
            first = Arrays.copyOf(first, 2 * node);
            second = Arrays.copyOf(second, 2 * node);
        }
        moves.add(move);
        sets.add(set);
        first[node] = NONE;
        second[node] = NONE;
        return node;
    }

    /// The node where the tree's match begins, given the one where it goes on after it.
    private int fragment(Regex tree, int next) {
        switch (tree) {
            case Regex.Chars(CharClass set) -> {
                return leadingTo(Move.CHARS, set.set(widely), next);
            }
            case Regex.Sequence(List<Regex> parts) -> {
                int begin = next;
                for (Regex part : parts.reversed()) {
                    begin = fragment(part, begin);
                }
                return begin;
            }
            case Regex.Choice(List<Regex> branches) -> {
                int begin = NONE;
                for (Regex branch : branches.reversed()) {
                    int own = fragment(branch, next);
                    begin = begin == NONE ? own : fork(own, begin);
                }
                return begin;
            }
            case Regex.Repeat(Regex body, int min, int max) -> {
                return repeat(body, min, max, next);
            }
            case Regex.Start start -> {
                return leadingTo(Move.START, CodePoints.NONE, next);
            }
            case Regex.End end -> {
                return leadingTo(Move.END, CodePoints.NONE, next);
            }
            case Regex.Boundary(boolean negated) -> {
                boundaries = true;
                return leadingTo(negated ? Move.NO_BOUNDARY : Move.BOUNDARY, CodePoints.NONE, next);
            }
            case Regex.Ahead ahead ->
                throw new LexicalException(
                        Reason.UNSUPPORTED,
                        "a look-ahead at character " + ahead.position()
                                + " of the pattern; it is understood right behind a leading ^ only");
        }
    }

    private int repeat(Regex body, int min, int max, int next) {
        int begin = next;
        int copies = min;
        if (max == Integer.MAX_VALUE) {
            int loop = node(Move.EMPTY, CodePoints.NONE);
            int inside = fragment(body, loop);
            first[loop] = inside;
            second[loop] = next;
            begin = min == 0 ? loop : inside;
            copies = Math.max(0, min - 1);
        } else {
            for (int i = min; i < max; i++) {
                begin = fork(fragment(body, begin), next);
            }
        }
        for (int i = 0; i < copies; i++) {
            begin = fragment(body, begin);
        }
        return begin;
    }

    private int leadingTo(Move move, CodePoints set, int next) {
        int node = node(move, set);
        first[node] = next;
        return node;
    }

    private int fork(int one, int other) {
        int node = node(Move.EMPTY, CodePoints.NONE);
        first[node] = one;
        second[node] = other;
        return node;
    }

    /// Makes states of the nodes behind a character, with the moves that all nodes have that are reached
    /// from there by empty ones.
    private final class Elimination {
        /// What the character after a place must be: anything, a word character, or another one or the end.
        private static final int FREE = 0;

        private static final int WORD = 1;
        private static final int OTHER = 2;

        private final int begin;
        private final int accept;
        private final Nfa.Builder builder = new Nfa.Builder();
        private final Map<Integer, Integer> known = new HashMap<>();
        private final List<int[]> open = new ArrayList<>();
        private final int[] seen = new int[3 * moves.size()];
        private final int[] stack = new int[3 * moves.size()];
        private int round;

        Elimination(int begin, int accept) {
            this.begin = begin;
            this.accept = accept;
        }

        Nfa build() {
            int start = builder.state(false);
            builder.start(start);
            complete(start, begin, false, true);
            for (int i = 0; i < open.size(); i++) {
                int[] entry = open.get(i);
                complete(entry[0], entry[1], entry[2] == 1, false);
            }
            return builder.build();
        }

        private void complete(int state, int node, boolean afterWord, boolean atStart) {
            if (reachesEnd(node, afterWord, atStart)) {
                builder.accept(state);
            }
            round++;
            int depth = push(0, node, FREE);
            while (depth > 0) {
                int entry = stack[--depth];
                int own = entry / 3;
                int ahead = entry % 3;
                switch (moves.get(own)) {
                    case EMPTY -> {
                        depth = push(depth, second[own], ahead);
                        depth = push(depth, first[own], ahead);
                    }
                    case START -> depth = atStart ? push(depth, first[own], ahead) : depth;
                    case END -> {}
                    case BOUNDARY -> depth = look(depth, own, ahead, afterWord ? OTHER : WORD);
                    case NO_BOUNDARY -> depth = look(depth, own, ahead, afterWord ? WORD : OTHER);
                    case CHARS -> edges(state, own, ahead);
                }
            }
        }

        private int look(int depth, int node, int ahead, int wanted) {
            return ahead == FREE || ahead == wanted ? push(depth, first[node], wanted) : depth;
        }

        private int push(int depth, int node, int ahead) {
            if (node == NONE || seen[3 * node + ahead] == round) {
                return depth;
            }
            seen[3 * node + ahead] = round;
            stack[depth] = 3 * node + ahead;
            return depth + 1;
        }

        private void edges(int state, int node, int ahead) {
            CodePoints set = sets.get(node);
            if (!boundaries) {
                builder.edges(state, set, target(first[node], 0));
                return;
            }
            CodePoints word = CharClass.WORD.narrow();
            if (ahead != OTHER) {
                edges(state, set.intersect(word), first[node], 1);
            }
            if (ahead != WORD) {
                edges(state, set.intersect(word.complement()), first[node], 0);
            }
        }

        private void edges(int state, CodePoints set, int node, int afterWord) {
            if (!set.isEmpty()) {
                builder.edges(state, set, target(node, afterWord));
            }
        }

        private int target(int node, int afterWord) {
            Integer state = known.get(2 * node + afterWord);
            if (state == null) {
                state = builder.state(false);
                known.put(2 * node + afterWord, state);
                open.add(new int[] {state, node, afterWord});
            }
            return state;
        }

        /// Whether the match can be complete here if the string ends here.
        private boolean reachesEnd(int node, boolean afterWord, boolean atStart) {
            round++;
            int depth = push(0, node, FREE);
            while (depth > 0) {
                int own = stack[--depth] / 3;
                if (own == accept) {
                    return true;
                }
                boolean passes = switch (moves.get(own)) {
                    case EMPTY, END -> true;
                    case CHARS -> false;
                    case START -> atStart;
                    case BOUNDARY -> afterWord;
                    case NO_BOUNDARY -> !afterWord;
                };
                if (passes) {
                    depth = push(depth, second[own], FREE);
                    depth = push(depth, first[own], FREE);
                }
            }
            return false;
        }
    }
}
