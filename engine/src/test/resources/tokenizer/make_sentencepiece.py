"""Trains two small SentencePiece models on this project's own prose and writes what they make of some texts.

python make_sentencepiece.py ../../../../../README.md ../../../../../CONTRIBUTING.md (Python 3, sentencepiece 0.2.3)
writes bpe.model, unigram.model and sentencepiece.json here.
"""
import io
import json
import os
import sys

import sentencepiece

TEXTS = [
    "", "a", " a", "The agreement's 1,234,567.89 EUR (due 2031-04-17) aren't paid.", "Größe, naïve façade",
    "中文字符。日本語", "हिन्दी में", "🦙 🚀🚀 😶‍🌫️", "tabs\tand\r\nlines\r\rand   spaces   ", "\n\n\n", "    four",
    "the engine  the model", "<|eot|></s><unk><s>", "unit tests, run the whole pipeline; tokens and weights",
    "   leading", "NUL\u0000 and \u007f\u0085 \ufeff\ufffd controls", "e\u0301 a\u0308\u0323 combining",
]
here = os.path.dirname(os.path.abspath(__file__))
result = []
for kind, size in (("bpe", 700), ("unigram", 600)):
    lines = [line for name in sys.argv[1:] for line in open(name, encoding="utf-8").read().splitlines()]
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=written, vocab_size=size, model_type=kind,
        byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        character_coverage=0.999, allow_whitespace_only_pieces=True, hard_vocab_limit=False, minloglevel=2)
    with open(os.path.join(here, kind + ".model"), "wb") as out:
        out.write(written.getvalue())
    model = sentencepiece.SentencePieceProcessor(model_file=os.path.join(here, kind + ".model"))
    result.append({"model": kind + ".model", "cases": [{"text": t, "ids": model.encode(t)} for t in TEXTS]})
with open(os.path.join(here, "sentencepiece.json"), "w", encoding="utf-8") as out:
    out.write("[" + ",\n".join(
        '{"model": ' + json.dumps(r["model"]) + ', "cases": [\n' +
        ",\n".join(json.dumps(c, ensure_ascii=True) for c in r["cases"]) + "]}" for r in result) + "]\n")
