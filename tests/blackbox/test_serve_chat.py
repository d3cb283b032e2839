"""Chat completions with OpenAI's client: the answer, its citations, streams, and what is refused."""

import json
import signal
import threading

import pytest
from scripted_model import fails, says, scripted
from serving import client, serving, until, use_provider

openai = pytest.importorskip("openai", reason="OpenAI's client is not in .venv: scripts/setup installs it")
ASK = [{"role": "user", "content": "Within how many days may goods be returned after delivery?"}]


@pytest.fixture
def shop(project):
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("labels: public", "labels: from-folder"))
    project.write("docs/public/returns.md", "# Returns\n\nGoods may be returned within **45 days** of delivery. The label costs €7.50 within the country.\n")
    project.write("docs/hr/pay.md", "# Pay\n\nThe canarypay of the chief is nine thousand a month.\n")
    project.add()
    return project


def test_an_answer_with_its_citations(shop):
    with serving(shop) as server:
        answer = client(server).chat.completions.create(model="assay", messages=ASK, temperature=0, seed=1, max_tokens=100)
        assert (answer.object, answer.model, answer.choices[0].finish_reason) == ("chat.completion", "assay", "stop")
        message = answer.choices[0].message
        assert message.role == "assistant" and "45" in message.content and message.refusal is None
        citation = server.json("POST", "/v1/chat/completions", {"model": "assay", "messages": ASK})["choices"][0]["message"]["annotations"][0]
        assert citation["type"] == "file_citation"
        place = citation["file_citation"]
        source = (shop.path / place["filename"]).read_bytes()
        assert source[place["start"] : place["end"]].decode() == place["quote"] and "45 days" in place["quote"]
        assert message.content[place["index"] :].startswith("[1]")
        assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream(shop):
    with serving(shop) as server:
        api = client(server)
        whole = api.chat.completions.create(model="assay", messages=ASK).choices[0].message.content
        chunks = list(api.chat.completions.create(model="assay", messages=ASK, stream=True, stream_options={"include_usage": True}))
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices).strip() == whole.strip()
        assert chunks[0].choices[0].delta.role == "assistant" and {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
        assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
        assert not chunks[-1].choices and chunks[-1].usage is not None and len({chunk.id for chunk in chunks}) == 1


def test_nothing_to_answer_from(shop):
    with serving(shop) as server:
        staff = shop.run("key", "add", "--quiet", "staff", "--groups", "public").out.strip()
        question = [{"role": "user", "content": "How much is the canarypay of the chief?"}]
        for stream in (False, True):
            status, _, content = server.ask("POST", "/v1/chat/completions", {"model": "assay", "messages": question, "stream": stream}, key=staff)
            assert status == 200 and b"nine thousand" not in content and b"pay.md" not in content
        document = server.json("POST", "/v1/chat/completions", {"model": "assay", "messages": question}, key=staff)
        assert document["assay"]["abstained"] and not document["choices"][0]["message"]["annotations"]


def test_parts_and_turns(shop):
    with serving(shop) as server:
        messages = [{"role": "system", "content": "Answer in verse."}, {"role": "user", "content": "What about returns?"},
                    {"role": "assistant", "content": "Goods may be returned."},
                    {"role": "user", "content": [{"type": "text", "text": ASK[0]["content"]}]}]  # fmt: skip
        assert "45" in client(server).chat.completions.create(model="assay", messages=messages).choices[0].message.content


@pytest.mark.parametrize("change, parameter", [
    ({"model": "gtp-5"}, "model"), ({"stream_options": {"include_usage": True}}, "stream_options"), ({"web_search_options": {"user_location": {}}}, "web_search_options"), ({"function_call": "auto"}, "function_call"), ({"messages": []}, "messages"), ({"messages": [{"role": "user", "content": 3}]}, "messages"),
    ({"messages": [{"role": "assistant", "content": "x"}]}, "messages"), ({"n": 9}, "n"), ({"n": 0}, "n"), ({"n": -(2**63)}, "n"), ({"stop": ["x"]}, "stop"),
    ({"tools": [{"type": "function"}]}, "tools"), ({"logprobs": True}, "logprobs"), ({"top_logprobs": 3}, "top_logprobs"), ({"temperature": 3}, "temperature"), ({"temperature": "1"}, "temperature"),
    ({"seed": 1.5}, "seed"), ({"max_tokens": 0}, "max_tokens"), ({"response_format": {"type": "xml"}}, "response_format"),
    ({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}}, "response_format"), ({"stream": 1}, "stream"),
    ({"messages": None}, "messages"), ({"messages": [*ASK, {"role": "tool", "content": "x"}]}, "messages"),
    ({"messages": [*ASK, {"content": "x"}]}, "messages"), ({"top_p": 0.5}, "top_p"), ({"presence_penalty": 1}, "presence_penalty"),
    ({"frequency_penalty": -1}, "frequency_penalty"), ({"top_p": "1"}, "top_p")])  # fmt: skip
def test_what_is_refused_names_the_field(shop, change, parameter):
    with serving(shop) as server:
        status = 404 if parameter == "model" else 400
        assert server.error("POST", "/v1/chat/completions", {"model": "assay", "messages": ASK, **change}, status=status)["param"] == parameter


def test_a_script_that_names_a_model_of_its_own_provider_needs_no_change(shop):
    with serving(shop) as server:
        for model in ("gpt-4o-mini", "gpt-5", "o3", "o4-mini", "chatgpt-4o-latest", "claude-sonnet-4-5"):
            answer = client(server).chat.completions.create(model=model, messages=ASK)
            assert answer.model == "assay" and "45" in answer.choices[0].message.content, model
        for model in ("Gpt-5", "qwen3", "", "assay2", "ft:gpt-4o:x::1"):
            assert server.error("POST", "/v1/chat/completions", {"model": model, "messages": ASK}, status=404)["param"] == "model"


def test_completions_of_prompts(shop):
    prompt = ASK[0]["content"]
    with serving(shop) as server:
        api = client(server)
        whole = api.completions.create(model="assay", prompt=prompt, max_tokens=100, temperature=0, stop=None)
        assert (whole.object, whole.model, len(whole.choices), whole.choices[0].finish_reason) == ("text_completion", "assay", 1, "stop")
        assert "45" in whole.choices[0].text and whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
        place = whole.choices[0].annotations[0]["file_citation"]
        assert (shop.path / place["filename"]).read_bytes()[place["start"] : place["end"]].decode() == place["quote"]
        several = api.completions.create(model="gpt-3.5-turbo-instruct", prompt=[prompt, "Who discovered Neptune?"], n=2)
        assert [choice.index for choice in several.choices] == [0, 1, 2, 3]
        assert ["45" in choice.text for choice in several.choices] == [True, True, False, False]
        assert [choice.assay["abstained"] for choice in several.choices] == [False, False, True, True]
        chunks = list(api.completions.create(model="assay", prompt=prompt, stream=True, stream_options={"include_usage": True}))
        assert "".join(choice.text for chunk in chunks for choice in chunk.choices) == whole.choices[0].text
        assert chunks[-1].usage.total_tokens == whole.usage.total_tokens and not chunks[-1].choices and {chunk.object for chunk in chunks} == {"text_completion"}
        entries = len(shop.run("log", "list", "--json").json()["entries"])
        for change, parameter in (({"prompt": None}, "prompt"), ({"prompt": []}, "prompt"), ({"prompt": [1, 2]}, "prompt"), ({"prompt": [prompt, 3]}, "prompt"),
                                  ({"prompt": [prompt, ""]}, "prompt"), ({"prompt": [prompt] * 9}, "prompt"), ({"prompt": [prompt] * 5, "n": 2}, "prompt"),
                                  ({"echo": True}, "echo"), ({"suffix": "x"}, "suffix"), ({"logprobs": 0}, "logprobs"), ({"best_of": 2}, "best_of"),
                                  ({"stop": ["x"]}, "stop"), ({"seed": 0.5}, "seed"), ({"model": None}, "model"), ({"top_p": 0.1}, "top_p")):  # fmt: skip
            assert server.error("POST", "/v1/completions", {"model": "assay", "prompt": prompt, **change}, status=400)["param"] == parameter, change
        assert len(shop.run("log", "list", "--json").json()["entries"]) == entries  # of several prompts none is asked where one is refused


def test_completions_of_a_conversation_written_down(shop):
    question = ASK[0]["content"]
    with serving(shop) as server:
        def ask(prompt):
            return server.json("POST", "/v1/completions", {"model": "assay", "prompt": prompt})["choices"][0]["text"]

        plain = ask(question)
        assert "45" in plain
        for prompt in (f"system: Answer in verse.\nuser: {question}\nassistant: ", f"user: {question}\nassistant:",
                       f"Be brief, and kind.\n\nHuman: What about returns?\nAI: Goods may be\nreturned.\nHuman: {question}\nAI:\n",
                       f"User: What about\nreturns?\nAssistant: Goods may be returned.\n\nUser: {question}\n\nAssistant:"):  # fmt: skip
            assert ask(prompt) == plain, prompt

        def logged():
            return shop.run("log", "list", "--json", "--last", "1").json()["entries"][0]["content"]["question"]

        assert logged() == question
        for prompt in ("system: Be brief.\nassistant:", f"user: {question}\nassistant: 30 days", f"{question}\nassistant:"):  # no conversation: a question as it stands
            ask(prompt)
            assert logged() == prompt
        assert server.error("POST", "/v1/completions", {"model": "assay", "prompt": "user:\nassistant:"}, status=400)["param"] == "prompt"
        assert server.error("POST", "/v1/completions", {"model": "assay", "prompt": "user: \0\nassistant:"}, status=400)["param"] == "prompt"


def test_the_model_behind_is_never_the_clients_to_choose(shop):
    with serving(shop) as server:
        for body in ({"base_url": "http://127.0.0.1:1/v1"}, {"api_base": "http://127.0.0.1:1"}, {"metadata": {"base_url": "http://127.0.0.1:1"}}):
            document = server.json("POST", "/v1/chat/completions", {"model": "assay", "messages": ASK, **body})
            assert "45" in document["choices"][0]["message"]["content"]


def test_readers_that_leave_a_stream(shop):
    with serving(shop) as server:
        body = json.dumps({"model": "assay", "messages": ASK, "stream": True}).encode()
        head = (f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.admin}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()  # fmt: skip
        for _ in range(30):
            connection = server.connect()
            connection.sendall(head + body)
            connection.close()
        until(lambda: 'assay_requests_running{lane="answer"} 0' in server.ask("GET", "/metrics")[2].decode())
        assert server.json("POST", "/v1/chat/completions", {"model": "assay", "messages": ASK})["choices"]


def test_messages_in_a_row_are_one(shop):
    with scripted(says("Within 45 days of delivery [1].")) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            messages = [{"role": "assistant", "content": "Good day."}, {"role": "developer", "content": "canaryorder"},
                        {"role": "user", "content": "Within how many days may goods"}, {"role": "user", "content": "be returned after delivery?"}]  # fmt: skip
            asked = {"model": "assay", "messages": messages, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0.0}
            assert "45" in server.json("POST", "/v1/chat/completions", asked)["choices"][0]["message"]["content"]
            sent = json.dumps(model.requests[-1]["body"])
            assert "Within how many days may goods" in sent and "be returned after delivery?" in sent and "canaryorder" not in sent


def test_several_choices(shop):
    with scripted(says("Within 45 days of delivery [1]."), says("45 days after delivery [1]."), says("Goods may be returned within 45 days [1].")) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            asked = {"model": "assay", "messages": ASK, "n": 3, "seed": 7, "logprobs": False, "top_logprobs": 0}
            answer = client(server).chat.completions.create(**asked)
            assert [choice.index for choice in answer.choices] == [0, 1, 2]
            assert len({choice.message.content for choice in answer.choices}) == 3 and all(choice.message.annotations for choice in answer.choices)
            assert [sent["body"]["seed"] for sent in model.requests] == [7, 8, 9]
            assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (36, 9)
            assert len({choice.model_dump()["assay"]["entry"] for choice in answer.choices}) == 3  # each has its entry in the audit log
            said = {}
            for part in client(server).chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}):
                for choice in part.choices:
                    said.setdefault(choice.index, []).append((choice.delta.content or "", choice.finish_reason))
            assert {index: ["45" in text or reason == "stop" for text, reason in parts] for index, parts in said.items()} == dict.fromkeys(range(3), [True, True])
            assert part.usage.completion_tokens == 9


@pytest.mark.parametrize("finish, chat, response, message", [("length", "length", "max_output_tokens", "max_tokens"), ("content_filter", "content_filter", "content_filter", "refusal"),
                                                           ("stop", "stop", None, "end_turn")])  # fmt: skip
def test_a_text_that_is_not_whole_says_so(shop, finish, chat, response, message):
    with scripted(says("Within 45 days of delivery [1].", finish=finish)) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            api = client(server)
            assert api.chat.completions.create(model="assay", messages=ASK).choices[0].finish_reason == chat
            assert [part.choices[0].finish_reason for part in api.chat.completions.create(model="assay", messages=ASK, stream=True)][-1] == chat
            answer = api.responses.create(model="assay", input=ASK[0]["content"])
            assert answer.status == answer.output[0].status == ("incomplete" if response else "completed")
            assert (answer.incomplete_details.reason if answer.incomplete_details else None) == response and (answer.to_dict()["completed_at"] is None) == (response is not None)
            last = list(api.responses.create(model="assay", input=ASK[0]["content"], stream=True))[-1]
            assert last.type == ("response.incomplete" if response else "response.completed")
            status, headers, content = server.ask("POST", "/v1/messages", {"model": "assay", "max_tokens": 9, "messages": ASK})
            assert json.loads(content)["stop_reason"] == message and headers["request-id"] == headers["x-request-id"]


def test_a_key_revoked_while_its_answer_is_made(shop):
    key = shop.run("key", "add", "--quiet", "temp", "--groups", "public").out.strip()

    def revokes(handler):
        shop.run("key", "revoke", "temp")
        says("Within 45 days of delivery [1].")(handler)

    with scripted(revokes) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            refused = server.error("POST", "/v1/chat/completions", {"model": "assay", "messages": ASK}, key=key, status=401)
            assert refused["code"] == "invalid_api_key" and "revoked" in refused["message"]


def test_a_method_that_is_none_of_the_address(shop):
    with serving(shop) as server:
        for path, allowed in (("/v1/embeddings", "POST"), ("/v1/messages", "POST")):
            status, headers, content = server.ask("DELETE", path)
            error = json.loads(content)["error"]
            assert (status, headers["allow"]) == (405, allowed) and "is asked by POST" in error["message"]
            assert error["code"] == "method_not_allowed" if path == "/v1/embeddings" else error["type"]  # Anthropic's has none


def test_the_usage_stands_in_the_last_chunk_alone(shop):
    with serving(shop) as server:
        _, _, content = server.ask("POST", "/v1/chat/completions", {"model": "assay", "messages": ASK, "stream": True, "stream_options": {"include_usage": True}})
        chunks = [json.loads(line[6:]) for line in content.decode().splitlines() if line.startswith("data: {")]
        assert [chunk["usage"] is None for chunk in chunks] == [True] * (len(chunks) - 1) + [False]


def test_the_log_names_the_key_that_asked(shop):
    boss = shop.run("key", "add", "--quiet", "boss", "--groups", "@admin").out.strip()
    staff = shop.run("key", "add", "--quiet", "staff", "--groups", "public").out.strip()
    with serving(shop) as server:
        for number, (name, key) in enumerate((("boss", boss), ("staff", staff)), 1):
            server.json("POST", "/v1/chat/completions", {"model": "assay", "messages": ASK}, key=key)
            assert shop.run("log", "show", str(number), "--json").json()["content"]["asker"] == name


def test_a_second_signal_ends_it_whatever_is_worked_on(shop):
    """A model that never answers holds all of the lane's threads, and more requests wait behind them."""
    release = threading.Event()
    with scripted(lambda handler: release.wait(300)) as model:
        use_provider(shop, model.model)
        try:
            with serving(shop) as server:
                body = json.dumps({"model": "assay", "messages": ASK}).encode()
                head = (f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.admin}\r\n"
                        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()  # fmt: skip
                waiting = [server.connect() for _ in range(12)]
                for connection in waiting:
                    connection.sendall(head + body)
                until(lambda: len(model.requests) >= 4)
                for count in (1, 2):
                    server.process.send_signal(signal.SIGTERM)
                    until(lambda count=count: sum("stopping" in line.get("message", "") for line in server.log()) == count)
                assert server.process.wait(200) == 0
                assert len(model.requests) == 4
                for connection in waiting:
                    connection.close()
        finally:
            release.set()


@pytest.mark.parametrize("stream", [False, True])
def test_faults_of_the_disk_are_no_faults_of_a_model(shop, stream):
    body = {"model": "assay", "messages": ASK, "stream": stream}
    with serving(shop) as server:
        server.json("POST", "/v1/chat/completions", {**body, "stream": False})
        log = shop.path / ".assay" / "log"
        entries = (log / "entries").read_bytes()
        (log / "entries").write_bytes(entries[:-2])
        status, _, content = server.ask("POST", "/v1/chat/completions", body)
        assert status == 500 and json.loads(content)["error"]["code"] == "corrupt" and b"45 days" not in content
        (log / "entries").write_bytes(entries)
        log.rename(shop.path / ".assay" / "elsewhere")
        log.write_text("no folder")  # it can be neither read nor made
        status, _, content = server.ask("POST", "/v1/chat/completions", body)
        assert status in (500, 503) and json.loads(content)["error"]["code"] in ("io", "invalid", "conflict", "not_found") and b"45 days" not in content


@pytest.mark.parametrize("stream", [False, True])
def test_faults_of_the_model_behind_are_told_in_the_log_alone(shop, stream):
    key = shop.run("key", "add", "--quiet", "boss", "--groups", "@admin").out.strip()
    with scripted(fails(401, "canaryfault of the key")) as model:
        for name, wanted in ((model.model, 502), ("openai:canarymodel", 500)):  # the second wants a key, and there is none
            use_provider(shop, name)
            with serving(shop) as server:
                status, _, content = server.ask("POST", "/v1/chat/completions", {"model": "assay", "messages": ASK, "stream": stream}, key=key)
                assert status == wanted, content
                assert (json.loads(content)["error"]["code"] == "model_unavailable") == (wanted == 502), content
                for word in (b"canary", b"127.0.0.1", b"KEY"):
                    assert word not in content, content
                told = until(lambda: [line for line in server.log() if line["level"] == "error" and "message" in line])
                assert "canary" in told[0]["message"]
