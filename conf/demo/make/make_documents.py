"""Makes the demo's documents, questions and truths from the corpus of the bundled model. Needs Python 3.8 or later, nothing else.

    cd models/scout-nano/train && python make_corpus.py --documents 12 --tokens 20000-60000 --seed 7 --density 0.1 --out CORPUS
    python conf/demo/make/make_documents.py CORPUS conf/demo

Five of the twelve documents, each in another format: the same paragraphs as plain text, Markdown, HTML, PDF and DOCX. The same input gives
the same bytes (up to the version of zlib).
"""
import csv
import html
import json
import os
import sys
import zipfile
import zlib

FORMATS = {"doc-002": "md", "doc-004": "txt", "doc-005": "html", "doc-007": "pdf", "doc-010": "docx"}

# Widths of Helvetica's characters 32 to 126 in thousandths of the size (Adobe's font metrics of the 14 standard fonts).
HELVETICA = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
]


# A first paragraph no longer than this is a heading; other documents begin with prose.
HEADING_CHARS = 40


def paragraphs(text):
    """-> heading or None, [paragraph as list of lines]: a blank line ends a paragraph, a line break within one stays one."""
    parts = [part.split("\n") for part in text.split("\n\n")]
    if len(parts[0]) == 1 and len(parts[0][0]) <= HEADING_CHARS:
        return parts[0][0], parts[1:]
    return None, parts


def as_markdown(heading, parts):
    body = "\n\n".join("\n".join(lines) for lines in parts)
    return ("# %s\n\n" % heading if heading else "") + body + "\n"


def as_html(heading, parts, name):
    body = "\n".join("<p>%s</p>" % "<br>\n".join(html.escape(line) for line in lines) for lines in parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>%s</title>\n'
        "<style>body { max-width: 40em; margin: auto; font-family: serif }</style>\n</head>\n<body>\n%s%s\n</body>\n</html>\n"
    ) % (html.escape(name), "<h1>%s</h1>\n" % html.escape(heading) if heading else "", body)


def as_docx(heading, parts, path):
    def paragraph(lines, style=""):
        runs = "<w:r><w:br/></w:r>".join('<w:r><w:t xml:space="preserve">%s</w:t></w:r>' % html.escape(line, False) for line in lines)
        return "<w:p>%s%s</w:p>" % (style, runs)

    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006/"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml."
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    files = {
        "[Content_Types].xml": '<Types xmlns="%scontent-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/word/document.xml" ContentType="%sdocument.main+xml"/>'
        '<Override PartName="/word/styles.xml" ContentType="%sstyles+xml"/></Types>' % (package, types, types),
        "_rels/.rels": '<Relationships xmlns="%srelationships">'
        '<Relationship Id="rId1" Type="%sofficeDocument" Target="word/document.xml"/></Relationships>' % (package, office),
        "word/_rels/document.xml.rels": '<Relationships xmlns="%srelationships">'
        '<Relationship Id="rId1" Type="%sstyles" Target="styles.xml"/></Relationships>' % (package, office),
        "word/styles.xml": '<w:styles xmlns:w="%s">'
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        '<w:pPr><w:spacing w:after="160"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/>'
        '<w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="32"/></w:rPr></w:style></w:styles>' % word,
        "word/document.xml": '<w:document xmlns:w="%s"><w:body>%s%s<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134"/></w:sectPr></w:body></w:document>'
        % (
            word,
            paragraph([heading], '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>') if heading else "",
            "\n".join(paragraph(lines) for lines in parts),
        ),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, head + content)


def wrap(line, size, width):
    """-> the line's words in lines no wider than width points."""
    out, words, used = [], [], 0.0
    for word in line.split(" "):
        w = sum(HELVETICA[ord(c) - 32] for c in word) * size / 1000
        if words and used + 0.278 * size + w > width:
            out.append(" ".join(words))
            words, used = [], 0.0
        used += w + (0.278 * size if words else 0)
        words.append(word)
    return out + [" ".join(words)]


def as_pdf(heading, parts, name, path):
    """A4, Helvetica, ragged right; a paragraph stays on one page, as a word processor's 'keep lines together' has it."""
    width, height, margin, size, leading = 595, 842, 64, 10, 13
    pages, lines, y = [], [], height - margin

    def show(text, font, points):
        escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        lines.append("BT /%s %d Tf %d %d Td (%s) Tj ET" % (font, points, margin, y, escaped))

    if heading:
        show(heading, "B", 14)
        y -= 3 * leading
    for part in parts:
        block = [piece for line in part for piece in wrap(line, size, width - 2 * margin)]
        if y - leading * len(block) < margin and y < height - margin:
            pages.append(lines)
            lines, y = [], height - margin
        for line in block:
            show(line, "F", size)
            y -= leading
        y -= leading
    pages.append(lines)

    objects = ["<< /Type /Catalog /Pages 2 0 R >>".encode()]
    first = 5
    kids = " ".join("%d 0 R" % (first + 2 * k) for k in range(len(pages)))
    objects.append(("<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(pages))).encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>")
    for k, page in enumerate(pages):
        stream = zlib.compress("\n".join(page).encode("ascii"), 9)
        objects.append(
            (
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Resources << /Font << /F 3 0 R /B 4 0 R >> >> /Contents %d 0 R >>"
                % (width, height, first + 2 * k + 1)
            ).encode()
        )
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream))
    objects.append(("<< /Title (%s) /Producer (Lectern's demo) >>" % name).encode())

    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for k, content in enumerate(objects):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (k + 1, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(objects), start)
    with open(path, "wb") as file:
        file.write(out)


def main():
    corpus, demo = sys.argv[1:]
    documents = os.path.join(demo, "documents")
    os.makedirs(documents, exist_ok=True)
    for name, format_ in FORMATS.items():
        with open(os.path.join(corpus, "documents", name + ".txt"), encoding="utf-8") as file:
            text = file.read()
        heading, parts = paragraphs(text)
        path = os.path.join(documents, "%s.%s" % (name, format_))
        if format_ == "pdf":
            as_pdf(heading, parts, name, path)
        elif format_ == "docx":
            as_docx(heading, parts, path)
        else:
            if format_ == "html":
                text = as_html(heading, parts, name)
            elif format_ == "md":
                text = as_markdown(heading, parts)
            with open(path, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)

    with open(os.path.join(corpus, "questions.jsonl"), encoding="utf-8") as file:
        questions = [json.loads(line) for line in file]
    with open(os.path.join(demo, "questions.csv"), "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["question_id", "document", "question"])
        rows.writerows([q["question_id"], q["doc"] + ".*", q["question"]] for q in questions if q["doc"] in FORMATS)
    with open(os.path.join(corpus, "truth.jsonl"), encoding="utf-8") as file, open(
        os.path.join(demo, "truth.jsonl"), "w", encoding="utf-8"
    ) as out:
        for line in file:
            truth = json.loads(line)
            if truth["doc"] in FORMATS:
                kept = {key: truth[key] for key in ("question_id", "kind", "answer")}
                out.write(json.dumps(kept, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
