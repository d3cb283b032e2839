"""Every address of the server against one oracle: which documents may a key see? An address that no test here asks fails the build."""

import json
import pathlib
import random
import re

import pytest
from serving import serving

ROOT = pathlib.Path(__file__).resolve().parents[2]
LABELS = ["public", "hr", "legal", "board"]
# what tells of no document, or what a key without the right may not ask at all
OPEN = {("GET", "/"), ("GET", "/health"), ("GET", "/ready"), ("GET", "/openapi.json"), ("GET", "/v1/models"), ("GET", "/v1/models/{model}"),
        ("POST", "/v1/embeddings"), ("POST", "/v1/rerank"), ("POST", "/v1/moderations")}  # fmt: skip
CLOSED = {"RIGHT_WRITE", "RIGHT_MEASURE", "RIGHT_OWNER"}


def routes():
    return re.findall(r'\{"([A-Z]+)", "(/[^"]*)", (RIGHT_[A-Z]+)', (ROOT / "src/server/route.c").read_text())


class World:
    """Documents of one canary each, with labels by chance, and keys with groups by chance."""

    def __init__(self, project, seed):
        chance = random.Random(seed)
        self.labels, lines = {}, ["path,label,label\n"]
        for number in range(14):
            path = f"docs/d{number}.md"
            self.labels[path] = set(chance.sample(LABELS, chance.choice([0, 1, 1, 2])))
            project.write(path, f"# Page {number}\n\nThe canary{number}zz of the quumble is kept {number + 3} days in the store.\n")
            if self.labels[path]:
                lines.append(",".join([path, *sorted(self.labels[path])]) + "\n")
        project.write("who.csv", "".join(lines))
        settings = project.path / "assay.yaml"
        settings.write_text(settings.read_text().replace("labels: public", "labels: who.csv"))
        project.add()
        self.keys = {}
        for name, groups in (("none", []), ("one", ["hr"]), ("two", ["legal", "board"]), ("all", LABELS[1:]), ("boss", ["@admin"])):
            self.keys[name] = (project.run("key", "add", "--quiet", name, *(["--groups", ",".join(groups)] if groups else [])).out.strip(), set(groups))

    def may(self, name):
        _, groups = self.keys[name]
        return {path for path, labels in self.labels.items() if "@admin" in groups or labels & (groups | {"public"})}


def told(content):
    """Documents of which an answer tells something: its path or its canary."""
    return {f"docs/d{one or other}.md" for one, other in re.findall(r"canary(\d+)zz|docs/d(\d+)\.md", content.decode())}


def doors(server, key, ids):
    """(route, what the answer tells, what it must be): all that may be seen, some of it, or as many."""
    question = "How many days is the quumble kept in the store?"
    chat = [{"role": "user", "content": question}]
    store, one = "/v1/vector_stores/{store}", "/v1/vector_stores/vs_documents"
    search = {"type": "file_search", "vector_store_ids": ["vs_documents"], "max_num_results": 50}

    def ask(method, path, body=None):
        return server.ask(method, path, body, key=key)[2]

    def call(method, **parameters):
        return told(ask("POST", "/mcp", {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}))

    yield ("POST", "/v1/search"), told(ask("POST", "/v1/search", {"query": "quumble", "k": 100, "mode": "text"})), "all"
    yield ("POST", f"{store}/search"), told(ask("POST", f"{one}/search", {"query": "quumble", "max_num_results": 50})), "all"
    yield ("GET", f"{store}/files"), {ids[item["id"]] for item in json.loads(ask("GET", f"{one}/files?limit=100"))["data"]}, "all"
    yield ("GET", "/v1/documents"), told(ask("GET", "/v1/documents?limit=100")), "all"
    yield ("GET", "/v1/files"), told(ask("GET", "/v1/files?limit=100")), "all"
    for path in ("/v1/documents/{file}", "/v1/documents/{file}/content", "/v1/files/{file}", "/v1/files/{file}/content", f"{store}/files/{{file}}", f"{store}/files/{{file}}/content"):  # fmt: skip
        addresses = {document: path.format(file=file, store="vs_documents") for file, document in ids.items()}
        yield ("GET", path), {document for document, address in addresses.items() if server.ask("GET", address, key=key)[0] == 200}, "all"
    yield ("GET", "/v1/vector_stores"), json.loads(ask("GET", "/v1/vector_stores"))["data"][0]["file_counts"]["total"], "as many"
    yield ("GET", "/v1/me"), json.loads(ask("GET", "/v1/me"))["documents"], "as many"
    yield ("GET", store), json.loads(ask("GET", one))["file_counts"]["completed"], "as many"
    yield ("POST", "/v1/chat/completions"), told(ask("POST", "/v1/chat/completions", {"model": "assay", "messages": chat})), "some"
    yield ("POST", "/v1/responses"), told(ask("POST", "/v1/responses", {"model": "assay", "input": question, "tools": [search], "include": ["file_search_call.results"]})), "some"  # fmt: skip
    yield ("POST", "/v1/messages"), told(ask("POST", "/v1/messages", {"model": "assay", "max_tokens": 500, "messages": chat})), "some"
    yield ("POST", "/v1/ask"), told(ask("POST", "/v1/ask", {"question": question, "k": 50})), "some"
    yield ("POST", "/mcp"), call("resources/list"), "all"
    for name, arguments in (("search", {"query": "quumble", "k": 50}), ("ask", {"question": question}), ("audit", {})):
        yield ("POST", "/mcp"), call("tools/call", name=name, arguments=arguments), "some"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_address_tells_of_what_a_key_may_not_see(project, seed):
    world = World(project, seed)
    with serving(project) as server:
        listed = server.json("GET", "/v1/documents?limit=100", key=world.keys["boss"][0])["data"]
        ids = {item["id"]: item["path"] for item in listed}
        assert set(ids.values()) == set(world.labels)
        asked = set()
        for name, (key, _) in world.keys.items():
            may = world.may(name)
            for route, seen, what in doors(server, key, ids):
                asked.add(route)
                assert seen == {"all": may, "as many": len(may), "some": may & seen if what == "some" else None}[what], (name, route)
            for number, path in enumerate(world.labels):  # documents by their name, over MCP
                for method, parameters in (("tools/call", {"name": "get_document", "arguments": {"document": path}}), ("resources/read", {"uri": f"assay://documents/{path}"})):
                    got = server.ask("POST", "/mcp", {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}, key=key)[2]
                    assert path in may or f"canary{number}zz".encode() not in got, (name, path, method)
    bound = asked | OPEN | {(method, path) for method, path, right in routes() if right in CLOSED}
    assert {(method, path) for method, path, _ in routes()} <= bound, "an address that no door of this test asks"


def test_what_was_revoked_or_relabelled_is_gone_at_once(project):
    world = World(project, 4)
    with serving(project) as server:
        key, _ = world.keys["all"]
        path = min(world.may("all"))

        def seen():
            return told(server.ask("POST", "/v1/search", {"query": "quumble", "k": 100, "mode": "text"}, key=key)[2])

        assert path in seen()
        lines = [line for line in (project.path / "who.csv").read_text().splitlines() if not line.startswith(path + ",")]
        project.write("who.csv", "\n".join(lines) + "\n")
        project.add()
        assert path not in seen()
        project.run("key", "revoke", "all")
        assert server.ask("POST", "/v1/search", {"query": "quumble"}, key=key)[0] == 401
