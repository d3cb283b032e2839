"""Makes the examples of the grounding check: a passage, sentences that it bears out, and sentences that only sound like it.

    peers-data/venv/bin/python bench/grounding_data.py shared/data peers-data/grounding

The form is `assay tune rerank`'s, with the passage in the place of the question. Claims with their evidence (claim-evidence) say what is borne
out and what is refuted; sets of other licences than below are only measured with. Evidence stands among other sentences about the like half of the time, since
passages do. What is not said at all is a claim about another passage that shares most words. And sentences of passages (of SQuAD, and of evidence)
are borne out as they are, and are not with a number, a name, a "not" or the answer to a question changed for another that stands nearby: that
is what the overlap of words does not see.

The test file holds the claims of a tenth of the evidence. Five articles of SQuAD are kept apart, as in bench/reader_data.py.
"""

import argparse
import collections
import gzip
import hashlib
import json
import pathlib
import random
import re

import reader_data
from reranker_data import wiki_text

LICENCES = {
    "fool-me-twice": "Apache-2.0 (LICENSE), text CC BY-SA",
    "fever": "CC BY-SA 3.0 (FEVER's page; Wikipedia)",
    "squad": "CC BY-SA 4.0 (SQuAD's page)",
    "squad-excerpt": "CC BY-SA 4.0 (SQuAD's page)",
}
MEASURED = ("wice", "climate-fever", "healthver", "begin")  # with other licences, or none: never learned from
BORNE_OUT = {"SUPPORTS", "supported", "Supports", "Fully attributable"}
SEED = 1
WORDS = 130  # of a passage, at the most
NEIGHBOURS = 24  # claims among which the most alike is looked for

NUMBER = re.compile(r"(?<![\w.,])\d[\d,.]*(?<![.,])(?!\w)")
NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'-]+(?: [A-Z][\w'-]+)*")
# What turns a sentence round; each also backwards.
TURNS = [(" is ", " is not "), (" are ", " are not "), (" was ", " was not "), (" were ", " were not "), (" can ", " cannot "),
         (" must ", " must not "), (" should ", " should not "), (" may ", " may not "), (" will ", " will not "), (" has ", " has never "),
         (" before ", " after "), (" more ", " less "), (" first ", " last "), (" always ", " never "), (" all ", " no "),
         (" higher ", " lower "), (" increased ", " decreased "), (" only ", " also "), (" at least ", " at most "), (" with ", " without ")]  # fmt: skip


def sentences_of(text):
    return [s for s in re.split(r"(?<=[.!?])\s+(?=[A-Z0-9\"'])", text) if 5 <= len(s.split()) <= 50]


def other(found, values, random_):
    choices = [value for value in values if value.lower() != found.lower()]
    return random_.choice(choices) if choices else None


def exchange(pattern, sentence, passage, random_):
    """The sentence with something of the kind changed for another of the passage, or a number for a made one."""
    places = list(pattern.finditer(sentence))
    if not places:
        return None
    place = random_.choice(places)
    new = other(place.group(), sorted(set(pattern.findall(passage))), random_)
    if new is None and pattern is NUMBER and place.group().isdigit():
        new = str(int(place.group()) + random_.choice([-3, -2, -1, 1, 2, 5, 10])).lstrip("-")
    return sentence[: place.start()] + new + sentence[place.end() :] if new and new != place.group() else None


def turn(sentence, random_):
    pairs = [pair for a, b in TURNS for pair in ((a, b), (b, a))]
    random_.shuffle(pairs)
    for old, new in sorted(pairs, key=lambda pair: " not " not in pair[0]):  # what is negated already is put right first
        if old in sentence and not (" not " in new and new in sentence):
            return sentence.replace(old, new, 1)
    return None


def alter(sentence, passage, random_):
    ways = [lambda: exchange(NUMBER, sentence, passage, random_), lambda: exchange(NAME, sentence, passage, random_), lambda: turn(sentence, random_)]
    random_.shuffle(ways)
    return next((made for made in (way() for way in ways) if made and made not in passage), None)


def read_pairs(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class Evidence:
    def __init__(self):
        self.borne_out, self.refuted, self.source = [], [], None


def is_for_test(premise):
    return hashlib.sha256(premise.encode()).digest()[0] % 10 == 0


def read_claims(data, name):
    groups = collections.defaultdict(Evidence)
    for row in read_pairs(data / "claim-evidence" / f"{name}.jsonl.gz"):
        entry = groups[wiki_text(row["premise"])]
        (entry.borne_out if row["label"] in BORNE_OUT else entry.refuted).append(wiki_text(row["hypothesis"]))
        entry.source = name
    return groups


def shared(a, b):
    """The share of the shorter one's words that both have."""
    a, b = set(reader_data.words(a)), set(reader_data.words(b))
    return len(a & b) / max(min(len(a), len(b)), 1)


class Likeness:
    """Texts that share rare words."""

    def __init__(self, texts):
        self.texts = texts
        self.by_word = collections.defaultdict(list)
        for number, text in enumerate(texts):
            for word in set(reader_data.words(text)):
                self.by_word[word].append(number)

    def like(self, text, random_):
        """Numbers of others, the most alike first, without what is nearly the same."""
        scores = collections.Counter()
        for word in set(reader_data.words(text)):
            found = self.by_word.get(word, [])
            if len(found) < len(self.texts) / 20:
                for number in found if len(found) <= 300 else random_.sample(found, 300):
                    scores[number] += 1 / (1 + len(found)) ** 0.5
        return [number for number, _ in scores.most_common(NEIGHBOURS) if shared(self.texts[number], text) < 0.5]


def among_others(premise, likeness, random_):
    """Half of the time between texts that are like it."""
    parts = [premise]
    if random_.random() < 0.5:
        for number in likeness.like(premise, random_)[: random_.randint(1, 3)]:
            if all(shared(likeness.texts[number], p) < 0.5 for p in parts) and sum(len(p.split()) for p in parts) + len(likeness.texts[number].split()) <= WORDS:
                parts.insert(random_.randint(0, len(parts)), likeness.texts[number])
    return " ".join(parts)


def claims_examples(groups, random_):
    premises = sorted(groups)
    likeness = Likeness(premises)
    rows = []
    for premise in premises:
        entry = groups[premise]
        random_.shuffle(entry.borne_out)
        random_.shuffle(entry.refuted)
        positives, negatives = entry.borne_out[:3], entry.refuted[:3]
        likest = likeness.like(premise, random_)
        other_claims = [c for number in likest[:4] for c in groups[premises[number]].borne_out if shared(c, premise) < 0.6]
        negatives += random_.sample(other_claims, min(len(other_claims), 1))
        own = sentences_of(premise)
        if own and (not positives or random_.random() < 0.3):
            sentence = random_.choice(own)
            positives = [*positives, sentence]
            negatives += [made for made in [alter(sentence, premise, random_)] if made]
        if positives and len(negatives) < 3:
            negatives += [made for made in [alter(random_.choice(positives), premise, random_)] if made]
        add(rows, among_others(premise, likeness, random_), positives, negatives, entry.source)
    return rows


def add(rows, passage, positives, negatives, source):
    negatives = [n for n in dict.fromkeys(negatives) if n not in positives]
    if positives and negatives:
        rows.append({"query": passage, "positives": list(dict.fromkeys(positives)), "negatives": negatives, "source": source})


def wrong_answer(sentence, answer, others, random_):
    """The sentence with another answer of its passage that looks like this one."""
    def kind(text):
        return bool(re.search(r"\d", text)), text[:1].isupper(), len(text.split()) > 2

    new = other(answer, [o for o in others if kind(o) == kind(answer) and o not in sentence and answer not in o], random_)
    return sentence.replace(answer, new, 1) if new else None


def passages_examples(data, random_, most):
    """Sentences of passages, as they are and altered."""
    records = [r for name in ("v1.1", "v2.0") for r in reader_data.read_squad(data / f"squad/dev-{name}.shared.json.gz", "squad")]
    records += reader_data.read_lines(data / "squad-excerpt/squad-excerpt.jsonl.gz", "squad-excerpt")
    answers = collections.defaultdict(set)
    source = {}
    for record in records:
        if record.answers and record.group not in reader_data.KEPT_APART:
            answers[record.context].add(reader_data.one_answer(record)[0])
            source[record.context] = record.source
    contexts = sorted(answers)
    random_.shuffle(contexts)
    rows = []
    for context in contexts[:most]:
        own = sentences_of(context)
        chosen = random_.sample(own, min(2, len(own)))
        negatives = []
        for sentence in chosen:
            here = [a for a in sorted(answers[context]) if a in sentence]
            made = wrong_answer(sentence, random_.choice(here), sorted(answers[context]), random_) if here else None
            negatives += [m for m in (made, alter(sentence, context, random_)) if m]
        add(rows, " ".join(context.split()), chosen, negatives, source[context])
    return rows


def write(path, rows):
    content = gzip.compress("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode(), 6, mtime=0)
    path.write_bytes(content)
    return {"file": path.name, "passages": len(rows), "borne_out": sum(len(r["positives"]) for r in rows),
            "not": sum(len(r["negatives"]) for r in rows), "sha256": hashlib.sha256(content).hexdigest()}  # fmt: skip


def plain(groups):
    """As the authors labelled them, for measuring."""
    rows = []
    for premise, entry in sorted(groups.items()):
        rows.append({"query": premise, "positives": entry.borne_out, "negatives": entry.refuted, "source": entry.source})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--passages", type=int, default=5000, help="of SQuAD, at the most (default: 5000)")
    options = parser.parse_args()
    options.target.mkdir(parents=True, exist_ok=True)
    random_ = random.Random(SEED)
    claims = {**read_claims(options.data, "fever"), **read_claims(options.data, "fool-me-twice")}
    learned = {premise: entry for premise, entry in claims.items() if not is_for_test(premise)}
    test = {premise: entry for premise, entry in claims.items() if is_for_test(premise)}
    rows = claims_examples(learned, random_) + passages_examples(options.data, random_, options.passages)
    random_.shuffle(rows)
    told = {"learned": write(options.target / "train.jsonl.gz", rows), "licences": LICENCES,
            "sources": dict(sorted(collections.Counter(row["source"] for row in rows).items()))}  # fmt: skip
    told["test"] = write(options.target / "test.jsonl.gz", claims_examples(test, random_))
    told["measured"] = [write(options.target / "claims.test.jsonl.gz", plain(test))]
    for name in MEASURED:
        told["measured"].append(write(options.target / f"{name}.test.jsonl.gz", plain(read_claims(options.data, name))))
    (options.target / "data.json").write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
