"""Fine-tuning jobs of `assay serve`, as OpenAI's own Python client asks for them: made, followed, cancelled, survived, and the model that comes of them."""

import contextlib
import json
import math
import os
import signal
import sqlite3

import models
import pytest
from conftest import Assay, Project
from serving import Server, client, serving, until

openai = pytest.importorskip("openai", reason="OpenAI's client is not in .venv: scripts/setup installs it")

TEAMS = {"network": "the router is offline again and no page loads at desk", "billing": "the invoice shows a wrong amount for month",
         "access": "the badge does not open the door of floor"}  # fmt: skip
ENDED = ("succeeded", "failed", "cancelled")


def chat(text, answer, *more):
    return {"messages": [{"role": "system", "content": "Name the team."}, {"role": "user", "content": text}, {"role": "assistant", "content": answer}, *more]}


def tickets(count, start=0):
    teams = list(TEAMS)
    return [chat(f"{TEAMS[teams[i % 3]]} {i} {'please help ' * (i % 4)}since {i * 7} minutes", teams[i % 3]) for i in range(start, start + count)]


def lines(examples):
    return "".join(json.dumps(example) + "\n" for example in examples).encode()


def send(api, examples, purpose="fine-tune", name="train.jsonl"):
    return api.files.create(file=(name, lines(examples)), purpose=purpose).id


def ended(api, job):
    return until(lambda: (found := api.fine_tuning.jobs.retrieve(job)).status in ENDED and found, seconds=120)


def key_of(shop, name, groups="@write"):
    return shop.run("key", "add", "--quiet", name, "--groups", groups).out.strip()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One server for all tests that do not end it."""
    shop = Project(Assay(), tmp_path_factory.mktemp("tuning") / "shop")
    if models.FOLDER.exists():
        (shop.path / "models").mkdir()
        (shop.path / "models" / "tiny").symlink_to(models.FOLDER)
    keys = {name: key_of(shop, name) for name in ("one", "two")}
    keys["reader"] = key_of(shop, "reader", "public")
    with serving(shop) as server:
        yield server, keys


@models.needed
def test_a_classifier_from_conversations(served):
    server, keys = served
    api = client(server, keys["one"])
    training, validation = send(api, tickets(60)), send(api, tickets(12, 300), name="valid.jsonl")
    job = api.fine_tuning.jobs.create(model="tiny", training_file=training, validation_file=validation, suffix="helpdesk", seed=7,
                                      method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3, "batch_size": "auto"}}},
                                      metadata={"team": "it"})  # fmt: skip
    assert (job.object, job.status, job.model, job.seed) == ("fine_tuning.job", "validating_files", "tiny", 7)
    assert (job.training_file, job.validation_file, job.fine_tuned_model, job.finished_at, job.error) == (training, validation, None, None, None)
    assert job.hyperparameters.n_epochs == 3 and job.hyperparameters.batch_size == "auto" and job.hyperparameters.learning_rate_multiplier == "auto"
    assert job.method.type == "supervised" and job.method.supervised.hyperparameters.n_epochs == 3
    assert job.metadata == {"team": "it"} and job.result_files == [] and job.organization_id and job.created_at > 0
    done = ended(api, job.id)
    assert done.status == "succeeded", done
    assert done.fine_tuned_model.startswith("ft:tiny:assay:helpdesk:") and done.trained_tokens > 100 and done.finished_at >= done.created_at
    assert [listed.id for listed in api.fine_tuning.jobs.list()] == [job.id]

    until(lambda: "completed" in api.fine_tuning.jobs.list_events(job.id, limit=1).data[0].message)  # it is told behind the state
    events = list(api.fine_tuning.jobs.list_events(job.id, limit=2))  # over pages, the newest first
    said = [event.message for event in events]
    assert said[0] == "The job has successfully completed" and said[-1] == "Files are looked at" and len(set(event.id for event in events)) == len(events)
    assert any("60 examples whose answers are labels" in message for message in said) and any("are right" in message for message in said)
    assert all((event.object, event.level, event.type) == ("fine_tuning.job.event", "info", "message") for event in events)
    [checkpoint] = api.fine_tuning.jobs.checkpoints.list(job.id).data
    assert checkpoint.fine_tuned_model_checkpoint == done.fine_tuned_model and checkpoint.fine_tuning_job_id == job.id
    assert checkpoint.metrics.train_loss is not None and checkpoint.step_number >= 0

    model = done.fine_tuned_model
    assert model in [listed.id for listed in api.models.list()] and api.models.retrieve(model).owned_by == "assay"
    question = [{"role": "system", "content": "Name the team."}, {"role": "user", "content": "my badge opens no door"}]
    answer = api.chat.completions.create(model=model, messages=question, temperature=0)
    assert answer.choices[0].message.content == "access" and answer.model == model and answer.choices[0].finish_reason == "stop"
    assert answer.usage.prompt_tokens > 0 and answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    told = api.chat.completions.create(model=model, messages=question, logprobs=True, top_logprobs=3).choices[0].logprobs.content
    assert [each.token for each in told] == ["access"] and told[0].top_logprobs[0].token == "access" and told[0].logprob == told[0].top_logprobs[0].logprob
    chances = [math.exp(each.logprob) for each in told[0].top_logprobs]
    assert chances == sorted(chances, reverse=True) and math.isclose(sum(chances), 1, abs_tol=1e-4)  # there are three labels
    stream = api.chat.completions.create(model=model, messages=question, stream=True)
    assert "".join(part.choices[0].delta.content or "" for part in stream if part.choices) == "access"
    with pytest.raises(openai.BadRequestError):
        api.chat.completions.create(model=model, messages=question, response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}})

    answer = api.responses.create(model=model, input="my badge opens no door")
    assert answer.output_text == "access" and answer.model == model and answer.usage.total_tokens > 0
    with api.responses.stream(model=model, input=[{"role": "user", "content": "my badge opens no door"}]) as events:
        assert [event.type for event in events][-1] == "response.completed"
        assert events.get_final_response().output_text == "access"
    for body, parameter in (({"tools": [{"type": "file_search", "vector_store_ids": ["vs_documents"]}]}, "tools"),
                            ({"text": {"format": {"type": "json_schema", "name": "x", "schema": {"type": "object"}}}}, "text")):  # fmt: skip
        assert server.error("POST", "/v1/responses", {"model": model, "input": "x", **body}, key=keys["one"])["param"] == parameter
    message = {"model": model, "max_tokens": 50, "messages": question[1:]}
    assert server.error("POST", "/v1/chat/completions", {"model": model, "messages": question, "stop": "x"}, key=keys["one"])["param"] == "stop"
    status, _, refused = server.ask("POST", "/v1/messages", {**message, "stop_sequences": ["x"]}, key=keys["one"])
    assert status == 400 and b"fine-tuned" in refused
    told = server.json("POST", "/v1/messages", message, key=keys["one"])
    assert (told["content"][0]["text"], told["model"], told["stop_reason"]) == ("access", model, "end_turn") and told["usage"]["input_tokens"] > 0
    _, _, events = server.ask("POST", "/v1/messages", {**message, "stream": True}, key=keys["one"])
    assert b'"text":"access"' in events and model.encode() in events and events.rstrip().endswith(b'"message_stop"}')
    for path, body in (("/v1/responses", {"model": model, "input": "x"}), ("/v1/messages", message)):
        assert server.ask("POST", path, body, key=keys["two"])[0] == 404

    other, reader = client(server, keys["two"]), client(server, keys["reader"])  # nobody else learns of any of it
    assert other.fine_tuning.jobs.list().data == [] and model not in [listed.id for listed in other.models.list()]
    for refused in (lambda: other.fine_tuning.jobs.retrieve(job.id), lambda: other.fine_tuning.jobs.cancel(job.id), lambda: other.fine_tuning.jobs.list_events(job.id),
                    lambda: other.fine_tuning.jobs.checkpoints.list(job.id), lambda: other.models.retrieve(model), lambda: other.models.delete(model),
                    lambda: other.chat.completions.create(model=model, messages=question), lambda: reader.models.retrieve(model)):  # fmt: skip
        with pytest.raises(openai.NotFoundError):
            refused()
    with pytest.raises(openai.BadRequestError, match="no file that was sent"):
        other.fine_tuning.jobs.create(model="tiny", training_file=training)
    with pytest.raises(openai.PermissionDeniedError):
        reader.fine_tuning.jobs.list()
    admin = client(server)
    assert admin.fine_tuning.jobs.retrieve(job.id).id == job.id and model in [listed.id for listed in admin.models.list()]

    with pytest.raises(openai.BadRequestError, match="it cannot be cancelled"):
        api.fine_tuning.jobs.cancel(job.id)
    assert api.models.delete(model).deleted
    for gone in (lambda: api.models.retrieve(model), lambda: api.models.delete(model), lambda: api.chat.completions.create(model=model, messages=question)):
        with pytest.raises(openai.NotFoundError):
            gone()
    assert api.fine_tuning.jobs.retrieve(job.id).fine_tuned_model == model


def test_what_is_refused_at_once(served):
    server, keys = served
    api = client(server, keys["one"])
    training, assistants = send(api, tickets(12)), send(api, tickets(12), purpose="assistants")
    fine = {"training_file": training, "model": "builtin"}
    base = "tiny" if models.FOLDER.exists() else "builtin"
    for more, part in [
        ({"training_file": assistants}, "was sent with the purpose assistants"), ({"training_file": "file-none"}, "no file that was sent"),
        ({"validation_file": assistants}, "validation_file"), ({"suffix": "a:b"}, "suffix"), ({"suffix": ""}, "suffix"), ({"seed": -1}, "seed"),
        ({"method": {"type": "dpo"}}, "supervised"), ({"hyperparameters": {"n_epochs": 0}}, "n_epochs"), ({"hyperparameters": {"n_epochs": 1.5}}, "n_epochs"),
        ({"hyperparameters": {"beta": 1}}, "hyperparameters"), ({"hyperparameters": {"batch_size": 1e308}}, "batch_size"),
        ({"integrations": [{"type": "wandb", "wandb": {"project": "x"}}]}, "integrations"), ({"metadata": {str(i): "x" for i in range(17)}}, "metadata"), ({"metadata": {"a": 1}}, "metadata"),
        ({"training_file": 3}, "training_file"), ({"training_file": None}, "training_file"),
    ]:  # fmt: skip
        error = server.error("POST", "/v1/fine_tuning/jobs", {**fine, "model": base, **more}, key=keys["one"])
        assert part in error["message"], (more, error)
    error = server.error("POST", "/v1/fine_tuning/jobs", {**fine, "model": "gtp-4o-mini"}, status=404, key=keys["one"])
    assert "gtp-4o-mini" in error["message"] and error["code"] == "model_not_found"
    assert api.fine_tuning.jobs.list(limit=1).has_more is False
    for query in ("limit=0", "limit=101", "limit=x", "after=ftjob-none", "order=up", "metadata[a]=b", "status=a%20b"):
        server.error("GET", f"/v1/fine_tuning/jobs?{query}", key=keys["one"])
    for method, path in (("GET", ""), ("POST", "/cancel"), ("POST", "/pause"), ("POST", "/resume"), ("GET", "/events"), ("GET", "/checkpoints")):
        server.error(method, f"/v1/fine_tuning/jobs/ftjob-none{path}", status=404, key=keys["one"])
    server.error("DELETE", "/v1/models/builtin", key=keys["one"])


@models.needed
def test_files_that_teach_nothing(served):
    server, keys = served
    api = client(server, keys["one"])
    squad = [{"data": [{"title": "t", "paragraphs": [{"context": "a b", "qas": [{"id": "1", "question": "q?", "answers": [{"text": "a", "answer_start": 0}]}]}]}]}]
    for examples, part in [([{"messages": []}], "messages"), (squad, "assay tune reader"), ([{"query": "a", "positive": "b"}] * 5, "no model that answers")]:
        job = ended(api, api.fine_tuning.jobs.create(model="tiny", training_file=send(api, examples)).id)
        assert (job.status, job.fine_tuned_model, job.error.param) == ("failed", None, "training_file"), job
        assert job.error.code == "invalid_training_file" and part in job.error.message and str(server.project.path) not in job.error.message
        last = until(lambda name=job.id: next((event for event in api.fine_tuning.jobs.list_events(name) if event.level == "error"), None))
        assert last.message == job.error.message
    file = send(api, tickets(12))
    api.files.delete(file)
    with pytest.raises(openai.BadRequestError):
        api.fine_tuning.jobs.create(model="tiny", training_file=file)


@models.needed
@pytest.mark.long
def test_warnings_and_a_model_that_writes(served):
    """Answers that are no labels: the writer learns them. A step or two: what is asked is that it runs, answers and is counted."""
    server, keys = served
    api = client(server, keys["two"])
    examples = [chat(f"Where is the file {i}?", f"In folder {i}") for i in range(30)]
    examples[3]["messages"][0]["content"] = "Something else."
    examples[4]["messages"] += [{"role": "user", "content": "And now?"}, {"role": "assistant", "content": "In folder 4"}]
    wrong = {"messages": [{"role": "bot", "content": "x"}]}
    job = api.fine_tuning.jobs.create(model="tiny", training_file=send(api, [*examples, wrong]), hyperparameters={"n_epochs": 1, "batch_size": 16})
    done = ended(api, job.id)
    assert done.status == "succeeded", done
    events = list(api.fine_tuning.jobs.list_events(job.id))
    warned = " ".join(event.message for event in events if event.level == "warn")
    assert "1 lines are no examples" in warned and "system messages are passed over" in warned and "several questions" in warned
    metrics = [event for event in events if event.type == "metrics"]
    assert metrics and metrics[0].data["step"] <= metrics[0].data["total_steps"] and metrics[0].data["train_loss"] > 0
    answer = api.chat.completions.create(model=done.fine_tuned_model, messages=[{"role": "user", "content": "Where is the file 3?"}])
    assert isinstance(answer.choices[0].message.content, str) and answer.usage.prompt_tokens > 0
    with pytest.raises(openai.BadRequestError, match="it writes texts"):
        api.chat.completions.create(model=done.fine_tuned_model, messages=[{"role": "user", "content": "x"}], logprobs=True)


@models.needed
def test_what_waits_again_leaves_nothing_when_it_is_cancelled(project):
    """It has trained before, and nobody works on it now: there is no thread that would clear up after it."""
    (project.path / "models").mkdir()
    (project.path / "models" / "tiny").symlink_to(models.FOLDER)
    adapters = project.path / ".assay" / "adapters"
    with serving(project) as server:
        jobs = client(server, server.admin).fine_tuning.jobs
        examples = send(client(server, server.admin), [chat(f"Where is the file {i}?", f"In folder {i}") for i in range(60)])
        first, second = (
            jobs.create(model="tiny", training_file=examples, hyperparameters={"n_epochs": 20, "batch_size": 1}).id for _ in range(2)
        )
        until(lambda: (adapters / f"{first}~training").exists(), seconds=120)
        assert jobs.pause(first).status == "paused"
        until(lambda: jobs.retrieve(second).status == "running", seconds=120)
        assert jobs.resume(first).status == "queued"
        assert (adapters / f"{first}~training").exists()
        cancelled = jobs.cancel(first)
        assert cancelled.status == "cancelled" and cancelled.finished_at >= cancelled.created_at and cancelled.fine_tuned_model is None
        assert not list(adapters.glob(f"{first}*"))
        assert jobs.cancel(second).status == "cancelled"
        until(lambda: not list(adapters.glob(f"{second}*")))
    with contextlib.closing(sqlite3.connect(project.path / ".assay" / "server.db")) as database, database:
        database.execute("UPDATE records SET state = 'queued', outcome = '{\"finished_at\":null}' WHERE id = ?", (second,))
        database.execute("INSERT OR REPLACE INTO begun VALUES (?, 3)", (second,))
    with serving(project) as again:  # it has ended the server each time: it is given up, and tells when too
        failed = ended(client(again, server.admin), second)
        assert (failed.status, failed.error.code) == ("failed", "server_error") and failed.finished_at >= failed.created_at


@models.needed
@pytest.mark.long
def test_jobs_are_cancelled_paused_and_survive(project):
    """Killed and stopped while it trains: the job goes on from where it was, and what was cancelled leaves nothing."""
    (project.path / "models").mkdir()
    (project.path / "models" / "tiny").symlink_to(models.FOLDER)
    adapters = project.path / ".assay" / "adapters"
    server = Server(project)
    key = server.admin
    api = client(server, key)
    examples = [chat(f"Where is the file {i}?", f"In folder {i}") for i in range(60)]
    job = api.fine_tuning.jobs.create(model="tiny", training_file=send(api, examples), hyperparameters={"n_epochs": 6, "batch_size": 1}).id
    waits = api.fine_tuning.jobs.create(model="tiny", training_file=send(api, tickets(30))).id
    until(lambda: (adapters / f"{job}~training" / "checkpoint").exists(), seconds=120)
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    server.process.stdout.close()
    server.log_file.close()
    with serving(project) as server:
        api = client(server, key)
        assert api.fine_tuning.jobs.retrieve(job).status == "running"
        until(lambda: any("goes on" in event.message for event in api.fine_tuning.jobs.list_events(job)), seconds=120)
        paused = api.fine_tuning.jobs.pause(job)
        assert paused.status == "paused"
        assert ended(api, waits).status == "succeeded"  # its turn has come
        assert (adapters / f"{job}~training" / "checkpoint").exists()
        assert api.fine_tuning.jobs.resume(job).status in ("queued", "running")
        with pytest.raises(openai.BadRequestError):
            api.fine_tuning.jobs.resume(job)
        until(lambda: api.fine_tuning.jobs.retrieve(job).status == "running", seconds=120)
    with serving(project) as server:  # stopped by SIGTERM while it ran
        api = client(server, key)
        assert api.fine_tuning.jobs.cancel(job).status == "cancelled"
        until(lambda: not list(adapters.glob(f"{job}*")))
        assert api.fine_tuning.jobs.retrieve(job).status == "cancelled"
        assert [(found.id, found.status) for found in api.fine_tuning.jobs.list()] == [(waits, "succeeded"), (job, "cancelled")]
        assert [found.id for found in api.fine_tuning.jobs.list(limit=1)] == [waits, job]
