"""`assay eval` against a plain restatement of what trec_eval and BEIR measure."""

import gzip
import json
import math
import os
import random
import signal
import time
from collections import defaultdict

import pytest

from conftest import ROOT

TINY = ROOT / "tests" / "data" / "models" / "mpnet-mean"
WORDS = [f"word{i}" for i in range(60)]


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def collection(tmp_path):
    """120 texts, 25 questions, judgements from 0 to 3; many equal scores."""
    chance = random.Random(4)
    texts = [{"_id": f"d{i}", "title": chance.choice(["", "A title"]), "text": " ".join(chance.choices(WORDS, k=6))} for i in range(118)]
    texts += [{"_id": "q3", "title": "", "text": " ".join(WORDS[:9])}, {"_id": "é 名".replace(" ", "-"), "text": "word1 word2"}]
    questions = [{"_id": f"q{i}", "text": " ".join(chance.choices(WORDS, k=3))} for i in range(25)]
    rows = []
    for question in questions[:22]:
        for text in chance.sample(texts, 12):
            rows.append((question["_id"], text["_id"], chance.choice([0, 1, 1, 2, 3])))
    rows += [("q22", "d1", 0), ("nobody", "d1", 1)]
    write_lines(tmp_path / "corpus.jsonl", texts)
    write_lines(tmp_path / "queries.jsonl", questions)
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(f"{q}\t{d}\t{s}\n" for q, d, s in rows), encoding="utf-8")
    return tmp_path


def evaluate(assay, folder, *words, corpus="corpus.jsonl", queries="queries.jsonl", qrels="qrels.tsv", **more):
    return assay("eval", "--json", "--corpus", corpus, "--queries", queries, "--qrels", qrels, *words, cwd=folder, **more)


def read_qrels(path):
    judged = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        question, document, score = line.split("\t")
        judged[question][document] = float(score)
    return judged


def read_run(path):
    run = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        question, zero, document, rank, score, name = line.split(" ")
        assert zero == "Q0" and name == "assay" and int(rank) == len(run[question])
        run[question].append((float(score), document))
    return run


def plain_measures(run, judged, asked):
    """Order and measures as trec_eval has them: by score, then by name descending; gains are the judgements."""
    sums, count = defaultdict(float), 0
    for question in asked:
        relevant = {document: gain for document, gain in judged[question].items() if gain > 0 and document != question}
        if not relevant:
            continue
        count += 1
        ranking = [document for _, document in sorted(run[question], reverse=True)]
        for cut in (1, 5, 10):
            sums[f"recall@{cut}"] += len(set(ranking[:cut]) & set(relevant)) / len(relevant)
        for cut in (5, 10):
            found = len(set(ranking[:cut]) & set(relevant))
            sums[f"hit@{cut}"] += found > 0
            sums[f"precision@{cut}"] += found / cut
        places = [i for i, document in enumerate(ranking) if document in relevant]
        sums["map"] += sum((n + 1) / (i + 1) for n, i in enumerate(places)) / len(relevant)
        sums["mrr@10"] += next((1 / (i + 1) for i, document in enumerate(ranking[:10]) if document in relevant), 0)
        ideal = sum(gain / math.log2(i + 2) for i, gain in enumerate(sorted(relevant.values(), reverse=True)[:10]))
        sums["ndcg@10"] += sum(relevant.get(document, 0) / math.log2(i + 2) for i, document in enumerate(ranking[:10])) / ideal
    return {name: value / count for name, value in sums.items()}, count


def expect_close(got, wanted):
    assert set(got) == set(wanted)
    for name, value in wanted.items():
        assert abs(got[name] - value) < 1e-6, (name, got[name], value)


def test_measures_and_run_file(assay, collection):
    report = evaluate(assay, collection, "--run-out", "out.trec", "--mode", "text").json()
    assert {"cases", "retrieval", "intervals", "mode", "passed_over", "took_ms"} <= set(report) and report["mode"] == "text"
    run = read_run(collection / "out.trec")
    for hits in run.values():
        assert hits == sorted(hits, reverse=True) and len(hits) <= 100
    assert all(document != question for question, hits in run.items() for _, document in hits)  # never the question itself
    wanted, count = plain_measures(run, read_qrels(collection / "qrels.tsv"), [f"q{i}" for i in range(25)])
    expect_close(report["retrieval"], wanted)
    assert report["cases"] == count and report["passed_over"] == 25 - count
    for name, (low, high) in report["intervals"].items():
        assert low <= report["retrieval"][name] <= high


def test_packed_files_and_repetition(assay, collection):
    for name in ("corpus.jsonl", "queries.jsonl", "qrels.tsv"):
        (collection / f"{name}.gz").write_bytes(gzip.compress((collection / name).read_bytes()))
    two = gzip.compress(b"".join((collection / "corpus.jsonl").read_bytes().splitlines(True)[:50]))
    two += gzip.compress(b"".join((collection / "corpus.jsonl").read_bytes().splitlines(True)[50:]))
    (collection / "two.gz").write_bytes(two)
    plain = evaluate(assay, collection, "--mode", "text").json()
    packed = evaluate(assay, collection, "--mode", "text", corpus="corpus.jsonl.gz", queries="queries.jsonl.gz", qrels="qrels.tsv.gz").json()
    parts = evaluate(assay, collection, "--mode", "text", corpus="two.gz").json()
    assert plain["retrieval"] == packed["retrieval"] == parts["retrieval"] and plain["intervals"] == packed["intervals"]
    (collection / "cut.gz").write_bytes((collection / "corpus.jsonl.gz").read_bytes()[:-30])
    assert "cut.gz" in evaluate(assay, collection, corpus="cut.gz", code=1).error("corrupt")["message"]


def test_depth_and_kept_index(assay, collection):
    words = ["--mode", "text", "--keep", "kept", "--run-out", "out.trec", "-k", "7"]
    first = evaluate(assay, collection, *words).json()
    assert max(len(hits) for hits in read_run(collection / "out.trec").values()) <= 7
    assert (collection / "kept" / ".assay" / "assay.db").exists()
    assert evaluate(assay, collection, *words).json()["retrieval"] == first["retrieval"]
    rows = [json.loads(line) for line in (collection / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]
    write_lines(collection / "corpus.jsonl", rows[:60])
    evaluate(assay, collection, *words)
    found = {document for hits in read_run(collection / "out.trec").values() for _, document in hits}
    assert found <= {row["_id"] for row in rows[:60]}  # texts that went are gone from the kept index


def test_vectors_of_a_collection(assay, collection):
    kept = collection / "kept"
    assay("init", "--quiet", str(kept))
    (kept / "assay.yaml").write_text(f"embedding: {TINY}\n")
    report = evaluate(assay, collection, "--keep", "kept", "--run-out", "out.trec").json()
    assert report["mode"] == "hybrid"
    vector = evaluate(assay, collection, "--keep", "kept", "--mode", "vector", "--run-out", "vector.trec").json()
    wanted, _ = plain_measures(read_run(collection / "vector.trec"), read_qrels(collection / "qrels.tsv"), [f"q{i}" for i in range(25)])
    expect_close(vector["retrieval"], wanted)


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("corpus.jsonl", '{"_id": "a"}\n', 'corpus.jsonl:1: "text" is missing'),
        ("corpus.jsonl", '{"_id": "a", "text": "x"}\n\n{"_id": 7, "text": "x"}\n', 'corpus.jsonl:3: "_id" is a number'),
        ("corpus.jsonl", '{"_id": "a", "text": "x"}\n{"_id": "a", "text": "y"}\n', "stands twice"),
        ("corpus.jsonl", "[1]\n", "corpus.jsonl:1: an array, expected an object"),
        ("corpus.jsonl", '{"_id": \n', "corpus.jsonl:1"),
        ("queries.jsonl", '{"text": "x"}\n', 'queries.jsonl:1: "_id" is missing'),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nq1\td1\n", "qrels.tsv:2: not a judgement"),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nq1\td1\tmany\n", "qrels.tsv:2: not a judgement"),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nx1\td1\t1\n", "is judged in"),
    ],
)
def test_files_that_are_wrong(assay, collection, name, content, part):
    (collection / name).write_text(content)
    assert part in evaluate(assay, collection, "--mode", "text", code=1).error()["message"]


def test_wrong_use(assay, collection):
    assert "needs --corpus" in assay("eval", "--corpus", "corpus.jsonl", cwd=collection, code=2).err
    assert "--keep is for a collection" in assay("eval", "--keep", "x", cwd=collection, code=2).err
    assert "unrecognized part" in assay("eval", "--sweep", "all", cwd=collection, code=2).err
    evaluate(assay, collection, "--mode", "best", code=1).error("invalid")


def test_cases_of_a_project(project):
    for i in range(30):
        project.write(f"docs/{i}.md", f"# Page {i}\n\ntopic{i} and common words\n\n# More\n\ncommon topic{i} again\n")
    project.add()
    cases = [{"question": "topic3", "answer": "x", "source": "docs/3.md"}, {"input": "topic4", "expected": "x", "source": ["docs/4.md", "docs/5.md"]},
             {"question": "nothing at all", "answer": None, "source": None}, {"question": "zorbit", "answer": "x", "source": "docs/6.md"},
             {"question": "topic7", "answer": "x", "source": "./docs/../docs/7.md"}]  # fmt: skip
    write_lines(project.path / "eval.jsonl", cases)
    report = project.run("eval", "--json").json()
    assert (report["cases"], report["retrieval"]["cases"], report["answer"]["cases"]) == (5, 4, 5)
    assert report["passed_over"] == 1 and report["mode"] == "text"
    assert report["retrieval"]["recall@1"] == (1 + 0.5 + 0 + 1) / 4
    assert report["retrieval"]["mrr@10"] == 3 / 4
    ideal = 1 + 1 / math.log2(3)
    assert abs(report["retrieval"]["ndcg@10"] - (1 + 1 / ideal + 0 + 1) / 4) < 1e-6
    (failure,) = report["failures"]
    assert failure == {"line": 4, "question": "zorbit", "sources": ["docs/6.md"], "rank": None, "found": None, "why": "not_found"}
    out = project.run("eval").out
    assert "line 4: zorbit" in out and "wanted docs/6.md" in out and "recall@10" in out
    write_lines(project.path / "other.jsonl", cases[:1])
    assert project.run("eval", "--json", "--tests", "other.jsonl").json()["cases"] == 1
    project.settings("embedding: none\ntests: other.jsonl\n")
    assert project.run("eval", "--json").json()["cases"] == 1
    write_lines(project.path / "other.jsonl", [{"question": "topic3", "answer": "x"}])
    report = project.run("eval", "--json").json()
    assert report["cases"] == report["answer"]["cases"] == 1 and "retrieval" not in report
    write_lines(project.path / "other.jsonl", cases[:1])
    sweep = project.run("eval", "--json", "--sweep", "retrieve").json()
    assert sweep["recommended"] is None and all("mode: text" in row["settings"] for row in sweep["settings"])


def write_cases(project, count):
    """Documents whose first half is about one thing and whose second about another, and a case for each with its quote."""
    cases = []
    for i in range(count):
        filler = " ".join(f"filler{i}x{j} stands here." for j in range(60))
        project.write(f"docs/{i}.md", f"# Part\n\n{filler}\n\nThe zorbit of kind n{i}x\nweighs {i + 3} stone. {filler}\n")
        cases.append({"question": f"zorbit n{i}x weighs", "quote": f"kind n{i}x weighs {i + 3} stone", "source": f"docs/{i}.md"})
    write_lines(project.path / "eval.jsonl", cases)


def test_sweep_of_passages(project):
    project.settings("embedding: none\npassages: {unit: fixed, tokens: 64, overlap: 0}\n")
    write_cases(project, 12)
    project.add()
    documents = project.run("list", "--json").json()
    plan = project.run("eval", "--json", "--sweep", "passages", "--plan").json()
    assert plan["documents"] == 12 and not plan["embeds"] and plan["seconds"] == 0
    outcome = project.run("eval", "--json", "--sweep", "passages")
    sweep = outcome.json()
    assert plan["cuts"] == len(sweep["settings"]) == 32 and sweep["hit"] == "quote" and sweep["cases"] == 12 and sweep["failed"] == 0
    rows = {row["settings"]: row for row in sweep["settings"]}
    (now,) = [row for row in sweep["settings"] if row["current"]]
    assert now["settings"] == "passages: {unit: fixed, tokens: 64, overlap: 0}" and now["difference"] == 0
    assert now["passages"] == sum(document["passages"] for document in documents["documents"])
    assert rows["passages: {unit: heading, tokens: 400, overlap: 0}"]["passages"] < now["passages"]
    assert [row["retrieval"]["ndcg@10"] for row in sweep["settings"]] == sorted(
        (row["retrieval"]["ndcg@10"] for row in sweep["settings"]), reverse=True)
    assert all(row["documents"]["recall@1"] == 1 for row in sweep["settings"])
    assert not (project.path / ".assay/sweep").exists()
    assert project.run("list", "--json").json() == documents and project.doctor()["ok"]
    out = project.run("eval", "--sweep", "passages").out
    assert "32 cuts on 12 cases" in out and "(now)" in out and "quote or answer" in out
    assert "no language model is asked" in project.run("eval", "--plan").out


def test_sweep_of_passages_embeds_what_is_new(project):
    project.settings(f"embedding: {TINY}\npassages: {{tokens: 64, overlap: 0}}\n")
    write_cases(project, 4)
    os.symlink(project.path / "docs/0.md", project.path / "docs/link.md")
    project.add()
    before = project.counts()
    sweep = project.run("eval", "--json", "--sweep", "passages", timeout=120).json()
    assert sweep["hit"] == "document" and sweep["cases"] == 4 and sweep["failed"] == 0
    assert project.counts() == before


def test_a_sweep_that_is_stopped_leaves_nothing(project):
    project.settings("embedding: none\n")
    write_cases(project, 40)
    project.add()
    scratch = project.path / ".assay/sweep"
    for number, wanted in ((signal.SIGINT, False), (signal.SIGKILL, True)):
        process = project.assay.start("eval", "--sweep", "passages", cwd=project.path)
        while not (scratch / ".assay/assay.db").exists() and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(number)
        process.wait(timeout=60)
        assert process.returncode != 0 and scratch.exists() == wanted
    project.run("eval", "--sweep", "passages", "--quiet")  # what the kill left is no hindrance
    assert not scratch.exists() and project.doctor()["ok"]


def test_one_sweep_at_a_time(project):
    project.settings("embedding: none\n")
    write_cases(project, 40)
    project.add()
    scratch = project.path / ".assay/sweep"
    process = project.assay.start("eval", "--sweep", "passages", cwd=project.path)
    while not (scratch / ".assay/assay.db").exists() and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGSTOP)
    error = project.run("eval", "--json", "--sweep", "passages", code=1).error("conflict")
    assert "sweep.lock" in error["message"]
    process.send_signal(signal.SIGCONT)
    process.communicate(timeout=120)
    assert process.returncode == 0 and not scratch.exists()


@pytest.mark.parametrize("name", [".assay/sweep", ".assay/sweep/assay.yaml", ".assay/sweep/x/y/z", ".assay/sweep/.assay/assay.db"])
def test_rubbish_where_a_sweep_works(project, name):
    project.settings("embedding: none\n")
    write_cases(project, 3)
    project.add()
    project.write(name, "rubbish: [")
    project.run("eval", "--sweep", "passages", "--quiet")
    assert not (project.path / ".assay/sweep").exists()


def test_cases_that_are_wrong(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    error = project.run("eval", "--json", code=1).error("not_found")
    assert "eval.jsonl" in error["message"] and "one a line" in error["hint"]
    for text, part in (('{"question": "x", "source": null}\n', "no case with a \"source\""), ('{"answer": "x"}\n', '"question" is missing'),
                       ('{"question": "x", "source": 7}\n', "expected a path"), ('{"question": "x", "source": [""]}\n', "an empty text")):  # fmt: skip
        project.write("eval.jsonl", text)
        assert part in project.run("eval", "--json", code=1).error("invalid")["message"]
    for text, part, hint in (("", "is empty", "one a line"), (" \n\n", "is empty", "one a line"), ('[{"question": "x"}]\n', "an array", "one a line"),
                             ("question;answer\nWhat?;That\n", "eval.jsonl:1:1:", "This is a table"), ('{"question": "a"}\n{"question": \n', "eval.jsonl:2:14:", "one a line"),
                             ('{"question": " ", "source": "docs/a.md"}\n', 'eval.jsonl:1: "question" is empty', "one a line"),
                             ('{"q": "x", "source": "docs/a.md"}\n', '"question" is missing', '{"question"')):  # fmt: skip
        project.write("eval.jsonl", text)
        error = project.run("eval", "--json", code=1).error("invalid")
        assert part in error["message"] and hint in error["hint"], text
    for encoding, name in (("utf-16", "utf-16le"), ("utf-16-le", "utf-16le"), ("latin-1", "windows-1252")):
        text = '{"question": "What is it?", "source": "docs/a.md"}\n{"question": "What is caf\u00e9 au lait?", "source": "docs/a.md"}\n'
        (project.path / "eval.jsonl").write_bytes(text.encode(encoding))
        error = project.run("eval", "--json", code=1).error("invalid")
        line = 1 if encoding == "utf-16" else 2  # where the first byte is that UTF-8 has not
        assert f"eval.jsonl:{line}: the file is not in UTF-8, it looks like {name}" in error["message"], encoding
        assert error["hint"] == "Save it as UTF-8.", encoding
    for answer in ('""', '" "', "[]", '["a", ""]'):
        project.write("eval.jsonl", f'{{"question": "x", "answer": {answer}, "source": "docs/a.md"}}\n')
        error = project.run("eval", "--json", code=1).error("invalid")
        assert '"answer" is empty' in error["message"] and "null" in error["hint"], answer


def test_one_result_stands_for_all_sources_with_its_text(project):
    text = "# Zorbit\n\nThe zorbit is charged overnight in the blue room behind the kitchen, and never on Sundays.\n"
    for name in ("a", "b"):
        project.write(f"docs/{name}.md", text)
    for i in range(3):
        project.write(f"docs/other{i}.md", f"# Other {i}\n\nSomething else about garden number {i}, which is open to everybody.\n")
    project.add()
    write_lines(project.path / "eval.jsonl", [{"question": "when is the zorbit charged", "answer": "overnight", "source": ["docs/a.md", "docs/b.md"]}])
    scores = project.run("eval", "--json", "--mode", "text").json()["retrieval"]
    assert scores["recall@1"] == 1 and scores["ndcg@10"] == 1 and scores["mrr@10"] == 1


def test_cases_of_one_document_hang_together(project):
    """Of 24 cases half are found. Where each is about a document of its own that says more than where they are about four."""
    def interval(documents):
        about = [number % documents for number in range(24)]
        write_lines(project.path / "eval.jsonl", [{"question": f"What does shop{at} sell, please ({number})?", "source": f"docs/{'' if at % 2 else 'gone'}{at}.md"} for number, at in enumerate(about)])
        report = project.run("eval", "--json", "--no-answers", "--mode", "text").json()
        return report["retrieval"], report["intervals"]

    for number in range(24):
        project.write(f"docs/{number}.md", f"# shop{number}\n\nMuch is sold here.\n")
    project.add()
    (many, alone), (few, together) = interval(24), interval(4)
    assert many["recall@10"] == few["recall@10"] == 0.5
    for name in ("recall@10", "mrr@10", "ndcg@10"):
        low, high = together[name]
        assert 0 <= low < high <= 1 and high - low > 1.5 * (alone[name][1] - alone[name][0]), name
