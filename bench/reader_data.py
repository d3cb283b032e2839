"""Makes the reader's examples from the reading-comprehension sets of shared/data: one file to learn from, and files to measure with.

    python3 bench/reader_data.py shared/data peers-data/reader

Learned from are only sets whose licence, as their authors state it, allows passing on what was trained on them; LICENCES says which and
where that stands. Five articles of SQuAD and all of PolicyQA are never learned from, nor is a passage that shares a run of 13 words with
them. A question that its passage does not answer is one of SQuAD 2.0's, Molweni's or TimeQA's own, or made: the question with the passage
of the same article, or else set, that is likest to it (BM25) and holds none of its answers.
"""

import collections
import gzip
import hashlib
import json
import math
import pathlib
import random
import re
import sys

import reader_swaps
import reader_tables

KEPT_APART = {"Black_Death", "Force", "Private_school", "University_of_Chicago", "Yuan_dynasty"}

# Folder: file, licence as stated, most questions taken (None: all). Left out: what states none (SubjQA, contrast sets, MCTest), research
# use (BioASQ, WikiQA, DREAM), no commercial use (BiPaR).
LICENCES = {
    "squad": "CC BY-SA 4.0 (SQuAD's page)",
    "squad-excerpt": "CC BY-SA 4.0 (SQuAD's page)",
    "squadshifts": "CC BY 4.0 (its authors' dataset card)",
    "nq-passages": "CC BY-SA 3.0 (Natural Questions; QED's README)",
    "fairytaleqa": "Apache-2.0 (LICENSE)",
    "covid-qa": "Apache-2.0 (LICENSE)",
    "timeqa": "BSD-3-Clause (LICENSE), text CC BY-SA",
    "friendsqa": "Apache-2.0 (LICENSE.txt)",
    "molweni": "Apache-2.0 (LICENSE)",
    "narrativeqa-summaries": "Apache-2.0 (NarrativeQA), text CC BY-SA",
    "qamr": "MIT (LICENSE)",
    "qasrl-gs": "MIT (LICENSE)",
    "wikisql": "BSD 3-clause (LICENSE.txt)",
    "tat-qa": "MIT (LICENSE)",
}
LINES = [
    ("squad-excerpt", "squad-excerpt", None),
    ("squadshifts", "new_wiki", None),
    ("squadshifts", "amazon_reviews", None),
    ("squadshifts", "reddit", None),
    ("nq-passages", "nq-passages", None),
    ("fairytaleqa", "extractive", None),
    ("timeqa", "timeqa", None),
    ("friendsqa", "friendsqa", None),
    ("molweni", "molweni", 900),
    ("narrativeqa-summaries", "extractive", None),
    ("qamr", "qamr", 18000),
    ("qasrl-gs", "qasrl-gs", 6000),
]
NO_NEAR_MISS = {"qamr", "qasrl-gs", "wikisql"}  # questions that mean nothing beside another sentence; tables have their own
TABLES = 12000
# adapters/reader learned from a part: these shares of what is easy, has little text, or is like much of the rest, and all of the others.
THINNED = {"qamr/qamr": 0.2, "qasrl-gs/qasrl-gs": 0.2, "wikisql": 0.5, "squadshifts/amazon_reviews": 0.7, "squadshifts/reddit": 0.7, "fairytaleqa/extractive": 0.6}
# What it learned from in a second training: less of what is easy, and questions with a detail changed, of which these sets have many.
SECOND = {"qamr/qamr": 0.08, "qasrl-gs/qasrl-gs": 0.08, "wikisql": 0.25, "squadshifts/amazon_reviews": 0.25, "squadshifts/reddit": 0.25,
          "fairytaleqa/extractive": 0.5}
# And in a fourth (the third had the same again): less still of all that is unlike questions on paragraphs.
FOURTH = {"qamr/qamr": 0.03, "qasrl-gs/qasrl-gs": 0.03, "wikisql": 0.1, "squadshifts/amazon_reviews": 0.15, "squadshifts/reddit": 0.15,
          "fairytaleqa/extractive": 0.25, "friendsqa/friendsqa": 0.5}
SWAPPED = {"squad": 0.5, "squad-excerpt/squad-excerpt": 0.6, "squadshifts/new_wiki": 0.5, "nq-passages/nq-passages": 0.5, "timeqa/timeqa": 0.3,
           "fairytaleqa/extractive": 0.3, "friendsqa/friendsqa": 0.4, "squadshifts/amazon_reviews": 0.2, "squadshifts/reddit": 0.2, "covid-qa": 0.3}
# Sets of which the trainings left passages unread: what a threshold is chosen by.
UNREAD = {"squadshifts/amazon_reviews", "squadshifts/reddit", "fairytaleqa/extractive"}
MADE_SHARE = 0.42  # of the answerable questions, made unanswerable once more
SEED = 1
RUN = 13


def words(text):
    return re.findall(r"\w+", text.lower())


def runs(text):
    found = words(text)
    return {" ".join(found[i : i + RUN]) for i in range(len(found) - RUN + 1)}


class Record:
    def __init__(self, question, context, answers, group, source):
        self.question, self.context, self.group, self.source = question, context, group, source
        self.answers = answers  # [(text, start)], none: unanswerable


def read_squad(path, source):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    for number, article in enumerate(articles):
        title = article.get("title") or f"{source}-{number}"
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answers = [] if qa.get("is_impossible") else [(a["text"], a["answer_start"]) for a in qa["answers"]]
                yield Record(qa["question"], paragraph["context"], answers, title, source)


def read_lines(path, source):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            answers = [(text, find(row["context"], text)) for text in row["answers"]]
            yield Record(row["question"], row["context"], [a for a in answers if a[1] >= 0], source, source)


def find(context, text):
    """Where the text stands, at words' borders if it does so anywhere."""
    match = re.search(r"(?<!\w)" + re.escape(text) + r"(?!\w)", context)
    return match.start() if match else context.find(text)


def one_answer(record):
    """What most annotators marked; of several, the shortest."""
    counts = collections.Counter(text for text, _ in record.answers)
    text = min(counts, key=lambda t: (-counts[t], len(t), t))
    return next(a for a in record.answers if a[0] == text)


class Passages:
    """BM25 over the passages of one article or set."""

    def __init__(self, contexts):
        self.contexts = contexts
        self.postings = collections.defaultdict(list)
        counts = [collections.Counter(words(c)) for c in contexts]
        self.lengths = [sum(c.values()) for c in counts]
        self.mean = sum(self.lengths) / len(self.lengths)
        for number, count in enumerate(counts):
            for word, times in count.items():
                self.postings[word].append((number, times))

    def near_miss(self, record):
        scores = collections.defaultdict(float)
        for word in set(words(record.question)):
            found = self.postings.get(word, [])
            weight = math.log(1 + (len(self.contexts) - len(found) + 0.5) / (len(found) + 0.5))
            for number, times in found:
                norm = 1.2 * (0.25 + 0.75 * self.lengths[number] / self.mean)
                scores[number] += weight * times * 2.2 / (times + norm)
        for number in sorted(scores, key=lambda n: (-scores[n], n))[:8]:
            context = self.contexts[number]
            if context != record.context and not any(text.lower() in context.lower() for text, _ in record.answers):
                return context
        return None


def make_unanswerable(records, random_):
    groups = collections.defaultdict(dict)
    for record in records:
        groups[record.group].setdefault(record.context, None)
    passages = {}
    made = []
    for record in records:
        if not record.answers or record.source.split("/")[0] in NO_NEAR_MISS or random_.random() >= MADE_SHARE:
            continue
        if record.group not in passages:
            passages[record.group] = Passages(list(groups[record.group]))
        context = passages[record.group].near_miss(record)
        if context is not None:
            made.append(Record(record.question, context, [], record.group, record.source + "+near-miss"))
    return made


def make_swapped(records, random_):
    asked = {(record.question, record.context) for record in records}
    made = []
    for record in records:
        if not record.answers or random_.random() >= SWAPPED.get(record.source, 0):
            continue
        question = reader_swaps.swapped(record.question, record.context, *record.answers[0], random_)
        if question is not None and (question, record.context) not in asked:
            made.append(Record(question, record.context, [], record.group, record.source + "+swapped"))
    return made


def write(path, records):
    """As SQuAD 2.0: a group is an entry of data, a passage a paragraph."""
    groups = collections.defaultdict(lambda: collections.defaultdict(list))
    for number, record in enumerate(records):
        qa = {"id": f"{number}", "question": record.question, "is_impossible": not record.answers}
        qa["answers"] = [{"text": text, "answer_start": start} for text, start in record.answers]
        groups[record.group][record.context].append(qa)
    data = [
        {"title": title, "paragraphs": [{"context": context, "qas": qas} for context, qas in paragraphs.items()]}
        for title, paragraphs in groups.items()
    ]
    content = gzip.compress(json.dumps({"version": "v2.0", "data": data}, ensure_ascii=False).encode(), 6, mtime=0)
    path.write_bytes(content)
    unanswerable = sum(not r.answers for r in records)
    print(f"{path.name}: {len(records)} questions, {unanswerable} unanswerable, {hashlib.sha256(content).hexdigest()}")
    return {"file": path.name, "questions": len(records), "unanswerable": unanswerable,
            "sha256": hashlib.sha256(content).hexdigest()}


def thin(path, target, shares):
    """A part of the passages with their questions: a file of the reader's trainings, whose provenance.json names it by its hash."""
    data, random_ = json.loads(gzip.decompress(path.read_bytes())), random.Random(7)
    assert shares.keys() <= {article["title"] for article in data["data"]}
    for article in data["data"]:
        share = shares.get(article["title"], 1)
        article["paragraphs"] = [paragraph for paragraph in article["paragraphs"] if random_.random() < share]
    text = gzip.compress(json.dumps(data, ensure_ascii=False).encode(), 6, mtime=0)
    target.write_bytes(text)
    count = sum(len(paragraph["qas"]) for article in data["data"] for paragraph in article["paragraphs"])
    return {"file": target.name, "questions": count, "sha256": hashlib.sha256(text).hexdigest()}


def unread(path, parts, target):
    """Questions on passages that none of the trainings' files holds, as many without an answer as with one. A reader is surer of passages that it has learned
    from: a threshold that is chosen by them is too low."""
    read = {paragraph["context"] for part in parts for article in json.loads(gzip.decompress(part.read_bytes()))["data"] for paragraph in article["paragraphs"]}
    data, random_ = json.loads(gzip.decompress(path.read_bytes())), random.Random(7)
    data["data"] = [article for article in data["data"] if article["title"] in UNREAD]
    left = [paragraph for article in data["data"] for paragraph in article["paragraphs"] if paragraph["context"] not in read]
    answered = [qa["id"] for paragraph in left for qa in paragraph["qas"] if qa["answers"]]
    unanswerable = sum(not qa["answers"] for paragraph in left for qa in paragraph["qas"])
    kept = set(random_.sample(answered, min(unanswerable, len(answered))))
    for article in data["data"]:
        article["paragraphs"] = [paragraph for paragraph in article["paragraphs"] if paragraph["context"] not in read]
        for paragraph in article["paragraphs"]:
            paragraph["qas"] = [qa for qa in paragraph["qas"] if not qa["answers"] or qa["id"] in kept]
        article["paragraphs"] = [paragraph for paragraph in article["paragraphs"] if paragraph["qas"]]
    text = gzip.compress(json.dumps(data, ensure_ascii=False).encode(), 6, mtime=0)
    target.write_bytes(text)
    return {"file": target.name, "questions": unanswerable + len(kept), "unanswerable": unanswerable, "sha256": hashlib.sha256(text).hexdigest()}


def main():
    source, target = map(pathlib.Path, sys.argv[1:3])
    target.mkdir(parents=True, exist_ok=True)
    random_ = random.Random(SEED)
    squad11 = list(read_squad(source / "squad/dev-v1.1.shared.json.gz", "squad"))
    squad20 = list(read_squad(source / "squad/dev-v2.0.shared.json.gz", "squad"))
    policy = list(read_squad(source / "policyqa/dev.json.gz", "policyqa"))
    held = {
        "squad11.test.json.gz": [r for r in squad11 if r.group in KEPT_APART],
        "squad20.test.json.gz": [r for r in squad20 if r.group in KEPT_APART],
        "policyqa.test.json.gz": policy,
    }
    apart = set().union(*(runs(context) for records in held.values() for context in {r.context for r in records}))
    records = [r for r in squad11 + squad20 if r.group not in KEPT_APART]
    records += read_squad(source / "covid-qa/200423_covidQA.json.gz", "covid-qa")
    for folder, name, most in LINES:
        lines = list(read_lines(source / folder / f"{name}.jsonl.gz", f"{folder}/{name}"))
        random_.shuffle(lines)
        records += lines[:most]
    tables = [("wikisql", reader_tables.wikisql(source / "wikisql", SEED, TABLES)), ("tat-qa", reader_tables.tat_qa(source / "tat-qa"))]
    records += [Record(*made, group=name, source=name) for name, some in tables for made in some]
    clean, seen, shares = [], set(), {}
    for record in records:
        if record.context not in shares:
            shares[record.context] = not runs(record.context).isdisjoint(apart)
        key = (record.question, record.context)
        if shares[record.context] or key in seen:
            continue
        seen.add(key)
        if record.answers:
            record.answers = [one_answer(record)]
        clean.append(record)
    clean += [r for r in make_unanswerable(clean, random_) if (r.question, r.context) not in seen]
    random_.shuffle(clean)
    counts = collections.Counter(r.source for r in clean)
    told = {"learned": write(target / "train.json.gz", clean), "licences": LICENCES, "sources": dict(sorted(counts.items()))}
    told["thinned"] = thin(target / "train.json.gz", target / "thinned.json.gz", THINNED)
    swaps = make_swapped(clean, random_)
    told["swapped"] = write(target / "swapped.json.gz", clean + swaps) | {"sources": dict(sorted(collections.Counter(r.source for r in swaps).items()))}
    told["second"] = thin(target / "swapped.json.gz", target / "second.json.gz", SECOND)
    told["fourth"] = thin(target / "swapped.json.gz", target / "fourth.json.gz", FOURTH)
    parts = [target / f"{name}.json.gz" for name in ("thinned", "second", "fourth")]
    told["unread"] = unread(target / "swapped.json.gz", parts, target / "unread.json.gz")
    told["measured"] = [write(target / name, some) for name, some in held.items()]
    (target / "data.json").write_text(json.dumps(told, indent=1) + "\n")
    for name, count in sorted(counts.items()):
        print(f"  {name:40} {count}")


if __name__ == "__main__":
    main()
