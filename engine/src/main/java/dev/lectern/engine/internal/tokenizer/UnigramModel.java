package dev.lectern.engine.internal.tokenizer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// SentencePiece's unigram model (Kudo 2018, arXiv:1804.10959): of all ways to write a word with the
/// vocabulary's pieces, the one whose scores (log probabilities) have the highest sum; the longer last piece
/// of equal ones.
///
/// A character that no piece covers costs ten more than the worst piece, as in SentencePiece, and is written
/// as bytes. Thread-safe.
final class UnigramModel implements SubwordModel {
    private static final float UNKNOWN_PENALTY = 10;

    private final Vocabulary vocabulary;
    private final Map<String, Integer> pieces;
    private final float[] scores;
    private final int longestPiece;
    private final float unknownScore;
    private final int[] byteIds;

    UnigramModel(Vocabulary vocabulary, float[] scores) {
        this.vocabulary = vocabulary;
        this.scores = scores;
        this.byteIds = vocabulary.byteIds();
        this.pieces = HashMap.newHashMap(vocabulary.size());
        int longest = 1;
        float lowest = 0;
        for (int id = 0; id < vocabulary.size(); id++) {
            String piece = vocabulary.piece(id);
            if (piece != null && vocabulary.isText(id) && !piece.isEmpty()) {
                pieces.put(piece, id);
                longest = Math.max(longest, piece.length());
                lowest = Math.min(lowest, scores[id]);
            }
        }
        this.longestPiece = longest;
        this.unknownScore = lowest - UNKNOWN_PENALTY;
    }

    @Override
    public void encode(char[] text, int from, int to, Workspace workspace, IdList ids) {
        int length = to - from;
        workspace.require(Math.max(length + 1, 4));
        if (workspace.scores.length <= length) {
            workspace.scores = new double[length + length / 2 + 1];
        }
        double[] best = workspace.scores;
        int[] bestId = workspace.symbols;
        int[] bestStart = workspace.next;
        Arrays.fill(best, 0, length + 1, Double.NEGATIVE_INFINITY);
        best[0] = 0;
        for (int start = 0; start < length; start++) {
            if (best[start] == Double.NEGATIVE_INFINITY) {
                continue; // inside a surrogate pair
            }
            int character = Character.isHighSurrogate(text[from + start]) ? 2 : 1;
            boolean covered = false;
            for (int end = start + character; end <= Math.min(length, start + longestPiece); end++) {
                Integer id = pieces.get(new String(text, from + start, end - start));
                if (id == null) {
                    continue;
                }
                covered |= end == start + character;
                relax(best, bestId, bestStart, start, end, id, scores[id]);
            }
            if (!covered) {
                relax(best, bestId, bestStart, start, start + character, -1, unknownScore);
            }
        }
        int[] path = workspace.previous;
        int count = 0;
        for (int end = length; end > 0; end = bestStart[end]) {
            path[count++] = end;
        }
        while (count > 0) {
            int end = path[--count];
            if (bestId[end] >= 0) {
                ids.add(bestId[end]);
            } else {
                addBytes(text, from + bestStart[end], ids);
            }
        }
    }

    private static void relax(double[] best, int[] bestId, int[] bestStart, int start, int end, int id, float score) {
        double sum = best[start] + score;
        if (sum > best[end]) {
            best[end] = sum;
            bestId[end] = id;
            bestStart[end] = start;
        }
    }

    private void addBytes(char[] text, int at, IdList ids) {
        int character = Character.codePointAt(text, at);
        byte[] bytes = Character.toString(character).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (byte value : bytes) {
            if (byteIds[value & 0xFF] < 0) {
                throw vocabulary.noTokenFor(value & 0xFF, character);
            }
            ids.add(byteIds[value & 0xFF]);
        }
    }
}
