"""Logprobs of a language model's tokens, with OpenAI's client: of those that stand in the answer alone. (Labels of a fine-tuned model: test_serve_tuning.py.)"""

import math
import re

import pytest
from scripted_model import completion, scripted
from serving import client, serving, use_provider

openai = pytest.importorskip("openai", reason="OpenAI's client is not in .venv: scripts/setup installs it")
ASK = [{"role": "user", "content": "Within how many days may goods be returned after delivery?"}]
SAID = "Goods may be returned within 45 days [1]. See ![x](http://evil.example/canary) for café. STOP canarybehind"


@pytest.fixture
def shop(project):
    project.write("docs/returns.md", "# Returns\n\nGoods may be returned within **45 days** of delivery.\n")
    project.add()
    return project


def token(text, logprob=-0.25, **more):
    return {"token": text, "logprob": logprob, "bytes": list(text.encode()), **more}


def tells(text, tokens):
    """A model that writes the text and tells these tokens of it, if any."""

    def step(handler):
        answer = completion(text)
        if tokens is not None:
            answer["choices"][0]["logprobs"] = {"content": tokens}
        handler.reply(200, answer)

    return step


def tokens_of(text):
    found = [token(word, -0.5, top_logprobs=[token(word, -0.5), token("other", -2)]) for word in re.findall(r"\s*[\w.:/]+|\s*\S", text.replace("é", "")) if word != ""]
    at = next(i for i, each in enumerate(found) if each["token"].endswith("caf."))
    halves = [{"token": "\N{REPLACEMENT CHARACTER}", "logprob": -1, "bytes": [byte], "top_logprobs": []} for byte in "é".encode()]  # a character of two tokens
    return [*found[:at], token(" caf"), *halves, token("."), *found[at + 1 :]]


def test_tokens_that_stand_in_the_answer(shop):
    tokens = tokens_of(SAID)
    assert b"".join(bytes(each["bytes"]) for each in tokens).decode() == SAID
    with scripted(tells(SAID, tokens)) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            api = client(server)
            asked = {"model": "assay", "messages": ASK, "logprobs": True, "top_logprobs": 2, "stop": ["STOP"]}
            answer = api.chat.completions.create(**asked)
            assert (model.requests[-1]["body"]["logprobs"], model.requests[-1]["body"]["top_logprobs"]) == (True, 2)
            choice = answer.choices[0]
            told = b"".join(bytes(each.bytes) for each in choice.logprobs.content).decode()
            assert told.startswith("Goods may be returned within 45 days") and told.rstrip().endswith("café."), told
            assert not re.search(r"\[1|http|evil|STOP|canary", told) and "canary" not in choice.message.content
            assert choice.logprobs.content[0].logprob == -0.5 and [each.token for each in choice.logprobs.content[0].top_logprobs] == ["Goods", "other"]
            assert choice.logprobs.refusal is None
            parts = list(api.chat.completions.create(**asked, stream=True))
            streamed = [part.choices[0].logprobs for part in parts if part.choices and part.choices[0].logprobs]
            assert [each.model_dump() for each in streamed] == [choice.logprobs.model_dump()]
            assert api.chat.completions.create(model="assay", messages=ASK).choices[0].logprobs is None and "logprobs" not in model.requests[-1]["body"]
            answer = api.responses.create(model="assay", input=ASK[0]["content"], include=["message.output_text.logprobs"], top_logprobs=1)
            assert [each.token for each in answer.output[-1].content[0].logprobs][:3] == ["Goods", " may", " be"] and model.requests[-1]["body"]["top_logprobs"] == 1
            with api.responses.stream(model="assay", input=ASK[0]["content"], include=["message.output_text.logprobs"]) as events:
                delta = [event for event in events if event.type == "response.output_text.delta"]
            assert [each.token for each in delta[0].logprobs][:3] == ["Goods", " may", " be"]


def test_tokens_of_a_form(shop):
    said = '{ "days": 45,\n "what": "Goods" }'
    tokens = [token(part) for part in re.findall(r"\s*\w+|\s*\W", said)]
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}}}
    with scripted(tells(said, tokens)) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            answer = client(server).chat.completions.create(model="assay", messages=ASK, logprobs=True, response_format=form).choices[0]
            assert "".join(each.token for each in answer.logprobs.content).split() == said.split() and math.isclose(answer.logprobs.content[0].logprob, -0.25)


@pytest.mark.parametrize("said, tokens, abstains", [
    ("Goods may be returned within 45 days [1].", None, False),  # a server that knows none
    ("Goods may be returned within 45 days [1].", [token("Ġgoods")], False), ("Goods may be returned within 45 days [1].", [{"token": 3}], False),
    ("Goods may be returned within 45 days [1].", [{"token": "Goods", "bytes": [-1], "logprob": -1}], False), ("Goods may be returned within 45 days [1].", "x", False),
    ("The canary sings at nine.", [token("The canary sings at nine.")], True)])  # fmt: skip
def test_tokens_that_are_not_told(shop, said, tokens, abstains):
    with scripted(tells(said, tokens)) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            answer = client(server).chat.completions.create(model="assay", messages=ASK, logprobs=True)
            assert answer.choices[0].logprobs is None and answer.model_dump()["assay"]["abstained"] == abstains


def test_where_there_are_none(shop):
    asked = {"model": "assay", "messages": ASK, "logprobs": True}
    with serving(shop) as server:
        assert "language model" in server.error("POST", "/v1/chat/completions", asked)["message"]
        assert server.error("POST", "/v1/chat/completions", {**asked, "top_logprobs": 21})["param"] == "top_logprobs"
        asked = {"model": "assay", "input": "x", "include": ["message.output_text.logprobs"]}
        assert server.error("POST", "/v1/responses", asked)["param"] == "include"
        assert server.error("POST", "/v1/responses", {"model": "assay", "input": "x", "top_logprobs": 2})["param"] == "top_logprobs"


def test_a_provider_that_has_none(shop, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-none")
    use_provider(shop, "anthropic:claude-x")
    with serving(shop) as server:
        refused = server.error("POST", "/v1/chat/completions", {"model": "assay", "messages": ASK, "logprobs": True})
        assert refused["param"] == "logprobs" and "has none" in refused["message"]
