"""Makes the reranker's examples: questions, a passage that answers each, and near misses that `assay` itself finds for it.

    python3 bench/reranker_data.py shared/data peers-data/reranker --binary build/assay

Questions are those of the reader (bench/reader_data.py: sets whose licence, as their authors state it, allows passing on what was trained on
them; five articles of SQuAD are kept apart), and claims with their evidence. Passages of one kind of text make one collection, long ones cut
between sentences; `assay eval` searches it by words and meaning for every question. A question stays if what answers it is among the first
DEPTH: else it means nothing without its passage ("Who is he?"). Near misses are passages among these that hold none of its answers.

The judged collections that rerankers are measured with (bench/retrieval_quality.py), the questions on the handbook and PolicyQA are never
learned from, nor is a passage that shares a run of 13 words with one of theirs.
"""

import argparse
import collections
import gzip
import hashlib
import json
import pathlib
import random
import re
import subprocess

import reader_data
from retrieval_quality import COLLECTIONS, files_of, read_lines

DEPTH = 30
NEGATIVES = 7
NEAREST = 4  # of them so many are the best found, the others any of those behind
WORDS = 150  # of a passage
TITLED = 0.5  # share of questions whose passages have their article's title before them, as indexed passages may
SEED = 1

LICENCES = {
    **{name: text for name, text in reader_data.LICENCES.items() if name not in ("qamr", "qasrl-gs", "friendsqa", "molweni", "narrativeqa-summaries")},
    "fool-me-twice": "Apache-2.0 (LICENSE), text CC BY-SA",
    "fever": "CC BY-SA 3.0 (FEVER's page; Wikipedia)",
    "pubmedqa": "MIT (LICENSE)",
}
# Collection: (folder, file, most questions taken).
LINES = {
    "wikipedia": [("squad-excerpt", "squad-excerpt", None), ("squadshifts", "new_wiki", None), ("nq-passages", "nq-passages", None),
                  ("timeqa", "timeqa", None)],
    "reviews": [("squadshifts", "amazon_reviews", 2000)],
    "posts": [("squadshifts", "reddit", 2000)],
    "tales": [("fairytaleqa", "extractive", 3000)],
}
CLAIMS = [("fool-me-twice", None), ("fever", 5000)]


class Question:
    def __init__(self, text, passage, answers, source, title=None):
        self.text, self.passage, self.answers, self.source, self.title = text, passage, answers, source, title


def cut(text):
    """Passages of about WORDS words, between sentences."""
    parts, part, count = [], [], 0
    for sentence in re.split(r"(?<=[.!?])\s+|\n+", text):
        words = len(sentence.split())
        if part and count + words > WORDS:
            parts.append(" ".join(part))
            part, count = [], 0
        part.append(sentence)
        count += words
    return [*parts, " ".join(part)] if part else parts


def holding(record):
    """The passages of a record's context, and which of them holds an answer; None: none does whole."""
    parts = cut(record.context) if len(record.context.split()) > 1.5 * WORDS else [record.context]
    start = record.answers[0][1]
    at = 0
    for part in parts:
        found = record.context.find(part[:40], at)
        at = found if found >= 0 else at
        if at <= start < at + len(part) and any(text in part for text, _ in record.answers):
            return parts, part
    return parts, next((part for part in parts if any(text in part for text, _ in record.answers)), None)


def wiki_text(text):
    """FEVER's words without the marks of the treebank they were cut by."""
    for mark, sign in (("-LRB-", "("), ("-RRB-", ")"), ("-LSB-", "["), ("-RSB-", "]"), ("-COLON-", ":"), ("``", '"'), ("''", '"')):
        text = text.replace(mark, sign)
    return re.sub(r"\s+([,.;:)\]])", r"\1", re.sub(r"([(\[])\s+", r"\1", text))


def claims(data, name, most, random_):
    lines = read_lines(data / "claim-evidence" / f"{name}.jsonl.gz")
    rows = [(wiki_text(row["hypothesis"]), wiki_text(row["premise"])) for row in lines]
    random_.shuffle(rows)
    return [Question(claim, evidence, [], name) for claim, evidence in rows[:most]]


def take(collection, record, passages, questions):
    if not record.answers:
        return
    parts, part = holding(record)
    title = record.group.replace("_", " ") if record.source == "squad" else None
    for other in parts:
        passages[collection].setdefault(other, title)
    if part is not None:
        questions[collection].append(Question(record.question, part, [text for text, _ in record.answers], record.source, title))


def gather(data, random_):
    """Passages (with titles) and questions, by collection."""
    passages, questions = collections.defaultdict(dict), collections.defaultdict(list)
    squad = [r for name in ("v1.1", "v2.0") for r in reader_data.read_squad(data / f"squad/dev-{name}.shared.json.gz", "squad")]
    for record in squad:
        if record.group not in reader_data.KEPT_APART:
            take("wikipedia", record, passages, questions)
    for record in reader_data.read_squad(data / "covid-qa/200423_covidQA.json.gz", "covid-qa"):
        take("medicine", record, passages, questions)
    for collection, files in LINES.items():
        for folder, name, most in files:
            records = list(reader_data.read_lines(data / folder / f"{name}.jsonl.gz", f"{folder}/{name}"))
            random_.shuffle(records)
            for record in records[:most]:
                take(collection, record, passages, questions)
    for name, most in CLAIMS:
        questions["wikipedia"] += claims(data, name, most, random_)
    for row in read_lines(data / "pubmedqa/pqal.dev.jsonl.gz"):
        questions["medicine"].append(Question(row["question"], " ".join(row["contexts"]), [], "pubmedqa"))
    for collection, some in questions.items():
        for question in some:
            passages[collection].setdefault(question.passage, question.title)
    return passages, questions


def kept_apart(data, work):
    """Runs of words of what is measured with."""
    texts = [f"{row.get('title', '')} {row['text']}" for name in COLLECTIONS for row in read_lines(files_of(data, work, name)[0])]
    texts += [path.read_text(encoding="utf-8") for path in (data / "handbook-18f").rglob("*.md")]
    for name in ("squad/dev-v1.1.shared", "squad/dev-v2.0.shared"):
        texts += {r.context for r in reader_data.read_squad(data / f"{name}.json.gz", "squad") if r.group in reader_data.KEPT_APART}
    texts += {r.context for r in reader_data.read_squad(data / "policyqa/dev.json.gz", "policyqa")}
    return set().union(*(reader_data.runs(text) for text in texts))


def clean(passages, questions, apart):
    shares = {text for text in passages if not reader_data.runs(text).isdisjoint(apart)}
    seen, kept = set(), []
    for question in questions:
        key = (question.text.lower(), question.passage)
        if question.passage not in shares and key not in seen:
            seen.add(key)
            kept.append(question)
    return [text for text in passages if text not in shares], kept


def search(binary, folder, texts, questions):
    """For each question the numbers of the passages that are found, best first."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = {text: number for number, text in enumerate(texts)}

    def write(name, rows):
        (folder / name).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")

    write("corpus.jsonl", ({"_id": str(number), "text": text} for text, number in numbers.items()))
    write("queries.jsonl", ({"_id": f"q{i}", "text": question.text} for i, question in enumerate(questions)))
    rows = "".join(f"q{i}\t{numbers[question.passage]}\t1\n" for i, question in enumerate(questions))
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + rows, encoding="utf-8")
    words = [binary, "eval", "--quiet", "--json", "--k", str(DEPTH), "--run-out", folder / "run.trec", "--keep", folder / "kept",
             "--corpus", folder / "corpus.jsonl", "--queries", folder / "queries.jsonl", "--qrels", folder / "qrels.tsv"]  # fmt: skip
    told = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)
    found = collections.defaultdict(list)
    for line in (folder / "run.trec").read_text(encoding="utf-8").splitlines():
        query, _, document = line.split()[:3]
        found[int(query[1:])].append(int(document))
    return found, told["retrieval"]


def example(question, ranking, texts, titles, random_):
    """The question with near misses; None where what answers it was not found."""
    ranked = [texts[number] for number in ranking]
    if question.passage not in ranked:
        return None
    misses = [t for t in ranked if t != question.passage and not any(answer.lower() in t.lower() for answer in question.answers)]
    if len(misses) < NEGATIVES:
        return None
    chosen = misses[:NEAREST] + random_.sample(misses[NEAREST:], NEGATIVES - NEAREST)
    titled = random_.random() < TITLED

    def shown(text):
        return f"{titles[text]} {text}" if titled and titles[text] else text

    return {"query": question.text, "positives": [shown(question.passage)], "negatives": [shown(t) for t in chosen],
            "source": question.source}  # fmt: skip


def write(path, examples):
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in examples)
    content = gzip.compress(lines.encode(), 6, mtime=0)
    path.write_bytes(content)
    return {"file": path.name, "questions": len(examples), "sha256": hashlib.sha256(content).hexdigest()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--binary", default="build/assay")
    parser.add_argument("--most", type=int, default=30000, help="questions (default: 30000)")
    parser.add_argument("--only", help="one collection alone, to try it")
    options = parser.parse_args()
    random_ = random.Random(SEED)
    passages, questions = gather(options.data, random_)
    apart = kept_apart(options.data, options.target / "work")
    examples, told = [], {}
    for name in sorted(questions):
        if options.only and name != options.only:
            continue
        texts, asked = clean(passages[name], questions[name], apart)
        found, measures = search(options.binary, options.target / "work" / name, texts, asked)
        made = [example(question, found[i], texts, passages[name], random_) for i, question in enumerate(asked)]
        made = [row for row in made if row]
        told[name] = {"passages": len(texts), "questions": len(asked), "taken": len(made), "recall@10": measures["recall@10"]}
        print(name, json.dumps(told[name]), flush=True)
        examples += made
    random_.shuffle(examples)
    examples = examples[: options.most]
    counts = collections.Counter(row["source"] for row in examples)
    file = write(options.target / "train.jsonl.gz", examples)
    (options.target / "data.json").write_text(
        json.dumps({"learned": file, "licences": LICENCES, "sources": dict(sorted(counts.items())), "collections": told}, indent=1) + "\n")
    print(json.dumps(file))
    for name, count in sorted(counts.items()):
        print(f"  {name:40} {count}")


if __name__ == "__main__":
    main()
