"""`assay decide --hosted`: a provider fine-tunes a model on the examples, for the approaches tune and hybrid; with what it costs, told before and held to a limit."""

import json
import signal
import time

import pytest
from decide_problems import HostedProblem, make


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
