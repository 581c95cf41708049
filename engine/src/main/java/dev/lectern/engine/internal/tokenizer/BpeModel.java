package dev.lectern.engine.internal.tokenizer;

import dev.lectern.engine.internal.tokenizer.SubwordModel.Workspace;
import dev.lectern.engine.internal.tokenizer.Vocabulary.Alphabet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909): a word's symbols, bytes or characters, are
/// joined pair by pair, lowest rank first, the leftmost of equal ranks, until no pair merges.
///
/// Short words merge in an array, long ones through a heap, so that a word of n symbols takes O(n log n).
/// Words that were seen are remembered in a table of fixed size. Thread-safe.
final class BpeModel implements SubwordModel {
    /// Below this the array's shifts cost less than the heap.
    private static final int LONG_WORD = 64;

    private static final int LONGEST_REMEMBERED = 32;
    private static final int REMEMBERED_WORDS = 1 << 14;

    private final Vocabulary vocabulary;
    private final Merges merges;
    private final boolean wholeWordsFirst;
    private final boolean byteLevel;

    /// Token of each byte; -1 for the bytes that occur in no UTF-8 text.
    private final int[] byteIds;

    /// Token of each character of 16 bits; -1 for those without. Empty in byte-level vocabularies.
    private final int[] characterIds;

    private final Map<Integer, Integer> supplementaryIds;

    /// Words by their hash. Entries are immutable, so threads may race for a place.
    private final @Nullable Word[] words = new Word[REMEMBERED_WORDS];

    private record Word(String text, int[] ids) {}

    /// @param wholeWordsFirst a word that is a token becomes it, however merges would have built it
    BpeModel(Vocabulary vocabulary, boolean wholeWordsFirst) {
        this.vocabulary = vocabulary;
        this.merges = vocabulary.merges();
        this.wholeWordsFirst = wholeWordsFirst;
        this.byteLevel = vocabulary.alphabet() == Alphabet.BYTE_LEVEL;
        this.byteIds = vocabulary.byteIds();
        this.supplementaryIds = new HashMap<>();
        this.characterIds = byteLevel ? new int[0] : new int[Character.MAX_VALUE + 1];
        Arrays.fill(characterIds, -1);
        if (!byteLevel) {
            for (int id = 0; id < vocabulary.size(); id++) {
                String piece = vocabulary.piece(id);
                if (piece == null || !vocabulary.isText(id) || piece.isEmpty()) {
                    continue;
                }
                int character = piece.codePointAt(0);
                if (piece.length() != Character.charCount(character)) {
                    continue;
                }
                if (character < characterIds.length) {
                    characterIds[character] = id;
                } else {
                    supplementaryIds.put(character, id);
                }
            }
        }
    }

    @Override
    public void encode(char[] text, int from, int to, Workspace workspace, IdList ids) {
        if (to - from > LONGEST_REMEMBERED) {
            merge(text, from, to, workspace, ids);
            return;
        }
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text[i];
        }
        int place = (hash * 0x9E3779B9) >>> (Integer.SIZE - Integer.numberOfTrailingZeros(REMEMBERED_WORDS));
        Word word = words[place];
        if (word != null && isSame(word.text, text, from, to)) {
            ids.addAll(word.ids, word.ids.length);
            return;
        }
        int before = ids.size();
        merge(text, from, to, workspace, ids);
        int[] found = new int[ids.size() - before];
        for (int i = 0; i < found.length; i++) {
            found[i] = ids.get(before + i);
        }
        words[place] = new Word(new String(text, from, to - from), found);
    }

    private static boolean isSame(String word, char[] text, int from, int to) {
        if (word.length() != to - from) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (word.charAt(i) != text[from + i]) {
                return false;
            }
        }
        return true;
    }

    private void merge(char[] text, int from, int to, Workspace workspace, IdList ids) {
        if (wholeWordsFirst) {
            int whole = vocabulary.textId(
                    byteLevel ? ByteAlphabet.spell(text, from, to) : new String(text, from, to - from));
            if (whole >= 0) {
                ids.add(whole);
                return;
            }
        }
        int count = symbols(text, from, to, workspace);
        if (count <= LONG_WORD) {
            count = mergeInPlace(workspace.symbols, workspace.ranks, count);
        } else {
            count = mergeByHeap(workspace, count);
        }
        ids.addAll(workspace.symbols, count);
    }

    /// The word's bytes, or its characters where they have tokens and else their bytes.
    private int symbols(char[] text, int from, int to, Workspace workspace) {
        workspace.require(Math.multiplyExact(to - from, 3));
        int[] symbols = workspace.symbols;
        int count = 0;
        for (int i = from; i < to; i++) {
            char unit = text[i];
            int character = unit;
            if (Character.isHighSurrogate(unit)) {
                character = Character.toCodePoint(unit, text[++i]);
            }
            if (!byteLevel) {
                int id = character < characterIds.length
                        ? characterIds[character]
                        : supplementaryIds.getOrDefault(character, -1);
                if (id >= 0) {
                    symbols[count++] = id;
                    continue;
                }
            }
            if (character < 0x80) {
                symbols[count++] = byteId(character, character);
            } else if (character < 0x800) {
                symbols[count++] = byteId(0xC0 | (character >> 6), character);
                symbols[count++] = byteId(0x80 | (character & 0x3F), character);
            } else if (character < 0x10000) {
                symbols[count++] = byteId(0xE0 | (character >> 12), character);
                symbols[count++] = byteId(0x80 | ((character >> 6) & 0x3F), character);
                symbols[count++] = byteId(0x80 | (character & 0x3F), character);
            } else {
                symbols[count++] = byteId(0xF0 | (character >> 18), character);
                symbols[count++] = byteId(0x80 | ((character >> 12) & 0x3F), character);
                symbols[count++] = byteId(0x80 | ((character >> 6) & 0x3F), character);
                symbols[count++] = byteId(0x80 | (character & 0x3F), character);
            }
        }
        return count;
    }

    private int byteId(int value, int character) {
        int id = byteIds[value];
        if (id < 0) {
            throw vocabulary.noTokenFor(value, character);
        }
        return id;
    }

    /// @param ranks scratch: rank of each symbol with the next
    /// @return number of symbols left
    private int mergeInPlace(int[] symbols, int[] ranks, int count) {
        for (int i = 0; i + 1 < count; i++) {
            ranks[i] = merges.rankOf(symbols[i], symbols[i + 1]);
        }
        while (count > 1) {
            int best = 0;
            for (int i = 1; i + 1 < count; i++) {
                if (ranks[i] < ranks[best]) {
                    best = i;
                }
            }
            if (ranks[best] == Merges.NEVER) {
                break;
            }
            symbols[best] = merges.into(merges.find(symbols[best], symbols[best + 1]));
            System.arraycopy(symbols, best + 2, symbols, best + 1, count - best - 2);
            System.arraycopy(ranks, best + 1, ranks, best, count - best - 2);
            count--;
            if (best > 0) {
                ranks[best - 1] = merges.rankOf(symbols[best - 1], symbols[best]);
            }
            if (best + 1 < count) {
                ranks[best] = merges.rankOf(symbols[best], symbols[best + 1]);
            }
        }
        return count;
    }

    /// A list linked both ways; the heap holds `rank << 32 | position` and is emptied of what is no longer
    /// true as it comes up.
    private int mergeByHeap(Workspace workspace, int count) {
        int[] symbols = workspace.symbols;
        int[] next = workspace.next;
        int[] previous = workspace.previous;
        int[] ranks = workspace.ranks;
        RankHeap heap = new RankHeap(workspace);
        for (int i = 0; i < count; i++) {
            previous[i] = i - 1;
            next[i] = i + 1 < count ? i + 1 : -1;
            ranks[i] = i + 1 < count ? merges.rankOf(symbols[i], symbols[i + 1]) : Merges.NEVER;
            heap.add(ranks[i], i);
        }
        while (!heap.isEmpty()) {
            long lowest = heap.remove();
            int at = (int) lowest;
            int rank = (int) (lowest >>> Integer.SIZE);
            if (ranks[at] != rank) {
                continue;
            }
            int second = next[at];
            symbols[at] = merges.into(merges.find(symbols[at], symbols[second]));
            ranks[second] = Merges.NEVER;
            next[at] = next[second];
            if (next[at] >= 0) {
                previous[next[at]] = at;
                ranks[at] = merges.rankOf(symbols[at], symbols[next[at]]);
                heap.add(ranks[at], at);
            } else {
                ranks[at] = Merges.NEVER;
            }
            int before = previous[at];
            if (before >= 0) {
                ranks[before] = merges.rankOf(symbols[before], symbols[at]);
                heap.add(ranks[before], before);
            }
        }
        int left = 0;
        for (int i = 0; i >= 0; i = next[i]) {
            symbols[left++] = symbols[i]; // never ahead of the symbol that is read: left <= i
        }
        return left;
    }

    /// Binary min-heap over the workspace's array.
    private static final class RankHeap {
        private final Workspace workspace;
        private int size;

        RankHeap(Workspace workspace) {
            this.workspace = workspace;
        }

        boolean isEmpty() {
            return size == 0;
        }

        void add(int rank, int position) {
            if (rank == Merges.NEVER) {
                return;
            }
            if (size == workspace.heap.length) {
                workspace.heap = Arrays.copyOf(workspace.heap, size + size / 2);
            }
            long[] heap = workspace.heap;
            long entry = ((long) rank << Integer.SIZE) | position;
            int at = size++;
            while (at > 0 && heap[(at - 1) >>> 1] > entry) {
                heap[at] = heap[(at - 1) >>> 1];
                at = (at - 1) >>> 1;
            }
            heap[at] = entry;
        }

        long remove() {
            long[] heap = workspace.heap;
            long first = heap[0];
            long last = heap[--size];
            int at = 0;
            while (2 * at + 1 < size) {
                int child = 2 * at + 1;
                if (child + 1 < size && heap[child + 1] < heap[child]) {
                    child++;
                }
                if (heap[child] >= last) {
                    break;
                }
                heap[at] = heap[child];
                at = child;
            }
            heap[at] = last;
            return first;
        }
    }
}
