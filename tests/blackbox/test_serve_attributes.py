"""Attributes of files in vector stores, as OpenAI has them: given when a file is put into a store or later, told as they were given, and searched by."""

import pytest
from serving import client, serving, until

openai = pytest.importorskip("openai", reason="OpenAI's client is not in .venv: scripts/setup installs it")

GIVEN = {"invoices.md": {"team": "billing", "year": 2024, "draft": False, "ratio": 0.5},
         "routers.md": {"team": "network", "year": 2021, "draft": True},
         "badges.md": {"team": "access", "year": 2019, "title": "Doors", "access": "none", "folder": "elsewhere", "a key \" or 1": "odd"},
         "plain.md": None}  # fmt: skip


def send(api, name, text=None):
    body = text or f"# {name}\n\nThe zorbit of {name.split('.')[0]} is checked each week.\n"
    return api.files.create(file=(name, body.encode()), purpose="assistants").id


def found(api, store, filters=None, **more):
    page = api.vector_stores.search(store, query="zorbit", **({"filters": filters} if filters else {}), **more)
    return {hit.filename: hit for hit in page.data}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    from conftest import Assay, Project

    shop = Project(Assay(), tmp_path_factory.mktemp("attributes") / "shop")
    shop.write("docs/own.md", "---\nteam: billing\nyear: 2024\n---\n# Own\n\nA zorbit that was not sent.\n")
    shop.add()
    with serving(shop) as server:
        api = client(server)
        store = api.vector_stores.create(name="given").id
        files = {}
        for name, attributes in GIVEN.items():
            files[name] = api.vector_stores.files.create_and_poll(file_id=send(api, name), vector_store_id=store,
                                                                  **({"attributes": attributes} if attributes else {}))  # fmt: skip
            assert files[name].status == "completed"
        yield server, api, store, files


def test_they_are_told_as_they_were_given(served):
    _, api, store, files = served
    assert api.vector_stores.files.retrieve(files["plain.md"].id, vector_store_id=store).attributes == {}  # none was given
    for name, attributes in GIVEN.items():
        if attributes is None:
            continue
        told = api.vector_stores.files.retrieve(files[name].id, vector_store_id=store)
        assert told.attributes == attributes and {key: type(value) for key, value in told.attributes.items()} == {
            key: type(value) if not isinstance(value, int) or isinstance(value, bool) else type(told.attributes[key]) for key, value in attributes.items()}
    listed = {file.id: file.attributes for file in api.vector_stores.files.list(store)}
    hits = found(api, store)
    assert set(hits) == set(GIVEN) and listed[files["plain.md"].id] == {}
    for name in ("invoices.md", "routers.md", "badges.md"):
        assert listed[files[name].id] == GIVEN[name] and hits[name].attributes == GIVEN[name]
    for name, hit in hits.items():
        assert {"title", "passage", "start", "end"} <= set(hit.assay), name
    assert "passage" in hits["plain.md"].attributes  # of one without any: where it stands


@pytest.mark.parametrize(("filters", "names"), [
    ({"type": "eq", "key": "team", "value": "billing"}, {"invoices.md"}),
    ({"type": "ne", "key": "team", "value": "billing"}, {"routers.md", "badges.md", "plain.md"}),
    ({"type": "eq", "key": "draft", "value": True}, {"routers.md"}),
    ({"type": "eq", "key": "draft", "value": False}, {"invoices.md"}),
    ({"type": "gt", "key": "year", "value": 2019}, {"invoices.md", "routers.md"}),
    ({"type": "gte", "key": "year", "value": 2019}, {"invoices.md", "routers.md", "badges.md"}),
    ({"type": "lt", "key": "year", "value": 2021}, {"badges.md"}),
    ({"type": "lte", "key": "ratio", "value": 0.5}, {"invoices.md"}),
    ({"type": "eq", "key": "year", "value": "2024"}, {"invoices.md"}),
    ({"type": "in", "key": "team", "value": ["access", "network"]}, {"badges.md", "routers.md"}),
    ({"type": "nin", "key": "team", "value": ["access", "network"]}, {"invoices.md", "plain.md"}),
    ({"type": "in", "key": "year", "value": [2019, 2021]}, {"badges.md", "routers.md"}),
    ({"type": "eq", "key": "title", "value": "Doors"}, {"badges.md"}),
    ({"type": "eq", "key": "folder", "value": "elsewhere"}, {"badges.md"}),
    ({"type": "eq", "key": "a key \" or 1", "value": "odd"}, {"badges.md"}),
    ({"type": "and", "filters": [{"type": "gte", "key": "year", "value": 2020}, {"type": "eq", "key": "draft", "value": False}]}, {"invoices.md"}),
    ({"type": "or", "filters": [{"type": "eq", "key": "team", "value": "access"},
                                {"type": "and", "filters": [{"type": "eq", "key": "team", "value": "network"}, {"type": "lt", "key": "year", "value": 2022}]}]},
     {"badges.md", "routers.md"}),
    ({"type": "eq", "key": "nothing", "value": 1}, set()),
])  # fmt: skip
def test_filters(served, filters, names):
    _, api, store, _ = served
    assert set(found(api, store, filters)) == names


def test_all_documents_are_searched_by_what_they_state_and_what_was_given(served):
    _, api, _, _ = served
    assert set(found(api, "vs_documents", {"type": "eq", "key": "team", "value": "billing"})) == {"docs/own.md", "invoices.md"}


def test_how_it_is_ranked(served):
    server, api, store, _ = served
    all_of_it = found(api, store, max_num_results=50, rewrite_query=True, ranking_options={"ranker": "auto", "score_threshold": 0})
    assert set(all_of_it) == set(GIVEN) and len(found(api, store, max_num_results=2)) == 2
    best = max(hit.score for hit in all_of_it.values())
    above = found(api, store, ranking_options={"ranker": "default-2024-11-15", "score_threshold": best - 1e-6})
    assert above and all(hit.score >= best - 1e-6 for hit in above.values())
    for body, parameter in (({"ranking_options": {"ranker": "best"}}, "ranking_options.ranker"), ({"ranking_options": {"score_threshold": 2}}, "ranking_options.score_threshold"),
                            ({"rewrite_query": "yes"}, "rewrite_query"), ({"max_num_results": 51}, "max_num_results")):  # fmt: skip
        assert server.error("POST", f"/v1/vector_stores/{store}/search", {"query": "zorbit", **body})["param"] == parameter


def test_they_are_changed_and_kept(served):
    server, api, _, _ = served
    store = api.vector_stores.create(name="changed").id
    file = api.vector_stores.files.create_and_poll(file_id=send(api, "changing.md"), vector_store_id=store, attributes={"state": "old", "n": 1})
    changed = api.vector_stores.files.update(file.id, vector_store_id=store, attributes={"state": "new"})
    assert changed.attributes == {"state": "new"} and changed.status == "completed"
    assert not found(api, store, {"type": "eq", "key": "state", "value": "old"}) and not found(api, store, {"type": "eq", "key": "n", "value": 1})
    assert set(found(api, store, {"type": "eq", "key": "state", "value": "new"})) == {"changing.md"}
    document = next((server.project.path / "uploads" / store).rglob("changing.md"))
    document.write_text("---\nstate: head\n---\n# Changing\n\nA zorbit of other words.\n")
    assert server.project.run("add", str(document)).code == 0  # read anew
    hit = found(api, store, {"type": "eq", "key": "state", "value": "new"})["changing.md"]
    assert "other words" in hit.content[0].text and hit.attributes == {"state": "new"}
    assert set(found(api, store, {"type": "eq", "key": "state", "value": "head"})) == {"changing.md"}  # what it states itself counts too
    again = api.vector_stores.files.create_and_poll(file_id=file.id, vector_store_id=store)  # without any
    assert again.status == "completed"
    until(lambda: not found(api, store, {"type": "eq", "key": "state", "value": "new"}))
    api.vector_stores.files.update(file.id, vector_store_id=store, attributes={"state": "last"})
    api.vector_stores.files.delete(file.id, vector_store_id=store)
    assert not found(api, store, {"type": "eq", "key": "state", "value": "last"})


def test_files_that_were_sent_have_their_own_names(served):
    """Wherever they are found and cited, as the files themselves have them; other documents have their paths."""
    _, api, _, _ = served
    store = api.vector_stores.create(name="names").id
    sent = send(api, "returns.md", "# Returns\n\nGoods may be returned within 45 days of delivery.\n")
    assert api.vector_stores.files.create_and_poll(file_id=sent, vector_store_id=store).status == "completed"
    question = "Within how many days may goods be returned?"
    response = api.responses.create(model="assay", input=question, tools=[{"type": "file_search", "vector_store_ids": [store]}],
                                    include=["file_search_call.results"])  # fmt: skip
    search, message = response.output
    for place in (api.vector_stores.search(store, query="goods").data[0], search.results[0], message.content[0].annotations[0]):
        assert (place.filename, place.file_id) == ("returns.md", sent)
    chat = api.chat.completions.create(model="assay", messages=[{"role": "user", "content": question}])
    cited = chat.choices[0].message.to_dict()["annotations"][0]["file_citation"]
    assert cited["filename"] == api.files.retrieve(cited["file_id"]).filename == api.files.retrieve(sent).filename == "returns.md"
    assert "docs/own.md" in found(api, "vs_documents")


def test_batches(served):
    server, api, _, _ = served
    store = api.vector_stores.create(name="batches").id
    ids = [send(api, f"b{i}.md") for i in range(4)]
    batch = api.vector_stores.file_batches.create_and_poll(vector_store_id=store, file_ids=ids[:2], attributes={"part": 1})
    assert batch.file_counts.completed == 2
    batch = api.vector_stores.file_batches.create(vector_store_id=store, files=[{"file_id": ids[2], "attributes": {"part": 2}}, {"file_id": ids[3]}])
    batch = api.vector_stores.file_batches.poll(batch.id, vector_store_id=store)
    assert (batch.status, batch.file_counts.completed) == ("completed", 2)
    assert set(found(api, store, {"type": "eq", "key": "part", "value": 1})) == {"b0.md", "b1.md"}
    assert set(found(api, store, {"type": "eq", "key": "part", "value": 2})) == {"b2.md"}
    listed = list(api.vector_stores.file_batches.list_files(batch.id, vector_store_id=store, limit=1))
    assert [(file.id, file.attributes, file.status) for file in listed] == [(ids[3], {}, "completed"), (ids[2], {"part": 2}, "completed")]
    assert not list(api.vector_stores.file_batches.list_files(batch.id, vector_store_id=store, filter="failed"))
    assert len(list(api.vector_stores.files.list(store, filter="completed"))) == 4 and not list(api.vector_stores.files.list(store, filter="failed"))
    server.error("GET", f"/v1/vector_stores/{store}/files?filter=lost")
    path = f"/v1/vector_stores/{store}/file_batches/{batch.id}/files"
    for query, wanted in (("order=asc", [2, 3]), ("order=desc", [3, 2]), (f"before={ids[2]}", [3]), (f"order=asc&after={ids[2]}", [3]), (f"after={ids[2]}", [])):
        assert [file["id"] for file in server.json("GET", f"{path}?{query}")["data"]] == [ids[i] for i in wanted], query
    for query in ("order=up", "limit=0", "limit=501", f"after={ids[0]}", f"before={ids[0]}", "after=x"):
        assert server.error("GET", f"{path}?{query}")["param"] == query.split("=")[0]
    broken = api.vector_stores.files.create_and_poll(file_id=send(api, "broken.pdf", "%PDF-1.4\nnothing"), vector_store_id=store, attributes={"part": 3})
    assert broken.status == "failed" and broken.attributes == {"part": 3}
    assert [file.id for file in api.vector_stores.files.list(store, filter="failed")] == [broken.id]
    path = f"/v1/vector_stores/{store}/file_batches"
    for body in ({"file_ids": ids, "files": [{"file_id": ids[0]}]}, {"files": [ids[0]]}, {"file_ids": [{"file_id": ids[0]}]}, {"files": []}, {"files": [{}]},
                 {"files": [{"file_id": ids[0], "attributes": 1}]}):  # fmt: skip
        server.error("POST", path, body)


@pytest.mark.parametrize("attributes", [{str(i): i for i in range(17)}, {"x" * 65: 1}, {"": 1}, {"a": "x" * 513}, {"a": None}, {"a": [1]}, {"a": {}},
                                        {"a": "\0"}, {"a\0": 1}, [], "x", 1])  # fmt: skip
def test_what_are_none(served, attributes):
    server, api, store, files = served
    assert server.error("POST", f"/v1/vector_stores/{store}/files", {"file_id": files["plain.md"].id, "attributes": attributes})["param"] == "attributes"
    assert server.error("POST", f"/v1/vector_stores/{store}/files/{files['plain.md'].id}", {"attributes": attributes})["param"] == "attributes"


@pytest.mark.parametrize("metadata", [{str(i): "x" for i in range(17)}, {"x" * 65: "x"}, {"": "x"}, {"a": "x" * 513}, {"a": None}, {"a": ["x"]}, {"a": 1}, {"a": True}])  # fmt: skip
def test_what_is_no_metadata(served, metadata):
    server, api, store, _ = served
    ours = {"data_source_config": {"type": "custom", "item_schema": {"type": "object"}}, "testing_criteria": [
        {"type": "string_check", "name": "s", "operation": "eq", "input": "{{sample.output_text}}", "reference": "x"}]}  # fmt: skip
    for path, body in (("vector_stores", {}), (f"vector_stores/{store}", {}), ("responses", {"model": "assay", "input": "zorbit"}), ("evals", ours)):
        error = server.error("POST", "/v1/" + path, {**body, "metadata": metadata})
        assert (error["param"], error["code"]) == ("metadata", "invalid_value"), (path, error)
    most = {("\u00e9" * 62 + str(i + 10)): "\u00e9" * 512 for i in range(16)}
    assert api.vector_stores.update(store, metadata=most).metadata == most


def test_who_may_change_them(served):
    server, api, store, files = served
    other = server.project.run("key", "add", "--quiet", "other", "--groups", "public,@write").out.strip()
    body = {"attributes": {"team": "mine"}}
    for path in (f"{store}/files/{files['invoices.md'].id}", "vs_documents/files/" + files["invoices.md"].id):
        assert server.ask("POST", f"/v1/vector_stores/{path}", body, key=other)[0] in (403, 404)
    own = api.vector_stores.files.list("vs_documents").data[0].id
    assert server.error("POST", f"/v1/vector_stores/vs_documents/files/{own}", body, status=400)["code"] == "not_allowed"
    reader = server.project.run("key", "add", "--quiet", "reads", "--groups", "public").out.strip()
    assert server.error("POST", f"/v1/vector_stores/{store}/files/{files['invoices.md'].id}", body, status=403, key=reader)
    assert api.vector_stores.files.retrieve(files["invoices.md"].id, vector_store_id=store).attributes == GIVEN["invoices.md"]


def test_they_survive_the_server(project):
    project.write("docs/own.md", "# Own\n\nSomething.\n")
    project.add()
    with serving(project) as server:
        key, api = server.admin, client(server)
        store = api.vector_stores.create(name="s").id
        file = api.vector_stores.files.create_and_poll(file_id=send(api, "one.md"), vector_store_id=store, attributes={"team": "x"})
    with serving(project) as server:
        api = client(server, key)
        assert api.vector_stores.files.retrieve(file.id, vector_store_id=store).attributes == {"team": "x"}
        assert set(found(api, store, {"type": "eq", "key": "team", "value": "x"})) == {"one.md"}
        assert project.run("doctor").code == 0
