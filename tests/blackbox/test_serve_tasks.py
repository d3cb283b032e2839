"""Long work that a person starts over HTTP: it runs beside the server, says how far it is, can be cancelled, and survives the server."""

import json
import signal

import pytest
from conftest import Assay, Project
from models import FOLDER, needed
from serving import Server, serving, until

CASES = [{"question": "Within how many days may goods be returned?", "answer": "45 days", "source": "docs/returns.md"},
         {"question": "When does the shop open?", "answer": "at nine", "source": "docs/hours.md"}]  # fmt: skip
TOPICS = {"order": "parcel shipping delivery box", "pay": "invoice card refund price", "login": "password account sign reset"}


def make_shop(project):
    project.write("docs/returns.md", "# Returns\n\nGoods may be returned within **45 days** of delivery.\n")
    project.write("docs/hours.md", "# Hours\n\nThe shop opens at nine in the morning.\n")
    project.write("eval.jsonl", "".join(json.dumps(case) + "\n" for case in CASES))
    lines = [{"text": f"{word} {other} question {i}", "label": label} for label, words in TOPICS.items() for word in words.split()
             for i, other in enumerate(words.split() * 2)]  # fmt: skip
    project.write("tickets.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    project.add()
    return project


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return make_shop(Project(Assay(), tmp_path_factory.mktemp("tasks") / "shop"))


@pytest.fixture(scope="module")
def server(shop):
    with serving(shop, env={"ASSAY_MODELS": str(FOLDER.parent)}) as started:
        yield started


def ended(server, task, seconds=60):
    """The task once it has ended."""
    def look():
        found = server.json("GET", f"/v1/tasks/{task['id']}")
        return found if found["finished_at"] else None
    return until(look, seconds)


def test_an_evaluation(server):
    task = server.json("POST", "/v1/tasks", {"kind": "eval", "without_answers": True})
    assert task["object"] == "task" and task["state"] in ("queued", "running") and task["by"] == "admin" and task["request"]["kind"] == "eval"
    task = ended(server, task)
    assert (task["state"], task["message"]) == ("done", ""), task
    assert server.json("GET", f"/v1/runs/{task['result']}")["cases"][0]["question"] == CASES[0]["question"]
    assert server.json("GET", f"/v1/tasks/{task['id']}/output")["run"] == task["result"]
    assert server.json("GET", "/v1/tasks")["data"][0]["id"] == task["id"]


def test_drafts_and_a_plan(server):
    task = ended(server, server.json("POST", "/v1/tasks", {"kind": "draft", "count": 3}))
    assert task["state"] == "done", task
    drafts = server.json("GET", f"/v1/tasks/{task['id']}/output")["drafts"]
    assert all(set(draft) == {"question", "answer", "source", "quote", "tags"} for draft in drafts)
    plan = ended(server, server.json("POST", "/v1/tasks", {"kind": "plan"}))
    assert plan["state"] in ("done", "failed") and (plan["state"] == "done") == (plan["message"] == "")


def test_what_is_refused(server):
    for body, parameter in (({}, "kind"), ({"kind": "rm"}, "kind"), ({"kind": 3}, "kind"), ({"kind": "eval", "without_answers": "yes"}, "without_answers"),
                            ({"kind": "draft"}, "count"), ({"kind": "draft", "count": 501}, "count"), ({"kind": "draft", "count": "1; ls"}, "count"),
                            ({"kind": "decide", "all": 1}, "all"), ({"kind": "decide", "hosted": "openai:gpt-9"}, "hosted"), ({"kind": "plan", "hosted": 1}, "hosted"),
                            ({"kind": "tune"}, "task"), ({"kind": "tune", "task": "--help"}, "task")):  # fmt: skip
        assert server.error("POST", "/v1/tasks", body, status=400)["param"] == parameter, body
    tune = {"kind": "tune", "task": "classify", "file": "tickets.jsonl", "name": "topics"}
    (server.project.path / "out").symlink_to("/etc")
    for file in ("none.jsonl", "../tickets.jsonl", "/etc/passwd", "out/passwd", ".assay/assay.db", "", None, 3, "tickets.jsonl\0", "--check"):
        assert server.error("POST", "/v1/tasks", {**tune, "file": file}, status=400)["param"] == "file", file
    for name in ("", "../x", "A", "-x", "x" * 41, "a~training", "a/b", None):
        assert server.error("POST", "/v1/tasks", {**tune, "name": name}, status=400)["param"] == "name", name
    assert server.error("POST", "/v1/tasks", {**tune, "method": "--help"}, status=400)["param"] == "method"
    assert server.error("POST", "/v1/tasks", {**tune, "epochs": 5, "task": "reader", "name": "--x"}, status=400)["param"] == "name"
    assert server.error("POST", "/v1/tasks", {"kind": "eval", "padding": "x" * 70000}, status=413)["code"] == "body_too_large"
    for path in ("0", "999", "x", "-1", "1e0", "%2e%2e", "99999999999999999999"):
        server.error("GET", f"/v1/tasks/{path}", status=400 if path == "%2e%2e" else 404)


def test_examples_are_checked_and_learned_from(server):
    tune = {"kind": "tune", "task": "classify", "file": "tickets.jsonl"}
    task = ended(server, server.json("POST", "/v1/tasks", {**tune, "check": True}))
    assert task["state"] == "done", task
    found = server.json("GET", f"/v1/tasks/{task['id']}/output")
    assert found["adapter"] is None and found["findings"] and {label["label"] for label in found["labels"]} == set(TOPICS)
    assert server.error("GET", f"/v1/tasks/{task['id']}/training", status=404)["code"] == "not_found"


@pytest.mark.long
@needed
def test_all_steps_of_a_training_are_kept(server):
    """Also of one that goes on and ends while the server, on a busy machine, has no time to look."""
    adapters = server.project.path / ".assay/adapters"
    task = server.json("POST", "/v1/tasks", {"kind": "tune", "task": "classify", "file": "tickets.jsonl", "name": "quick", "method": "lora"})
    until((adapters / "quick~training").exists, 60)
    server.process.send_signal(signal.SIGSTOP)
    try:
        until(lambda: (adapters / "quick/train.jsonl").exists() and not (adapters / "quick~training").exists(), 300)
    finally:
        server.process.send_signal(signal.SIGCONT)
    task = ended(server, task, 300)
    assert task["state"] == "done", task
    status, _, shown = server.ask("GET", f"/v1/tasks/{task['id']}/training")
    assert status == 200 and shown == (adapters / "quick/train.jsonl").read_bytes()
    assert sum("loss" in json.loads(line) for line in shown.splitlines()) > 2
    server.ask("DELETE", "/v1/adapters/quick")


@needed
def test_a_classifier_is_learned(server):
    tune = {"kind": "tune", "task": "classify", "file": "tickets.jsonl"}
    task = ended(server, server.json("POST", "/v1/tasks", {**tune, "name": "topics", "method": "head"}))
    assert (task["state"], task["result"]) == ("done", "topics"), task["message"]
    assert [item["name"] for item in server.json("GET", "/v1/adapters")["data"]] == ["topics"]
    task = ended(server, server.json("POST", "/v1/tasks", {**tune, "name": "topics", "method": "head"}))
    assert task["state"] == "failed" and "topics" in task["message"] and task["result"] == ""
    assert server.error("GET", f"/v1/tasks/{task['id']}/output", status=409)["code"] == "conflict"


def test_one_is_cancelled(server):
    first, second = (server.json("POST", "/v1/tasks", {"kind": "draft", "count": 500}) for _ in range(2))
    assert server.json("POST", f"/v1/tasks/{second['id']}/cancel")["state"] in ("cancelled", "stopping", "done")
    server.json("POST", f"/v1/tasks/{first['id']}/cancel")
    for task in (first, second):
        assert ended(server, task)["state"] in ("cancelled", "done")
    assert server.json("POST", f"/v1/tasks/{second['id']}/cancel")["state"] in ("cancelled", "done")  # once more changes nothing


def test_too_many_are_refused(server):
    made = [server.json("POST", "/v1/tasks", {"kind": "plan"}) for _ in range(20)]
    refused = [server.ask("POST", "/v1/tasks", {"kind": "plan"})[0] for _ in range(30)]
    assert set(refused) in ({200, 429}, {429})
    for task in server.json("GET", "/v1/tasks")["data"]:
        server.json("POST", f"/v1/tasks/{task['id']}/cancel")
    assert ended(server, made[-1])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_ends_meanwhile(tmp_path, how):
    """What ran is begun again by the next server, and nothing goes on without one."""
    shop = make_shop(Project(Assay(), tmp_path / "shop"))
    server = Server(shop)
    key = server.admin
    answers = [server.ask("POST", "/v1/tasks", {"kind": "eval"}) for _ in range(3)]
    tasks, requests = [json.loads(content) for _, _, content in answers], [headers["X-Request-Id"] for _, headers, _ in answers]
    server.process.send_signal(how)
    server.process.wait()
    server.process.stdout.close()
    server.log_file.close()
    with serving(shop) as server:
        server.admin = key
        for task in tasks:
            assert ended(server, task)["state"] == "done"
        assert len({server.json("GET", f"/v1/tasks/{task['id']}")["result"] for task in tasks}) == 3
        lines = [lines_of(server, job=f"task-{task['id']}") for task in tasks]
        # Requests are those of the server that was, which may have done the first task before it ended.
        assert lines[-1] and all(not told or told[-1]["request"] == request for told, request in zip(lines, requests, strict=True)), lines


@needed
@pytest.mark.long
def test_a_training_goes_on_after_the_servers_end(tmp_path):
    """SIGTERM is no failure of what runs: it goes on from its checkpoint, and nobody had to ask for its name to be replaced."""
    shop = make_shop(Project(Assay(), tmp_path / "shop"))
    env = {"ASSAY_MODELS": str(FOLDER.parent)}
    lines = (shop.path / "tickets.jsonl").read_text().splitlines(keepends=True)
    shop.write("few.jsonl", "".join(lines[::4]))
    with serving(shop, env=env) as server:
        key = server.admin
        tune = {"kind": "tune", "task": "classify", "file": "few.jsonl", "name": "topics", "method": "lora"}
        task = server.json("POST", "/v1/tasks", tune)
        until((shop.path / ".assay/adapters/topics~training/train.jsonl").exists, 60)
    with serving(shop, env=env) as server:
        server.admin = key
        task = ended(server, task, 300)
        assert task["state"] == "done" and task["result"] == "topics", task


def test_only_who_sees_everything_may(server):
    writer = server.project.run("key", "add", "--quiet", "writer", "--groups", "public,@write").out.strip()
    for method, path in (("GET", "/v1/tasks"), ("POST", "/v1/tasks"), ("GET", "/v1/tasks/1"), ("POST", "/v1/tasks/1/cancel"),
                         ("GET", "/v1/tasks/1/output"), ("GET", "/v1/tasks/1/training")):  # fmt: skip
        assert server.error(method, path, {"kind": "eval"} if method == "POST" else None, status=403, key=writer)["code"] == "not_allowed"
        assert server.ask(method, path, key=None)[0] == 401


@pytest.mark.parametrize("name", ["notes.txt", "assay.yaml", ".env.jsonl", "keys/.hidden/a.jsonl", "credentials.json", "docs/returns.md"])
def test_a_check_reads_only_what_holds_examples(server, name):
    """Its report names lines, so that of another file it would tell them to who sees the documents, and not this machine."""
    path = server.project.path / name
    if not path.exists():
        server.project.write(name, '{"text": "canary-secret", "label": "x"}\n')
    body = {"kind": "tune", "task": "classify", "file": name, "check": True}
    assert server.error("POST", "/v1/tasks", body)["param"] == "file"
    if path.name != "assay.yaml" and path.suffix != ".md":
        path.unlink()


@pytest.mark.long
@needed
def test_one_trains_at_a_time_whichever_way_it_was_asked_for(tmp_path):
    """A fine-tuning job and a task that trains: neither runs while the other does, who waits is told so, and what does not train goes on meanwhile."""
    openai = pytest.importorskip("openai", reason="OpenAI's client is not in .venv: scripts/setup installs it")
    shop = make_shop(Project(Assay(), tmp_path / "shop"))
    (shop.path / "models").mkdir()
    (shop.path / "models" / "tiny").symlink_to(FOLDER)
    examples = [{"messages": [{"role": "user", "content": f"Where is the file {i}?"}, {"role": "assistant", "content": f"In folder {i}"}]} for i in range(40)]
    sent = "".join(json.dumps(example) + "\n" for example in examples).encode()
    with serving(shop, env={"ASSAY_MODELS": str(FOLDER.parent)}) as server:
        api = openai.OpenAI(base_url=server.url, api_key=server.admin, max_retries=0)

        def job(epochs):
            file = api.files.create(file=("train.jsonl", sent), purpose="fine-tune").id
            return api.fine_tuning.jobs.create(model="tiny", training_file=file, hyperparameters={"n_epochs": epochs, "batch_size": 1}).id

        def state(task):
            return server.json("GET", f"/v1/tasks/{task['id']}")

        first = job(50)
        until(lambda: api.fine_tuning.jobs.retrieve(first).status == "running", 120)
        tune = {"kind": "tune", "task": "classify", "file": "tickets.jsonl", "name": "topics", "method": "lora"}
        task = server.json("POST", "/v1/tasks", tune)
        other = server.json("POST", "/v1/tasks", {"kind": "eval", "without_answers": True})
        assert ended(server, other)["state"] == "done"  # it does not train, and was not kept waiting
        waiting = state(task)
        assert waiting["state"] == "queued" and "fine-tuning job" in waiting["message"]
        second = job(1)
        api.fine_tuning.jobs.cancel(first)
        until(lambda: state(task)["state"] == "running")  # who waited longer, before the job
        until(lambda: any("under way" in event.message for event in api.fine_tuning.jobs.list_events(second)), 60)
        assert api.fine_tuning.jobs.retrieve(second).status == "queued"
        server.json("POST", f"/v1/tasks/{task['id']}/cancel")
        assert until(lambda: api.fine_tuning.jobs.retrieve(second).status == "succeeded", 120)
        assert state(task)["state"] == "cancelled"


def lines_of(server, **wanted):
    return [line for line in server.log() if all(line.get(name) == value for name, value in wanted.items())]


def test_the_log_says_which_request_a_job_came_of(project):
    """Of a task, a file that is taken in and an eval's run."""
    def make(server, path, body, **more):
        status, headers, content = server.ask("POST", path, body, **more)
        assert status in (200, 201), content
        return json.loads(content), headers["X-Request-Id"]

    make_shop(project)
    config = {"type": "custom", "item_schema": {"type": "object", "properties": {"answer": {"type": "string"}}}, "include_sample_schema": True}
    same = {"type": "string_check", "name": "same", "input": "{{ sample.output_text }}", "reference": "{{item.answer}}", "operation": "eq"}
    source = {"type": "jsonl", "source": {"type": "file_content", "content": [{"item": {"answer": "x"}, "sample": {"output_text": "x"}}]}}
    form = b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="n.md"\r\n\r\n# N\r\n--b--\r\n'
    with serving(project) as server:
        task, by_task = make(server, "/v1/tasks", {"kind": "eval", "without_answers": True})
        made, _ = make(server, "/v1/evals", {"name": "e", "data_source_config": config, "testing_criteria": [same]})
        run, by_run = make(server, f"/v1/evals/{made['id']}/runs", {"data_source": source})
        file, _ = make(server, "/v1/files", form, headers={"Content-Type": "multipart/form-data; boundary=b"})
        _, by_store = make(server, "/v1/vector_stores", {"file_ids": [file["id"]]})
        ended(server, task)
        until(lambda: len(lines_of(server, job=run["id"])) == 2)
        until(lambda: lines_of(server, job="work-1"))
        assert {line["request"] for line in lines_of(server, job="task-1")} == {by_task} and {line["request"] for line in lines_of(server, job=run["id"])} == {by_run}
        assert [(line["request"], line["level"]) for line in lines_of(server, job="work-1")] == [(by_store, "info")]
        assert len({by_task, by_run, by_store}) == 3 and lines_of(server, request=by_task, route="/v1/tasks")
