"""`assay search`: order, words, places in the source, scores, and searching while others write."""

import math

import pytest
from conftest import Project, places

# ---- results ----


def test_document(project):
    project.write("docs/a.md", "# One\n\nzorbit\n")
    project.add()
    document = project.run("search", "--json", "zorbit").json()
    assert set(document) == {"results", "mode", "searched", "took_ms"} and document["mode"] == "text" and document["searched"] == 1 and document["took_ms"] > 0
    (hit,) = document["results"]
    score = hit["score"]
    assert score > 0
    assert hit == {
        "passage": 1, "document": "docs/a.md", "title": "One", "headings": ["One"], "page": None, "start": 7, "end": 13, "also": [],
        "line": 3, "line_end": 3, "extracted": False, "text": "zorbit", "score": score, "matches": [[0, 6]],
        "scores": {"text": score, "vector": None, "rerank": None},
    }  # fmt: skip


def without_time(document):
    return {key: value for key, value in document.items() if key != "took_ms"}


def test_order_and_repetition(project):
    for i in range(300):
        project.write(f"docs/{i}.md", "zorbit " * (i % 7 + 1) + "flume " * (i % 5) + "quill " * (i % 11))
    project.add()
    first = project.run("search", "--json", "-k", "300", "zorbit flume").json()
    scores = [hit["score"] for hit in first["results"]]
    assert len(scores) == 300 and scores == sorted(scores, reverse=True)
    for one, two in zip(first["results"], first["results"][1:]):
        assert one["score"] > two["score"] or one["passage"] < two["passage"]
    again = project.run("search", "--json", "-k", "300", "zorbit flume").json()
    assert without_time(first) == without_time(again)
    for k in (1, 2, 7, 64, 299, 10000):
        assert project.search("-k", str(k), "zorbit flume") == first["results"][:k]


@pytest.mark.parametrize("kernel", ["reference", "sse4", "avx2", "avx512", "neon", "nonsense"])
def test_kernels_agree(project, kernel):
    for i in range(200):
        project.write(f"docs/{i}.md", "zorbit " * (i % 7 + 1) + "flume " * (i % 13))
    project.add()
    plain = project.search("-k", "200", "zorbit flume")
    outcome = project.run("search", "--json", "-k", "200", "zorbit flume", env={"ASSAY_CPU": kernel}, code=None)
    if outcome.code == 0:
        assert outcome.json()["results"] == plain


@pytest.mark.parametrize("k", ["0", "-1", "10001", "x", "", "1.5", "99999999999999999999"])
def test_wrong_k(project, k):
    error = project.run("search", "--json", "-k", k, "zorbit", code=2).error("invalid")
    assert f'"{k}"' in error["message"] and "from 1 to 10000" in error["message"]


def test_several_words(project):
    project.write("docs/a.md", "zorbit flume")
    project.write("docs/b.md", "flume quill")
    project.add()
    assert project.search("zorbit", "flume") == project.search("zorbit flume")
    assert [hit["document"] for hit in project.search("zorbit", "flume")] == ["docs/a.md", "docs/b.md"]
    assert project.search("zorbit", "-k", "1", "flume") == project.search("-k1", "zorbit flume")


def test_repeated_word_weighs_more(project):
    project.write("docs/a.md", "zorbit quill")
    project.write("docs/b.md", "flume quill")
    project.add()
    (once,) = project.search("zorbit")
    (twice,) = project.search("zorbit zorbit")
    assert twice["score"] == pytest.approx(2 * once["score"], rel=1e-6)
    assert project.search("zorbit flume flume")[0]["document"] == "docs/b.md"


@pytest.mark.parametrize("query", ["...", "?!", "\u200b", "😀"])
def test_queries_without_words(project, query):
    project.write("docs/a.md", "zorbit. ?!")
    project.add()
    outcome = project.run("search", "--json", query)
    assert outcome.json()["results"] == [] and outcome.err == ""
    assert "Nothing found" in project.run("search", query).out


@pytest.mark.parametrize("words", [[""], ["   "], ["\n\t", ""]])
def test_empty_questions_are_refused(project, words):
    for command in ("search", "ask"):
        error = project.run(command, "--json", *words, code=2).error("invalid")
        assert error["message"] == "the question is empty" and f'assay {command} "' in error["hint"]


def test_words_that_stand_nowhere(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    assert project.search("qwertz") == []
    project.run("search", "qwertz", code=0)


def test_search_without_documents(project):
    assert project.search("zorbit") == []


def test_long_queries(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    fits = "zorbit " + "x" * (65536 - 7)
    assert len(project.search(fits)) == 1
    error = project.run("search", "--json", fits + "x", code=1).error("limit")
    assert "65537 bytes" in error["message"] and "65536" in error["message"]
    project.run("search", "--json", "zorbit", "y" * 65536, code=1).error("limit")


def test_very_long_queries(project):
    """Not to be cut and searched for in part."""
    project.write("docs/a.md", "zorbit")
    project.add()
    for words in (["y" * 100_000, "y" * 100_000], ["zorbit " * 9000, "zorbit " * 9000], ["zorbit " * 18000] * 4):
        error = project.run("search", "--json", *words, code=1).error("limit")
        assert "65536" in error["message"]


def test_queries_of_many_words(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    many = " ".join(f"x{i}" for i in range(3000))
    for question in (many, "zorbit " + many, many + " zorbit"):
        error = project.run("search", "--json", question, code=1).error("limit")
        assert "1024 words" in error["message"]
    assert len(project.search(*(["zorbit"] + [f"x{i}" for i in range(1023)]))) == 1


def test_query_that_is_not_utf8(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    error = project.run("search", "--json", b"zorbit \xff", code=1).error("invalid")
    assert "UTF-8" in error["message"] and "7" in error["message"]


def test_words_that_look_like_options(project):
    project.write("docs/a.md", "zorbit --verbose")
    project.add()
    assert len(project.search("--", "--verbose")) == 1


def test_text_for_people(project):
    project.write("docs/a.md", "# One\n\n## Two\n\nzorbit flume\nzorbit\n")
    project.add()
    out = project.run("search", "zorbit").out
    assert "docs/a.md:5-6" in out and "One > Two" in out and "matched: zorbit ×2" in out and "\x1b" not in out
    assert "passages in" not in project.run("search", "-q", "zorbit").out


# ---- languages ----


@pytest.mark.parametrize(
    ("language", "text", "queries"),
    [
        ("en", "Customers were refunded for the returned boxes.", ["refund", "refunds", "REFUNDING", "customer", "box"]),
        ("de", "Die Zahlungen für die Häuser wurden erstattet.", ["Zahlung", "zahlungen", "Haus", "HÄUSERN"]),
        ("fr", "Les livraisons vers l’île sont gratuites.", ["livraison", "île", "l'île", "gratuite", "LIVRAISONS"]),
    ],
)
def test_stemming(project, language, text, queries):
    project.write("docs/a.md", f"---\nlang: {language}\n---\n\n{text}\n")
    project.write("docs/b.md", f"---\nlang: {language}\n---\n\nzorbit\n")
    project.add()
    assert project.documents()["docs/a.md"]["language"] == language
    for query in queries:
        assert project.found(query) == ["docs/a.md"], query


def test_languages_together(project):
    project.write("docs/en.md", "---\nlang: en\n---\n\nThe payments were refunded.\n")
    project.write("docs/de.md", "---\nlang: de\n---\n\nDie Zahlungen kommen.\n")
    project.write("docs/fr.md", "---\nlang: fr\n---\n\nLes livraisons arrivent.\n")
    project.add()
    for query, document in (("payment", "docs/en.md"), ("Zahlung", "docs/de.md"), ("livraison", "docs/fr.md")):
        assert project.found(query) == [document]


def test_language_is_told_from_the_text(project):
    project.write("docs/de.txt", "Die Kunden haben das Recht, die Ware innerhalb von dreißig Tagen ohne Angabe von Gründen zurückzugeben, "
                  "und wir erstatten ihnen den Preis. " * 3)  # fmt: skip
    project.write("docs/en.txt", "You can return what you have bought within thirty days, and we will give you the money back. " * 3)
    project.add()
    assert {path: document["language"] for path, document in project.documents().items()} == {"docs/de.txt": "de", "docs/en.txt": "en"}


def test_matches_are_the_words(project):
    text = "Zörbit — the zörbits’ “ZÖRBIT”; 😀 zörbit! e\u0301te\u0301 zörbít x-zörbit-y zörbit_z"
    project.write("docs/a.md", f"---\nlang: en\n---\n\n{text}\n")
    project.add()
    (hit,) = project.search("zörbit")
    raw = hit["text"].encode()
    words = [raw[start:end].decode() for start, end in hit["matches"]]
    assert len(words) >= 6 and {word.casefold().rstrip("’s") for word in words} == {"zörbit", "zörbít"}
    assert hit["matches"] == sorted(hit["matches"])
    for start, end in hit["matches"]:  # at the borders of words
        assert not raw[:start].decode()[-1:].isalpha() and not raw[end:].decode()[:1].isalpha()


# ---- gone at once ----


def test_changes_show_at_once(project):
    one, two = project.write("docs/a.md", "zorbit old"), project.write("docs/b.md", "zorbit other")
    project.add()
    one.write_text("zorbit new text")
    project.add()
    assert project.found("old") == [] and project.found("new") == ["docs/a.md"]
    assert [hit["text"] for hit in project.search("zorbit new")] == ["zorbit new text", "zorbit other"]
    two.unlink()
    project.add()
    assert project.found("zorbit") == ["docs/a.md"]
    project.run("remove", "docs/a.md")
    assert project.found("zorbit") == [] and project.run("search", "--json", "zorbit").json()["searched"] == 0


def test_removed_passages_leave_no_trace_in_scores(project, assay, tmp_path):
    for i in range(50):
        project.write(f"docs/{i}.md", "zorbit " * (i % 3 + 1) + "flume " * (i % 7))
    project.add()
    for i in range(0, 50, 3):
        (project.path / f"docs/{i}.md").unlink()
    project.add()
    fresh = Project(assay, tmp_path / "fresh")
    for i in range(50):
        if i % 3:
            fresh.write(f"docs/{i}.md", "zorbit " * (i % 3 + 1) + "flume " * (i % 7))
    fresh.add()

    def scores(of):
        return {hit["document"]: hit["score"] for hit in of.search("-k", "100", "zorbit flume")}

    assert scores(project) == scores(fresh)


def test_search_while_another_process_adds(project):
    count = 5000
    for i in range(count):
        project.write(f"docs/{i}.md", f"# A{i}\n\nzorbit one\n\n## B\n\nzorbit two\n\n## C\n\nzorbit three\n")
    process = project.assay.start("add", "--json", cwd=project.path)
    seen, running, last = [], True, 0
    while running:
        running = process.poll() is None
        document = project.run("search", "--json", "-k", "10000", "zorbit").json()
        seen.append(document["searched"])
        assert document["searched"] >= last and document["searched"] % 3 == 0
        last = document["searched"]
        parts = {}
        for hit in document["results"]:
            parts.setdefault(hit["document"], []).append(hit["text"])
        if len(document["results"]) < 10000:
            assert len(document["results"]) == document["searched"]
            for path, texts in parts.items():
                assert sorted(texts) == ["zorbit one", "zorbit three", "zorbit two"], path
        assert project.run("list", "--json").json()["documents"] is not None
    assert project.assay.finish(process).json()["added"] == count
    assert seen[-1] == 3 * count


def test_search_while_documents_change(project):
    """Each search sees one state: all documents of a batch as they were, or all as they are."""
    names = [f"docs/{i}.md" for i in range(200)]

    def write(generation):
        for name in names:
            project.write(name, f"zorbit g{generation}x\n\n# Two\n\nzorbit g{generation}x\n")

    write(0)
    project.add()
    for generation in range(1, 6):
        write(generation)
        process = project.assay.start("add", "--json", cwd=project.path)
        running = True
        while running:
            running = process.poll() is None
            hits = project.search("-k", "10000", "zorbit")
            assert len(places(hits)) == 400
            assert len({hit["text"] for hit in hits}) == 1
        assert project.assay.finish(process).json()["updated"] == 200
    assert project.doctor()["ok"]


# ---- scores ----

WORDS = [f"w{i}x" for i in range(12)]  # words with a digit are not stemmed


def bm25(passages, query, k1, b):
    """Scores by the book: idf as Lucene has it, exact lengths. `passages` are lists of words."""
    mean = sum(map(len, passages)) / len(passages)
    scores = []
    for words in passages:
        score = 0.0
        for word in query:
            frequency = words.count(word)
            if frequency:
                holders = sum(word in other for other in passages)
                idf = math.log(1 + (len(passages) - holders + 0.5) / (holders + 0.5))
                score += idf * frequency / (frequency + k1 * (1 - b + b * len(words) / mean))
        scores.append(score)
    return scores


@pytest.mark.parametrize(("k1", "b"), [(1.2, 0.75), (0.0, 0.75), (2.0, 0.0), (0.9, 1.0), (10.0, 0.3)])
def test_scores_are_bm25(project, k1, b):
    project.settings(f"retrieve: {{k1: {k1}, b: {b}}}\npassages: {{tokens: 4096, overlap: 0}}\n")
    passages = {}
    for i in range(60):
        body = [WORDS[(i * j + j * j) % 12] for j in range(1, i % 17 + 3)]
        kind = i % 4
        if kind == 0:  # the title is the file's name: one more word
            project.write(f"docs/t{i}x.md", " ".join(body))
            passages[f"docs/t{i}x.md", 0] = [f"t{i}x", *body]
        elif kind == 1:  # the title is the first heading: counted once
            project.write(f"docs/t{i}x.md", f"# {WORDS[i % 12]} h{i}\n\n{' '.join(body)}\n")
            passages[f"docs/t{i}x.md", 0] = [WORDS[i % 12], f"h{i}", *body]
        elif kind == 2:  # two headings, two passages
            project.write(f"docs/t{i}x.md", f"# h{i}\n\n{' '.join(body)}\n\n## {WORDS[i % 12]}\n\n{' '.join(body[:2])}\n")
            passages[f"docs/t{i}x.md", 0] = [f"h{i}", *body]
            passages[f"docs/t{i}x.md", 1] = [f"h{i}", WORDS[i % 12], *body[:2]]
        else:  # the stated title is another one: it counts too
            project.write(f"docs/t{i}x.md", f"---\ntitle: {WORDS[i % 12]}\n---\n\n# h{i}\n\n{' '.join(body)}\n")
            passages[f"docs/t{i}x.md", 0] = [WORDS[i % 12], f"h{i}", *body]
    project.add()
    assert project.run("search", "--json", "x").json()["searched"] == len(passages)
    for query in (["w1x"], ["w2x", "w3x"], ["w4x", "w4x", "w5x"], WORDS, ["t4x"], ["w7x", "nowhere1"]):
        wanted = {key: score for key, score in zip(passages, bm25(list(passages.values()), query, k1, b)) if score > 0}
        hits = project.search("-k", "1000", *query)
        found = {(hit["document"], len(hit["headings"]) - 1 if len(hit["headings"]) == 2 else 0): hit["score"] for hit in hits}
        assert found.keys() == wanted.keys()
        for key, score in wanted.items():
            assert found[key] == pytest.approx(score, rel=2e-5), (query, key)


def test_scores_do_not_depend_on_the_history(project, assay, tmp_path):
    """Many small steps, or all at once: the same scores, bit for bit."""
    fresh = Project(assay, tmp_path / "fresh")
    for i in range(40):
        for one in (project, fresh):
            one.write(f"docs/{i:02}.md", "zorbit " * (i % 5 + 1) + f"flume n{i}")
        if i % 2:
            project.add()
    project.add()
    fresh.add()
    assert len(fresh.index_files()) == 1

    def results(of):
        return [(hit["document"], hit["score"]) for hit in of.search("-k", "100", "zorbit flume")]

    assert results(project) == results(fresh)


def test_repair_changes_no_result(project):
    for i in range(100):
        project.write(f"docs/{i}.md", f"# T{i}\n\nzorbit n{i} flume\n\n## Two\n\nzorbit\n")
        if i % 20 == 0:
            project.add()
    project.add()
    (project.path / "docs" / "7.md").unlink()
    project.add()
    before = project.search("-k", "1000", "zorbit flume two")
    for file in project.index_files():
        file.unlink()
    assert project.search("-k", "1000", "zorbit flume two") == before
    assert project.doctor("--repair")["ok"]
    assert project.index_files() != [] and project.doctor()["problems"] == []
    assert project.search("-k", "1000", "zorbit flume two") == before


def test_plurals_that_no_ending_makes(project):
    project.settings("embedding: none\n")
    project.write("docs/a.md", "Each child gets a ticket. The person at the door keeps it for as long as the visit takes.\n")
    project.run("add")
    for words in ("children", "child", "people", "persons"):
        (hit,) = project.run("search", words, "--json").json()["results"]
        assert hit["document"] == "docs/a.md", words


def test_words_are_found_without_their_accents_and_short_pages_by_other_endings(project):
    project.settings("embedding: none\n")
    project.write("docs/a.md", "The office in Zürich is led by Łukasz Nuñez, the café by Katrin Sørensen.\n")
    project.write("docs/b.csv", "Name,Visitors\nMuseum,1200\n")  # of no language
    project.run("add")
    for words in ("zurich", "Zürich", "lukasz", "nunez", "cafe", "Sorensen", "zur*"):
        (hit,) = project.run("search", words, "--json").json()["results"]
        assert hit["document"] == "docs/a.md", words
    for words in ("visitor", "visitors", "museums"):
        (hit,) = project.run("search", words, "--json").json()["results"]
        assert hit["document"] == "docs/b.csv", words


@pytest.mark.parametrize("code", ["HP200", "HP-200", "HP 200", "hp200", "HP200 zorbit"])
def test_codes_are_found_however_they_are_written(project, code):
    project.write("docs/a.md", "# One\n\nThe printer HP200 stands upstairs.\n")
    project.write("docs/b.md", "# Two\n\nThe printer HP-200 stands downstairs.\n")
    project.write("docs/c.md", "# Three\n\nThe printer HP 200 stands outside.\n")
    project.write("docs/d.md", "# Four\n\nThe printer HP300 stands inside.\n")
    project.add()
    hits = project.run("search", "--json", code).json()["results"]
    assert {hit["document"] for hit in hits} == {"docs/a.md", "docs/b.md", "docs/c.md"}


def test_a_code_in_a_title(project):
    project.write("docs/a.md", "# HP200 manual\n\nThe printer stands upstairs.\n")
    project.add()
    for words in ("title:HP200", "title:manual"):
        assert [hit["document"] for hit in project.run("search", "--json", words).json()["results"]] == ["docs/a.md"], words
