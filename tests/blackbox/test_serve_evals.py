"""Evals and their runs as OpenAI's own Python client asks for them: graders, samples that are sent, answers that are asked for, whose they are."""

import json
import os
import signal
import sqlite3

import pytest
from conftest import Assay, Project
from serving import Server, serving, until

openai = pytest.importorskip("openai", reason="OpenAI's client is not in .venv: scripts/setup installs it")

SCHEMA = {"type": "object", "properties": {"question": {"type": "string"}, "answer": {"type": "string"}}, "required": ["question"]}
ENDED = ("completed", "failed", "canceled")
CONFIG = {"type": "custom", "item_schema": SCHEMA, "include_sample_schema": True}
SAME = {"type": "string_check", "name": "same", "input": "{{ sample.output_text }}", "reference": "{{item.answer}}", "operation": "eq"}
ALIKE = {"type": "text_similarity", "name": "alike", "input": "{{sample.output_text}}", "reference": "{{item.answer}}", "evaluation_metric": "rouge_l", "pass_threshold": 0.5}


def client(server, key=None):
    return openai.OpenAI(base_url=server.url, api_key=key or server.admin, max_retries=0)


def ended(api, run):
    return until(lambda: (found := api.evals.runs.retrieve(run.id, eval_id=run.eval_id)).status in ENDED and found, seconds=120)


def rows(*pairs):
    return [{"item": {"question": "q", "answer": answer}, "sample": {"output_text": text}} for text, answer in pairs]


def sent(*pairs):
    return {"type": "jsonl", "source": {"type": "file_content", "content": rows(*pairs)}}


def counts(run):
    return run.result_counts.total, run.result_counts.passed, run.result_counts.failed, run.result_counts.errored


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One server for all tests that do not end it: two keys that write, of which one may see the documents of a team."""
    shop = Project(Assay(), tmp_path_factory.mktemp("evals") / "shop")
    settings = shop.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("labels: public", "labels: from-folder"))
    shop.write("docs/hr/pay.md", "# Pay\n\nThe holiday bonus of the staff is four hundred crowns.\n")
    shop.add()
    keys = {name: shop.run("key", "add", "--quiet", name, "--groups", groups).out.strip() for name, groups in (("one", "@write,hr"), ("two", "@write"), ("reader", "hr"))}
    with serving(shop) as server:
        yield server, keys


def test_an_eval_is_made_changed_and_deleted(served):
    server, keys = served
    api = client(server, keys["one"])
    made = api.evals.create(name="support", data_source_config=CONFIG, testing_criteria=[SAME, ALIKE], metadata={"a": "b"})
    assert (made.object, made.name, made.metadata) == ("eval", "support", {"a": "b"}) and made.created_at > 0
    assert made.data_source_config.type == "custom" and made.data_source_config.schema_["properties"]["item"] == SCHEMA
    assert set(made.data_source_config.schema_["properties"]) == {"item", "sample"}
    assert [(grader.type, grader.name) for grader in made.testing_criteria] == [("string_check", "same"), ("text_similarity", "alike")]
    assert made.testing_criteria[1].pass_threshold == 0.5
    changed = api.evals.update(made.id, name="other")
    assert (changed.name, changed.metadata) == ("other", {"a": "b"}) and changed.model_dump() == {**made.model_dump(), "name": "other"}
    assert api.evals.update(made.id, metadata={"c": "d"}).metadata == {"c": "d"}
    second = api.evals.create(name="second", data_source_config={"type": "custom", "item_schema": SCHEMA}, testing_criteria=[ALIKE])
    mine = [found.id for found in api.evals.list(limit=1)]  # over pages
    assert mine == [made.id, second.id] and [found.id for found in api.evals.list(order="desc")] == [second.id, made.id]
    other = client(server, keys["two"])
    run = api.evals.runs.create(made.id, data_source=sent(("a", "a")))
    assert other.evals.list().data == []
    for refused in (lambda: other.evals.retrieve(made.id), lambda: other.evals.update(made.id, name="x"), lambda: other.evals.delete(made.id),
                    lambda: other.evals.runs.create(made.id, data_source=sent(("a", "a"))), lambda: other.evals.runs.list(made.id),
                    lambda: other.evals.runs.retrieve(run.id, eval_id=made.id), lambda: other.evals.runs.cancel(run.id, eval_id=made.id),
                    lambda: other.evals.runs.delete(run.id, eval_id=made.id), lambda: other.evals.runs.output_items.list(run.id, eval_id=made.id),
                    lambda: api.evals.runs.retrieve(run.id, eval_id=second.id)):  # fmt: skip
        with pytest.raises(openai.NotFoundError):
            refused()
    with pytest.raises(openai.PermissionDeniedError):
        client(server, keys["reader"]).evals.list()
    assert client(server).evals.retrieve(made.id).id == made.id  # an administrator sees all
    assert ended(api, run).status == "completed"
    gone = api.evals.delete(made.id)
    assert (gone.deleted, gone.eval_id, gone.object) == (True, made.id, "eval.deleted")
    for missing in (lambda: api.evals.retrieve(made.id), lambda: api.evals.runs.retrieve(run.id, eval_id=made.id)):
        with pytest.raises(openai.NotFoundError):
            missing()


@pytest.mark.parametrize("grader, part", [
    ({"type": "multi", "name": "x", "graders": {"same": SAME}, "calculate_output": "same"}, "multi"), ({"type": "python", "name": "x", "source": "print()"}, "python"),
    ({**ALIKE, "evaluation_metric": "chrf"}, "chrf"), ({**ALIKE, "pass_threshold": None}, "pass_threshold"),
    ({**ALIKE, "pass_threshold": 2}, "pass_threshold"), ({**SAME, "operation": "matches"}, "eq, ne, like"), ({**SAME, "name": ""}, "no name"), ({**SAME, "input": []}, "input"),
    ({**SAME, "reference": None}, "reference"), ("text", "(none)"), ({}, "(none)"),
])  # fmt: skip
def test_graders_that_are_refused(served, grader, part):
    server, keys = served
    error = server.error("POST", "/v1/evals", {"data_source_config": CONFIG, "testing_criteria": [grader]}, key=keys["one"])
    assert error["param"] == "testing_criteria" and part in error["message"], error


def test_what_else_is_refused(served):
    server, keys = served
    api = client(server, keys["one"])
    good = {"data_source_config": CONFIG, "testing_criteria": [SAME]}
    for more, part in [({"data_source_config": {"type": "stored_completions"}}, "not custom"), ({"data_source_config": {"type": "logs"}}, "not custom"),
                       ({"data_source_config": {"type": "custom"}}, "item_schema"), ({"data_source_config": None}, "data_source_config"), ({"testing_criteria": []}, "testing_criteria"),
                       ({"testing_criteria": [SAME] * 51}, "testing_criteria"), ({"name": "n" * 257}, "name"), ({"metadata": {str(i): "x" for i in range(17)}}, "metadata")]:  # fmt: skip
        assert part in server.error("POST", "/v1/evals", {**good, **more}, key=keys["one"])["message"]
    made = api.evals.create(**good)
    ask = {"type": "completions", "model": "assay", "source": {"type": "file_content", "content": rows(("a", "a"))},
           "input_messages": {"type": "template", "template": [{"role": "user", "content": "{{item.question}}"}]}}  # fmt: skip
    wrong_purpose = api.files.create(file=("a.jsonl", b"{}\n"), purpose="assistants").id
    for source, part in [(None, "data_source"), ({"type": "pages"}, "data_source"), ({"type": "jsonl"}, "source"), ({"type": "jsonl", "source": {"type": "stored_completions"}}, "source"),
                         ({"type": "jsonl", "source": {"type": "file_content", "content": []}}, "content"), ({"type": "jsonl", "source": {"type": "file_content", "content": [{}]}}, "content"),
                         ({"type": "jsonl", "source": {"type": "file_id", "id": wrong_purpose}}, "purpose"), ({"type": "jsonl", "source": {"type": "file_id", "id": "file-x"}}, "no file"),
                         ({**ask, "input_messages": None}, "input_messages"), ({**ask, "input_messages": {"type": "template", "template": [{"role": "user"}]}}, "input_messages"),
                         ({**ask, "model": None}, "model"), ({**ask, "sampling_params": {"temperature": 3}}, "temperature"), ({**ask, "sampling_params": {"top_p": 0.5}}, "top_p"),
                         ({**ask, "sampling_params": {"tools": [{}]}}, "tools"), ({**ask, "sampling_params": {"response_format": {"type": "json_object"}}}, "response_format")]:  # fmt: skip
        assert part in server.error("POST", f"/v1/evals/{made.id}/runs", {"data_source": source}, key=keys["one"])["message"], source
    for model in ("gtp-4o", "ft:builtin:assay::0"):
        server.error("POST", f"/v1/evals/{made.id}/runs", {"data_source": {**ask, "model": model}}, status=404, key=keys["one"])


def test_samples_that_are_sent(served):
    server, keys = served
    api = client(server, keys["one"])
    graders = [SAME, ALIKE, {**SAME, "name": "has", "operation": "ilike", "reference": "RED"}, {**SAME, "name": "other", "operation": "ne", "reference": "x"},
               {**SAME, "name": "part", "operation": "like", "input": "{{item.meta.colors.1}} of {{ item.meta.count }}", "reference": "red of 3"}]  # fmt: skip
    made = api.evals.create(name="colors", data_source_config=CONFIG, testing_criteria=graders)
    content = [{"item": {"answer": answer, "meta": {"colors": ["blue", "red"], "count": 3}}, "sample": {"output_text": text}}
               for text, answer in [("red", "red"), ("dark red", "red light"), ("green", "red")]]  # fmt: skip
    content += [{"item": {"meta": {}}, "sample": {"output_text": "red"}}, {"item": {"answer": "red", "meta": {"colors": []}}}]
    run = api.evals.runs.create(made.id, name="first", metadata={"k": "v"}, data_source={"type": "jsonl", "source": {"type": "file_content", "content": content}})
    assert (run.object, run.status, run.eval_id, run.name, run.metadata) == ("eval.run", "queued", made.id, "first", {"k": "v"})
    assert run.data_source.type == "jsonl" and len(run.data_source.source.content) == 5
    done = ended(api, run)
    assert done.status == "completed" and counts(done) == (5, 1, 2, 2) and done.error is None and done.per_model_usage == []
    assert [(one.testing_criteria, one.passed, one.failed) for one in done.per_testing_criteria_results] == [
        ("same", 1, 2), ("alike", 2, 1), ("has", 2, 1), ("other", 3, 0), ("part", 3, 0)]  # fmt: skip
    items = list(api.evals.runs.output_items.list(run.id, eval_id=made.id, limit=2))
    assert [(item.datasource_item_id, item.status) for item in items] == [(0, "pass"), (1, "fail"), (2, "fail"), (3, "error"), (4, "error")]
    second = api.evals.runs.output_items.retrieve(items[1].id, eval_id=made.id, run_id=run.id)
    assert second.model_dump() == items[1].model_dump() and second.object == "eval.run.output_item" and second.run_id == run.id and second.datasource_item["answer"] == "red light"
    assert [(result.name, result.passed, round(result.score, 3)) for result in second.results][:2] == [("same", False, 0), ("alike", True, 0.5)]
    assert second.sample.output[0].content == "dark red" and second.sample.error is None
    assert "item.answer" in items[3].sample.error.message and "sample.output_text" in items[4].sample.error.message
    assert [item.id for item in api.evals.runs.output_items.list(run.id, eval_id=made.id, status="fail")] == [items[1].id, items[2].id]
    assert [found.id for found in api.evals.runs.list(made.id)] == [run.id]
    with pytest.raises(openai.BadRequestError, match="cannot be canceled"):
        api.evals.runs.cancel(run.id, eval_id=made.id)
    gone = api.evals.runs.delete(run.id, eval_id=made.id)
    assert (gone.deleted, gone.run_id, gone.object) == (True, run.id, "eval.run.deleted")
    assert api.evals.runs.list(made.id).data == []


def test_answers_that_are_asked_for_are_those_of_the_key(served):
    """The model is asked as the key: one that may not see a document gets no answer from it."""
    server, keys = served
    item = {"question": "How much is the holiday bonus of the staff?", "answer": "four hundred crowns", "chat": [{"role": "user", "content": "How much is the holiday bonus of the staff?"}]}
    grader = {**SAME, "name": "has", "operation": "like"}
    for name, passes in (("one", 1), ("two", 0)):
        api = client(server, keys[name])
        file = api.files.create(file=("items.jsonl", (json.dumps({"item": item}) + "\n\nno json\n" + json.dumps({"item": item}) + "\n").encode()), purpose="evals").id
        made = api.evals.create(name=name, data_source_config=CONFIG, testing_criteria=[grader])
        messages = ({"type": "template", "template": [{"role": "developer", "content": "Be short."}, {"role": "user", "content": {"type": "input_text", "text": "{{item.question}}"}}]},
                    {"type": "item_reference", "item_reference": "item.chat"})  # fmt: skip
        for wanted in messages:
            source = {"type": "completions", "model": "assay", "input_messages": wanted, "source": {"type": "file_id", "id": file}, "sampling_params": {"seed": 4, "temperature": 0.5}}
            done = ended(api, api.evals.runs.create(made.id, data_source=source))
            assert done.status == "completed" and done.model == "assay" and counts(done) == (3, 2 * passes, 2 - 2 * passes, 1), done
            assert (done.per_model_usage[0].run_model_name, done.per_model_usage[0].invocation_count) == ("assay", 2)
            [first, wrong, _] = api.evals.runs.output_items.list(done.id, eval_id=made.id)
            assert first.sample.input[-1].content == item["question"] and first.sample.seed == 4 and "line 2" in wrong.sample.error.message
            assert ("four hundred" in first.sample.output[0].content) == bool(passes)


def test_a_revoked_key_asks_nothing_and_runs_survive(project):
    """What waits when the server is killed is done after the next start, once; and not in the name of a key that is gone."""
    project.write("docs/a.md", "# A\n\nThe bonus is four hundred crowns.\n")
    project.add()
    key = project.run("key", "add", "--quiet", "w", "--groups", "@write,public").out.strip()
    server = Server(project)
    admin, api = server.admin, client(server, key)
    made = api.evals.create(name="n", data_source_config=CONFIG, testing_criteria=[SAME])
    runs = [api.evals.runs.create(made.id, data_source=sent(*[("a", "a"), ("a", "b")] * 30)) for _ in range(5)]
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    server.process.stdout.close()
    server.log_file.close()
    often, broken = runs[3:]
    with sqlite3.connect(project.path / ".assay" / "server.db") as database:
        database.execute("INSERT OR REPLACE INTO begun VALUES (?, 3)", (often.id,))
        database.execute("UPDATE records SET body = '{' WHERE id = ?", (broken.id,))
        database.execute("UPDATE records SET state = 'queued' WHERE id IN (?, ?)", (often.id, broken.id))
        many = "INSERT INTO records (id, kind, parent, owner, state, body, outcome, created) SELECT ?, kind, parent, owner, ?, body, outcome, created FROM records WHERE id = ?"
        database.executemany(many, [(f"eval_{i}", "", made.id) for i in range(999)])
        database.executemany(many, [(f"evalrun_{i}", "completed", runs[0].id) for i in range(995)])
    database.close()
    with serving(project) as server:
        api = client(server, key)
        with pytest.raises(openai.RateLimitError):  # a thousand of a key are kept
            api.evals.create(name="n", data_source_config=CONFIG, testing_criteria=[SAME])
        assert ended(api, often).status == "failed"  # the server ended each time that it was begun
        assert ended(api, broken).status == "failed"  # and what waits behind is done all the same
        for run in runs[:2]:
            done = ended(api, run)
            assert done.status == "completed" and counts(done) == (60, 30, 30, 0)
            assert [(one.passed, one.failed) for one in done.per_testing_criteria_results] == [(30, 30)]
            assert [item.datasource_item_id for item in api.evals.runs.output_items.list(run.id, eval_id=made.id, limit=25)] == list(range(60))
        latest = api.evals.runs.create(made.id, data_source=sent(("a", "a")))  # makes the oldest one go
        with pytest.raises(openai.NotFoundError):
            ended(api, runs[0])
        assert ended(api, latest).status == "completed"
        late = api.evals.runs.create(made.id, data_source=sent(*[("a", "a")] * 500))
        waits = api.evals.runs.create(made.id, data_source=sent(("a", "a")))
        assert api.evals.runs.cancel(late.id, eval_id=made.id).status == "canceled"
        project.run("key", "revoke", "w")
        project.run("key", "add", "--quiet", "w", "--groups", "@write,public")  # another one of the same name
        admins = client(server, admin)
        assert ended(admins, waits).status in ("failed", "completed")  # completed: it was done before
        assert ended(admins, late).status == "canceled"


def test_a_run_that_gets_further_each_time_is_not_given_up(project):
    project.write("docs/a.md", "# A\n\nThe bonus is four hundred crowns.\n")
    project.add()
    server = Server(project)
    admin = server.admin
    item = {"item": {"question": "How much is the bonus?", "answer": "four hundred"}}
    source = {"type": "completions", "model": "assay", "input_messages": {"type": "template", "template": [{"role": "user", "content": "{{item.question}}"}]},
              "source": {"type": "file_content", "content": [item] * 1000}}  # fmt: skip
    made = client(server).evals.create(name="n", data_source_config=CONFIG, testing_criteria=[SAME])
    run = client(server).evals.runs.create(made.id, data_source=source)
    with sqlite3.connect(project.path / ".assay" / "server.db", timeout=60, isolation_level=None) as database:
        for life in range(5):  # more than it may be begun in vain
            def kept():
                return database.execute("SELECT count(*) FROM records WHERE parent = ?", (run.id,)).fetchone()[0]

            before = kept()
            until(lambda: kept() >= before + 2)
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.wait()
            server.process.stdout.close()
            server.log_file.close()
            assert database.execute("SELECT state FROM records WHERE id = ?", (run.id,)).fetchone()[0] in ("queued", "in_progress"), life
            assert database.execute("SELECT count FROM begun WHERE id = ?", (run.id,)).fetchall() == [], life
            server = Server(project)
            server.admin = admin
    server.stop()


def test_each_item_that_is_asked_counts_as_a_request(project):
    project.write("docs/a.md", "# A\n\nThe bonus is four hundred crowns.\n")
    project.add()
    key = project.run("key", "add", "--quiet", "few", "--groups", "@write,public", "--quota", "requests=6").out.strip()
    with serving(project) as server:
        api = client(server, key)
        made = api.evals.create(name="n", data_source_config=CONFIG, testing_criteria=[SAME])
        content = [{"item": {"question": "How much is the bonus?", "answer": "four hundred"}}] * 9
        source = {"type": "completions", "model": "assay", "input_messages": {"type": "template", "template": [{"role": "user", "content": "{{item.question}}"}]},
                  "source": {"type": "file_content", "content": content}}  # fmt: skip
        run = api.evals.runs.create(made.id, data_source=source)
        done = ended(client(server), run)
        assert done.status == "failed" and done.error.code == "insufficient_quota" and counts(done)[0] == 4, done


def test_what_cannot_be_kept_is_refused(served):
    server, keys = served
    depth = 0
    for levels in range(1, 200):
        schema = {}
        for _ in range(levels):
            schema = {"a": schema}
        status, answer = server.ask("POST", "/v1/evals", {"name": "n", "data_source_config": {"type": "custom", "item_schema": schema}, "testing_criteria": [SAME]}, key=keys["one"])[:2]
        if status != 200:
            break
        depth = levels
    assert 10 < depth < 199 and status == 400
    long = {**SCHEMA, "description": "x" * 300_000}
    assert server.ask("POST", "/v1/evals", {"name": "n", "data_source_config": {"type": "custom", "item_schema": long}, "testing_criteria": [SAME]}, key=keys["one"])[0] == 413
    api = client(server, keys["one"])
    kept = [made for made in api.evals.list(limit=100) if made.name == "n" and "a" in str(made.data_source_config)]
    assert kept and all(made.testing_criteria for made in kept)


def test_zero_bytes_are_no_end(served):
    """Texts that differ behind one are not taken for equal."""
    server, keys = served
    api = client(server, keys["one"])
    made = api.evals.create(name="zero", data_source_config=CONFIG, testing_criteria=[{**SAME, "input": "{{item.question}}"}])
    source = {"type": "jsonl", "source": {"type": "file_content", "content": [{"item": {"question": "a\0b", "answer": "a\0c"}}]}}
    assert counts(ended(api, api.evals.runs.create(made.id, data_source=source))) == (1, 0, 0, 1)


def test_what_is_kept_has_a_limit(project):
    """A key's evals, runs and their items fill so many bytes; what ended makes room, an eval never goes by itself."""
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("records_max_mb: 256", "records_max_mb: 1"))
    with serving(project) as server:
        def make(size, name="big"):
            criteria = [{"type": "string_check", "name": "same", "input": "{{sample.output_text}}", "reference": "x" * size, "operation": "eq"}]
            source = {"type": "custom", "item_schema": {"type": "object"}, "include_sample_schema": True}
            return server.ask("POST", "/v1/evals", {"name": name, "data_source_config": source, "testing_criteria": criteria})

        def run_of(eval_id, items, size):
            rows = [{"item": {"text": "y" * size}, "sample": {"output_text": "z"}} for _ in range(items)]
            made = server.json("POST", f"/v1/evals/{eval_id}/runs", {"name": "r", "data_source": {"type": "jsonl", "source": {"type": "file_content", "content": rows}}})
            return until(lambda: (got := server.json("GET", f"/v1/evals/{eval_id}/runs/{made['id']}"))["status"] in ("completed", "failed") and got)

        small = json.loads(make(10, "small")[2])["id"]
        full = run_of(small, 9, 100000)  # the request and its items are more than there is room for
        assert full["status"] == "failed" and "takes what it may" in full["error"]["message"], full
        assert run_of(small, 3, 1000)["status"] == "completed"
        made = [make(200000) for _ in range(6)]
        statuses = [status for status, _, _ in made]
        assert statuses[:4] == [200] * 4 and statuses[-1] == 429, statuses
        error = json.loads(made[-1][2])["error"]
        assert "records_max_mb" in error["message"] and error["code"] == "rate_limit_exceeded"
        assert not server.json("GET", f"/v1/evals/{small}/runs")["data"]  # what ended made room
        big = json.loads(made[0][2])["id"]
        server.json("DELETE", f"/v1/evals/{big}")
        assert make(200000)[0] == 200
