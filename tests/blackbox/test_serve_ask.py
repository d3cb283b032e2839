"""OpenAI's responses and Anthropic's messages, each by its official client and by plain requests."""

import json

import pytest
from scripted_model import says, scripted
from serving import serving, use_provider

QUESTION = "Within how many days may goods be returned after delivery?"
STORE = "vs_documents"
SEARCH = {"type": "file_search", "vector_store_ids": [STORE]}
ASK = [{"role": "user", "content": QUESTION}]


@pytest.fixture
def shop(project):
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("labels: public", "labels: from-folder"))
    project.write("docs/public/returns.md", "# Returns\n\nGoods may be returned within **45 days** of delivery. The label costs €7.50 within the country.\n")
    project.write("docs/hr/pay.md", "# Pay\n\nThe canarypay of the chief is nine thousand a month.\n")
    project.add()
    return project


def openai_client(server, key=None):
    openai = pytest.importorskip("openai", reason="OpenAI's client is not in .venv: scripts/setup installs it")
    return openai.OpenAI(base_url=server.url, api_key=key or server.admin, max_retries=0)


def anthropic_client(server, key=None):
    anthropic = pytest.importorskip("anthropic", reason="Anthropic's client is not in .venv: scripts/setup installs it")
    return anthropic.Anthropic(base_url=server.url.removesuffix("/v1"), api_key=key or server.admin, max_retries=0)


def quote_stands(shop, place):
    source = (shop.path / place.get("filename", place.get("source"))).read_bytes()
    return source[place["start"] : place["end"]].decode() == place["quote"] and "45 days" in place["quote"]


# ---- responses ----


def test_a_response(shop):
    with serving(shop) as server:
        response = openai_client(server).responses.create(model="assay", input=QUESTION, instructions="Answer in verse.", temperature=0,
                                                          max_output_tokens=100, metadata={"a": "b"})  # fmt: skip
        assert (response.object, response.status, response.model, response.metadata) == ("response", "completed", "assay", {"a": "b"})
        assert "45" in response.output_text and [item.type for item in response.output] == ["message"]
        annotation = response.output[0].content[0].annotations[0]
        assert (annotation.type, annotation.filename) == ("file_citation", "docs/public/returns.md")
        assert response.output_text[annotation.index :].startswith("[1]") and quote_stands(shop, annotation.to_dict())
        assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
        assert openai_client(server).files.retrieve(annotation.file_id).filename == annotation.filename


def test_a_response_with_file_search(shop):
    with serving(shop) as server:
        api = openai_client(server)
        tool = {**SEARCH, "max_num_results": 1, "filters": {"type": "eq", "key": "folder", "value": "docs/public"}}
        response = api.responses.create(model="assay", input=ASK, tools=[tool], include=["file_search_call.results"])
        search, message = response.output
        assert (search.type, search.status, search.queries) == ("file_search_call", "completed", [QUESTION]) and len(search.results) == 1
        assert search.results[0].filename == "docs/public/returns.md" and "45" in message.content[0].text
        plain = api.responses.create(model="assay", input=ASK, tools=[SEARCH], tool_choice="required")
        assert plain.output[0].results is None and plain.tools[0].vector_store_ids == [STORE]
        again = api.responses.create(model="assay", input=[*ASK, *[item.to_dict() for item in plain.output], *ASK])
        assert "45" in again.output_text


def test_a_response_as_a_stream(shop):
    with serving(shop) as server:
        events = list(openai_client(server).responses.create(model="assay", input=QUESTION, tools=[SEARCH], stream=True))
        types = [event.type for event in events]
        assert types[:2] == ["response.created", "response.in_progress"] and types[-1] == "response.completed"
        assert [event.sequence_number for event in events] == list(range(len(events)))
        assert [event.output_index for event in events if event.type == "response.output_item.done"] == [0, 1]
        wanted = ["file_search_call.in_progress", "file_search_call.searching", "file_search_call.completed", "content_part.added", "output_text.delta",
                  "output_text.annotation.added", "output_text.done", "content_part.done"]  # fmt: skip
        assert [name for name in wanted if f"response.{name}" not in types] == []
        text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        assert "45" in text and events[-1].response.output_text == text and events[-1].response.usage.total_tokens >= 0
        with openai_client(server).responses.stream(model="assay", input=QUESTION) as stream:
            assert stream.get_final_response().output_text == text


@pytest.mark.parametrize("change, parameter", [
    ({"model": "gtp-5"}, "model"), ({"input": None}, "input"), ({"input": ""}, "input"), ({"input": 3}, "input"), ({"input": []}, "input"), ({"input": "a\0"}, "input"),
    ({"input": [{"type": "function_call_output", "call_id": "x", "output": "y"}]}, "input"), ({"input": [{"role": "tool", "content": "x"}]}, "input"),
    ({"previous_response_id": "resp_1"}, "previous_response_id"), ({"background": True}, "background"), ({"conversation": "conv_1"}, "conversation"),
    ({"tools": [{"type": "web_search"}]}, "tools"), ({"tools": [SEARCH, SEARCH]}, "tools"), ({"tools": [{"type": "file_search"}]}, "tools"),
    ({"tools": [{**SEARCH, "vector_store_ids": ["vs_other"]}]}, "tools"), ({"tools": [{**SEARCH, "max_num_results": 51}]}, "max_num_results"),
    ({"tools": [{**SEARCH, "filters": {"type": "like"}}]}, "filters"),
    ({"tools": [{**SEARCH, "filters": {"type": "in", "key": "year", "value": [1] * 300}}]}, "filters"), ({"tool_choice": "none"}, "tool_choice"), ({"max_output_tokens": 3}, "max_output_tokens"),
    ({"text": {"format": {"type": "json_schema", "name": "x", "schema": {"type": "object"}}}}, "text"), ({"text": {"format": {"type": "xml"}}}, "text"),
    ({"include": ["reasoning.encrypted_content"]}, "include"), ({"top_p": 0.5}, "top_p"), ({"temperature": 3}, "temperature"), ({"stream": 1}, "stream")])  # fmt: skip
def test_what_a_response_refuses_names_the_field(shop, change, parameter):
    with serving(shop) as server:
        status = 404 if parameter == "model" else 400
        assert server.error("POST", "/v1/responses", {"model": "assay", "input": QUESTION, **change}, status=status)["param"] == parameter


def test_a_response_by_a_schema(shop):
    schema = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"], "additionalProperties": False}
    with scripted(says('{"days": 45}')) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            form = {"format": {"type": "json_schema", "name": "days", "schema": schema, "strict": True}}
            response = openai_client(server).responses.create(model="assay", input=QUESTION, text=form)
            assert json.loads(response.output_text) == {"days": 45}
            message = anthropic_client(server).messages.create(model="assay", max_tokens=100, messages=ASK,
                                                               output_config={"format": {"type": "json_schema", "schema": schema}})  # fmt: skip
            assert json.loads(message.content[0].text) == {"days": 45}


def test_any_object_will_do(shop):
    good = says('{"days": 45}')
    with scripted(good, good, says("forty-five")) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            response = openai_client(server).responses.create(model="assay", input=QUESTION, text={"format": {"type": "json_object"}})
            chat = openai_client(server).chat.completions.create(model="assay", messages=ASK, response_format={"type": "json_object"})
            assert json.loads(response.output_text) == json.loads(chat.choices[0].message.content) == {"days": 45}
            assert [request["body"]["response_format"] for request in model.requests] == [{"type": "json_object"}] * 2
            told = server.error("POST", "/v1/chat/completions", {"model": "assay", "messages": ASK, "response_format": {"type": "json_object"}}, status=500)
            assert told["message"]


# ---- messages ----


def test_tokens_are_counted_without_asking(shop):
    with scripted(says("never")) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            client = anthropic_client(server)
            short = client.messages.count_tokens(model="assay", messages=ASK).input_tokens
            long = client.messages.count_tokens(model="assay", messages=ASK, system="Answer in verse, and think of the reader.").input_tokens
            assert 5 < short < long < short + 20 and model.requests == []
            for method, path, status in (("GET", "/v1/messages", 405), ("POST", "/v1/messages/batches", 404), ("POST", "/v1/messages/count_tokens", 400)):
                told = server.json(method, path, {} if method == "POST" else None, status=status)
                assert told["type"] == "error" and told["error"]["message"] and told["request_id"]


def test_a_message(shop):
    with serving(shop) as server:
        message = anthropic_client(server).messages.create(model="assay", max_tokens=100, system="Answer in verse.", messages=ASK)
        assert (message.type, message.role, message.stop_reason, message.model) == ("message", "assistant", "end_turn", "assay")
        citation = message.content[0].citations[0]
        assert "45" in message.content[0].text and citation.type == "search_result_location" and citation.source == "docs/public/returns.md"
        assert citation.cited_text == citation.to_dict()["quote"] and quote_stands(shop, citation.to_dict())
        assert message.usage.input_tokens >= 0 and message.usage.output_tokens >= 0
        blocks = [{"role": "user", "content": [{"type": "text", "text": QUESTION}]}]
        assert "45" in anthropic_client(server).messages.create(model="assay", max_tokens=100, messages=blocks).content[0].text


def test_a_message_as_a_stream(shop):
    with serving(shop) as server:
        with anthropic_client(server).messages.stream(model="assay", max_tokens=100, messages=ASK) as stream:
            text = "".join(stream.text_stream)
            final = stream.get_final_message()
        assert "45" in text and final.content[0].text == text and final.stop_reason == "end_turn" and final.content[0].citations
        events = [event.type for event in anthropic_client(server).messages.create(model="assay", max_tokens=100, messages=ASK, stream=True)]
        assert events[0] == "message_start" and events[-2:] == ["message_delta", "message_stop"]


@pytest.mark.parametrize("change, status", [
    ({"model": "cloude-haiku-4-5"}, 404), ({"max_tokens": None}, 400), ({"messages": None}, 400), ({"messages": []}, 400), ({"temperature": 1.5}, 400),
    ({"tools": [{"name": "x"}]}, 400), ({"stop_sequences": ["x"]}, 400), ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, 400),
    ({"top_k": [3]}, 400), ({"top_p": 0.3}, 400), ({"output_config": {"format": {"type": "xml"}}}, 400),
    ({"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]}, 400)])  # fmt: skip
def test_what_a_message_refuses_has_its_form(shop, change, status):
    with serving(shop) as server:
        document = server.json("POST", "/v1/messages", {"model": "assay", "max_tokens": 100, "messages": ASK, **change}, status=status)
        assert document["type"] == "error" and set(document["error"]) == {"type", "message"} and document["request_id"].startswith("req_")
        assert document["error"]["type"] == ("not_found_error" if status == 404 else "invalid_request_error")


def test_keys_of_messages(shop):
    with serving(shop) as server:
        document = server.json("POST", "/v1/messages", {"model": "assay"}, status=401, key=None)
        assert document["error"]["type"] == "authentication_error"
        anthropic = pytest.importorskip("anthropic")
        with pytest.raises(anthropic.AuthenticationError):
            anthropic_client(server, "assay_wrong").messages.create(model="assay", max_tokens=10, messages=ASK)


def test_neither_tells_what_a_key_may_not_see(shop):
    secret = shop.run("key", "add", "--quiet", "staff", "--groups", "public").out.strip()
    question = "How much is the canarypay of the chief?"
    with serving(shop) as server:
        for stream in (False, True):
            for path, body in (("/v1/responses", {"model": "assay", "input": question, "tools": [SEARCH], "include": ["file_search_call.results"]}),
                               ("/v1/messages", {"model": "assay", "max_tokens": 50, "messages": [{"role": "user", "content": question}]})):  # fmt: skip
                status, _, content = server.ask("POST", path, {**body, "stream": stream}, key=secret)
                assert status == 200 and b"nine thousand" not in content and b"pay.md" not in content


# ---- our own way ----


def test_asked_in_our_own_way(shop):
    reader, guest = (shop.run("key", "add", "--quiet", name, "--groups", groups).out.strip() for name, groups in (("reader", "hr"), ("guest", "public")))
    with serving(shop) as server:
        answer = server.json("POST", "/v1/ask", {"question": QUESTION})
        assert "45" in answer["answer"] and quote_stands(shop, {**answer["citations"][0], "source": answer["citations"][0]["document"]})
        told = json.loads(shop.run("ask", QUESTION, "--json").out)
        assert set(told) == set(answer) and told["answer"] == answer["answer"]
        turns = [{"question": "What about returns?", "answer": "Goods may be returned."}]
        assert "45" in server.json("POST", "/v1/ask", {"question": QUESTION, "turns": turns, "k": 1, "mode": "text", "filter": "folder = docs/public"})["answer"]
        assert server.json("POST", "/v1/ask", {"question": QUESTION, "filter": "folder = docs/hr"})["abstained"]
        for key, seen in (("admin", True), (reader, True), (guest, False)):
            told = json.dumps(server.json("POST", "/v1/ask", {"question": "What is the canarypay of the chief?"}, key=key))
            assert ("nine thousand" in told or "docs/hr" in told) == seen
        for change, parameter in (({"question": ""}, "question"), ({"question": None}, "question"), ({"k": 0}, "k"), ({"mode": "best"}, "mode"), ({"mode": "vector"}, "mode"), ({"mode": "hybrid"}, "mode"), ({"filter": "year >"}, "filter"),
                                  ({"turns": [{"question": "x"}]}, "turns"), ({"turns": [turns[0]] * 21}, "turns"), ({"temperature": 1}, "temperature"), ({"schema": {"type": "object"}}, "schema")):  # fmt: skip
            assert server.error("POST", "/v1/ask", {"question": QUESTION, **change})["param"] == parameter
