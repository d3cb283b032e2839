"""The protocol of MCP with another offer behind it (tests/mcp/suite_offer.c): what the program does not offer itself, over pipes and over HTTP."""

import pytest
from conftest import BINARY, Assay, Project
from serving import serving
from test_mcp import META, events, fields, patient, pipe, request, steps

PROGRAM = BINARY.parent / "tests" / "mcp" / "assay-offer"
pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="no assay-offer beside the program")
ABLE = {**META, "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}, "sampling": {}}}
WAITING = "test_input_required_result_"


@pytest.fixture
def other(tmp_path):
    assay = Assay()
    assay.binary = PROGRAM
    return Project(assay, tmp_path / "other")


def call(name, meta=ABLE, method="tools/call", **params):
    message = request(method, {"name": name, **params})
    return {**message, "params": {**message["params"], "_meta": meta}}


def test_lists_are_the_tables(other):
    with pipe(other) as asked:
        tools = asked.result("tools/list")["tools"]
        assert tools[0]["name"] == "test_simple_text" and len(tools) == 20 and not {"search", "ask"} & {tool["name"] for tool in tools}
        schema = next(tool for tool in tools if tool["name"] == "json_schema_2020_12_tool")["inputSchema"]
        assert schema["$defs"]["address"]["$anchor"] == "addressDef" and schema["if"] and schema["additionalProperties"] is False
        assert [prompt["name"] for prompt in asked.result("prompts/list")["prompts"]][:2] == ["test_simple_prompt", "test_prompt_with_arguments"]
        assert asked.result("resources/templates/list")["resourceTemplates"][0]["uriTemplate"] == "test://template/{id}/data"
        assert asked.result("server/discover")["instructions"] == "What the conformance suite asks for."
        for listed in asked.result("resources/list")["resources"]:
            read = asked.result("resources/read", {"uri": listed["uri"]})["contents"][0]
            assert read["uri"] == listed["uri"] and read["mimeType"] == listed["mimeType"] and (read.get("text") or read["blob"])


def test_what_stands_in_the_table_answers(other):
    with pipe(other) as asked:
        kinds = [item["type"] for item in asked.result("tools/call", {"name": "test_multiple_content_types"})["content"]]
        assert kinds == ["text", "image", "resource"]
        assert asked.result("tools/call", {"name": "test_error_handling", "arguments": None})["isError"] is True
        assert asked.result("tools/call", {"name": "test_error_handling", "arguments": []})["content"][0]["text"] == '"arguments" is no object'
        prompt = asked.result("prompts/get", {"name": "test_prompt_with_arguments", "arguments": {"arg1": 'a"b', "arg2": "ü"}})["messages"][0]
        assert prompt["content"]["text"] == "Prompt with arguments: arg1='a\"b', arg2='ü'"
        assert "12/3" in asked.result("resources/read", {"uri": "test://template/12/3/data"})["contents"][0]["text"]
        for method, params, told in (("tools/call", {"name": "search"}, "Unknown tool: search"), ("prompts/get", {"name": "answer"}, "Unknown prompt: answer"),
                                     ("resources/read", {"uri": "test://template//data"}, "Resource not found")):  # fmt: skip
            assert asked.ask(request(method, params))["error"]["message"] == told
        reference = {"type": "ref/prompt", "name": "test_prompt_with_arguments"}
        completed = asked.result("completion/complete", {"ref": reference, "argument": {"name": "arg1", "value": "park"}})["completion"]
        assert completed == {"values": ["park"], "hasMore": False}


def test_a_client_is_asked_back(other):
    said = {"action": "accept", "content": {"name": "Alice"}}
    with pipe(other) as asked:
        first = asked.ask(call(WAITING + "elicitation"))["result"]
        assert first["resultType"] == "input_required" and first["inputRequests"]["user_name"]["method"] == "elicitation/create"
        again = asked.ask(call(WAITING + "elicitation", inputResponses={"user_name": 7, "more": said}))["result"]
        assert again["resultType"] == "input_required"
        done = asked.ask(call(WAITING + "elicitation", inputResponses={"user_name": said, "more": said}))["result"]
        assert done["resultType"] == "complete" and done["content"]
        assert asked.ask(call(WAITING + "elicitation", inputResponses=None))["error"]["code"] == -32602
        one = asked.ask(call(WAITING + "multi_round"))["result"]
        two = asked.ask(call(WAITING + "multi_round", requestState=one["requestState"], inputResponses={"step1": said}))["result"]
        assert set(two["inputRequests"]) == {"step2"} and two["requestState"] != one["requestState"]
        for state in (one["requestState"] + "0", "1" + one["requestState"][1:], "0.", "", "7.00"):
            assert asked.ask(call(WAITING + "multi_round", requestState=state, inputResponses={"step2": said}))["error"]["code"] == -32602
        three = asked.ask(call(WAITING + "multi_round", requestState=two["requestState"], inputResponses={"step2": said}))["result"]
        assert three["resultType"] == "complete"
        some = {**META, "io.modelcontextprotocol/clientCapabilities": {"sampling": {}}}
        assert set(asked.ask(call(WAITING + "capabilities", some))["result"]["inputRequests"]) == {"greeting"}
        refused = asked.ask(call("test_missing_capability", META))["error"]
        assert refused["code"] == -32021 and refused["data"] == {"requiredCapabilities": {"sampling": {}}}
        assert asked.ask(call(WAITING + "prompt", method="prompts/get", inputResponses={"user_context": said}))["result"]["messages"]
        assert asked.ask(request("tools/call", {"name": WAITING + "elicitation"}, modern=False))["error"]["code"] == -32602


def test_an_argument_that_stands_in_a_field_too(other):
    message = call("test_x_mcp_header", arguments={"region": "Zürich"})
    with serving(other) as server:
        for value, status in (("=?base64?WsO8cmljaA==?=", 200), ("Zurich", 400), ("=?base64?WsO8cmljaA?=", 400), (None, 400)):
            headers = fields(message, **{"Mcp-Param-Region": value})
            got = server.json("POST", "/mcp", message, status=status, headers=headers)
            assert got["result"]["content"] if status == 200 else got["error"]["code"] == -32020, value
        missing = call("test_missing_capability", META)
        assert server.json("POST", "/mcp", missing, status=400, headers=fields(missing))["error"]["code"] == -32021


def test_progress_with_a_total(other):
    message = patient("tools/call", {"name": "test_tool_with_progress"})
    with serving(other) as server:
        told = events(server, message, Accept="text/event-stream")
        assert steps(told, "t1")[0] == ["testing"] * 3
        assert [(one["params"]["progress"], one["params"]["total"]) for one in told[:3]] == [(0, 100), (50, 100), (100, 100)]
        assert told[3]["result"]["content"][0]["text"] == "Done."
