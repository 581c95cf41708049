package dev.lectern.pipeline.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PackerTest {
    private static final int[] PREFIX = {900_001, 900_002, 900_003};
    private static final int FILL = 900_004;
    private static final int[] SEPARATOR = {900_005};

    @Test
    void everySegmentStandsForExactlyItsCharacters() {
        for (int seed = 0; seed < 400; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ByteRunTokenizer tokenizer = new ByteRunTokenizer(1 + random.nextInt(7));
            PackSettings settings = settings(random);
            String text = RandomTexts.text(random, 1 + random.nextInt(60));
            TokenizedDocument document = TokenizedDocument.of("doc", text, tokenizer);
            List<PackedContext> contexts = new Packer(settings).pack(document);
            if (contexts.isEmpty()) {
                assertThat(settings.split()).as("seed %s", seed).isFalse();
                continue;
            }
            checkContexts(seed, settings, tokenizer, Map.of("doc", text), contexts);
            assertThat(contexts.stream()
                            .mapToLong(c -> c.account().packedTokens())
                            .sum())
                    .as("seed %s", seed)
                    .isEqualTo(document.length());
        }
    }

    @Test
    void documentsOfOneContextKeepTheirOrderAndTheirText() {
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ByteRunTokenizer tokenizer = new ByteRunTokenizer(1 + random.nextInt(7));
            PackSettings settings = settings(random);
            Map<String, String> texts = new HashMap<>();
            List<TokenizedDocument> group = new ArrayList<>();
            List<PackPlan.Size> sizes = new ArrayList<>();
            for (int d = 0; d < 6; d++) {
                String id = "doc" + d;
                texts.put(id, RandomTexts.text(random, 1 + random.nextInt(5)));
                TokenizedDocument document = TokenizedDocument.of(id, texts.get(id), tokenizer);
                group.add(document);
                sizes.add(new PackPlan.Size(id, document.length()));
            }
            List<List<PackPlan.Size>> plan = PackPlan.group(sizes, settings);
            assertThat(plan.stream().flatMap(List::stream).toList())
                    .as("seed %s", seed)
                    .containsExactlyInAnyOrderElementsOf(sizes);
            List<PackedContext> contexts = new ArrayList<>();
            for (List<PackPlan.Size> members : plan) {
                assertThat(members)
                        .as("seed %s", seed)
                        .isSortedAccordingTo(Comparator.comparing(PackPlan.Size::document));
                List<TokenizedDocument> together = group.stream()
                        .filter(d -> members.stream().anyMatch(m -> m.document().equals(d.docId())))
                        .toList();
                if (together.size() > 1) {
                    contexts.add(new Packer(settings).packTogether(together));
                } else {
                    List<PackedContext> alone = new Packer(settings).pack(together.getFirst());
                    if (alone.isEmpty()) {
                        texts.remove(together.getFirst().docId());
                    }
                    contexts.addAll(alone);
                }
            }
            checkContexts(seed, settings, tokenizer, texts, contexts);
        }
    }

    @Test
    void questionAndAnswerShareAChunk() {
        PackSettings settings = new PackSettings(PREFIX, SEPARATOR, FILL, 10_000, 64, 20, 0, true);
        ByteRunTokenizer tokenizer = new ByteRunTokenizer(1);
        for (int length = 1; length < 200; length++) {
            PackedContext context = new Packer(settings)
                    .pack(TokenizedDocument.of("doc", "x".repeat(length), tokenizer))
                    .getFirst();
            int end = context.tokens().length;
            int unpadded = PREFIX.length + length;
            assertThat(end / 64).as("length %s", length).isEqualTo((end + 19) / 64);
            assertThat(context.account().questionPaddingTokens())
                    .isEqualTo(end - unpadded)
                    .isLessThan(20);
            if (unpadded / 64 == (unpadded + 19) / 64) {
                assertThat(end).isEqualTo(unpadded);
            }
        }
    }

    @Test
    void bordersFallBetweenSentencesWithinTheAllowance() {
        ByteRunTokenizer tokenizer = new ByteRunTokenizer(1);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append(i == 0 ? "" : " ").append("Entry ").append(i).append(" holds.");
        }
        TokenizedDocument document = TokenizedDocument.of("doc", text.toString(), tokenizer);
        PackSettings without = new PackSettings(PREFIX, SEPARATOR, FILL, 100_000, 256, 0, 0, true);
        PackSettings with = new PackSettings(PREFIX, SEPARATOR, FILL, 100_000, 256, 0, 10, true);
        TokenAccount cut = new Packer(without).pack(document).getFirst().account();
        TokenAccount whole = new Packer(with).pack(document).getFirst().account();
        assertThat(cut.cutSentences()).isGreaterThan(15);
        assertThat(cut.sentencePaddingTokens()).isZero();
        assertThat(whole.cutSentences()).isZero();
        assertThat(whole.sentencePaddingTokens()).isPositive().isLessThan(document.length() / 10);
    }

    @Test
    void aSentenceLongerThanAChunkIsCutAndCounted() {
        PackSettings settings = new PackSettings(PREFIX, SEPARATOR, FILL, 100_000, 32, 0, 100, true);
        PackedContext context = new Packer(settings)
                .pack(TokenizedDocument.of("doc", "x".repeat(100) + ". Short one.", new ByteRunTokenizer(1)))
                .getFirst();
        assertThat(context.account().cutSentences()).isEqualTo(1);
    }

    @Test
    void aLongDocumentIsPartedBetweenParagraphsNearTheLimit() {
        String paragraph = "One sentence here. Another one there.\n\n";
        String text = paragraph.repeat(50);
        PackSettings settings = new PackSettings(PREFIX, SEPARATOR, FILL, 450, 0, 0, 0, true);
        List<PackedContext> contexts =
                new Packer(settings).pack(TokenizedDocument.of("doc", text, new ByteRunTokenizer(1)));
        assertThat(contexts).hasSizeGreaterThan(3);
        for (PackedContext context : contexts) {
            assertThat(context.segments().getFirst().charStart() % paragraph.length())
                    .isZero();
            assertThat(context.account().cutSentences()).isZero();
        }
    }

    @Test
    void aDocumentLongerThanAContextIsRejectedWhenItMayNotBeSplit() {
        PackSettings settings = new PackSettings(PREFIX, SEPARATOR, FILL, 50, 0, 0, 0, false);
        ByteRunTokenizer tokenizer = new ByteRunTokenizer(1);
        assertThat(new Packer(settings).pack(TokenizedDocument.of("doc", "x".repeat(47), tokenizer)))
                .hasSize(1);
        assertThat(new Packer(settings).pack(TokenizedDocument.of("doc", "x".repeat(48), tokenizer)))
                .isEmpty();
    }

    @Test
    void loneSurrogatesAreCoveredToo() {
        String text = "a\ud800b. C\udc00 d. ".repeat(30);
        PackSettings settings = new PackSettings(PREFIX, SEPARATOR, FILL, 60, 16, 4, 3, true);
        List<PackedContext> contexts =
                new Packer(settings).pack(TokenizedDocument.of("doc", text, new ByteRunTokenizer(3)));
        int at = 0;
        for (PackedContext context : contexts) {
            for (Segment segment : context.segments()) {
                assertThat(segment.charStart()).isEqualTo(at);
                at = segment.charEnd();
            }
        }
        assertThat(at).isEqualTo(text.length());
    }

    @Test
    void aContextWithoutRoomIsRefused() {
        assertThatThrownBy(() -> new PackSettings(PREFIX, SEPARATOR, FILL, 3, 0, 0, 0, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no room");
        assertThatThrownBy(() -> new PackSettings(PREFIX, SEPARATOR, FILL, 60, 64, 80, 0, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("attention chunk of 64");
    }

    private static PackSettings settings(SplittableRandom random) {
        int chunk = random.nextInt(4) == 0 ? 0 : 24 + random.nextInt(100);
        int question = chunk == 0 || random.nextBoolean() ? 0 : 1 + random.nextInt(chunk + 10);
        int limit = 2 * Math.max(chunk, 24) + random.nextInt(900);
        double percent = chunk == 0 || random.nextInt(3) == 0 ? 0 : random.nextDouble(20);
        return new PackSettings(PREFIX, SEPARATOR, FILL, limit, chunk, question, percent, random.nextInt(5) != 0);
    }

    private static void checkContexts(
            int seed,
            PackSettings settings,
            ByteRunTokenizer tokenizer,
            Map<String, String> texts,
            List<PackedContext> contexts) {
        Map<String, Integer> covered = new HashMap<>();
        TokenAccount sum = TokenAccount.EMPTY;
        for (PackedContext context : contexts) {
            int[] tokens = context.tokens();
            TokenAccount account = context.account();
            sum = sum.plus(account);
            assertThat(tokens.length).as("seed %s", seed).isLessThanOrEqualTo(settings.limit());
            assertThat((double) account.sentencePaddingTokens())
                    .as("seed %s", seed)
                    .isLessThanOrEqualTo(account.packedTokens() * settings.paddingPercent() / 100);
            int at = settings.prefix().length;
            long fills = 0;
            long separators = 0;
            for (Segment segment : context.segments()) {
                for (; at < segment.tokenStart(); at++) {
                    assertThat(tokens[at]).as("seed %s", seed).isIn(FILL, SEPARATOR[0]);
                    fills += tokens[at] == FILL ? 1 : 0;
                    separators += tokens[at] == FILL ? 0 : 1;
                }
                assertThat(segment.tokenStart()).as("seed %s", seed).isEqualTo(at);
                String text = java.util.Objects.requireNonNull(texts.get(segment.docId()));
                assertThat(segment.charStart()).as("seed %s", seed).isEqualTo(covered.getOrDefault(segment.docId(), 0));
                byte[] expected =
                        text.substring(segment.charStart(), segment.charEnd()).getBytes(StandardCharsets.UTF_8);
                assertThat(tokenizer.bytes(tokens, segment.tokenStart(), segment.tokenEnd()))
                        .as("seed %s, %s", seed, segment)
                        .isEqualTo(expected);
                covered.put(segment.docId(), segment.charEnd());
                at = segment.tokenEnd();
            }
            assertThat(fills).as("seed %s", seed).isEqualTo(account.sentencePaddingTokens());
            assertThat(separators).as("seed %s", seed).isEqualTo(account.separatorTokens());
            assertThat(tokens.length - at).as("seed %s", seed).isEqualTo((int) account.questionPaddingTokens());
            if (settings.questionTokens() > 0 && settings.questionTokens() <= settings.chunk()) {
                assertThat(tokens.length % settings.chunk())
                        .as("seed %s", seed)
                        .isLessThanOrEqualTo(settings.chunk() - settings.questionTokens());
            }
        }
        for (String text : texts.values()) {
            sum = sum.plus(TokenAccount.arrived(tokenizer.encode(text).length()));
        }
        texts.forEach((id, text) -> assertThat(covered).as("seed %s", seed).containsEntry(id, text.length()));
        assertThat(sum.imbalance()).as("seed %s", seed).isEmpty();
    }
}
