"""`assay decide --hosted`: a provider fine-tunes a model on the examples, for the approaches tune and hybrid; with what it costs, told before and held to a limit."""

import json
import shutil
import signal
import threading
import time

import pytest
from decide_problems import HostedProblem, make

pytestmark = pytest.mark.long


@pytest.fixture
def problem():
    return HostedProblem("both", "hybrid", "knowledge", cases=24, knows=0.05, forms=0.05, tuned=(0.05, 1.0))


def decide(assay, folder, server, *words, **more):
    return assay("decide", "--json", "--all", "--model", server.model, "--hosted", server.model, *words, cwd=folder, **more)


def arms_of(report):
    return {arm["name"]: arm for arm in report["arms"]}


def asked(server, model):
    return [request["body"]["messages"] for request in server.requests if request["path"].endswith("chat/completions") and request["body"]["model"] == model]


def test_tunes_decides_and_pays_once(assay, tmp_path, problem):
    folder = make(assay, tmp_path / "shop", problem, "limits: {spend_per_day: 50}\n")
    with problem.serve() as server:
        problem.price(folder, server)
        report = decide(assay, folder, server).json()
        arms = arms_of(report)
        assert report["verdict"]["approach"] == "hybrid", report["verdict"]["reasons"]
        assert [arms[name]["model"] for name in ("tune", "hybrid")] == [server.model.replace("#scripted", f"#ft:scripted:shop::{i}") for i in range(2)]
        assert arms["hybrid"]["score"] > 0.9 and max(arms[name]["score"] for name in ("prompt", "rag", "tune")) < 0.3
        # what was asked for
        assert [(job["model"], job["training_file"], job["suffix"]) for job in problem.jobs] == [("scripted", "file-0", "assay-tune"), ("scripted", "file-1", "assay-hybrid")]
        assert problem.jobs[0]["method"]["supervised"]["hyperparameters"]["n_epochs"] == 3
        check_lines(problem, server)
        # four runs of 4,321 tokens at 25 a million
        lines = [line for line in report["costs"]["lines"] if line["what"].startswith("training runs")]
        assert {line["arm"]: round(line["amount"], 4) for line in lines} == {"tune": 0.4321, "hybrid": 0.4321}
        # the day's sum has it, more or less as it was reckoned
        assert float((folder / ".assay/spent").read_text().split()[1]) > 0.1
        assert {check["check"]: check["ok"] for check in report["checks"]}["form in training and use"]
        again = decide(assay, folder, server, "--anew", "--seed", "7").json()
        assert arms_of(again)["tune"]["model"] == arms["tune"]["model"] and len(problem.jobs) == 2
        plan = decide(assay, folder, server, "--apply").json()
        assert f"model: {server.model.replace('#scripted', '#ft:scripted:shop::1')}" in (folder / "assay.yaml").read_text(), plan["verdict"]


def check_lines(problem, server):
    """Each example stands in the very prompt that the tuned model is asked in later."""
    for number, has_passages in enumerate((False, True)):
        assert len(problem.files[number]) == 24
        served = asked(server, f"ft:scripted:shop::{number}")
        for line in problem.files[number]:
            *prompt, answer = line["messages"]
            assert answer["role"] == "assistant" and answer["content"].endswith(" days")
            assert [(message["role"], message["content"]) for message in prompt if message["role"] == "system"] == [
                (message["role"], message["content"]) for message in served[0] if message["role"] == "system"]  # fmt: skip
            assert ("<passage " in prompt[-1]["content"]) == has_passages == ("<passage " in served[0][-1]["content"])
            assert "spare part" in prompt[-1]["content"]


def test_plan_tells_what_it_costs_and_asks_nothing(assay, tmp_path, problem):
    folder = make(assay, tmp_path / "shop", problem)
    with problem.serve() as server:
        problem.price(folder, server)
        plan = decide(assay, folder, server, "--plan").json()
        assert server.requests == [] and plan["has_training_price"]
        arms = {arm["name"]: arm for arm in plan["arms"]}
        assert arms["hybrid"]["training_tokens"] > 2 * arms["tune"]["training_tokens"] > 0 == arms["rag"]["training_tokens"]
        without = assay("decide", "--json", "--plan", "--model", server.model, "--tuned", server.model, cwd=folder).json()
        asking = {arm["name"]: arm["money"] for arm in without["arms"]}
        for name in ("tune", "hybrid"):
            assert arms[name]["money"] == pytest.approx(asking[name] + arms[name]["training_tokens"] * 25 / 1e6, rel=1e-3)
        shown = assay("decide", "--plan", "--model", server.model, "--hosted", server.model, cwd=folder).out
        assert "fine-tuning is about" in shown and "with its money" in shown
        # what was reckoned is near what is sent
        decide(assay, folder, server)
        sent = sum(len(message["content"]) for line in problem.files[0] for message in line["messages"])
        assert 0.5 < arms["tune"]["training_tokens"] / (3 * sent / 4) < 2


@pytest.mark.parametrize(
    ("settings", "statuses", "training", "why", "jobs"),
    [("limits: {spend_per_day: 0.02}", ("succeeded",), 2500, "would pass the limit of 0.02", 0),
     ("limits: {spend_per_day: 50}", ("succeeded",), None, "training", 0),
     ("limits: {private: true}", ("succeeded",), 25, "limits.private", 0),
     ("", ("running", "failed"), 25, "a line that cannot be learned", 2),
     ("", ("cancelled",), 25, "cancelled", 2)],
    ids=["too dear", "no price", "private", "failed", "cancelled"])  # fmt: skip
def test_no_such_arm(assay, tmp_path, settings, statuses, training, why, jobs):
    """What the limits forbid, or the provider does not bring about, is told as the reason why the approach was not measured; the others are."""
    problem = HostedProblem("knowledge gap", "rag", "knowledge", cases=12, knows=0.1, tuned=(0.1, 1.0), statuses=statuses)
    folder = make(assay, tmp_path / "shop", problem, settings + "\n")
    with problem.serve() as server:
        problem.price(folder, server, **({"training": training} if training else {}))
        if training is None:
            (folder / "prices.yaml").write_text(json.dumps({"models": {server.model: {"input": 1, "output": 2}}}))
        arms = arms_of(decide(assay, folder, server).json())
        assert arms["rag"]["status"] == "measured"
        for name in ("tune", "hybrid"):
            assert arms[name]["status"] == "skipped" and why in arms[name]["why"], arms[name]
        assert len(problem.jobs) == jobs and (jobs or not problem.files)


def test_a_name_without_a_price(assay, tmp_path, problem):
    """What the provider calls its model is in no list of prices: under a limit on the day it is reckoned as the model that it was made of."""
    folder = make(assay, tmp_path / "shop", problem, "limits: {spend_per_day: 50}\n")
    told = problem.job
    problem.job = lambda number: {**told(number), "fine_tuned_model": told(number)["fine_tuned_model"] and "tuned"}
    with problem.serve() as server:
        problem.price(folder, server)
        arms = arms_of(decide(assay, folder, server).json())
        assert arms["hybrid"]["status"] == "measured" and arms["hybrid"]["model"].endswith("#tuned") and arms["hybrid"]["cost"]["per_1000"] > 0


def test_a_server_without_fine_tuning(assay, tmp_path, problem):
    folder = make(assay, tmp_path / "shop", problem)
    problem.step = lambda handler: handler.reply(404, {"error": {"message": "no such path"}}) if "chat" not in handler.path else HostedProblem.step(problem, handler)
    with problem.serve() as server:
        arms = arms_of(decide(assay, folder, server).json())
        assert arms["tune"]["status"] == "skipped" and "no such path" in arms["tune"]["why"]
    assert "fine-tuning" in assay("decide", "--hosted", "anthropic:x", "--plan", cwd=folder, code=1, env={"ANTHROPIC_API_KEY": "k"}).err


def test_a_job_is_waited_for_again(assay, tmp_path, problem):
    """Stopped while the provider works: the same command waits for the same job."""
    folder = make(assay, tmp_path / "shop", problem)
    problem.statuses = ("running",)
    with problem.serve() as server:
        running = assay.start("decide", "--model", server.model, "--hosted", server.model, "--all", cwd=folder)
        while not problem.looks.get(0):
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        stopped = assay.finish(running)
        assert stopped.code == 1 and "goes on at the provider" in stopped.err, (stopped.code, stopped.err)
        problem.statuses = ("succeeded",)
        arms = arms_of(decide(assay, folder, server).json())
        assert arms["tune"]["status"] == arms["hybrid"]["status"] == "measured"
        assert [job["suffix"] for job in problem.jobs] == ["assay-tune", "assay-hybrid"]


def small():
    """Whose job is asked for soon."""
    return HostedProblem("knowledge gap", "rag", "knowledge", cases=8, knows=0.1, tuned=(0.1, 1.0))


def answers(problem, what, answer):
    """`answer(handler, usual)` in the place of what the provider says to one kind of request: "files", "job" or "look"."""

    def step(handler):
        request = handler.server.requests[-1]
        kind = ("job" if request["method"] == "POST" else "look") if "/fine_tuning/jobs" in request["path"] else request["path"].split("/")[-1]
        if kind == what:
            answer(handler, lambda: HostedProblem.step(problem, handler))
        else:
            HostedProblem.step(problem, handler)

    problem.step = step


def notes(folder):
    return list((folder / ".assay/hosted").glob("*"))


def refused(assay, folder, server, *words):
    """The next run finds a note without a name, and says what to do; the note."""
    before = len(server.requests)
    error = decide(assay, folder, server, *words, code=1).error("conflict")
    (note,) = notes(folder)
    assert str(note) in error["message"] and "list of jobs" in error["hint"] and "remove it" in error["hint"]
    assert json.loads(note.read_text())["job"] is None
    assert not [request for request in server.requests[before:] if "chat" not in request["path"]]
    return note


@pytest.mark.parametrize(
    "broken",
    [lambda handler: handler.hang_up(),
     lambda handler: handler.reply(503, {"error": {"message": "too much to do"}}),
     lambda handler: handler.reply(200, b"<html>welcome</html>", content_type="text/html"),
     lambda handler: handler.reply(200, b'{"id": "' + (1 << 20) * b"x" + b'"}')],
    ids=["cut", "503", "no JSON", "too long"])  # fmt: skip
def test_a_job_that_may_run_is_not_paid_for_twice(assay, tmp_path, broken):
    """What was asked for, and answered with no name: it counts for the day, is noted, and a later run asks for nothing until a person has looked."""
    problem = small()
    folder = make(assay, tmp_path / "shop", problem, "limits: {spend_per_day: 50}\n")

    def answer(handler, usual):
        problem.jobs.append(handler.server.requests[-1]["body"])
        problem.looks[len(problem.jobs) - 1] = 0
        broken(handler)

    answers(problem, "job", answer)
    with problem.serve() as server:
        problem.price(folder, server)
        error = decide(assay, folder, server, code=1).error()
        (note,) = notes(folder)
        assert "may run" in error["message"] and str(note) in error["message"] and "list of jobs" in error["hint"]
        assert len(problem.jobs) == 1 and float((folder / ".assay/spent").read_text().split()[1]) > 0.1
        assert refused(assay, folder, server) == note
        answers(problem, "none", None)
        note.write_text('{"job": "ftjob-0"}')
        arms = arms_of(decide(assay, folder, server).json())
        assert arms["tune"]["status"] == "measured" and arms["tune"]["model"].endswith("#ft:scripted:shop::0")
        assert [job["suffix"] for job in problem.jobs] == ["assay-tune", "assay-hybrid"]


def test_killed_before_the_job_has_a_name(assay, tmp_path):
    problem = small()
    folder = make(assay, tmp_path / "shop", problem)
    is_asked, is_over = threading.Event(), threading.Event()
    answers(problem, "job", lambda handler, usual: (is_asked.set(), is_over.wait(), handler.hang_up()))
    with problem.serve() as server:
        running = assay.start("decide", "--model", server.model, "--hosted", server.model, "--all", cwd=folder)
        try:
            while not is_asked.wait(0.05):
                assert running.poll() is None
        finally:
            running.kill()
            running.communicate()
            is_over.set()
        note = refused(assay, folder, server)
        assert refused(assay, folder, server, "--plan") == note
        answers(problem, "none", None)
        note.unlink()  # there was none
        assert arms_of(decide(assay, folder, server).json())["tune"]["status"] == "measured"
        assert [job["suffix"] for job in problem.jobs] == ["assay-tune", "assay-hybrid"]


def test_a_name_that_cannot_be_noted_is_told(assay, tmp_path):
    problem = small()
    folder = make(assay, tmp_path / "shop", problem)

    def answer(handler, usual):
        shutil.move(folder / ".assay/hosted", folder / "elsewhere")
        (folder / ".assay/hosted").write_text("in the way")
        usual()

    answers(problem, "job", answer)
    with problem.serve() as server:
        error = decide(assay, folder, server, code=1).error()
        assert "job ftjob-0" in error["message"] and "that file" in error["hint"]
        (folder / ".assay/hosted").unlink()
        shutil.move(folder / "elsewhere", folder / ".assay/hosted")
        refused(assay, folder, server)
        assert len(problem.jobs) == 1


@pytest.mark.parametrize("status", [401, 404])
def test_a_job_that_the_provider_does_not_know(assay, tmp_path, status):
    problem = small()
    folder = make(assay, tmp_path / "shop", problem)
    answers(problem, "look", lambda handler, usual: handler.reply(status, {"error": {"message": "no such job"}}))
    with problem.serve() as server:
        error = decide(assay, folder, server, code=1).error()
        (note,) = notes(folder)
        assert str(note) in error["message"] and "no such job" in error["message"] and "remove that file" in error["hint"]
        assert ("a key" in error["hint"]) == (status == 401)
        note.unlink()
        answers(problem, "none", None)
        assert arms_of(decide(assay, folder, server).json())["tune"]["status"] == "measured"
        assert [job["suffix"] for job in problem.jobs] == ["assay-tune", "assay-tune", "assay-hybrid"]


@pytest.mark.parametrize(("what", "left"), [("files", 0), ("look", 1)])
def test_stops_while_the_provider_answers(assay, tmp_path, what, left):
    """Ctrl-C ends an exchange that does not; before a job was asked for, nothing is noted."""
    problem = small()
    folder = make(assay, tmp_path / "shop", problem)
    is_asked, is_over = threading.Event(), threading.Event()
    answers(problem, what, lambda handler, usual: (is_asked.set(), is_over.wait(), handler.hang_up()))
    with problem.serve() as server:
        running = assay.start("decide", "--model", server.model, "--hosted", server.model, "--all", cwd=folder, env={"ASSAY_PROGRESS_MS": "0"})
        try:
            while not is_asked.wait(0.05):
                assert running.poll() is None
            running.send_signal(signal.SIGINT)
            stopped = assay.finish(running)
        finally:
            is_over.set()
        assert stopped.code == 1 and "stopped" in stopped.err and "writing the examples that tune is to learn from" in stopped.err
        assert len(problem.jobs) == len(notes(folder)) == left


def test_plan_reckons_what_is_left_to_pay(assay, tmp_path):
    problem = small()
    folder = make(assay, tmp_path / "shop", problem)

    def plan():
        told = decide(assay, folder, server, "--plan").json()
        return told, {arm["name"]: arm for arm in told["arms"]}

    with problem.serve() as server:
        problem.price(folder, server)
        _, before = plan()
        assert before["tune"]["training_tokens"] > 0
        answers(problem, "look", lambda handler, usual: handler.reply(404, {"error": {"message": "not yet"}}))
        decide(assay, folder, server, code=1)
        _, noted = plan()
        assert noted["tune"]["training_tokens"] == 0 < noted["hybrid"]["training_tokens"] and noted["tune"]["minutes"] == before["tune"]["minutes"]
        answers(problem, "none", None)
        decide(assay, folder, server)
        told, paid = plan()
        for name in ("tune", "hybrid"):
            assert paid[name]["training_tokens"] == 0 < paid[name]["money"] < before[name]["money"] and paid[name]["minutes"] < before[name]["minutes"] - 15
        assert told["training_tokens"] == 0
        # what the run would skip
        settings, examples = (folder / "assay.yaml").read_text(), (folder / "examples.jsonl").read_text()
        (folder / "assay.yaml").write_text(settings + "limits: {private: true}\n")
        assert not {"tune", "hybrid"} & set(plan()[1])
        (folder / "assay.yaml").write_text(settings)
        (folder / "examples.jsonl").write_text("".join(examples.splitlines(True)[:9]))
        assert not {"tune", "hybrid"} & set(plan()[1])


def test_more_than_a_provider_is_sent(assay, tmp_path):
    """Examples of more bytes than one upload may have: there is no such arm, and the plan has none."""
    problem = small()
    folder = make(assay, tmp_path / "shop", problem)
    with problem.serve() as server:
        problem.price(folder, server)
        for count, arms in ((60, {"tune", "hybrid"}), (68, set())):
            lines = [{"input": f"Is spare part {number} guaranteed?", "output": f"{number} " + "day " * 250_000} for number in range(count)]
            (folder / "examples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
            assert {"tune", "hybrid"} & {arm["name"] for arm in decide(assay, folder, server, "--plan").json()["arms"]} == arms
        assert server.requests == []
        arms = arms_of(decide(assay, folder, server).json())
        for name in ("tune", "hybrid"):
            assert arms[name]["status"] == "skipped" and "more than the" in arms[name]["why"], arms[name]
        assert not problem.files and not notes(folder)
