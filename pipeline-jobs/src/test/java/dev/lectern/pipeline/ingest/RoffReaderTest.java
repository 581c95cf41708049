package dev.lectern.pipeline.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RoffReaderTest {
    static final String PAGE = """
            .\\" Written by hand.
            .ie n \\{\\
            .ds Q "quoted
            .\\}
            .el \\{\\
            .ds Q typeset
            .\\}
            .de XX
            not shown
            ..
            .TH PACK 1 "2026-11-21" "Lectern"
            .SH NAME
            pack \\- put documents into \\fIcontexts\\fP
            .SH "SEE THE LONG"
            Words of one sentence
            stand on many lines of the source,
            .B bold
            ones and
            .BR pack (1)
            too.
            .PP
            A \\*Q string, a bullet \\(bu and \\[u2019], 1\\|000.
            .TP
            .B \\-v
            Be verbose
            about it.
            .IP \\(bu 2
            Item.
            .nf
            $ pack a.yaml
              $ pack b.yaml
            .fi
            .TS
            l l.
            a\tb
            .TE
            .if t .so other
            .ad l
            End.
            """;

    @Test
    void aPageBecomesProse() {
        FileOutcome.Document document = parse("pack.1", PAGE);

        assertThat(document.parser()).isEqualTo("roff");
        assertThat(document.mediaType()).isEqualTo("text/troff");
        assertThat(document.parsed().title()).isEqualTo("pack(1)");
        assertThat(document.parsed().text()).isEqualTo("""
                        NAME

                        pack - put documents into contexts

                        SEE THE LONG

                        Words of one sentence stand on many lines of the source, bold ones and pack(1) too.

                        A quoted string, a bullet • and ’, 1000.

                        -v
                        Be verbose about it.

                        •
                        Item.

                        $ pack a.yaml
                          $ pack b.yaml

                        a | b

                        End.""");
    }

    @Test
    void mdocMacrosCallEachOther() {
        String page = """
                .Dd November 21, 2026
                .Dt PACK 8
                .Os
                .Sh NAME
                .Nm pack
                .Nd put documents into contexts
                .Sh SYNOPSIS
                .Nm
                .Op Fl v
                .Op Fl o Ar file
                .Ar job ...
                .Sh DESCRIPTION
                The
                .Nm
                utility reads
                .Pa /etc/pack ,
                see
                .Xr infer 8 .
                .Bl -tag -width x
                .It Fl v
                Be verbose.
                .El
                """;
        FileOutcome.Document document = parse("pack.8", page);

        assertThat(document.parsed().title()).isEqualTo("pack(8)");
        assertThat(document.parsed().text()).isEqualTo("""
                        NAME

                        pack - put documents into contexts

                        SYNOPSIS

                        pack [-v] [-o file] job ...

                        DESCRIPTION

                        The pack utility reads /etc/pack, see infer(8).
                        - -v
                        Be verbose.""");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\\fBbold\\fR|bold",
                "\\f[CW]code\\f[]|code",
                "\\f(CWcode\\fP|code",
                "\\s-1SMALL\\s0 \\s+1x\\s12y|SMALL xy",
                "a\\e b\\\\|a\\ b\\",
                "caf\\['e] \\(em \\[em]|café — —",
                "x\\h'1m'y\\w'abc'z|xyz",
                "it\\(aqs \\(dqso\\(dq|it's \"so\"",
                "no\\c|no",
                "end\\|end",
                "\\*[Tm]|™"
            })
    void escapes(String source, String plain) {
        assertThat(new RoffEscapes().plain(source)).isEqualTo(plain);
    }

    @Test
    void textThatOnlyLooksLikeItIsPlain() {
        assertThat(parse("notes.1", "1. first\n.TH is a macro\n").parser()).isEqualTo("text");
        assertThat(parse("release-1.2", "Version 1.2 brings nothing.\n").parser())
                .isEqualTo("text");
    }

    @Test
    void aPageThatOnlyRefersToAnotherHasNoText() {
        FileOutcome outcome = new FileParser(IngestLimits.DEFAULT).parse("b.1", ".so man1/a.1\n".getBytes(UTF_8));

        assertThat(outcome).isInstanceOfSatisfying(FileOutcome.Reject.class, reject -> {
            assertThat(reject.code()).isEqualTo(RejectCode.NO_TEXT);
            assertThat(reject.message()).isEqualTo("the page only refers to man1/a.1");
        });
    }

    private static FileOutcome.Document parse(String name, String source) {
        FileOutcome outcome = new FileParser(IngestLimits.DEFAULT).parse(name, source.getBytes(UTF_8));
        assertThat(outcome).isInstanceOf(FileOutcome.Document.class);
        return (FileOutcome.Document) outcome;
    }
}
