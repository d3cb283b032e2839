"""An embedding model that runs elsewhere: vectors of passages and questions from a server, what it costs, and a server that fails."""

import hashlib
import json
import math

import pytest

from scripted_model import fails, scripted

DOCUMENTS = {
    "returns.md": "# Returns\n\nGoods go back to the shop within thirty days.\n",
    "parcels.md": "# Parcels\n\nA parcel weighs ten kilograms at the most.\n",
    "payment.md": "# Payment\n\nInvoices are due after two weeks.\n",
}
MEANT_ALIKE = {"refund": "goods", "heavy": "weighs", "bill": "invoices"}  # what words alone do not find


def vector_of(text, dimensions):
    vector = [0.0] * dimensions
    for word in text.lower().replace(".", " ").split():
        word = MEANT_ALIKE.get(word, word)
        vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % dimensions] += 1.0
    return [3.0 * value for value in vector]  # of no unit length: that is ours to make


def embeds(dimensions=96, change=lambda body: body):
    def step(handler):
        asked = handler.server.requests[-1]["body"]
        data = [{"object": "embedding", "index": i, "embedding": vector_of(text, dimensions)} for i, text in enumerate(asked["input"])]
        handler.reply(200, change({"object": "list", "model": asked["model"], "data": data[::-1], "usage": {"prompt_tokens": 100, "total_tokens": 100}}))

    return step


@pytest.fixture
def script():
    with scripted(embeds()) as server:
        yield server


@pytest.fixture
def shop(project, script):
    for name, text in DOCUMENTS.items():
        project.write(f"docs/{name}", text)
    project.settings(f"embedding: {script.model}\n")
    return project


def first(shop, question, *words):
    results = shop.search(*words, question)
    return results[0]["document"] if results else None


def test_passages_and_questions_have_its_vectors(shop, script):
    shop.run("add", "--quiet")
    assert [request["path"] for request in script.requests] == ["/v1/embeddings"] * 2  # how long is a vector? and all passages at once
    body = script.requests[-1]["body"]
    assert body["model"] == "scripted" and len(body["input"]) == 3 and body["encoding_format"] == "float"
    assert [first(shop, word, "--mode", "vector") for word in MEANT_ALIKE] == ["docs/returns.md", "docs/parcels.md", "docs/payment.md"]
    assert first(shop, "refund", "--mode", "text") is None
    told = shop.run("search", "--json", "refund").json()
    assert told["mode"] == "hybrid" and told["results"][0]["document"] == "docs/returns.md"
    before = len(script.requests)
    shop.run("add", "--quiet")
    assert len(script.requests) == before  # nothing has changed: nothing is asked


def test_another_name_is_another_model(shop, script):
    shop.run("add", "--quiet")
    script.steps = [embeds(48)]
    shop.settings(f"embedding: {script.model}-2\n")
    refused = shop.run("search", "--mode", "vector", "refund", code=None)
    assert "assay add" in refused.err
    outcome = shop.run("add")
    assert "made anew" in outcome.out + outcome.err
    assert first(shop, "refund", "--mode", "vector") == "docs/returns.md"


def test_same_name_with_other_vectors(shop, script):
    shop.run("add", "--quiet")
    script.steps = [embeds(48)]
    told = shop.run("search", "--mode", "vector", "refund", code=None)
    assert "48 numbers" in told.err and "96" in told.err


def test_server_that_is_gone(shop, script):
    shop.run("add", "--quiet")
    script.steps = [fails(400, "scripted failure")]
    told = shop.run("search", "--json", "parcel").json()
    assert told["mode"] == "text" and told["results"][0]["document"] == "docs/parcels.md"
    assert "scripted failure" in json.dumps(told)
    assert "scripted failure" in shop.run("search", "--mode", "vector", "parcel", code=None).err


def test_server_that_refuses_connections(shop, script):
    shop.run("add", "--quiet")
    script.server_close()
    told = shop.run("search", "--json", "parcel").json()
    assert told["mode"] == "text" and told["results"][0]["document"] == "docs/parcels.md" and str(script.server_port) in told["note"]


def test_keys_are_not_told_where_it_is(shop, script):
    shop.run("add", "--quiet")
    shop.run("key", "add", "clerk", "--quiet")
    script.steps = [fails(503, "scripted failure")]
    told = shop.run("search", "--json", "--as", "clerk", "parcel").json()
    assert told["mode"] == "text" and told["results"][0]["document"] == "docs/parcels.md"
    assert "could not be asked" in told["note"] and "scripted" not in json.dumps(told) and "127.0.0.1" not in json.dumps(told)
    assert len([request for request in script.requests if request["body"]["input"] == ["parcel"]]) == 1  # somebody waits: it is tried once


def test_other_vectors_while_documents_are_cut(shop, script):
    shop.settings(f"embedding: {script.model}\npassages: {{unit: semantic}}\n")
    shop.run("add", "--quiet")
    script.steps = [embeds(48)]
    shop.write("docs/more.md", "# More\n\nA further document. It has sentences. They are of other things. Some are long and some are not.\n" * 9)
    told = shop.run("add", code=None)
    assert told.code != 0 and "48 numbers" in told.err
    script.steps = [embeds()]
    shop.run("add", "--quiet")
    assert first(shop, "refund", "--mode", "vector") == "docs/returns.md" and not shop.doctor()["problems"]


def test_a_copy_for_measuring_has_the_same_prices(shop, script):
    shop.write("prices.yaml", f'currency: EUR\nmodels:\n  "{script.model}": {{input: 10, output: 0}}\n')
    shop.settings(f"embedding: {script.model}\nlimits: {{spend_per_day: 1}}\n")
    shop.write("docs/long.md", "# Long\n\n" + " ".join(f"Shelf number {i} holds the boxes of order {i * 7}." for i in range(200)) + "\n")
    shop.run("add", "--quiet")
    before = float((shop.path / ".assay" / "spent").read_text().split()[1])
    shop.write("tests.jsonl", json.dumps({"question": "refund", "answer": "thirty days", "source": "docs/returns.md"}) + "\n")
    shop.run("eval", "--sweep", "passages", "--tests", "tests.jsonl")
    assert float((shop.path / ".assay" / "spent").read_text().split()[1]) > before


def test_limit_that_passes(shop, script):
    script.steps = [fails(429, Retry_After="0"), embeds()]
    shop.run("add", "--quiet")
    assert first(shop, "refund", "--mode", "vector") == "docs/returns.md"


def test_failure_keeps_documents(shop, script):
    script.steps = [fails(401, "scripted failure")]
    told = shop.run("add", code=None)
    assert "scripted failure" in told.err and "ASSAY_MODEL_KEY" in told.err
    assert first(shop, "parcel", "--mode", "text") == "docs/parcels.md"
    script.steps = [embeds()]
    shop.run("add", "--quiet")
    assert first(shop, "heavy", "--mode", "vector") == "docs/parcels.md"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda body: {**body, "data": [item for item in body["data"] if item["index"] < 2]}, "2 vectors of 3 texts"),
        (lambda body: {**body, "data": [{**item, "embedding": item["embedding"][: 5 + item["index"]]} for item in body["data"]]}, "another length"),
        (lambda body: {**body, "data": [{**item, "embedding": ["x"] * 96} for item in body["data"]]}, "something else than numbers"),
        (lambda body: {**body, "data": body["data"] * 900}, "more of it than texts"),
    ],
)
def test_answers_that_are_none(shop, script, change, reason):
    good = embeds()
    broken = embeds(change=change)
    # The first question, of one text, is answered well: what is broken comes with the passages.
    script.steps = [lambda handler: (good if len(handler.server.requests[-1]["body"]["input"]) == 1 else broken)(handler)]
    told = shop.run("add", code=None)
    assert reason in told.err and told.code != 0
    assert first(shop, "parcel", "--mode", "text") == "docs/parcels.md"


def test_price_and_limit(shop, script):
    shop.write("prices.yaml", f'currency: EUR\nmodels:\n  "{script.model}": {{input: 10, output: 0}}\n')
    shop.settings(f"embedding: {script.model}\nlimits: {{spend_per_day: 0.01}}\n")
    shop.run("add", "--quiet")
    spent = float((shop.path / ".assay" / "spent").read_text().split()[1])
    assert math.isclose(spent, 2 * 100 * 10 / 1e6)
    shop.settings(f"embedding: {script.model}\nlimits: {{spend_per_day: 0.0021}}\n")
    shop.write("docs/more.md", "# More\n\nA further document.\n")
    assert "limit" in shop.run("add", code=None).err


def test_anthropic_has_none(shop):
    shop.settings("embedding: anthropic:claude\n")
    told = shop.run("add", code=None, env={"ANTHROPIC_API_KEY": "k"})
    assert "makes no vectors" in told.err
