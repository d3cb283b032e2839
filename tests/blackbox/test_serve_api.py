"""`assay serve` as OpenAI's own Python client sees it, and what a key may not see."""

import base64
import concurrent.futures
import pathlib
import random
import signal
import struct

import models
import pytest
from serving import client, serving

openai = pytest.importorskip("openai", reason="OpenAI's client is not in .venv: scripts/setup installs it")

STORE = "vs_documents"
BUILTIN = pathlib.Path(__file__).resolve().parents[2] / "models" / "all-MiniLM-L6-v2"


@pytest.fixture
def shop(project):
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("labels: public", "labels: from-folder"))
    project.write("docs/public/refunds.md", "---\nyear: 2024\n---\n# Refunds\n\nThe refund window is thirty days.\n")
    project.write("docs/public/parcels.md", "---\nyear: 2020\n---\n# Parcels\n\nA refund for a lost parcel takes a week.\n")
    project.write("docs/hr/pay.md", "# Pay\n\nThe refund canarypay is four thousand a month.\n")
    project.add()
    return project


def key_of(shop, name, groups):
    return shop.run("key", "add", "--quiet", name, "--groups", groups).out.strip()


def test_vector_store_search(shop):
    with serving(shop) as server:
        api = client(server)
        page = api.vector_stores.search(STORE, query="refund window", max_num_results=3)
        assert page.data[0].filename == "docs/public/refunds.md" and page.data[0].content[0].type == "text"
        assert "thirty days" in page.data[0].content[0].text
        assert page.data[0].attributes["title"] and 0 <= page.data[0].score <= 1
        assert [hit.score for hit in page.data] == sorted((hit.score for hit in page.data), reverse=True)
        several = api.vector_stores.search(STORE, query=["refund", "parcel"])
        assert len(several.data) == 3
        assert not api.vector_stores.search(STORE, query="refund", ranking_options={"score_threshold": 1.0}).data
        with pytest.raises(openai.NotFoundError):
            api.vector_stores.search("vs_other", query="refund")


@pytest.mark.parametrize("filters, wanted", [
    ({"type": "eq", "key": "year", "value": 2024}, {"docs/public/refunds.md"}),
    ({"type": "ne", "key": "year", "value": 2024}, {"docs/public/parcels.md"}),
    ({"type": "gt", "key": "year", "value": 2020}, {"docs/public/refunds.md"}),
    ({"type": "gte", "key": "year", "value": 2020}, {"docs/public/refunds.md", "docs/public/parcels.md"}),
    ({"type": "lt", "key": "year", "value": 2024}, {"docs/public/parcels.md"}),
    ({"type": "lte", "key": "year", "value": 2019}, set()),
    ({"type": "in", "key": "year", "value": [2024, 1999]}, {"docs/public/refunds.md"}),
    ({"type": "and", "filters": [{"type": "gte", "key": "year", "value": 2020}, {"type": "nin", "key": "year", "value": [2024]}]},
     {"docs/public/parcels.md"}),
    ({"type": "or", "filters": [{"type": "eq", "key": "year", "value": 2020}, {"type": "eq", "key": "year", "value": 2024}]},
     {"docs/public/refunds.md", "docs/public/parcels.md"}),
])  # fmt: skip
def test_filters(shop, filters, wanted):
    with serving(shop) as server:
        found = client(server).vector_stores.search(STORE, query="refund", filters=filters)
        assert {hit.filename for hit in found.data} - {"docs/hr/pay.md"} == wanted


@pytest.mark.parametrize("filters", [
    {"type": "eq", "key": "x" * 257, "value": 1}, {"type": "eq", "key": 1, "value": 1}, {"type": "like", "key": "a", "value": 1},
    {"type": "eq", "key": "a"}, {"type": "in", "key": "a", "value": []}, {"type": "and", "filters": []}, {"type": "eq", "key": "a", "value": {}},
    {}, {"type": "eq", "key": "", "value": 1}, {"type": "eq", "key": "a", "value": "\0"}])  # fmt: skip
def test_filters_that_are_none(shop, filters):
    with serving(shop) as server:
        assert server.error("POST", f"/v1/vector_stores/{STORE}/search", {"query": "refund", "filters": filters}, status=400)


def test_a_value_of_a_filter_is_never_read_as_more(shop):
    with serving(shop) as server:
        key = key_of(shop, "nobody", "nothing")
        for name in ("year = 1 or folder", "or", 'x" or year >= 0 or "a', "x\\", "a) or (b", "exists"):  # a key neither
            assert not client(server).vector_stores.search(STORE, query="refund", filters={"type": "eq", "key": name, "value": 2024}).data
        for value in ('x" or year >= 0 or "a" = "a', "x\\", 'x\\" or exists year', "') or ('"):
            found = client(server, key).vector_stores.search(STORE, query="refund", filters={"type": "eq", "key": "year", "value": value})
            assert not found.data


def test_stores_and_files(shop):
    with serving(shop) as server:
        api = client(server)
        store = api.vector_stores.retrieve(STORE)
        assert (store.object, store.status, store.file_counts.total, store.file_counts.completed) == ("vector_store", "completed", 3, 3)
        assert [item.id for item in api.vector_stores.list()] == [STORE]
        files = list(api.files.list(limit=2))
        assert sorted(item.filename for item in files) == ["docs/hr/pay.md", "docs/public/parcels.md", "docs/public/refunds.md"]
        first = api.files.retrieve(files[0].id)
        assert (first.object, first.purpose, first.filename) == ("file", "assistants", files[0].filename)
        assert b"canarypay" in api.files.content(files[0].id).read()
        in_store = list(api.vector_stores.files.list(STORE))
        assert {item.id for item in in_store} == {item.id for item in files}
        assert api.vector_stores.files.retrieve(files[0].id, vector_store_id=STORE).status == "completed"
        content = api.vector_stores.files.content(files[0].id, vector_store_id=STORE)
        assert "canarypay" in content.data[0].text
        with pytest.raises(openai.NotFoundError):
            api.files.retrieve("file-none")
        with pytest.raises(openai.NotFoundError):  # it was not sent here: `assay remove` forgets it
            api.files.delete(files[0].id)


def test_lists_go_on_behind_a_path_that_is_gone_or_hidden(shop):
    def names(listed):
        return [item["filename"] for item in listed["data"]]

    with serving(shop) as server:
        after = ["file-" + base64.urlsafe_b64encode(path).decode().rstrip("=") for path in (b"docs/public/aaa.md", b"docs/hr/pay.md")]
        staff = key_of(shop, "staff", "public")
        for key in ("admin", staff):
            for place in after:
                first = server.json("GET", f"/v1/files?limit=1&after={place}", key=key)
                assert (names(first), first["has_more"]) == (["docs/public/parcels.md"], True)
                rest = server.json("GET", f"/v1/files?limit=1&after={first['last_id']}", key=key)
                assert (names(rest), rest["has_more"]) == (["docs/public/refunds.md"], False)


def test_documents_are_found_by_their_names(shop):
    for number in range(30):
        shop.write(f"docs/public/part-{number}.md", f"# The {'blue' if number % 3 == 0 else 'red'} part\n\nOf the quumble.\n")
    shop.write("docs/hr/blue-canarypay.md", "# Blue pay\n\nOf the chief.\n")
    shop.run("add")
    with serving(shop) as server:
        guest = key_of(shop, "guest", "public")

        def paths(query, key=guest):
            return [item["path"] for item in server.json("GET", f"/v1/documents?limit=100&{query}", key=key)["data"]]

        blue = sorted(f"docs/public/part-{number}.md" for number in range(0, 30, 3))
        assert paths("named=BLUE") == blue and paths("named=part+bLue") == blue and paths("named=blue%20part-2") == [path for path in blue if "part-2" in path]
        assert "docs/hr/blue-canarypay.md" in paths("named=blue", "admin") and paths("named=canarypay") == [] == paths("named=nosuch")
        assert len(paths("named=")) == len(paths("")) and len(paths("named=+")) == len(paths(""))
        pages, after = [], ""
        while True:
            page = server.json("GET", f"/v1/documents?limit=3&named=blue{after}", key=guest)
            pages.append([item["path"] for item in page["data"]])
            after = f"&after={page['last_id']}"
            if not page["has_more"]:
                break
        assert [len(page) for page in pages] == [3, 3, 3, 1] and sum(pages, []) == blue
        for query in ("named=%zz", "named=" + "x" * 5000):
            assert server.error("GET", f"/v1/documents?{query}", key=guest)["message"]


def test_lists_go_on_behind_no_path_that_is_none(shop):
    with serving(shop) as server:
        for place in ("file-nope", "file-none", "file-", "file-AAAA", "nope", "file-" + base64.urlsafe_b64encode(b"docs/\xff.md").decode().rstrip("=")):
            for path in ("/v1/files", "/v1/documents", f"/v1/vector_stores/{STORE}/files"):
                assert server.error("GET", f"{path}?after={place}")["param"] == "after", (path, place)


def test_what_a_key_may_not_see_appears_nowhere(shop):
    with serving(shop) as server:
        admin, staff = client(server), key_of(shop, "staff", "public")
        secret_id = next(item.id for item in admin.files.list() if item.filename == "docs/hr/pay.md")
        doors = [("POST", "/v1/search", {"query": "refund canarypay", "k": 10}),
                 ("POST", f"/v1/vector_stores/{STORE}/search", {"query": "refund canarypay"}),
                 ("POST", "/v1/search", {"query": "canarypay", "filter": "folder = docs/hr"}),
                 ("GET", "/v1/files", None), ("GET", "/v1/documents", None), ("GET", "/v1/vector_stores", None),
                 ("GET", f"/v1/vector_stores/{STORE}", None), ("GET", f"/v1/vector_stores/{STORE}/files", None)]  # fmt: skip
        for method, path, body in doors:
            for word in (b"canarypay is", b"docs/hr/pay.md", secret_id.encode()):
                got, _, content = server.ask(method, path, body, key=staff)
                assert got == 200 and word not in content, (path, content)
        for form in ("/v1/files/{}", "/v1/files/{}/content", "/v1/documents/{}", "/v1/documents/{}/content", "/v1/documents/{}/passages",
                     f"/v1/vector_stores/{STORE}/files/{{}}", f"/v1/vector_stores/{STORE}/files/{{}}/content"):  # fmt: skip
            hidden, absent = (server.error("GET", form.format(name), status=404, key=staff) for name in (secret_id, secret_id + "AAAA"))
            assert hidden == absent
        assert server.json("GET", f"/v1/vector_stores/{STORE}", key=staff)["file_counts"]["total"] == 2
        hr = key_of(shop, "boss", "hr")
        assert "canarypay" in server.json("POST", "/v1/search", {"query": "canarypay"}, key=hr)["results"][0]["text"]
        shop.run("key", "revoke", "boss")
        assert server.error("POST", "/v1/search", {"query": "canarypay"}, status=401, key=hr)


def test_search_as_on_the_command_line(shop):
    with serving(shop) as server:
        found = server.json("POST", "/v1/search", {"query": "refund window", "k": 2})
        wanted = shop.run("search", "--json", "-k", "2", "refund window").json()
        for mine, theirs in zip(found["results"], wanted["results"], strict=True):
            assert {name: theirs[name] for name in ("document", "passage", "start", "end", "text", "score")}.items() <= mine.items()
        for body in ({}, {"query": ""}, {"query": " "}, {"query": 3}, {"query": "a\0b"}, {"query": "x", "k": 0}, {"query": "x", "k": 1.5}, {"query": "x", "k": "1"},
                     {"query": "x", "k": -(2**63)}, {"query": "x", "k": 10**30}, {"query": "x", "mode": "odd"}, {"query": "x", "filter": "year >"},
                     {"query": "x" * 70000}, {"query": "x", "kk": 1}):  # fmt: skip
            assert server.error("POST", "/v1/search", body)["message"]


def test_the_passages_of_a_document(shop):
    """In their order and by pages, as a search has them; how it was cut is told too."""
    shop.write("docs/public/long.md", "# Long\n\n" + "".join(f"## Part {n}\n\n" + f"Sentence {n} of the quumble. " * 80 + "\n\n" for n in range(1, 8)))
    shop.add()
    with serving(shop) as server:
        [document] = [item for item in server.json("GET", "/v1/documents")["data"] if item["path"] == "docs/public/long.md"]
        address = f"/v1/documents/{document['id']}/passages"
        whole = server.json("GET", address + "?limit=1000")
        passages = whole["data"]
        assert len(passages) == document["passages"] > 5 and not whole["has_more"] and whole["last_id"] == str(len(passages))
        assert [item["number"] for item in passages] == list(range(1, len(passages) + 1))
        assert passages[-1]["headings"] == ["Long", "Part 7"] and passages[-1]["page"] is None and passages[-1]["line_end"] >= passages[-1]["line"] > passages[0]["line"]
        source = (shop.path / "docs/public/long.md").read_bytes()
        assert all(item["text"].encode().split()[-1] in source[item["start"] : item["end"]] for item in passages)
        parts = []
        for after in range(0, len(passages), 3):
            part = server.json("GET", f"{address}?limit=3&after={after}")
            parts += part["data"]
            assert part["has_more"] == (len(parts) < len(passages)) and part["last_id"] == str(len(parts))
        assert parts == passages
        assert server.json("GET", f"{address}?after={len(passages)}") == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}
        hits = server.json("POST", "/v1/search", {"query": "quumble", "k": 50})["results"]
        numbers = {item["passage"]: item for item in passages}
        assert all(numbers[hit["passage"]]["text"] == hit["text"] for hit in hits if hit["passage"] in numbers) and len(hits) > 1
        [listed] = [item for item in shop.run("list", "--json").json()["documents"] if item["path"] == "docs/public/long.md"]
        one = server.json("GET", f"/v1/documents/{document['id']}")
        assert (one["unit"], one["unit_reason"]) == (listed["unit"], listed["unit_reason"]) and one["unit"] and "unit" not in document
        for query in ("limit=0", "limit=1001", "limit=x", "after=-1", "after=x", "after=99999999999999999999"):
            assert server.error("GET", f"{address}?{query}")["param"] == query.split("=")[0]


def use_model(shop):
    (shop.path / "models").mkdir()
    (shop.path / "models" / "tiny").symlink_to(models.FOLDER)


@models.needed
def test_embeddings(shop):
    use_model(shop)
    with serving(shop) as server:
        api = client(server)
        assert "tiny" in [model.id for model in api.models.list()]
        assert api.models.retrieve("tiny").object == "model"
        with pytest.raises(openai.NotFoundError):
            api.models.retrieve("gpt-5")
        plain = api.embeddings.create(model="tiny", input=["hello world", "the cat"], encoding_format="float")
        assert [item.index for item in plain.data] == [0, 1] and plain.usage.prompt_tokens == plain.usage.total_tokens > 0
        packed = api.embeddings.create(model="tiny", input=["hello world", "the cat"])  # base64, unless one says otherwise
        for a, b in zip(plain.data, packed.data, strict=True):
            assert a.embedding == pytest.approx(b.embedding, rel=1e-6)
        raw = server.json("POST", "/v1/embeddings", {"model": "tiny", "input": "hello world", "encoding_format": "base64"})
        numbers = base64.b64decode(raw["data"][0]["embedding"])
        assert struct.unpack(f"<{len(numbers) // 4}f", numbers) == pytest.approx(plain.data[0].embedding, rel=1e-6)
        short = api.embeddings.create(model="tiny", input="hello world", dimensions=4, encoding_format="float").data[0].embedding
        assert len(short) == 4 and sum(x * x for x in short) == pytest.approx(1, rel=1e-5)
        ids = models.piped(shop.assay, "tokenize", "--model", str(models.FOLDER), "--bare", "--json", lines=b"hello world\nthe cat\n").json()
        numbered = api.embeddings.create(model="tiny", input=ids["tokens"], encoding_format="float")
        for a, b in zip(plain.data, numbered.data, strict=True):
            assert a.embedding == pytest.approx(b.embedding, rel=1e-4, abs=1e-5)
        for body in ({"input": []}, {"input": ""}, {"input": [""]}, {"input": [1.5]}, {"input": [-1]}, {"input": [10**9]}, {"input": {}},
                     {"input": ["x"] * 2049}, {"input": "x", "dimensions": 0}, {"input": "x", "dimensions": 10**6}, {}, {"input": None},
                     {"input": "x", "encoding_format": "int8"}, {"input": [["x"]]}, {"input": "x", "model": 3}):  # fmt: skip
            assert server.error("POST", "/v1/embeddings", {"model": "tiny", **body})["message"]


@models.needed
def test_embeddings_at_once(shop):
    """Many ask at a time, of two models in turns, and the settings are read again meanwhile: each gets its own vectors."""
    use_model(shop)
    (shop.path / "models" / "twin").symlink_to(models.FOLDER)
    texts = [f"{word} {number}" for number in range(40) for word in ("hello world", "the cat", "a refund for a lost parcel")]
    ids = models.piped(shop.assay, "tokenize", "--model", str(models.FOLDER), "--bare", "--json", lines="\n".join(texts).encode()).json()["tokens"]
    chance = random.Random(5)
    with serving(shop) as server:
        plain = server.json("POST", "/v1/embeddings", {"model": "tiny", "input": texts})
        vectors = [item["embedding"] for item in plain["data"]]

        def ask(number):
            first = chance.randrange(len(texts) - 1)
            end = chance.randrange(first + 1, len(texts))
            body = {"model": ("tiny", "twin")[number % 2], "input": (ids if number % 3 == 0 else texts)[first:end]}
            if number % 20 == 10:
                server.process.send_signal(signal.SIGHUP)
            answer = server.json("POST", "/v1/embeddings", body)
            assert answer["model"] == body["model"]
            for i, item in enumerate(answer["data"]):
                assert item["embedding"] == pytest.approx(vectors[first + i], rel=1e-4, abs=1e-5), (number, first, i)
            return answer["usage"]["prompt_tokens"]

        with concurrent.futures.ThreadPoolExecutor(6) as crowd:
            assert min(crowd.map(ask, range(80))) > 0


@models.needed
def test_reranking(shop):
    use_model(shop)
    with serving(shop) as server:
        error = server.error("POST", "/v1/rerank", {"model": "tiny", "query": "a", "documents": ["b", "c"]})
        assert error["code"] == "model_not_supported" and error["param"] == "model"
        assert server.error("POST", "/v1/rerank", {"model": "tiny", "query": "a", "documents": []})
        assert server.error("POST", "/v1/rerank", {"model": "tiny", "documents": ["a"]})["param"] == "query"
        for named in ({}, {"model": "reranker"}, {"model": "rerank-v3.5"}, {"model": "jina-reranker-v2-base-multilingual"}):
            refused = server.error("POST", "/v1/rerank", {"query": "a", "documents": ["b"], **named}, status=404)
            assert "there is no reranker" in refused["message"]


@models.needed
@pytest.mark.skipif(not (BUILTIN / "config.json").exists(), reason="scripts/setup fetches the builtin model")
def test_names_of_other_providers_models(shop):
    """They stand for the project's own, unless a model here has the name."""
    use_model(shop)
    (shop.path / "models" / "all-MiniLM-L6-v2").symlink_to(BUILTIN)  # as `builtin` is looked for first
    (shop.path / "models" / "text-embedding-ours").symlink_to(models.FOLDER)
    (shop.path / "models" / "jina-reranker-ours").symlink_to(models.FOLDER)
    with serving(shop) as server:
        api = client(server)
        own = api.embeddings.create(model="builtin", input="hello", encoding_format="float")
        for name in ("text-embedding-3-small", "text-embedding-ada-002", "embed-english-v3.0", "jina-embeddings-v3"):
            answer = api.embeddings.create(model=name, input="hello", encoding_format="float")
            assert answer.model == "builtin" and answer.data[0].embedding == pytest.approx(own.data[0].embedding, abs=1e-6)
        error = server.error("POST", "/v1/embeddings", {"model": "text-embedding-3-small", "input": [[9906, 1917]]})
        assert "another model's tokens" in error["message"]
        added = api.embeddings.create(model="text-embedding-ours", input=[5, 6], encoding_format="float")
        tiny = api.embeddings.create(model="tiny", input=[5, 6], encoding_format="float")
        assert added.model == "text-embedding-ours" and added.data[0].embedding == pytest.approx(tiny.data[0].embedding, abs=1e-6)
        assert server.error("POST", "/v1/rerank", {"model": "jina-reranker-ours", "query": "a", "documents": ["b"]})["code"] == "model_not_supported"
        for name in ("text-embeding-3-small", "embedding", "gpt-5"):
            assert server.error("POST", "/v1/embeddings", {"model": name, "input": "hello"}, status=404)["param"] == "model"


def test_pages_of_stores(shop):
    key = key_of(shop, "writer", "@write,public")
    with serving(shop) as server:
        api = client(server, key)
        made = [api.vector_stores.create(name=str(number)).id for number in range(4)]
        everything = [store.id for store in api.vector_stores.list()]
        assert everything == [*made[::-1], STORE]
        assert [store.id for store in api.vector_stores.list(limit=2)] == everything  # over pages
        assert [store.id for store in api.vector_stores.list(limit=2, order="asc")] == everything[::-1]
        page = api.vector_stores.list(limit=2, before=everything[4])
        assert [store.id for store in page.data] == everything[2:4] and page.has_more
        page = api.vector_stores.list(limit=2, after=everything[3])
        assert [store.id for store in page.data] == everything[4:] and not page.has_more
        assert client(server, key_of(shop, "other", "@write")).vector_stores.list().data[0].id == STORE
        for query in ("limit=0", "limit=101", "order=up", "after=vs_none", "before=vs_none", "after=%zz"):
            server.error("GET", f"/v1/vector_stores?{query}", key=key)
        hidden = client(server, key_of(shop, "third", "@write"))  # whose stores these are not
        with pytest.raises(openai.BadRequestError):
            hidden.vector_stores.list(after=made[0])
