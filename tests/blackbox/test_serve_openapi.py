"""The server's OpenAPI document: it tells of every route and of no other, and answers are what it says."""

import json
import pathlib
import re

import models
import pytest
from serving import serving, until

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((ROOT / "docs/openapi.json").read_text())
METHODS = {"get", "post", "delete", "put", "patch"}
OF_THE_PAGE = re.compile(r"/v1/(me|cases|adapters|log|keys|settings|prices|labels)(/|$)")  # they change with the page, and are no promise


def operations():
    return [(method, path, operation) for path, item in DOCUMENT["paths"].items() for method, operation in item.items() if method in METHODS]


def resolve(schema):
    while "$ref" in schema:
        found = DOCUMENT
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}


def misfits(value, schema, place="answer"):
    """What of a value is not as a schema has it: of JSON Schema, what this document uses."""
    schema = resolve(schema)
    if "anyOf" in schema:
        return [] if any(not misfits(value, one, place) for one in schema["anyOf"]) else [f"{place} is none of the kinds: {value!r}"[:300]]
    if "const" in schema and value != schema["const"]:
        return [f"{place} is {value!r}, not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{place} is {value!r}"]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool)) for kind in kinds):
        return [f"{place} is {value!r}, not {kinds}"[:300]]
    found = [f"{place} lacks {name}" for name in schema.get("required", []) if name not in value]
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            found += misfits(value[name], part, f"{place}.{name}") if name in value else []
    if isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            found += misfits(item, schema["items"], f"{place}[{number}]")
    return found


def test_it_tells_of_every_route_and_of_no_other():
    routes = re.findall(r'\{"([A-Z]+)", "(/[^"]*)", (RIGHT_[A-Z]+)', (ROOT / "src/server/route.c").read_text())
    rights = {(method.lower(), path): right for method, path, right in routes if not OF_THE_PAGE.match(path)}
    assert len(rights) > 30 and len(set(routes)) == len(routes)
    told = {(method, path): operation for method, path, operation in operations()}
    assert set(told) == set(rights)
    for where, operation in told.items():
        right = rights[where]
        assert (operation.get("security") == []) == (right == "RIGHT_NONE"), where
        assert ("@write" in operation.get("description", "")) == (right == "RIGHT_WRITE"), where
        assert ("the group @admin." in operation.get("description", "")) == (right == "RIGHT_OWNER"), where
        assert ("@metrics" in operation.get("description", "")) == (right == "RIGHT_MEASURE"), where


def test_it_is_whole():
    assert DOCUMENT["openapi"] == "3.1.0" and DOCUMENT["info"]["title"] == "assay"
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    for _, path, operation in operations():
        assert [item["name"] for item in operation.get("parameters", []) if item["in"] == "path"] == re.findall(r"{(\w+)}", path)
        assert operation["summary"] and "200" in operation["responses"] and (operation.get("security") == [] or "default" in operation["responses"])
    references = set(re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(DOCUMENT)))
    kept = {(kind, name) for kind in ("schemas", "responses") for name in DOCUMENT["components"][kind]}
    assert references == kept


@pytest.mark.parametrize("value, fits", [({"error": {"message": "m", "type": "t", "param": None, "code": "c"}}, True), ({"error": {"message": "m"}}, False),
                                         ({"error": {"message": 3, "type": "t", "param": None, "code": None}}, False), ({}, False), ([], False)])  # fmt: skip
def test_misfits_are_found(value, fits):
    assert (misfits(value, {"$ref": "#/components/schemas/Error"}) == []) == fits


@models.needed
def test_answers_are_what_it_says(project):
    (project.path / "models").mkdir()
    (project.path / "models" / "tiny").symlink_to(models.FOLDER)
    project.write("docs/refunds.md", "# Refunds\n\nThe refund window is thirty days.\n")
    project.add()
    asked = set()

    def ask(server, method, path, body=None, status=200, headers=None, **parts):
        operation = DOCUMENT["paths"][path][method]
        got, fields, content = server.ask(method.upper(), path.format(**parts), body, headers=headers)
        assert got == status, (path, content[:500])
        answer = resolve(operation["responses"]["200" if status < 400 else "default"])
        kind = fields["Content-Type"].split(";")[0]
        assert kind in answer["content"], path
        asked.add((method, path))
        if kind != "application/json":
            return content
        document = json.loads(content)
        if status >= 400 or "schema" in answer["content"][kind]:
            assert misfits(document, answer["content"][kind]["schema"]) == [], path
        return document

    with serving(project) as server:
        assert ask(server, "get", "/openapi.json") == DOCUMENT
        for path in ("/", "/health", "/ready", "/metrics", "/v1/models", "/v1/documents", "/v1/files", "/v1/vector_stores"):
            ask(server, "get", path)
        ask(server, "get", "/v1/models/{model}", model="assay")
        ask(server, "post", "/v1/embeddings", {"model": "tiny", "input": ["a", "b"]})
        ask(server, "post", "/v1/search", {"query": "refund window"})
        assert ask(server, "post", "/v1/ask", {"question": "How long is the refund window?"})["citations"]
        ask(server, "post", "/v1/moderations", {"input": "x"}, status=404)
        ask(server, "get", "/v1/audit")
        project.write("eval.jsonl", '{"question": "How long is the refund window?", "answer": "thirty days", "source": "docs/refunds.md"}\n')
        task = ask(server, "post", "/v1/tasks", {"kind": "eval"})["id"]
        assert until(lambda: (got := ask(server, "get", "/v1/tasks/{task}", task=task))["finished_at"] and got)["state"] == "done"
        for method, path, status in (("get", "", 200), ("post", "/{task}/cancel", 200), ("get", "/{task}/output", 200), ("get", "/{task}/training", 404)):
            ask(server, method, "/v1/tasks" + path, status=status, task=task)
        [run] = ask(server, "get", "/v1/runs")["data"]
        for path in ("", "/page"):
            ask(server, "get", "/v1/runs/{run}" + path, run=run["id"], status=200 if path == "" or run["has_page"] else 404)
        question = [{"role": "user", "content": "How long is the refund window?"}]
        ask(server, "post", "/v1/chat/completions", {"model": "assay", "messages": question})
        ask(server, "post", "/v1/completions", {"model": "assay", "prompt": question[0]["content"]})
        ask(server, "post", "/v1/responses", {"model": "assay", "input": "How long is the refund window?"})
        ask(server, "post", "/v1/messages", {"model": "assay", "max_tokens": 100, "messages": question})
        ask(server, "post", "/v1/messages", {"model": "assay"}, status=400)
        assert ask(server, "post", "/v1/messages/count_tokens", {"model": "assay", "messages": question})["input_tokens"] > 8
        ask(server, "post", "/v1/messages/count_tokens", {"model": "assay"}, status=400)
        ask(server, "post", "/mcp", {"jsonrpc": "2.0", "id": 1, "method": "ping"})
        form = b'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n# A\n\nrefund zorb\r\n--x--\r\n'
        file = ask(server, "post", "/v1/files", form, headers={"Content-Type": "multipart/form-data; boundary=x"})["id"]
        document = server.json("GET", "/v1/documents")["data"][0]["id"]
        training = ask(server, "post", "/v1/files", form.replace(b"assistants", b"fine-tune"), headers={"Content-Type": "multipart/form-data; boundary=x"})["id"]
        job = ask(server, "post", "/v1/fine_tuning/jobs", {"model": "tiny", "training_file": training})["id"]
        until(lambda: ask(server, "get", "/v1/fine_tuning/jobs/{job}", job=job)["status"] == "failed")
        for method, path, status in (("get", "", 200), ("get", "/{job}/events", 200), ("get", "/{job}/checkpoints", 200), ("post", "/{job}/cancel", 400),
                                     ("post", "/{job}/pause", 400), ("post", "/{job}/resume", 400)):  # fmt: skip
            ask(server, method, "/v1/fine_tuning/jobs" + path, status=status, job=job)
        ask(server, "delete", "/v1/models/{model}", status=404, model="ft:tiny:assay::none")
        grader = {"type": "string_check", "name": "same", "input": "{{sample.output_text}}", "reference": "{{item.a}}", "operation": "eq"}
        made = ask(server, "post", "/v1/evals", {"data_source_config": {"type": "custom", "item_schema": {}}, "testing_criteria": [grader]})["id"]
        ask(server, "post", "/v1/fine_tuning/alpha/graders/validate", {"grader": grader})
        ask(server, "post", "/v1/fine_tuning/alpha/graders/run", {"grader": grader, "model_sample": "b", "item": {"a": "b"}})
        content = [{"item": {"a": "b"}, "sample": {"output_text": "b"}}]
        run = ask(server, "post", "/v1/evals/{eval}/runs", {"data_source": {"type": "jsonl", "source": {"type": "file_content", "content": content}}}, eval=made)["id"]
        until(lambda: ask(server, "get", "/v1/evals/{eval}/runs/{run}", eval=made, run=run)["status"] == "completed")
        [item] = ask(server, "get", "/v1/evals/{eval}/runs/{run}/output_items", eval=made, run=run)["data"]
        ask(server, "get", "/v1/evals/{eval}/runs/{run}/output_items/{item}", eval=made, run=run, item=item["id"])
        for method, path, status in (("get", "", 200), ("get", "/{eval}", 200), ("post", "/{eval}", 200), ("get", "/{eval}/runs", 200), ("post", "/{eval}/runs/{run}", 400),
                                     ("post", "/{eval}/runs/{run}/cancel", 400), ("delete", "/{eval}/runs/{run}", 200), ("delete", "/{eval}", 200)):  # fmt: skip
            ask(server, method, "/v1/evals" + path, {"name": "n"} if method == "post" else None, status=status, eval=made, run=run)
        store = ask(server, "post", "/v1/vector_stores", {"name": "one"})["id"]
        for path in ("/v1/documents/{file}", "/v1/documents/{file}/content", "/v1/documents/{file}/passages"):
            ask(server, "get", path, file=document)
        for path in ("/v1/files/{file}", "/v1/files/{file}/content"):
            ask(server, "get", path, file=file)
        ask(server, "get", "/v1/vector_stores/{store}", store=store)
        ask(server, "post", "/v1/vector_stores/{store}", {"name": "two"}, store=store)
        ask(server, "post", "/v1/vector_stores/{store}/files", {"file_id": file}, store=store)
        until(lambda: ask(server, "get", "/v1/vector_stores/{store}/files/{file}", store=store, file=file)["status"] == "completed")
        for path in ("/v1/vector_stores/{store}/files", "/v1/vector_stores/{store}/files/{file}/content"):
            ask(server, "get", path, store=store, file=file)
        assert ask(server, "post", "/v1/vector_stores/{store}/search", {"query": "zorb"}, store=store)["data"]
        batch = ask(server, "post", "/v1/vector_stores/{store}/file_batches", {"file_ids": [file]}, store=store)["id"]
        for method, path in (("get", "/{batch}"), ("post", "/{batch}/cancel"), ("get", "/{batch}/files")):
            ask(server, method, "/v1/vector_stores/{store}/file_batches" + path, store=store, batch=batch)
        ask(server, "post", "/v1/vector_stores/{store}/files/{file}", {"attributes": {"team": "billing", "year": 2026, "draft": False}}, store=store, file=file)
        ask(server, "delete", "/v1/vector_stores/{store}/files/{file}", store=store, file=file)
        ask(server, "delete", "/v1/vector_stores/{store}", store=store)
        ask(server, "delete", "/v1/files/{file}", file=file)
        ask(server, "delete", "/v1/files/{file}", file=file, status=404)
    left = {(method, path) for method, path, _ in operations()} - asked
    assert left <= {("post", "/v1/rerank"), ("post", "/v2/rerank")}, left  # wants a reranker
