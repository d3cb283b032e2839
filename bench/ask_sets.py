#!/usr/bin/env python3
"""Public question sets that nothing is fitted to, each as one knowledge base, asked without a language model.

    python3 bench/ask_sets.py [--binary build/assay] [--set NAME ...] [--questions 150] [--show]

Needs the shared data (ASSAY_SHARED_DATA names its folder); a set that is not there is left out, and said so.

  policies    PolicyQA: a privacy policy a document; asked of one policy (a filter), as its visitor would
  legal       LegalBench-RAG's sample: contracts and policies; a question names its document
  studies     PubMedQA: an abstract a document; questions for yes or no
  companies   RAG-Multi-Corpus: three companies, documents in five formats in turn; a project each
  hops        HotpotQA: 994 paragraphs; an answer needs two of them
  covid       COVID-QA: a long article a document
  wiki        WikiQA: the candidate sentences of a question's page a document, in small letters; what people typed into a search; right is also what stands in a right sentence
  naturals    Natural Questions with their passages, a document each
  years       TimeQA: parts of biographies; who or what it was in which years
  biology     BioASQ: what abstracts say; facts, lists, yes or no
  manual      GOV.UK's developer manual; bench/manual_questions.jsonl, of which 20 have no answer there

One JSON line a project: right (an answer of the set is in it, or F1 >= 0.5; where the set has no short answers see is_told), wrong, abstained, and whether the first passage and the first citation are of a right document.
--show prints each that is not right.
"""
import argparse
import collections
import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ask_many import ask_many, build_asker, percentile
from ask_quality import SHARED, f1, holds, normal

ROOT = Path(__file__).resolve().parents[1]
FORMATS = ["md", "html", "docx", "pdf", "pptx"]


def lines_of(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as file:
        return [json.loads(line) for line in file if line.strip()]


def policies(data):
    documents, questions = {}, []
    for number, policy in enumerate(json.loads(gzip.open(data / "policyqa/dev.json.gz").read())["data"]):
        name = f"policy{number:02}.md"
        documents[name] = f"# {policy['title']}\n\n" + "\n\n".join(paragraph["context"].strip() for paragraph in policy["paragraphs"]) + "\n"
        told = collections.defaultdict(set)
        for paragraph in policy["paragraphs"]:
            for item in paragraph["qas"]:
                told[item["question"].strip()] |= {answer["text"].strip() for answer in item["answers"]}
        questions += [(name, question, {name}, sorted(answers), []) for question, answers in told.items()]
    yield "policies", documents, questions


def legal(data):
    documents, questions = {}, []
    for part in ("contractnli", "maud", "privacy_qa"):
        for document in lines_of(data / f"legal-rag-qa/{part}.documents.jsonl.gz"):
            documents[Path(document["_id"]).name] = document["text"]
        for item in lines_of(data / f"legal-rag-qa/{part}.questions.jsonl"):
            quotes = re.findall("[“\"]([^”\"]{20,})[”\"]", item["expected_completion"])
            pieces = [piece for quote in quotes for piece in re.split("…|\\.\\.\\.", quote)]
            questions.append(("", item["prompt"], {Path(item["source_file"]).name}, [], pieces))
    yield "legal", documents, questions


def studies(data):
    documents, questions = {}, []
    for item in lines_of(data / "pubmedqa/pqal.dev.jsonl.gz"):
        name = f"{item['id']}.md"
        documents[name] = "\n\n".join(f"## {label.title()}\n\n{text}" for label, text in zip(item["labels"], item["contexts"])) + "\n"
        questions.append(("", item["question"], {name}, [], [item["long_answer"], *item["contexts"]]))
    yield "studies", documents, questions


def companies(data):
    for folder in sorted((data / "rag-multi-corpus").iterdir()):
        if not folder.is_dir():
            continue
        documents, stems = {}, {}
        for number, path in enumerate(sorted((folder / "md").iterdir())):
            kind = FORMATS[number % len(FORMATS)]
            other = folder / kind / f"{path.stem}.{kind}"
            chosen = other if other.exists() else path
            documents[chosen.name], stems[path.stem] = chosen, chosen.name
        questions = []
        for item in lines_of(folder / "queries.jsonl"):
            names = {stems.get(Path(fact["source"]).stem) for fact in item["facts"]}
            questions.append(("", item["question"], names, [], [fact["text"] for fact in item["facts"]]))
        yield folder.name, documents, questions


def hops(data):
    corpus = json.loads(gzip.open(data / "multihop/hotpotqa_train_corpus.json.gz").read())
    names = {title: f"p{number:04}.md" for number, title in enumerate(corpus)}
    documents = {names[title]: f"# {title}\n\n{''.join(sentences).strip()}\n" for title, sentences in corpus.items()}
    items = json.loads(gzip.open(data / "multihop/hotpotqa_train.json.gz").read())
    yield "hops", documents, [("", item["question"], {names.get(title) for title, _ in item["supporting_facts"]}, [item["answer"]], []) for item in items]


def covid(data):
    documents, questions = {}, []
    for number, article in enumerate(json.loads(gzip.open(data / "covid-qa/200423_covidQA.json.gz").read())["data"]):
        for part, paragraph in enumerate(article["paragraphs"]):
            name = f"a{number:03}-{part}.txt"
            documents[name] = paragraph["context"]
            questions += [("", item["question"], {name}, [answer["text"] for answer in item["answers"]], []) for item in paragraph["qas"] if not item["is_impossible"]]
    yield "covid", documents, questions


def wiki(data):
    documents, questions = {}, []
    for part in ("dev", "train"):
        for item in lines_of(data / f"wikiqa/{part}.jsonl.gz"):
            name = f"{part}{item['id']}.md"
            documents[name] = " ".join(untokenised(candidate["text"]) for candidate in item["candidates"]) + "\n"
            right = [untokenised(candidate["text"]) for candidate in item["candidates"] if candidate["label"]]
            questions.append(("", untokenised(item["question"]) + "?", {name}, [], right))
    yield "wiki", documents, questions


def untokenised(text):
    text = re.sub(r"`` ?| ?''", '"', text)
    return re.sub(r" ([.,;:?!%)]|'s\b|n't\b)", r"\1", text).replace("( ", "(")


def passages_with_questions(name, paths):
    """Questions of lines {question, context, answers}: a document a context; the same question asked once, of all its contexts."""
    documents, names, asked = {}, {}, {}
    for item in (item for path in paths for item in lines_of(path)):
        document = names.setdefault(item["context"], f"{name}{len(names):04}.txt")
        documents[document] = item["context"]
        told = asked.setdefault(item["question"].strip(), (set(), []))
        told[0].add(document)
        told[1].extend(item["answers"])
    return name, documents, [("", question, found, answers, []) for question, (found, answers) in asked.items() if answers]


def naturals(data):
    yield passages_with_questions("naturals", [data / "nq-passages/nq-passages.jsonl.gz"])


def years(data):
    yield passages_with_questions("years", [data / "timeqa/timeqa.jsonl.gz"])


def biology(data):
    yield passages_with_questions("biology", [data / "bioasq/extractive.jsonl.gz"])


def manual(data):
    """Questions of an engineer on call, written for this by somebody who knew nothing of the program; where the pages tell the answer: file, first byte, bytes."""
    folder, questions = data / "techdocs-govuk/manual", []
    pages = {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.md"))}

    def told(places):
        return [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", pages[page][start : start + size].decode()) for page, start, size in places]

    for item in lines_of(ROOT / "bench/manual_questions.jsonl"):
        questions.append(("", item["question"], {Path(page).name for page in item["documents"]}, told(item["answers"]), told(item["sentences"])))
    yield "manual", {Path(name).name: page.decode() for name, page in pages.items()}, questions


SETS = {"policies": policies, "legal": legal, "studies": studies, "companies": companies, "hops": hops, "covid": covid,
        "wiki": wiki, "naturals": naturals, "years": years, "biology": biology, "manual": manual}  # fmt: skip


SHORT_ASKED = re.compile(r"\W*(who|when|where|how many|how much|in which|in what)\b", re.I)
SMALL_WORDS = set(
    "an of to and or in on at for is are was were be by with from as it its this that these those you your can may also any all has have will our their they not more than".split()
)
LONG_WORDS, STEM_BYTES = 200, 5


def stems(words):
    return {word[:STEM_BYTES] for word in words if word not in SMALL_WORDS}


def is_told(question, said, sentences):
    """The set names sentences and no answer: the answer is what they say (0.6 of its words stand in one of them, or in all of them together, 3 words at the least), or,
    where it is longer, as a list is, tells half of what they say beyond the question's words, in 200 words at the most. One or two words answer "who", "when" and the like."""
    words, told = normal(said), [set(normal(sentence)) for sentence in sentences]
    together = set().union(*told)
    if 0 < len(words) < 3:
        return bool(SHORT_ASKED.match(question)) and any(set(words) <= one for one in told)
    if len(words) >= 3 and any(sum(word in one for word in words) >= 0.6 * len(words) for one in [*told, together]):
        return True
    beyond = stems(together) - stems(normal(question))
    return len(words) <= LONG_WORDS and len(beyond) >= 3 and len(beyond & stems(words)) >= 0.5 * len(beyond)


def stands_in(question, said, sentences):
    """All of it, word by word, and it is not of the question's words alone: of a set that marks the sentences which answer."""
    return bool(set(normal(said)) - set(normal(question))) and any(holds(sentence, said) for sentence in sentences)


def is_right(question, said, answers, sentences):
    return any(f1(said, answer) >= 0.5 or holds(said, answer) for answer in answers) or (sentences != [] and is_told(question, said, sentences))


def verdict_of(name, question, told, names, answers, sentences):
    if name == "wiki" and not told["abstained"] and stands_in(question, told["answer"], sentences):
        return "right"
    if not names:  # nothing tells it
        return "right" if told["abstained"] else "made_up"
    return "abstained" if told["abstained"] else "right" if is_right(question, told["answer"], answers, sentences) else "wrong"


def ask_project(options, asker, documents, questions):
    with tempfile.TemporaryDirectory(prefix="assay-sets-") as folder:
        project = Path(folder)
        subprocess.run([options.binary, "init", "--quiet", project], check=True)
        (project / "docs").mkdir(exist_ok=True)
        for name, content in documents.items():
            (project / "docs" / name).write_bytes(content.encode() if isinstance(content, str) else content.read_bytes())
        subprocess.run([options.binary, "add", "--quiet"], cwd=project, check=True)
        filtered = [(f'path = "docs/{name}"' if name else "", question) for name, question, *_ in questions]
        return ask_many(asker, project, filtered)


def measure(options, asker, name):
    for project, documents, questions in SETS[name](SHARED):
        counts, times = collections.Counter(), []
        if options.questions < len(questions):
            questions = random.Random(options.seed).sample(questions, options.questions)
        for (_, question, names, answers, sentences), told in zip(questions, ask_project(options, asker, documents, questions)):
            verdict = verdict_of(name, question, told, names, answers, sentences)
            found, cited = (Path(told[key]).name in names for key in ("first", "cited"))
            counts.update({"questions": 1, verdict: 1, "first_passage": found, "cited": cited})
            times.append(told["took_ms"])
            if options.show and verdict != "right":
                shown = {"set": project, "verdict": verdict, "found": found, "question": question, "told": answers or [text[:300] for text in sentences[:3]],
                         "said": told["answer"], "confidence": told["confidence"]}  # fmt: skip
                print(json.dumps(shown, ensure_ascii=False))
        print(json.dumps({"set": project, **{key: counts[key] for key in ("questions", "right", "wrong", "abstained", "made_up", "first_passage", "cited")},
                          "p50_ms": round(percentile(times, 0.5), 1), "p95_ms": round(percentile(times, 0.95), 1)}), flush=True)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--set", action="append", choices=sorted(SETS))
    parser.add_argument("--questions", type=int, default=150, help="a sample of so many of each project")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    options.binary = options.binary.resolve()
    asker = build_asker(options.binary.parent)
    os.environ.setdefault("ASSAY_MODELS", str(ROOT / "models"))
    os.environ.setdefault("ASSAY_ADAPTERS", str(ROOT / "adapters"))
    for name in options.set or SETS:
        try:
            measure(options, asker, name)
        except FileNotFoundError as error:
            print(f"{name} left out: {error.filename} is not there", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
