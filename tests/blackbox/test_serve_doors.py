"""Every address of the server against one oracle: which documents may a key see? An address that no test here asks fails the build."""

import json
import pathlib
import random
import re

import pytest
from models import FOLDER, needed
from serving import serving, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
LABELS = ["public", "hr", "legal", "board"]
# what tells of no document, or what a key without the right may not ask at all: RIGHT_OWNER is @admin's, who sees everything anyhow; RIGHT_MEASURE has
# figures of all requests together, and no name, path or text. What a key with RIGHT_WRITE may ask is bound below, to what is its own.
OPEN = {("GET", "/"), ("GET", "/health"), ("GET", "/ready"), ("GET", "/openapi.json"), ("GET", "/v1/models"), ("GET", "/v1/models/{model}"),
        ("POST", "/v1/embeddings"), ("POST", "/v1/rerank"), ("POST", "/v2/rerank"), ("POST", "/v1/messages/count_tokens"), ("POST", "/v1/moderations")}  # fmt: skip
CLOSED = {"RIGHT_MEASURE", "RIGHT_OWNER"}
# what a writer makes, which belongs to nobody yet
MADE = {("POST", path) for path in ("/v1/files", "/v1/vector_stores", "/v1/evals", "/v1/fine_tuning/jobs", "/v1/cases")}
LISTS = {("GET", "/v1/fine_tuning/jobs"), ("GET", "/v1/evals")}



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
    for path in ("/v1/documents/{file}", "/v1/documents/{file}/content", "/v1/documents/{file}/passages", "/v1/files/{file}", "/v1/files/{file}/content", f"{store}/files/{{file}}", f"{store}/files/{{file}}/content"):  # fmt: skip
        addresses = {document: path.format(file=file, store="vs_documents") for file, document in ids.items()}
        yield ("GET", path), {document for document, address in addresses.items() if server.ask("GET", address, key=key)[0] == 200}, "all"
    yield ("GET", "/v1/vector_stores"), json.loads(ask("GET", "/v1/vector_stores"))["data"][0]["file_counts"]["total"], "as many"
    yield ("GET", "/v1/me"), json.loads(ask("GET", "/v1/me"))["documents"], "as many"
    yield ("GET", store), json.loads(ask("GET", one))["file_counts"]["completed"], "as many"
    yield ("POST", "/v1/chat/completions"), told(ask("POST", "/v1/chat/completions", {"model": "assay", "messages": chat})), "some"
    yield ("POST", "/v1/completions"), told(ask("POST", "/v1/completions", {"model": "assay", "prompt": question})), "some"
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
    bound = asked | OPEN | {(method, path) for method, path, right in routes() if right in CLOSED or right == "RIGHT_WRITE"}
    assert {(method, path) for method, path, _ in routes()} <= bound, "an address that no door of this test asks"


def sent(server, key, name, text, purpose):
    form = (f'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n{purpose}\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"'
            f"\r\n\r\n{text}\r\n--b--\r\n").encode()  # fmt: skip
    return server.json("POST", "/v1/files", form, key=key, headers={"Content-Type": "multipart/form-data; boundary=b"})["id"]


def belongings(server, key):
    """One of each kind that a writer has, with the canary in its name or text: what stands for the braces of addresses."""
    file = sent(server, key, "canary.md", "# Canary\n\nThe canarynote is kept.\n", "assistants")
    store = server.json("POST", "/v1/vector_stores", {"name": "canarystore"}, key=key)["id"]
    batch = server.json("POST", f"/v1/vector_stores/{store}/file_batches", {"file_ids": [file]}, key=key)["id"]
    until(lambda: server.json("GET", f"/v1/vector_stores/{store}/file_batches/{batch}", key=key)["status"] == "completed")
    inside = server.json("GET", f"/v1/vector_stores/{store}/files", key=key)["data"][0]["id"]
    same = {"type": "string_check", "name": "same", "input": "{{ sample.output_text }}", "reference": "{{item.answer}}", "operation": "eq"}
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
    config = {"type": "custom", "item_schema": schema, "include_sample_schema": True}
    made = server.json("POST", "/v1/evals", {"name": "canaryeval", "data_source_config": config, "testing_criteria": [same]}, key=key)["id"]
    source = {"type": "jsonl", "source": {"type": "file_content", "content": [{"item": {"answer": "canaryitem"}, "sample": {"output_text": "x"}}]}}
    run = server.json("POST", f"/v1/evals/{made}/runs", {"name": "canaryrun", "data_source": source}, key=key)["id"]
    until(lambda: server.json("GET", f"/v1/evals/{made}/runs/{run}", key=key)["status"] in ("completed", "failed"))
    item = server.json("GET", f"/v1/evals/{made}/runs/{run}/output_items", key=key)["data"][0]["id"]
    examples = "".join(json.dumps({"text": f"canary words {i}", "label": "ab"[i % 2]}) + "\n" for i in range(20))
    training = sent(server, key, "canary.jsonl", examples, "fine-tune")
    job = server.json("POST", "/v1/fine_tuning/jobs", {"model": "builtin", "training_file": training, "suffix": "canary"}, key=key)["id"]
    tuned = until(lambda: (found := server.json("GET", f"/v1/fine_tuning/jobs/{job}", key=key))["status"] in ("succeeded", "failed") and found)
    return {"file": file, "store": store, "batch": batch, "eval": made, "run": run, "item": item, "job": job, "model": tuned["fine_tuned_model"], "inside": inside}


def asked_of(method, path, names):
    """The address with these names, and a body that the route takes."""
    names = {**names, "file": names["inside"]} if "/vector_stores/" in path else names
    body = {"file_batches": {"file_ids": [names["file"]]}, "files": {"file_id": names["file"]}, "runs": {"data_source": {}}, "search": {"query": "canarynote"}}.get(path.rsplit("/", 1)[1], {"name": "x", "attributes": {}})
    return path.format(**names), body if method == "POST" else None


@needed
def test_a_writer_learns_nothing_of_another_ones(project):
    """Whatever another key with @write asks of what one has made, it is told what it would be told if there were no such thing."""
    mine = [(method, path) for method, path, right in routes() if right == "RIGHT_WRITE" and (method, path) not in MADE | LISTS]
    mine += [(method, path) for method, path, right in routes() if right == "RIGHT_READ" and re.search(r"\{(store|file|model)\}", path)]
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("labels: public", "labels: from-folder"))  # what is sent is not for everybody
    with serving(project, env={"ASSAY_MODELS": str(FOLDER.parent)}) as server:
        one, other = (project.run("key", "add", "--quiet", name, "--groups", groups).out.strip() for name, groups in (("one", "@write,other"), ("two", "@write")))
        names = belongings(server, one)
        assert names["model"], "nothing was learned"
        none = {name: value[:-6] + "zzzzzz" for name, value in names.items()}

        def told(method, path, which):
            address, body = asked_of(method, path, which)
            status, headers, content = server.ask(method, address, body, key=other)
            for name in which:
                content = content.replace(which[name].encode(), b"{%s}" % name.encode())
            return status, sorted(name for name, _ in headers.items()), content

        for method, path in dict.fromkeys(mine):
            there, absent = told(method, path, names), told(method, path, none)
            assert there == absent and b"canary" not in there[2], (method, path, there, absent)
            assert there[0] in (400, 404), (method, path, there)
        for path in ("/v1/files?limit=100", "/v1/vector_stores", "/v1/evals", "/v1/fine_tuning/jobs", "/v1/models", "/v1/documents"):
            assert b"canary" not in server.ask("GET", path, key=other)[2], path
        for body in ({"training_file": names["file"]}, {"training_file": none["file"]}):
            assert server.error("POST", "/v1/fine_tuning/jobs", {"model": "builtin", **body}, key=other)["param"] == "training_file"
        case = {"question": "What is kept?", "answer": "The canarynote", "source": "uploads"}
        assert b"canarynote is" not in server.ask("POST", "/v1/cases", case, key=other)[2]
        assert server.json("GET", f"/v1/vector_stores/{names['store']}", key=one)["name"] == "canarystore"  # and nothing was changed
        assert server.json("GET", f"/v1/evals/{names['eval']}", key=one)["name"] == "canaryeval" and server.ask("GET", f"/v1/models/{names['model']}", key=one)[0] == 200


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
