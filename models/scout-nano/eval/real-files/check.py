"""Checks a run of make.py's job against what was planted, through `bin/lectern sql`.

    python models/scout-nano/eval/real-files/check.py DIR [OUT]      OUT: the job's output, DIR/out unless given

Every file must be in documents or rejects, the token account must balance, each citation of a right answer must lie in a planted sentence (or,
where its value stands at several places, one of them may be elsewhere: the first is cited). Exit code 1 when one of these does not hold; the
share of right answers is printed, not judged.
"""
import json
import os
import subprocess
import sys
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
LECTERN = os.path.normpath(os.path.join(HERE, "../../../../bin/lectern"))


def sql(out, query):
    run = subprocess.run([LECTERN, "sql", "--out", out, "--json", query], stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines() if line.strip()]


def name(uri):
    return uri.rsplit("/", 1)[1]


def main():
    folder = sys.argv[1]
    out = sys.argv[2] if len(sys.argv) > 2 else os.path.join(folder, "out")
    bad = []
    files = set(os.listdir(os.path.join(folder, "files")))
    documents = {row["doc_id"]: row for row in sql(out, "SELECT doc_id, uri, media_type, text FROM documents")}
    rejects = sql(out, "SELECT uri, code, message FROM rejects")
    read = Counter(name(row["uri"]) for row in documents.values())
    read.update(name(row["uri"]) for row in rejects)
    if set(read) != files or max(read.values()) != 1:
        bad.append("files in neither or both of documents and rejects: %s" % sorted((set(read) ^ files) | {k for k, v in read.items() if v > 1}))
    print("%d files: %d documents, %d rejects" % (len(files), len(documents), len(rejects)))
    print("documents by type:", dict(Counter(row["media_type"] for row in documents.values())))
    for row in rejects:
        print("  reject %s: %s, %s" % (name(row["uri"]), row["code"], row["message"]))

    account = sql(
        out,
        "SELECT document_tokens_in, document_tokens_packed, document_tokens_rejected, prefix_tokens, separator_tokens, padding_tokens, "
        "sentences_cut, prefill_tokens_per_second, peak_memory_bytes FROM runs ORDER BY started_at DESC LIMIT 1",
    )[0]
    print("token account:", account)
    if account["document_tokens_in"] != account["document_tokens_packed"] + account["document_tokens_rejected"]:
        bad.append("the token account does not balance")

    truth = {row["question_id"]: row for row in map(json.loads, open(os.path.join(folder, "truth.jsonl")))}
    right, cited, seen = {}, Counter(), set()
    for row in sql(out, "SELECT question_id, doc_id, status, text, to_json(citations) AS citations FROM results"):
        expected = truth[row["question_id"]]
        seen.add(row["question_id"])
        try:
            answer = json.loads(row["text"])
        except (TypeError, ValueError):
            answer = None
        ok = row["status"] == "OK" and answer == expected["answer"]
        kind = expected["kind"] if expected["kind"] in ("full", "absent") else "single"
        for key in (kind, "all", expected["document"].split("-")[0]):
            tally = right.setdefault(key, [0, 0])
            tally[0] += ok
            tally[1] += 1
        if not ok or kind == "absent":
            continue
        text = documents[row["doc_id"]]["text"]
        spans = [(text.find(s), text.find(s) + len(s)) for s in expected["sentences"]]
        if min(at for at, _ in spans) < 0:
            bad.append("%s: the planted sentence is not in the text of %s" % (row["question_id"], expected["document"]))
            continue
        for citation in json.loads(row["citations"]):
            if citation.get("char_start") is None:
                cited["none"] += 1
                bad.append("%s: %s is not cited" % (row["question_id"], citation["field"]))
                continue
            inside = any(at <= citation["char_start"] and citation["char_end"] <= end for at, end in spans)
            quoted = text[citation["char_start"] : citation["char_end"]]
            if quoted != citation["quote"]:
                bad.append("%s: %s quotes %r, the text has %r" % (row["question_id"], citation["field"], citation["quote"], quoted))
            if inside:
                cited["inside the planted sentence"] += 1
            elif citation["occurrences"] > len([s for s in expected["sentences"] if citation["quote"] in s]):
                cited["an earlier place of the same value"] += 1
            else:
                bad.append("%s: %s is cited outside the planted sentence" % (row["question_id"], citation["field"]))
    for key, (ok, all_) in right.items():
        print("%-8s %d of %d right (%.1f%%)" % (key, ok, all_, 100 * ok / all_))
    print("citations of right answers:", dict(cited))
    if seen != set(truth):
        bad.append("%d questions without a result" % len(set(truth) - seen))
    for line in bad[:20]:
        print("WRONG", line)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
