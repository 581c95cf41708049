"""Writes the documents and questions of the border tests (train/align_test.py, train/border_test.py) as text, so that they
can be asked through a whole pipeline: its packer decides where the borders fall.

    python make_border_documents.py        # needs tokenizers and numpy; writes borders.jsonl beside itself

A line is a document: {"name", "set", "tokens" (with the 5 of the chat's prefix), "text", "questions": [{"question", "kind",
"straddles", "answer"}]}. Sets:

    ends      documents that end 3 to 50 tokens before a multiple of 512; full, single and absent questions (the card's table)
    far-ends  documents that end 60 to 480 tokens before it: padding to the border is needless here, does it hurt?
    facts     documents of about 2750 tokens; full records that straddle a border when the document is packed as it is, and
              up to ten that do not
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../train"))
from data import Data  # noqa: E402


def question_of(d, prompt):
    text = d.tok.decode(prompt, skip_special_tokens=True)
    return text[text.index("Question: ") + len("Question: "):].removesuffix("assistant\n\n").strip()


def ask(d, known, kind, absent):
    prompt, answer = d.branch(known, kind, absent)
    text = d.tok.decode(answer, skip_special_tokens=True)
    return {"question": question_of(d, prompt), "answer": text}


def ends(d, out, name, offsets):
    for off in offsets:
        ids, known, _ = d.doc(1536 - off, 0.3)
        text = d.tok.decode(ids[len(d.prefix):])
        if d.prefix + d.enc(text) != ids:
            print(name, off, "cut inside a word: its text has", len(d.prefix + d.enc(text)), "tokens, not", len(ids))
        questions = []
        for k, kind, ab in (("full", "full", False), ("single", "one", False), ("absent", "one", True)):
            for _ in range(8):
                questions.append({"kind": k, "straddles": False, **ask(d, known, kind, ab)})
        write(out, d, "%s-%03d" % (name, off), name, text, questions)


def facts(d, out, documents):
    for rep in range(documents):
        ids, parts, known, nl = list(d.prefix), [], {}, True
        for text, rec, fields in d.g.sentences(0.3):
            piece = text if nl else " " + text
            e = d.enc(piece)
            nl = text.endswith("\n")
            if len(ids) + len(e) > 2760:
                break
            if rec is not None:
                k = known.setdefault(rec["agreement"], [rec, set(), False])
                k[1].update(fields)
                k[2] |= len(ids) // 512 != (len(ids) + len(e) - 2) // 512
            ids += e
            parts.append(piece)
        text = "".join(parts)
        if d.prefix + d.enc(text) != ids:
            print("facts", rep, "tokens of the whole text differ from those of its sentences")
        whole = {i: (k[0], k[1]) for i, k in known.items() if len(k[1]) == 4}
        names = [i for i in whole if known[i][2]] + [i for i in whole if not known[i][2]][:10]
        questions = [{"kind": "full", "straddles": known[i][2], **ask(d, {i: whole[i]}, "full", False)} for i in names]
        write(out, d, "facts-%03d" % rep, "facts", text, questions)


def write(out, d, name, kind, text, questions):
    out.write(json.dumps({"name": name, "set": kind, "tokens": len(d.prefix + d.enc(text)), "text": text,
                          "questions": questions}, ensure_ascii=False) + "\n")


with open(os.path.join(HERE, "borders.jsonl"), "w") as out:
    ends(Data(606060), out, "ends", (3, 8, 12, 15, 20, 26, 30, 36, 42, 50))
    ends(Data(707070), out, "far-ends", (60, 90, 120, 160, 200, 240, 280, 330, 400, 480))
    facts(Data(606061), out, 40)
