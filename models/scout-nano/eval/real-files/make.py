"""A job over a machine's own documentation with agreement sentences planted at known places. Needs Python 3.8 or later, nothing else.

    python models/scout-nano/eval/real-files/make.py --out DIR [--each 44] [--seed 1] [--roots /usr/share/doc,/usr/share/man]
    bin/lectern run DIR/job.yaml
    python models/scout-nano/eval/real-files/check.py DIR

Takes real files of five types: plain text, HTML, PDF, man pages (gzipped troff) and DOCX. HTML, text and man pages are edited in their own
syntax; real text is laid out as PDF and DOCX by the writers of the demo (there are too few of them on a machine), and the machine's own PDFs
come along without a planted sentence. Three further files cannot be read and belong in the rejects.

DIR/files/*          the documents
DIR/questions.csv    question_id, document, question
DIR/truth.jsonl      {"question_id", "document", "kind", "answer", "sentences": the planted ones}
DIR/job.yaml         the job
"""
import argparse
import csv
import gzip
import json
import os
import random
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL = os.path.normpath(os.path.join(HERE, "../.."))
DEMO = os.path.normpath(os.path.join(MODEL, "../../conf/demo"))
sys.path[:0] = [os.path.join(MODEL, "train"), os.path.join(DEMO, "make")]

import make_documents  # noqa: E402
import textgen  # noqa: E402

SMALLEST, LARGEST = 3_000, 60_000  # bytes of a source's text: a page to a short chapter


def candidates(roots):
    """-> {kind: [path]} of the machine's files, sorted."""
    found = {"text": [], "html": [], "man": [], "pdf": []}
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.islink(path) or not os.path.isfile(path):
                    continue
                low = name.lower()
                if low.endswith((".html", ".htm")):
                    kind = "html"
                elif re.search(r"\.[1-8]\.gz$", low) and "/man" in folder:
                    kind = "man"
                elif low.endswith(".pdf"):
                    kind = "pdf"
                elif low.endswith((".txt", ".md", ".rst")) or low in ("copyright", "readme", "news", "readme.debian"):
                    kind = "text"
                else:
                    continue
                found[kind].append(path)
    return {kind: sorted(paths) for kind, paths in found.items()}


def read(path):
    """-> text, or None when it is not UTF-8, too small or too large."""
    data = gzip.open(path).read(LARGEST + 1) if path.endswith(".gz") else open(path, "rb").read(LARGEST + 1)
    if not SMALLEST <= len(data) <= LARGEST:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def plant(text, sentences, places, before, after):
    """Puts each sentence at one of the places (offsets into text), spread over the text."""
    chosen = sorted(random_places(places, len(sentences)))
    for at, sentence in reversed(list(zip(chosen, sentences))):
        text = text[:at] + before + sentence + after + text[at:]
    return text


def random_places(places, count):
    return RANDOM.sample(places, count)


def blank_lines(text):
    return [m.end() for m in re.finditer(r"\n\s*\n", text)]


def as_paragraphs(text):
    """Real text as the demo's writers take it: ASCII, one line a paragraph."""
    parts = []
    for block in re.split(r"\n\s*\n", text):
        line = " ".join("".join(c if 32 <= ord(c) < 127 else " " for c in block).split())
        if line:
            parts.append([word_wrapped(line)])
    return parts


def word_wrapped(line):
    """No word so long that it leaves the page."""
    return " ".join(word[:80] for word in line.split(" "))


def main():
    global RANDOM
    ap = argparse.ArgumentParser()
    ap.add_argument("--out", required=True)
    ap.add_argument("--each", type=int, default=44, help="files of each type")
    ap.add_argument("--records", type=int, default=1, help="planted records a file")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--roots", default="/usr/share/doc,/usr/share/man,/usr/share/perl,/usr/lib/python3")
    a = ap.parse_args()
    RANDOM = random.Random(a.seed)
    gen = textgen.TextGen(a.seed)
    files = os.path.join(a.out, "files")
    os.makedirs(files, exist_ok=True)
    sources = candidates(a.roots.split(","))
    texts = list(sources["text"])
    RANDOM.shuffle(texts)
    for kind in ("html", "man"):
        RANDOM.shuffle(sources[kind])
    questions, truths, taken, made = [], [], [], {}

    def facts():
        """-> records, sentences to plant"""
        records, sentences = [], []
        for _ in range(a.records):
            record = gen.record(taken)
            taken.append(record["agreement"])
            own = [text for text, _ in gen.statements(record)]
            records.append((record, own))
            sentences += own
        return records, sentences

    def ask(name, records):
        for record, own in records:
            for kind in ("full", RANDOM.choice(textgen.FIELDS)):
                question, fields = gen.question(record["agreement"], kind)
                add(name, question, kind, json.loads(textgen.answer(record, fields)), own)
        if RANDOM.random() < 0.3:
            absent = gen.near_id(records[0][0]["agreement"])
            while absent in taken:
                absent = gen.near_id(records[0][0]["agreement"])
            question, _ = gen.question(absent, "full")
            add(name, question, "absent", {"found": False}, [])

    def add(name, question, kind, answer, sentences):
        question_id = "q%04d" % (len(questions) + 1)
        questions.append((question_id, name, question))
        truths.append({"question_id": question_id, "document": name, "kind": kind, "answer": answer, "sentences": sentences})

    def write(kind, wanted, paths, build):
        for path in paths:
            if made.get(kind, 0) == wanted:
                return
            text = read(path)
            if text is None:
                continue
            records, sentences = facts()
            name = "%s-%03d" % (kind, made.get(kind, 0) + 1)
            written = build(name, text, sentences)
            if written is None:
                continue
            made[kind] = made.get(kind, 0) + 1
            ask(written, records)

    def save(name, data):
        with open(os.path.join(files, name), "wb") as out:
            out.write(data)
        return name

    def text_file(name, text, sentences):
        places = blank_lines(text)
        if len(places) < len(sentences):
            return None
        return save(name + ".txt", plant(text, sentences, places, "", "\n\n").encode())

    def html_file(name, text, sentences):
        places = [m.end() for m in re.finditer(r"</p>", text, re.I)]
        if len(places) < len(sentences) or "charset" in text.lower() and "utf-8" not in text.lower():
            return None
        return save(name + ".html", plant(text, sentences, places, "\n<p>", "</p>\n").encode())

    def man_file(name, text, sentences):
        places = [m.start() + 1 for m in re.finditer(r"\n\.(SH|PP)\b", text)]
        if len(places) < len(sentences):
            return None
        return save(name + ".1.gz", gzip.compress(plant(text, sentences, places, ".PP\n", "\n").encode(), mtime=0))

    def laid_out(suffix, writer):
        def build(name, text, sentences):
            parts = as_paragraphs(text)
            if len(parts) < len(sentences) + 2:
                return None
            places = sorted(RANDOM.sample(range(1, len(parts)), len(sentences)), reverse=True)
            for at, sentence in zip(places, reversed(sentences)):
                parts.insert(at, [sentence])
            writer(name, parts, os.path.join(files, name + suffix))
            return name + suffix

        return build

    third = len(texts) // 3
    write("text", a.each, texts[:third], text_file)
    write("html", a.each, sources["html"], html_file)
    write("man", a.each, sources["man"], man_file)
    write("pdf", a.each, texts[third : 2 * third], laid_out(".pdf", lambda n, p, f: make_documents.as_pdf(n, p, n, f)))
    write("docx", a.each, texts[2 * third :], laid_out(".docx", lambda n, p, f: make_documents.as_docx(n, p, f)))
    for k, path in enumerate(sources["pdf"]):
        save("machine-%d.pdf" % (k + 1), open(path, "rb").read())
        made["machine's own pdf"] = made.get("machine's own pdf", 0) + 1
    save("broken.pdf", b"%PDF-1.7\nthis is not one\n")
    save("broken.docx", b"PK\x03\x04 cut short")
    save("empty.txt", b"")

    with open(os.path.join(a.out, "questions.csv"), "w", newline="") as out:
        csv.writer(out).writerows([("question_id", "document", "question")] + questions)
    with open(os.path.join(a.out, "truth.jsonl"), "w") as out:
        out.writelines(json.dumps(truth) + "\n" for truth in truths)
    with open(os.path.join(a.out, "job.yaml"), "w") as out:
        out.write(
            "name: real-files\ninput: { paths: [files] }\nmodel: { path: %s }\n"
            "context: { grouping: document, maxTokens: 131072, overflow: split }\n"
            "tasks:\n  - { name: agreement, schema: %s, questions: questions.csv, question: \"{question}\", maxTokens: 64, cite: true }\n"
            "output: { path: out }\n" % (MODEL, os.path.join(DEMO, "agreement.schema.json"))
        )
    print(made, "rejects planned: 3;", len(questions), "questions")


if __name__ == "__main__":
    main()
