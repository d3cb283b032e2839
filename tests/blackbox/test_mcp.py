"""The Model Context Protocol: `assay mcp` over pipes and /mcp over HTTP, in both of its eras, message by message and by the official client."""

import base64
import contextlib
import http.client
import json
import subprocess
import threading

import pytest
from scripted_model import says, scripted
from serving import serving, use_provider

NEW = "2026-07-28"
OLD = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
META = {"io.modelcontextprotocol/protocolVersion": NEW, "io.modelcontextprotocol/clientCapabilities": {}}
QUESTION = "Within how many days may goods be returned after delivery?"
LABELLED = ["docs/public/refunds.md", "docs/public/parcels.md"]


@pytest.fixture
def shop(project):
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("labels: public", "labels: from-folder"))
    project.write("docs/public/refunds.md", "# Refunds\n\nThe refund window is thirty days.\n\nGoods may be returned within **45 days** of delivery. The label costs €7.50 within the country.\n")
    project.write("docs/public/parcels.md", "# Parcels\n\nA refund for a lost parcel takes a week.\n")
    project.write("docs/hr/pay rise ü.md", "# Pay\n\nThe refund canarypay is four thousand a month.\n")
    project.add()
    return project


def request(method, params=None, number=1, modern=True):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": {**(params or {}), **({"_meta": META} if modern else {})}}


class Pipe:
    """A process that is asked a line at a time."""

    def __init__(self, project, *words):
        self.project = project
        self.process = project.assay.start("mcp", *words, cwd=project.path, stdin=subprocess.PIPE)

    def send(self, message):
        self.process.stdin.write((message if isinstance(message, bytes) else json.dumps(message).encode()) + b"\n")

    def ask(self, message):
        self.send(message)
        return json.loads(self.process.stdout.readline())

    def result(self, method, params=None, modern=True):
        reply = self.ask(request(method, params, modern=modern))
        assert set(reply) == {"jsonrpc", "id", "result"}, reply
        return reply["result"]


@contextlib.contextmanager
def pipe(project, *words):
    asked = Pipe(project, *words)
    try:
        yield asked
    except BaseException:
        asked.process.kill()
        raise
    out = project.assay.finish(asked.process)
    assert out.code == 0 and out.out == "", out.err


def fields(message, **changed):
    params = message.get("params", {})
    named = {"MCP-Protocol-Version": NEW, "Mcp-Method": message["method"]}
    if name := params.get("name") or params.get("uri"):
        named["Mcp-Name"] = name
    return {key: value for key, value in {**named, **changed}.items() if value is not None}


def test_the_newer_era(shop):
    with pipe(shop) as asked:
        found = asked.result("server/discover")
        assert found["resultType"] == "complete" and found["supportedVersions"] == [NEW] and set(found["capabilities"]) == {"tools", "resources", "prompts", "completions"}
        assert found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "assay" and found["cacheScope"] == "private"
        tools = asked.result("tools/list")["tools"]
        assert [tool["name"] for tool in tools] == ["search", "ask", "get_document", "audit"]
        assert all(tool["inputSchema"]["type"] == "object" and tool["description"] for tool in tools)
        assert asked.ask(request("ping"))["error"]["code"] == -32601
        assert asked.ask({**request("tools/list"), "id": "seven"})["id"] == "seven"
        wrong = request("tools/list")
        wrong["params"]["_meta"] = {**META, "io.modelcontextprotocol/protocolVersion": "1900-01-01"}
        refused = asked.ask(wrong)["error"]
        assert refused["code"] == -32022 and refused["data"] == {"supported": found["supportedVersions"], "requested": "1900-01-01"}
        del wrong["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"]
        wrong["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = NEW
        assert asked.ask(wrong)["error"]["code"] == -32602


@pytest.mark.parametrize("version, answered", [*((one, one) for one in OLD), (NEW, OLD[0]), ("1900-01-01", OLD[0]), (None, OLD[0]), (7, OLD[0])])
def test_the_older_era(shop, version, answered):
    with pipe(shop) as asked:
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        begun = asked.result("initialize", params, modern=False)
        assert begun["protocolVersion"] == answered and begun["serverInfo"]["name"] == "assay" and "tools" in begun["capabilities"]
        asked.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        assert asked.result("ping", modern=False) == {}
        listed = asked.result("tools/list", modern=False)
        assert set(listed) == {"tools"} and len(listed["tools"]) == 4
        assert asked.ask(request("server/discover", modern=False))["error"]["code"] == -32601


def test_tools(shop):
    with pipe(shop) as asked:
        found = asked.result("tools/call", {"name": "search", "arguments": {"query": "refund window", "k": 2}})
        assert found["isError"] is False and "docs/public/refunds.md:" in found["content"][0]["text"]
        assert found["structuredContent"]["results"][0]["document"] == "docs/public/refunds.md" and len(found["structuredContent"]["results"]) == 2
        filtered = asked.result("tools/call", {"name": "search", "arguments": {"query": "refund", "filter": "folder = docs/hr"}})
        assert [hit["document"] for hit in filtered["structuredContent"]["results"]] == ["docs/hr/pay rise ü.md"]
        answer = asked.result("tools/call", {"name": "ask", "arguments": {"question": QUESTION}})
        assert "45 days" in answer["content"][0]["text"]
        quotes = [citation["quote"] for citation in answer["structuredContent"]["citations"]]
        assert not answer["structuredContent"]["abstained"] and "45 days" in quotes[0]
        text = asked.result("tools/call", {"name": "get_document", "arguments": {"document": "docs/public/refunds.md"}})["content"][0]["text"]
        assert text == (shop.path / "docs/public/refunds.md").read_text()
        part = asked.result("tools/call", {"name": "get_document", "arguments": {"document": "docs/public/refunds.md", "line": 3, "line_end": 4}})
        assert part["content"][0]["text"] == "The refund window is thirty days.\n\n"
        audit = asked.result("tools/call", {"name": "audit", "arguments": {"limit": 3}})
        assert 0 <= audit["structuredContent"]["score"] <= 100 and audit["content"][0]["text"].startswith("Score ")


def test_a_long_document_comes_in_parts(shop):
    lines = [f"line {number} " + "x" * 90 + "\n" for number in range(1, 3001)]
    shop.write("docs/public/long.txt", "".join(lines))
    shop.write("docs/public/wide.txt", "wide " * 60000)
    shop.add()
    with pipe(shop) as asked:
        got, line = "", 1
        for _ in range(20):
            part = asked.result("tools/call", {"name": "get_document", "arguments": {"document": "docs/public/long.txt", "line": line}})
            text, _, rest = part["content"][0]["text"].partition("\n(go on from line ")
            got += text + ("\n" if rest and not text.endswith("\n") else "")
            if not rest:
                break
            line = int(rest[:-1])
        assert got == "".join(lines)
        beyond = asked.result("tools/call", {"name": "get_document", "arguments": {"document": "docs/public/long.txt", "line": 3001}})
        assert beyond["content"][0]["text"] == "(the document has no line 3001)"
        wide = asked.result("tools/call", {"name": "get_document", "arguments": {"document": "docs/public/wide.txt"}})["content"][0]["text"]
        assert wide.startswith("wide wide") and wide[128 * 1024 :] == "\n(the line is longer: its end is left out)"


@pytest.mark.parametrize("name, arguments", [
    ("search", {}), ("search", {"query": ""}), ("ask", {"question": " \n"}), ("search", {"query": 3}), ("search", {"query": "a\0b"}), ("search", {"query": "x", "k": 0}), ("search", {"query": "x", "k": 51}),
    ("search", {"query": "x", "k": 1.5}), ("search", {"query": "x", "mode": "magic"}), ("search", {"query": "x", "filter": "year >>> 3"}),
    ("search", {"query": "x" * 70000}), ("ask", {"question": None}), ("get_document", {"document": "docs/none.md"}), ("get_document", {"document": "assay.yaml"}),
    ("get_document", {"document": "../x"}), ("audit", {"limit": "many"})])  # fmt: skip
def test_wrong_calls_are_told_as_results(shop, name, arguments):
    with pipe(shop) as asked:
        got = asked.result("tools/call", {"name": name, "arguments": arguments})
        assert got["isError"] is True and got["content"][0]["text"]


def test_resources(shop):
    with pipe(shop) as asked:
        listed = asked.result("resources/list")
        assert {item["name"] for item in listed["resources"]} == {*LABELLED, "docs/hr/pay rise ü.md"} and "nextCursor" not in listed
        for item in listed["resources"]:
            read = asked.result("resources/read", {"uri": item["uri"]})["contents"][0]
            assert read["uri"] == item["uri"] and read["text"] == (shop.path / item["name"]).read_text() and item["uri"].isascii()
        assert asked.result("resources/templates/list")["resourceTemplates"][0]["uriTemplate"] == "assay://documents/{+path}"
        for wrong in ("assay://documents/", "assay://documents/none", "file:///etc/passwd", "assay://documents/%00", "assay://documents/%zz", "", 3):
            refused = asked.ask(request("resources/read", {"uri": wrong}))["error"]
            assert refused["code"] == -32602 and refused.get("data") == ({"uri": wrong} if isinstance(wrong, str) else None)
            assert asked.ask(request("resources/read", {"uri": wrong}, modern=False))["error"]["code"] == -32002
        for cursor in ("!", "", 7, "AA"):
            assert asked.ask(request("resources/list", {"cursor": cursor}))["error"]["code"] == -32602


def told(asked, name, arguments):
    """The messages of a prompt, by what they hold."""
    messages = asked.result("prompts/get", {"name": name, "arguments": arguments})["messages"]
    assert all(message["role"] == "user" for message in messages)
    return [message["content"] for message in messages]


def test_prompts(shop):
    with pipe(shop) as asked:
        listed = asked.result("prompts/list")
        assert [prompt["name"] for prompt in listed["prompts"]] == ["answer", "check", "read"] and listed["ttlMs"] > 0
        needed = [[argument["name"] for argument in prompt["arguments"] if argument["required"]] for prompt in listed["prompts"]]
        assert needed == [["question"], ["statement"], ["document"]]
        (answer,) = told(asked, "answer", {"question": QUESTION})
        assert answer["type"] == "text" and "docs/public/refunds.md:" in answer["text"] and "45 days" in answer["text"]
        assert answer["text"].index("45 days") < answer["text"].index(f"Question: {QUESTION}") < answer["text"].index("from these passages alone")
        (check,) = told(asked, "check", {"statement": "Goods may be returned within 50 days."})
        assert "45 days" in check["text"] and "Statement: Goods may be returned within 50 days." in check["text"]
        (nothing,) = told(asked, "answer", {"question": '"zyzzyva quux"'})
        assert nothing["text"].startswith("A search of the project's documents found no passage.")
        document, task = told(asked, "read", {"document": "docs/hr/pay rise ü.md"})
        assert document["resource"]["text"] == (shop.path / "docs/hr/pay rise ü.md").read_text() and task["text"].startswith("Say briefly")
        assert asked.result("resources/read", {"uri": document["resource"]["uri"]})["contents"][0]["text"] == document["resource"]["text"]
        assert told(asked, "read", {"document": "docs/public/refunds.md", "task": "Translate it."})[1]["text"] == "Translate it."
        for name, arguments in (("answer", {}), ("answer", {"question": " "}), ("answer", {"question": 7}), ("answer", []), ("check", {"question": "x"}), ("read", {"document": "docs/none.md"}),
                                ("read", {"document": "a\0b"}), ("read", {"document": "docs/public/refunds.md", "task": 7}), ("none", {}), (7, {})):  # fmt: skip
            refused = asked.ask(request("prompts/get", {"name": name, "arguments": arguments}))["error"]
            assert refused["code"] == -32602, (name, arguments)


def test_paths_are_completed(shop):
    for number in range(120):
        shop.write(f"notes/{number:03}.md", f"# Note {number}\n")
    shop.add("notes")
    template, prompt = {"type": "ref/resource", "uri": "assay://documents/{+path}"}, {"type": "ref/prompt", "name": "read"}
    with pipe(shop) as asked:

        def complete(value, reference=template, name="path"):
            got = asked.result("completion/complete", {"ref": reference, "argument": {"name": name, "value": value}})["completion"]
            return got["values"], got["hasMore"]

        assert complete("docs/public/") == (sorted(LABELLED), False) == complete("docs/public/", prompt, "document")
        assert complete("docs/public/refunds.md") == (["docs/public/refunds.md"], False)  # it is whole already
        assert complete("REFUND") == (["docs/public/refunds.md"], False)
        assert complete("p") == (["docs/hr/pay rise ü.md", *sorted(LABELLED)], False)
        assert complete("notes/") == ([f"notes/{number:03}.md" for number in range(100)], True)
        assert complete("") == (sorted(["docs/hr/pay rise ü.md", *LABELLED, *(f"notes/{number:03}.md" for number in range(120))])[:100], True)
        assert complete("zyzzyva") == complete("a\0b") == complete("x" * 5000) == complete("docs", prompt, "task") == ([], False)
        for params in ({}, {"ref": template}, {"ref": template, "argument": "docs"}, {"ref": template, "argument": {"name": "path", "value": 7}}, {"ref": "read", "argument": {"name": "path", "value": ""}},
                       *({"ref": reference, "argument": {"name": "path", "value": ""}} for reference in (
                           {"type": "ref/prompt", "name": "none"}, {"type": "ref/resource", "uri": "assay://none/{path}"}, {"type": "ref/none", "uri": "assay://documents/{+path}"}))):  # fmt: skip
            assert asked.ask(request("completion/complete", params))["error"]["code"] == -32602, params


def test_resources_come_in_pages(shop):
    for number in range(250):
        shop.write(f"docs/public/{number:03}.md", f"# Page {number}\n\nzorbit {number}\n")
    shop.add()
    with pipe(shop, "--as", shop.run("key", "add", "staff", "--json").json()["name"]) as asked:
        names, cursor, pages = [], None, 0
        while pages == 0 or cursor:
            got = asked.result("resources/list", {"cursor": cursor} if cursor else {})
            names += [item["name"] for item in got["resources"]]
            cursor, pages = got.get("nextCursor"), pages + 1
        assert pages == 3 and names == sorted([f"docs/public/{number:03}.md" for number in range(250)] + LABELLED)


def test_what_a_key_may_not_see_appears_nowhere(shop):
    secret = shop.run("key", "add", "--quiet", "staff", "--groups", "public").out.strip()
    hidden = "assay://documents/docs/hr/pay%20rise%20%C3%BC.md"
    calls = [("tools/list", {}), ("tools/call", {"name": "search", "arguments": {"query": "refund canarypay", "k": 50}}),
             ("tools/call", {"name": "ask", "arguments": {"question": "How much is the refund canarypay?"}}),
             ("tools/call", {"name": "get_document", "arguments": {"document": "docs/hr/pay rise ü.md"}}),
             ("tools/call", {"name": "audit", "arguments": {}}), ("resources/list", {}), ("resources/read", {"uri": hidden}), ("prompts/get", {"name": "answer", "arguments": {"question": "refund canarypay"}}),
             ("prompts/get", {"name": "read", "arguments": {"document": "docs/hr/pay rise ü.md"}}),
             *(("completion/complete", {"ref": {"type": "ref/prompt", "name": "read"}, "argument": {"name": "document", "value": typed}}) for typed in ("docs/hr/", "PAY", "docs/hr/pay rise ü.md"))]  # fmt: skip

    def replies(ask):
        told = [json.dumps(ask(request(method, params)), ensure_ascii=False) for method, params in calls]
        named = told[3].replace("docs/hr/pay rise ü.md", "docs/hr/none.md")
        assert named == json.dumps(ask(request("tools/call", {"name": "get_document", "arguments": {"document": "docs/hr/none.md"}})))
        told[6] = told[6].replace(hidden, "")  # as it was asked for
        assert told[8] == json.dumps(ask(request("prompts/get", {"name": "read", "arguments": {"document": "docs/hr/none.md"}}))).replace("docs/hr/none.md", "docs/hr/pay rise ü.md")
        told[8] = told[8].replace("docs/hr/pay rise ü.md", "")
        for text in [*told[:3], named, *told[4:]]:
            assert "canarypay is" not in text and "four thousand" not in text and "pay rise" not in text
        assert '"audit"' not in told[0] and "Unknown tool: audit" in told[4] and "error" in told[6]
        absent = json.dumps(ask(request("resources/read", {"uri": hidden + "x"}))).replace(hidden + "x", "")
        assert absent == told[6]

    with pipe(shop, "--as", "staff") as asked:
        replies(asked.ask)
    with serving(shop) as server:
        replies(lambda message: json.loads(server.ask("POST", "/mcp", message, key=secret, headers=http_fields(message))[2]))


def http_fields(message):
    named = fields(message)
    if "Mcp-Name" in named and not named["Mcp-Name"].isascii():
        named["Mcp-Name"] = "=?base64?" + base64.b64encode(named["Mcp-Name"].encode()).decode() + "?="
    return named


def test_messages_that_are_none(shop):
    with pipe(shop) as asked:
        assert asked.ask(b"{")["error"]["code"] == -32700
        assert asked.ask(b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b"[" * 300)["error"]["code"] == -32700
        for wrong in (b"7", b"{}", b"[]", b'{"jsonrpc":"1.0","id":1,"method":"ping"}', b'{"jsonrpc":"2.0","id":null,"method":"ping"}',
                      b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', b'{"jsonrpc":"2.0","id":1,"method":7}', b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}',
                      b"[" + b",".join([b"7"] * 65) + b"]"):  # fmt: skip
            assert asked.ask(wrong)["error"]["code"] == -32600, wrong
        for silent in (b"", b"   ", b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}', b'{"jsonrpc":"2.0","id":1,"result":{}}'):
            asked.send(silent)
        batch = asked.ask([request("ping", modern=False, number=5), {"jsonrpc": "2.0", "method": "notifications/initialized"}, request("nothing", number=6)])
        assert [reply["id"] for reply in batch] == [5, 6] and batch[1]["error"]["code"] == -32601


def test_http_fields_must_say_what_the_message_says(shop):
    with serving(shop) as server:

        def ask(message, status, **changed):
            return server.json("POST", "/mcp", message, status=status, headers=fields(message, **changed))

        listed, search = request("tools/list"), request("tools/call", {"name": "search", "arguments": {"query": "refund"}})
        prompt = request("prompts/get", {"name": "check", "arguments": {"statement": "refund"}})
        assert ask(prompt, 200)["result"]["messages"] and ask(listed, 200)["result"]["tools"] and not ask(search, 200)["result"]["isError"]
        for message, changed in ((listed, {"MCP-Protocol-Version": None}), (listed, {"MCP-Protocol-Version": OLD[0]}), (listed, {"Mcp-Method": None}),
                                 (listed, {"Mcp-Method": "tools/call"}), (search, {"Mcp-Name": None}), (search, {"Mcp-Name": "ask"}),
                                 (prompt, {"Mcp-Name": None}), (prompt, {"Mcp-Name": "read"}), (search, {"Mcp-Name": "=?base64?!!?="}), (search, {"Mcp-Name": "=?base64?YXNr?="})):  # fmt: skip
            assert ask(message, 400, **changed)["error"]["code"] == -32020, changed
        assert ask(search, 200, **{"Mcp-Name": "=?base64?c2VhcmNo?="})["result"]
        assert ask(request("nothing"), 404)["error"]["code"] == -32601
        unknown = request("tools/list")
        unknown["params"]["_meta"] = {**META, "io.modelcontextprotocol/protocolVersion": "1900-01-01"}
        assert ask(unknown, 400, **{"MCP-Protocol-Version": "1900-01-01"})["error"]["code"] == -32022
        older = request("tools/list", modern=False)
        assert ask(older, 400)["error"]["code"] == -32602 and ask(older, 400, **{"MCP-Protocol-Version": "1900-01-01"})["error"]["code"] == -32022
        for version in (*OLD, None):
            assert ask(older, 200, **{"MCP-Protocol-Version": version, "Mcp-Method": None})["result"]["tools"]
        assert ask(request("nothing", modern=False), 200, **{"MCP-Protocol-Version": OLD[0]})["error"]["code"] == -32601
        begin = request("initialize", {"protocolVersion": NEW, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}, modern=False)
        assert ask(begin, 200)["result"]["protocolVersion"] == OLD[0]
        got, headers, content = server.ask("POST", "/mcp", {"jsonrpc": "2.0", "method": "notifications/initialized"})
        assert (got, content) == (202, b"") and "Mcp-Session-Id" not in headers
        for method in ("GET", "DELETE"):
            assert server.ask(method, "/mcp")[0] == 405
        assert server.ask("POST", "/mcp", listed, key=None)[0] == 401
        assert server.ask("POST", "/mcp", listed, headers={**fields(listed), "Origin": "http://evil.example"})[0] == 403


# ---- how far it is ----


def patient(method, params, token="t1", modern=True):
    """A request that wants to know how far it is."""
    message = request(method, params, modern=modern)
    message["params"]["_meta"] = {**message["params"].get("_meta", {}), "progressToken": token}
    return message


def steps(messages, token):
    """What was told before the reply, which is the last message; it must grow, and be for who asked."""
    *told, reply = messages
    assert all(set(message) == {"jsonrpc", "method", "params"} and message["method"] == "notifications/progress" for message in told)
    params = [message["params"] for message in told]
    assert all(one["progressToken"] == token for one in params) and reply["id"] == 1
    numbers = [one["progress"] for one in params]
    assert numbers == sorted(set(numbers))
    return [one["message"] for one in params], reply


def events(server, message, **more):
    got, headers, content = server.ask("POST", "/mcp", message, headers={**(fields(message) if "io.modelcontextprotocol/protocolVersion" in message["params"]["_meta"] else {}), **more})
    assert got == 200
    if headers["Content-Type"] == "application/json":
        return [json.loads(content)]
    assert headers["Content-Type"] == "text/event-stream"
    return [json.loads(event.removeprefix("data: ")) for event in content.decode().split("\n\n") if event]


@pytest.mark.parametrize("modern", [True, False])
def test_an_audit_tells_how_far_it_is(shop, modern):
    both = "application/json, text/event-stream"
    with pipe(shop) as asked, serving(shop) as server:
        for token in ("t1", 7):
            message = patient("tools/call", {"name": "audit", "arguments": {"limit": 3}}, token, modern)
            asked.send(message)
            lines = [json.loads(asked.process.stdout.readline())]
            while "id" not in lines[-1]:
                lines.append(json.loads(asked.process.stdout.readline()))
            stages, reply = steps(lines, token)
            assert any(stage.startswith("asking for passages") for stage in stages) and reply["result"]["content"][0]["text"].startswith("Score ")
            stages, reply = steps(events(server, message, Accept=both), token)
            assert any(stage.startswith("asking for passages") for stage in stages) and reply["result"]["structuredContent"]["score"] > 0
        quiet = patient("tools/call", {"name": "audit", "arguments": {}}, {"no": "token"}, modern)
        long = patient("tools/call", {"name": "audit", "arguments": {}}, "x" * 2000, modern)
        wrong = patient("tools/call", {"name": "audit", "arguments": {"limit": 0}}, "t1", modern)
        for one, accepted in ((quiet, both), (long, both), (wrong, both), (message, "application/json"), (message, None)):
            assert len(events(server, one, **({"Accept": accepted} if accepted else {}))) == 1
        assert asked.ask(quiet)["result"] and asked.ask(long)["result"] and asked.ask(wrong)["result"]["isError"]


def test_who_waits_for_an_answer_hears_of_it_meanwhile(shop):
    heard = threading.Event()

    def late(handler):
        assert heard.wait(60)
        says("Within 45 days [1].")(handler)

    with scripted(late) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            message = patient("tools/call", {"name": "ask", "arguments": {"question": QUESTION}})
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=50)
            given = {"Authorization": f"Bearer {server.admin}", "Content-Type": "application/json", "Accept": "text/event-stream", **fields(message)}
            connection.request("POST", "/mcp", json.dumps(message), given)
            answer = connection.getresponse()
            first = answer.readline()  # before the model has said anything
            heard.set()
            messages = [json.loads(event.removeprefix("data: ")) for event in (first + answer.read()).decode().split("\n\n") if event]
            connection.close()
            told, reply = steps(messages, "t1")
            assert told[0] == "answering" and "45 days" in reply["result"]["content"][0]["text"]


# ---- the official client ----


def with_client(coroutine):
    anyio = pytest.importorskip("anyio")
    pytest.importorskip("mcp", reason="the official client is not installed: .venv/bin/pip install mcp")
    anyio.run(coroutine)


async def use(client):
    assert {tool.name for tool in (await client.list_tools()).tools} == {"search", "ask", "get_document", "audit"}
    found = await client.call_tool("search", {"query": "refund window"})
    assert not found.is_error and found.structured_content["results"][0]["document"] == "docs/public/refunds.md"
    answer = await client.call_tool("ask", {"question": QUESTION})
    assert "45 days" in answer.content[0].text
    told = []

    async def note(progress, total, message):
        told.append((progress, message))

    audit = await client.call_tool("audit", {"limit": 1}, progress_callback=note)
    assert not audit.is_error and [progress for progress, _ in told] == list(range(1, len(told) + 1)) and len(told) > 3
    resources = (await client.list_resources()).resources
    assert len(resources) == 3
    for resource in resources:
        assert (await client.read_resource(str(resource.uri))).contents[0].text.startswith("#")
    assert (await client.call_tool("get_document", {"document": "docs/none.md"})).is_error
    assert (await client.list_resource_templates()).resource_templates
    assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["answer", "check", "read"]
    assert "45 days" in (await client.get_prompt("answer", {"question": QUESTION})).messages[0].content.text
    from mcp.types import PromptReference

    assert (await client.complete(PromptReference(name="read"), {"name": "document", "value": "parcels"})).completion.values == ["docs/public/parcels.md"]


@pytest.mark.parametrize("mode", ["auto", "legacy", NEW])
def test_the_official_client_over_pipes(shop, mode):
    async def main():
        from mcp import Client, StdioServerParameters
        from mcp.client.stdio import stdio_client

        server = StdioServerParameters(command=str(shop.assay.binary), args=["mcp", "--project", str(shop.path)])
        async with Client(stdio_client(server), mode=mode) as client:
            assert client.protocol_version == (OLD[0] if mode == "legacy" else NEW)
            await use(client)

    with_client(main)


@pytest.mark.parametrize("mode", ["auto", "legacy", NEW])
def test_the_official_client_over_http(shop, mode):
    with serving(shop) as server:

        async def main():
            import httpx2
            from mcp import Client
            from mcp.client.streamable_http import streamable_http_client

            async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {server.admin}"}, timeout=60) as asked:
                transport = streamable_http_client(f"http://127.0.0.1:{server.port}/mcp", http_client=asked)
                async with Client(transport, mode=mode) as client:
                    assert client.protocol_version == (OLD[0] if mode == "legacy" else NEW)
                    await use(client)

        with_client(main)
