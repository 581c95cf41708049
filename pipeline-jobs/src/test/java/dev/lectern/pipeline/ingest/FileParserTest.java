package dev.lectern.pipeline.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FileParserTest {
    private static final IngestLimits LIMITS = new IngestLimits(32 << 20, 4 << 20, 60_000, 200);
    private static final FileParser PARSER = new FileParser(LIMITS);

    /// Sentences as the demo's documents hold them: a value split over two lines would not be found.
    private static final List<String> PARAGRAPHS = List.of(
            "Contract file 7. Notice is given in writing within 719 days of the first delivery, unless both parties"
                    + " agree on another date before the end of the month in which the delivery was made.",
            "FP-335 binds Halgard Cables from 2042-09-14 for a total of JPY 53173. Nothing in this reading limits the"
                    + " rights of the notice, and the budget was counted twice by two different persons of the council.",
            "Short one.",
            "Note that FP-305 fixes CAD 3844 payable to Holholm Energy on 2038-12-01, which the harbour master wrote"
                    + " into the log on the same evening; the log was kept in the archive of the town for many years.");

    @Test
    void plainTextStaysExactly() {
        String text = "# Title\r\n\r\n  indented\tline\nlast \u00e9\ud83d\ude00 line  \n\n";
        FileOutcome.Document document = document("notes.md", text.getBytes(UTF_8));

        assertThat(document.parsed().text()).isEqualTo(text);
        assertThat(document.parser()).isEqualTo("text");
        assertThat(document.mediaType()).isEqualTo("text/x-web-markdown");
        assertThat(document.docId()).hasSize(64).matches("[0-9a-f]+");
        assertThat(document.byteSize()).isEqualTo(text.getBytes(UTF_8).length);
        assertThat(document.parsed().pages()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"ISO-8859-1,ISO-8859-1", "windows-1252,ISO-8859-1", "UTF-16BE,UTF-16BE", "Shift_JIS,Shift_JIS"})
    void otherCharacterSetsAreRecognised(String charset, String found) {
        String text = (charset.equals("Shift_JIS")
                        ? "これは日本語の文章です。漢字と仮名が混ざっています。"
                        : "Der Größe nach geordnet, für alle Fälle geprüft, naïve Übergänge à la carte. ")
                .repeat(20);
        byte[] bytes = text.getBytes(Charset.forName(charset));
        if (charset.equals("UTF-16BE")) {
            bytes = ("\ufeff" + text).getBytes(UTF_16BE);
        }
        FileOutcome.Document document = document("brief.txt", bytes);

        assertThat(document.parsed().text()).isEqualTo(text);
        assertThat(document.parsed().metadata()).containsKey("charset");
    }

    @Test
    void languageIsGuessedFromEnoughText() {
        assertThat(document("a.txt", String.join("\n", PARAGRAPHS).getBytes(UTF_8))
                        .language())
                .isEqualTo("en");
        String german =
                "Die Ordnung der Gemeinde ist am ersten Tag des Monats im Rathaus zu lesen. Wer sie nicht kennt,"
                        + " wird vom Schreiber belehrt und zahlt die Gebühr. Die Einnahmen gehen an die Schule, die im Herbst ein"
                        + " neues Dach erhielt, weil das alte den Regen nicht mehr hielt und die Kinder im Winter froren.";
        assertThat(document("b.txt", german.getBytes(UTF_8)).language()).isEqualTo("de");
        assertThat(document("c.txt", "ok".getBytes(UTF_8)).language()).isNull();
    }

    @Test
    void htmlBlocksBecomeParagraphsAndSoftWrapsGo() {
        String html = """
                <!doctype html><html lang="en"><head><title> The log </title><meta name="author" content="A. Writer">
                <style>p { color: red }</style></head><body>
                <h1>Harbour <em>log</em></h1>
                <p>FP-335 binds Halgard
                   Cables from&nbsp;2042-09-14
                   for a total of <b>JPY</b> 53173.</p><script>var secret = "no";</script>
                <p>Second.<br>After a break.</p>
                <ul><li>one</li><li><p>two</p></li></ul>
                <table><tr><th>party</th><th>sum</th></tr><tr><td><p>Halgard</p></td><td>5</td></tr>
                <tr><td></td><td>6</td></tr></table>
                <pre>line 1
                  line 2
                </pre>
                <p>co&shy;operation &lt;end&gt;</p></body></html>
                """;
        FileOutcome.Document document = document("log.html", html.getBytes(UTF_8));

        assertThat(document.parsed().text()).isEqualTo("""
                        Harbour log

                        FP-335 binds Halgard Cables from 2042-09-14 for a total of JPY 53173.

                        Second.
                        After a break.

                        - one
                        - two

                        party | sum
                        Halgard | 5
                        | 6

                        line 1
                          line 2

                        cooperation <end>""");
        assertThat(document.parsed().title()).isEqualTo("The log");
        assertThat(document.parsed().metadata())
                .containsEntry("author", "A. Writer")
                .containsEntry("lang", "en");
        assertThat(document.parser()).isEqualTo("html");
        assertThat(document.parserVersion()).matches("1 jsoup-[0-9.]+");
    }

    @Test
    void htmlInItsDeclaredCharacterSet() {
        String html = "<html><head><meta charset=\"iso-8859-2\"></head><body><p>Łódź żółć</p></body></html>";
        assertThat(document("a.html", html.getBytes(Charset.forName("ISO-8859-2")))
                        .parsed()
                        .text())
                .isEqualTo("Łódź żółć");
    }

    @Test
    void pdfLinesAreJoinedToParagraphsWithTheirPages() {
        FileOutcome.Document document = document("log.pdf", SampleFiles.pdf(PARAGRAPHS, 40));

        assertThat(document.parsed().text()).isEqualTo(String.join("\n\n", PARAGRAPHS));
        assertThat(document.parsed().title()).isEqualTo("Log of the harbour");
        assertThat(document.parsed().metadata()).containsEntry("author", "A. Writer");
        assertThat(document.parsed().pages())
                .containsExactly(new ParsedDocument.PageSpan(
                        1, 0, document.parsed().text().length()));
        assertThat(document.parserVersion()).isEqualTo("1 pdfbox-3.0.8");
    }

    @Test
    void aPdfSentenceGoesOnOverThePagesEnd() {
        FileOutcome.Document document = document("log.pdf", SampleFiles.pdf(PARAGRAPHS, 5));

        String text = document.parsed().text();
        assertThat(text).isEqualTo(String.join("\n\n", PARAGRAPHS));
        List<ParsedDocument.PageSpan> pages = document.parsed().pages();
        assertThat(pages).hasSizeGreaterThan(1);
        assertThat(pages.getFirst().start()).isZero();
        assertThat(pages.getLast().end()).isEqualTo(text.length());
        for (int i = 1; i < pages.size(); i++) {
            assertThat(text.substring(pages.get(i - 1).end(), pages.get(i).start()))
                    .isBlank();
        }
    }

    @Test
    void wordsThatAPdfDividesAreJoined() {
        String text = IntStream.range(0, 60)
                .mapToObj(i -> "agree\u00adment number " + i + " of the har\u00adbour council")
                .collect(Collectors.joining(", "));
        FileOutcome.Document document = document("a.pdf", SampleFiles.pdf(List.of(text), 40));

        assertThat(document.parsed().text()).isEqualTo(text.replace("\u00ad", ""));
    }

    @Test
    void pdfOfOneLineParagraphsKeepsThemApart() {
        List<String> lines = List.of("First line.", "Second line.", "Third line.", "Fourth line.");
        assertThat(document("a.pdf", SampleFiles.pdf(lines, 40)).parsed().text())
                .isEqualTo(String.join("\n\n", lines));
    }

    @Test
    void docxParagraphsAndTables() {
        byte[] bytes =
                SampleFiles.docx(PARAGRAPHS, List.of(List.of("party", "sum"), List.of("Halgard Cables", "JPY 53173")));
        FileOutcome.Document document = document("terms.docx", bytes);

        assertThat(document.parsed().text())
                .isEqualTo(String.join("\n\n", PARAGRAPHS) + "\n\nparty | sum\nHalgard Cables | JPY 53173");
        assertThat(document.parsed().title()).isEqualTo("Terms of the harbour");
        assertThat(document.parsed().metadata()).containsEntry("author", "A. Writer");
        assertThat(document.parser()).isEqualTo("office");
        assertThat(document.parserVersion()).isEqualTo("1 tika-3.3.0");
        assertThat(document.mediaType())
                .isEqualTo("application/vnd.openxmlformats-officedocument.wordprocessingml.document");
        assertThat(document("noending", bytes).parser()).isEqualTo("office");
    }

    @Test
    void rtf() {
        String rtf = "{\\rtf1\\ansi\\pard Notice of {\\b Halgard Cables}.\\par Second paragraph.\\par}";
        assertThat(document("a.rtf", rtf.getBytes(UTF_8)).parsed().text())
                .isEqualTo("Notice of Halgard Cables.\n\nSecond paragraph.");
    }

    @Test
    void compressedTextIsExpanded() {
        FileOutcome.Document document =
                document("changelog.Debian.gz", SampleFiles.gzip("tool (1.2) stable\n\n  * Fixed.\n".getBytes(UTF_8)));

        assertThat(document.parsed().text()).isEqualTo("tool (1.2) stable\n\n  * Fixed.\n");
        assertThat(document.mediaType()).startsWith("text/");
        assertThat(document.parsed().metadata()).containsEntry("compression", "gzip");
    }

    @Test
    void whatIsNoDocumentIsRejectedWithACode() {
        assertReject("a.txt", new byte[0], RejectCode.EMPTY, "no bytes");
        assertReject("a.txt", " \n\t ".getBytes(UTF_8), RejectCode.NO_TEXT, "white space");
        assertReject("a.gz", SampleFiles.gzip(new byte[0]), RejectCode.EMPTY, "compressed file holds no bytes");
        assertReject("a.pdf", SampleFiles.encryptedPdf("secret", "pw"), RejectCode.ENCRYPTED, "password");
        assertReject("a.pdf", SampleFiles.emptyPdf(), RejectCode.NO_TEXT, "no text on 2 pages");
        assertReject("a.pdf", "%PDF-1.7\nnothing here".getBytes(UTF_8), RejectCode.CORRUPT, "not a readable PDF");
        assertReject("a.html", "<html><script>x</script></html>".getBytes(UTF_8), RejectCode.NO_TEXT, "no text");
        byte[] docx = SampleFiles.docx(PARAGRAPHS, List.of());
        assertReject("a.docx", java.util.Arrays.copyOf(docx, docx.length / 2), RejectCode.CORRUPT, "not a readable");
        byte[] noise = new byte[4096];
        new Random(3).nextBytes(noise);
        assertReject("a.bin", noise, RejectCode.UNSUPPORTED_TYPE, "no reader for application/octet-stream");
        assertReject(
                "a.png",
                new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0},
                RejectCode.UNSUPPORTED_TYPE,
                "no reader for image/png");
        assertReject("a.txt.gz", SampleFiles.gzip(new byte[20 << 20]), RejectCode.TOO_LARGE, "expand to more than");
        byte[] gzip = SampleFiles.gzip("text".repeat(1_000).getBytes(UTF_8));
        assertReject("a.gz", java.util.Arrays.copyOf(gzip, 20), RejectCode.CORRUPT, "not a readable gzip file");
        assertReject("a.txt", "x".repeat(5 << 20).getBytes(UTF_8), RejectCode.TOO_LARGE, "at most 4194304 are read");
        assertReject(
                "a.html", ("<p>" + "x".repeat(5 << 20)).getBytes(UTF_8), RejectCode.TOO_LARGE, "more than 4194304");
    }

    @Test
    void nestingDoesNotEndTheRun() {
        FileOutcome outcome = PARSER.parse("deep.html", ("<div>".repeat(200_000) + "deep").getBytes(UTF_8));
        assertThat(outcome).isInstanceOfAny(FileOutcome.Document.class, FileOutcome.Reject.class);
    }

    @Test
    void damagedFilesAreReadOrRejectedNeverThrown() {
        List<String> names = List.of("a.html", "a.pdf", "a.docx", "a.1", "a.gz", "a.rtf");
        List<byte[]> originals = new ArrayList<>();
        originals.add("<html><body><table><tr><td>x<td>y</table><ul><li>z<pre>a\n</pre></body>".getBytes(UTF_8));
        originals.add(SampleFiles.pdf(PARAGRAPHS, 5));
        originals.add(SampleFiles.docx(PARAGRAPHS, List.of(List.of("a", "b"))));
        originals.add(RoffReaderTest.PAGE.getBytes(UTF_8));
        originals.add(SampleFiles.gzip(RoffReaderTest.PAGE.getBytes(UTF_8)));
        originals.add("{\\rtf1\\ansi Notice \\'e9 {\\b of} {\\*\\x}\\par}".getBytes(ISO_8859_1));
        long seed = 42;
        Random random = new Random(seed);
        for (int round = 0; round < 60; round++) {
            for (int f = 0; f < names.size(); f++) {
                byte[] bytes = damage(originals.get(f), random);
                try {
                    FileOutcome outcome = PARSER.parse(names.get(f), bytes);
                    if (outcome instanceof FileOutcome.Reject reject) {
                        assertThat(reject.message())
                                .hasSizeLessThanOrEqualTo(300)
                                .doesNotContain("\n");
                    }
                } catch (RuntimeException e) {
                    throw new AssertionError("seed " + seed + ", round " + round + ", " + names.get(f), e);
                }
            }
        }
    }

    private static byte[] damage(byte[] original, Random random) {
        int length = random.nextInt(4) == 0 ? random.nextInt(original.length) + 1 : original.length;
        byte[] bytes = java.util.Arrays.copyOf(original, length);
        for (int n = random.nextInt(20); n >= 0; n--) {
            bytes[random.nextInt(length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static FileOutcome.Document document(String name, byte[] bytes) {
        FileOutcome outcome = PARSER.parse(name, bytes);
        assertThat(outcome).as(name).isInstanceOf(FileOutcome.Document.class);
        return (FileOutcome.Document) outcome;
    }

    private static void assertReject(String name, byte[] bytes, RejectCode code, String message) {
        FileOutcome outcome = PARSER.parse(name, bytes);
        assertThat(outcome).as(name).isInstanceOf(FileOutcome.Reject.class);
        FileOutcome.Reject reject = (FileOutcome.Reject) outcome;
        assertThat(reject.code()).as(reject.message()).isEqualTo(code);
        assertThat(reject.message()).contains(message);
    }
}
