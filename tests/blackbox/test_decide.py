"""`assay decide`: verdicts on problems whose truth is known, with a scripted language model and with none; plan, resume, apply."""

import json
import random
import re
import signal
import time

import pytest
from decide_problems import FOUR, Problem, make, make_built_in
from test_report import Page, check_markup

FIELDS = {"format", "made", "program", "project", "model", "seed", "run", "data", "checks", "verdict", "target", "arms", "gaps", "gaps_of",
          "gap_intervals", "gap_cases", "failing", "costs", "break_even", "staleness", "brittleness", "frameworks", "cases", "reproduce"}  # fmt: skip


def decide(assay, folder, server, *words, code=0, **more):
    tuned = ["--tuned", server.model.replace("#scripted", "#tuned")] if "--no-tuned" not in words else []
    words = [word for word in words if word != "--no-tuned"]
    return assay("decide", "--json", "--model", server.model, *tuned, *words, cwd=folder, code=code, **more)


@pytest.mark.long
@pytest.mark.parametrize("number", range(4), ids=["prompting suffices", "knowledge gap", "behaviour gap", "both"])
def test_verdict(assay, tmp_path, number):
    problem = FOUR[number]()
    folder = make(assay, tmp_path / "shop", problem)
    with problem.serve() as server:
        report = decide(assay, folder, server, *([] if "tuned" in problem.abilities else ["--no-tuned"]), "--all").json()
    assert set(report) >= FIELDS
    verdict = report["verdict"]
    assert verdict["approach"] == problem.truth, verdict["reasons"]
    assert verdict["confidence"] >= 0.75 and verdict["reasons"]
    arms = {arm["name"]: arm for arm in report["arms"]}
    assert list(arms) == ["prompt", "full", "rag", "tune", "hybrid"]
    assert arms["full"]["status"] == "skipped" and "tokens" in arms["full"]["why"]
    for arm in arms.values():
        if arm["status"] == "measured":
            assert 0 <= arm["interval"][0] <= arm["score"] <= arm["interval"][1] <= 1
            assert arm["cases"] == report["data"]["test"] == len(report["cases"])
        else:
            assert arm["why"] and "score" not in arm
    if problem.gap is None:
        assert report["failing"] == 0
    else:
        assert report["gaps"][problem.gap] >= 0.9 and report["gaps_of"] == "prompt"
        assert sum(len(ids) for ids in report["gap_cases"].values()) == report["failing"]
    assert json.loads((folder / ".assay/runs/0001/report.json").read_text()) == report
    stale = report["staleness"]
    if "rag" in stale:
        assert stale["rag"] == 0
    if problem.truth == "prompt":
        assert stale["prompt"] == 1


class Refusing(Problem):
    """The server refuses each fifth question that comes without passages."""

    def step(self, handler):
        body = handler.server.requests[-1]["body"]
        question = body["messages"][-1]["content"]
        if "<passage " not in question and self.find(question.split("Question:")[-1]) % 5 == 0:
            handler.reply(400, {"error": {"message": "not today"}})
        else:
            super().step(handler)


def test_answers_that_could_not_be_had_are_told(assay, tmp_path):
    problem = Refusing("refusing", "rag", None)
    folder = make(assay, tmp_path / "shop", problem)
    with problem.serve() as server:
        report = decide(assay, folder, server, "--no-tuned", "--all").json()
    told = [check for check in report["checks"] if check["check"] == "answers of prompt"]
    assert len(told) == 1 and not told[0]["ok"] and "could not be had" in told[0]["message"] and "not today" in told[0]["message"]
    assert not [check for check in report["checks"] if check["check"] == "answers of rag"]


def test_repeated_and_few_cases(assay, tmp_path):
    problem = Problem("few", "prompt", None, cases=4)
    folder = make(assay, tmp_path / "shop", problem)
    lines = (folder / "eval.jsonl").read_text()
    (folder / "eval.jsonl").write_text(lines + lines.splitlines()[0] + "\n")
    with problem.serve() as server:
        report = decide(assay, folder, server, "--no-tuned", "--all").json()
    assert report["verdict"]["approach"] == "none" and report["verdict"]["kind"] == "undecided" and report["verdict"]["needs_cases"] >= 20
    assert "too few" in report["verdict"]["reasons"][0] and "between" not in report["verdict"]
    assert [check["message"] for check in report["checks"] if check["check"] == "test cases that differ"] == \
        ["1 of 5 asks what another one asks: they tell nothing new"]


class Labels(Problem):
    """The question's subject is wanted, one of three; the model names another one for each sixth case, and something else for the last."""

    NAMES = ("returns", "payment", "parcels")

    def case(self, number, seed):
        return {**super().case(number, seed), "answer": self.NAMES[number % 3]}

    def say(self, body):
        number = self.find(body["messages"][-1]["content"].split("Question:")[-1])
        if number == len(self.cases) - 1:
            return "who knows"
        return self.NAMES[(number + (number % 6 == 5)) % 3]


def test_answers_that_are_labels(assay, tmp_path):
    problem = Labels("labels", "prompt", None, cases=36)
    folder = make(assay, tmp_path / "shop", problem)
    with problem.serve() as server:
        report = decide(assay, folder, server, "--no-tuned").json()
    lines = {number + 1: number for number in range(len(problem.cases))}
    asked = [lines[case["id"]] for case in report["cases"]]
    labels = next(arm for arm in report["arms"] if arm["name"] == "prompt")["labels"]
    wrong = [number for number in asked if number % 6 == 5]
    assert wrong and labels["cases"] == len(asked) and labels["labels"] == 3
    assert labels["accuracy"] == pytest.approx(1 - len(wrong) / len(asked))
    assert labels["accuracy_interval"][0] < labels["accuracy"] < labels["accuracy_interval"][1]
    assert labels["no_label"] == (len(problem.cases) - 1 in asked)
    assert {"truth": "parcels", "answer": "returns", "cases": len(wrong) - labels["no_label"]} in labels["confusions"]


def test_stops_at_the_target(assay, tmp_path):
    problem = Problem("prompting suffices", "prompt", None, cases=60)
    folder = make(assay, tmp_path / "shop", problem, "target: 0.9\n")
    with problem.serve() as server:
        report = decide(assay, folder, server, "--no-tuned", "--require").json()
    arms = {arm["name"]: arm["status"] for arm in report["arms"]}
    assert arms == {"prompt": "measured", "full": "stopped", "rag": "stopped", "tune": "stopped", "hybrid": "stopped"}
    assert report["verdict"]["target_state"] == "reached"


def test_page_of_a_run(assay, tmp_path):
    """Each run leaves its page, which says what the report says; two runs stand side by side."""
    problem = FOUR[2](cases=16)
    folder = make(assay, tmp_path / "shop", problem, "limits: {latency_p95_ms: 60000, citations: required}\n")
    with problem.serve() as server:
        first = decide(assay, folder, server, "--no-tuned").json()
        shown = assay("decide", "--model", server.model, "--tuned", server.model.replace("#scripted", "#tuned"), cwd=folder).out
    path = folder / ".assay/runs/0002/report.html"
    assert f"{path}\n" in shown
    report = json.loads(path.with_name("report.json").read_text())
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    check_markup(page)
    said = page.said()
    for words in (*report["verdict"]["reasons"], *(check["message"] for check in report["checks"]), *(arm["label"] for arm in report["arms"] if "label" in arm), "by assay ", "citations not kept",
                  report["cases"][0]["question"], "cases that failed with Prompt alone"):  # fmt: skip
        assert " ".join(words.split()) in said, words
    assert not re.search(r"\b(null|nan|inf|undefined)\b", said)
    assert {f"case-{case['id']}" for case in report["cases"]} <= {attributes.get("id") for _, attributes in page.elements}
    path.unlink()
    assert assay("report", "open", cwd=folder).out.strip() == str(path) and path.read_text(encoding="utf-8") == text
    found = assay("report", "compare", "1", "2", "--json", cwd=folder).json()
    assert found["verdicts"] == [first["verdict"]["approach"], report["verdict"]["approach"]] and found["same_documents"] is True
    assert found["shared_cases"] == found["first_cases"] == found["second_cases"] == report["data"]["test"]
    arms = {arm["name"]: arm for arm in found["arms"]}
    assert (arms["prompt"]["difference"], arms["prompt"]["gained"], arms["prompt"]["lost"]) == (0, 0, 0)
    assert arms["tune"]["first"] is None and arms["tune"]["second"] > arms["prompt"]["second"]


@pytest.mark.long
def test_few_cases_bring_no_confident_wrong_verdict(assay, tmp_path):
    for number, make_problem in enumerate(FOUR[1::2]):
        problem = make_problem(cases=20)
        folder = make(assay, tmp_path / str(number), problem)
        with problem.serve() as server:
            report = decide(assay, folder, server, *([] if "tuned" in problem.abilities else ["--no-tuned"])).json()
        assert report["verdict"]["approach"] in (problem.truth, "none")


@pytest.mark.long
def test_a_target_that_is_missed(assay, tmp_path):
    problem = Problem("nothing helps", "none", "behaviour", cases=24, forms=0.0)
    folder = make(assay, tmp_path / "shop", problem, "target: 0.9\n")
    with problem.serve() as server:
        outcome = decide(assay, folder, server, "--no-tuned", "--require", code=3)
        assert outcome.json()["verdict"]["approach"] == "none"
        assert "No approach reaches the target" in outcome.json()["verdict"]["reasons"][0]
        decide(assay, folder, server, "--no-tuned")


def test_plan_asks_nothing(assay, tmp_path):
    problem = FOUR[1]()
    folder = make(assay, tmp_path / "shop", problem)
    prices = "models:\n  {}: {{input: 2, output: 8}}\n"
    with problem.serve() as server:
        (folder / "prices.yaml").write_text(prices.format(json.dumps(server.model)))
        plan = decide(assay, folder, server, "--no-tuned", "--plan").json()
        shown = assay("decide", "--plan", "--model", server.model, cwd=folder).out
        assert server.requests == []
    assert {arm["name"] for arm in plan["arms"]} == {"prompt", "rag"}
    assert plan["calls"] == sum(arm["calls"] for arm in plan["arms"]) > 60 and plan["money"] > 0 and plan["minutes"] > 0
    assert "minutes" in shown and "rag" in shown
    assert not (folder / ".assay/runs").exists()


def test_plan_tells_what_will_not_run(assay, tmp_path):
    """For the reasons that the run would find, and without a minute for it."""
    folder = make_built_in(assay, tmp_path / "shop")
    lines = "".join(json.dumps({"input": f"Where is parcel {number}?", "output": f"{'abcdefghij'[number % 10] * (number % 7 + 1)} {number}"}) + "\n" for number in range(60))
    (folder / "examples.jsonl").write_text(lines)
    plan = assay("decide", "--plan", "--json", cwd=folder).json()
    skipped = {arm["name"]: arm["why"] for arm in plan["skipped"]}
    assert [arm["name"] for arm in plan["arms"]] == ["rag"] and set(skipped) == {"prompt", "full", "tune", "hybrid"}
    assert "no form in common" in skipped["tune"] and "nothing was learned" in skipped["hybrid"] and "no language model" in skipped["prompt"]
    assert "tune will not run: the examples show no form in common" in assay("decide", "--plan", cwd=folder).out


def test_goes_on_where_it_was_stopped(assay, tmp_path):
    problem = FOUR[1]()
    folder = make(assay, tmp_path / "shop", problem)
    with problem.serve() as server:
        process = assay.start("decide", "--model", server.model, cwd=folder)
        deadline = time.monotonic() + 60 * 10
        while len(server.requests) < 12 and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        stopped = assay.finish(process)
        assert stopped.code == 1 and "goes on from there" in stopped.err, (stopped.code, stopped.out, stopped.err)
        kept = (folder / ".assay/runs/0001/cases.jsonl").read_text().splitlines()
        assert kept and not (folder / ".assay/runs/0001/report.json").exists()
        report = decide(assay, folder, server, "--no-tuned").json()
        bodies = [json.dumps(request["body"], sort_keys=True) for request in server.requests]
        assert len(bodies) == len(set(bodies))
        assert report["run"] == "0001"
        count = len(server.requests)
        again = decide(assay, folder, server, "--no-tuned").json()
        assert again["run"] == "0002" and len(server.requests) == count, "answers are kept by their requests"
    for key in ("made", "run"):
        assert report.pop(key) and again.pop(key)
    drop_times(report), drop_times(again)
    assert report["verdict"] == again["verdict"] and report["gaps"] == again["gaps"] and report["cases"] == again["cases"]


def drop_times(report):
    for case in report["cases"]:
        for arm in case["arms"].values():
            arm.pop("took_ms")


def test_apply(assay, tmp_path):
    problem = FOUR[1]()
    folder = make(assay, tmp_path / "shop", problem, "# a note\nlimits:\n  private: true\n")
    with problem.serve() as server:
        assay("decide", "--model", server.model, "--apply", cwd=folder)
        settings = (folder / "assay.yaml").read_text()
        assert "approach: rag\n" in settings and f"model: {server.model}\n" in settings
        assert "# a note\nlimits:\n  private: true\n" in settings and settings.count("prompt:") == 1
        assert "tokens: 1800" in settings
        case = problem.cases[3]
        answer = assay("ask", "--json", case["question"], cwd=folder).json()
        assert case["answer"] in answer["answer"] and answer["approach"] == "rag"


@pytest.mark.long
def test_examples_like_test_cases_are_left_out(assay, tmp_path):
    problem = FOUR[1]()
    folder = make(assay, tmp_path / "shop", problem)
    lines = [{"input": case["question"], "output": "leaked " + case["answer"]} for case in problem.cases[:4]]
    lines += [{"input": f"Something else entirely about topic {word}?", "output": f"no idea {word}"} for word in THINGS_ELSE]
    (folder / "examples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with problem.serve() as server:
        report = decide(assay, folder, server, "--no-tuned").json()
        assert not any("leaked" in json.dumps(request["body"]) for request in server.requests)
        assert any("Something else entirely" in json.dumps(request["body"]) for request in server.requests)
    check = next(check for check in report["checks"] if check["check"] == "examples and test cases are apart")
    assert not check["ok"] and report["data"]["examples_left_out"] == 4
    assert report["data"]["development"] > 0 and report["data"]["development"] + report["data"]["test"] == 30


def test_examples_that_are_left_out_are_told(assay, tmp_path):
    problem = FOUR[1](cases=12)
    folder = make(assay, tmp_path / "shop", problem)
    lines = [json.dumps({"input": f"Something about topic {word}?", "output": f"no idea {word}"}) for word in THINGS_ELSE]
    (folder / "examples.jsonl").write_text("\n".join([*lines[:2], '{"input":"c"}', "not json", *lines[2:]]) + "\n")
    with problem.serve() as server:
        report = decide(assay, folder, server, "--no-tuned").json()
        shown = assay("decide", "--model", server.model, cwd=folder).out
    check = next(check for check in report["checks"] if check["check"] == "examples that can be used")
    told = '2 of 10 records of examples.jsonl cannot be used and were left out: line 3: "output" is missing, …'
    assert check == {"check": "examples that can be used", "ok": False, "message": told} and told in shown


def test_what_a_killed_one_learned_goes_with_the_next(assay, tmp_path):
    """Until then nobody sees it, and what somebody has named alike stays."""
    problem = FOUR[1](cases=12)
    folder = make(assay, tmp_path / "shop", problem)
    adapters = folder / ".assay" / "adapters"
    for name in ("decide.own-4194300-1", "decide.own-4194300-2~training", "decide.own-4194300-3.new-4194300", "decide-2024-11", "decide.own-b"):
        (adapters / name).mkdir(parents=True)
        (adapters / name / "provenance.json").write_text(json.dumps({"name": name, "task": "classify"}))
    (adapters / "decide.own-4194300-2~training.lock").write_text("")
    listed = assay("model", "list", cwd=folder).out
    assert "decide-2024-11" in listed and "decide.own-b" in listed and "4194300" not in listed
    with problem.serve() as server:
        decide(assay, folder, server, "--no-tuned")
    assert sorted(entry.name for entry in adapters.iterdir()) == ["decide-2024-11", "decide.own-b"]


THINGS_ELSE = ["weather", "sailing", "bread", "chess", "painting", "geology", "opera", "bees"]


# ---- without a language model ----


@pytest.fixture
def builtin(assay, tmp_path):
    return make_built_in(assay, tmp_path / "shop")


@pytest.mark.long
def test_built_in_models(assay, builtin):
    report = assay("decide", "--json", cwd=builtin).json()
    arms = {arm["name"]: arm for arm in report["arms"]}
    assert arms["prompt"]["status"] == arms["full"]["status"] == "skipped" and "language model" in arms["prompt"]["why"]
    assert report["data"]["form"] == "JSON with kind, reply" and report["data"]["form_asked"]
    assert arms["rag"]["form"] == 0 and arms["tune"]["form"] == 1 and arms["hybrid"]["form"] == 1
    assert arms["hybrid"]["knowledge"] == arms["rag"]["knowledge"] > arms["tune"]["knowledge"]
    assert report["verdict"]["approach"] == "hybrid", report["verdict"]["reasons"]
    assert report["gaps_of"] == "rag" and report["gaps"]["behaviour"] > 0.5
    for case in report["cases"]:
        answer = case["arms"]["hybrid"]["answer"]
        if answer is not None:
            assert set(json.loads(answer)) == {"kind", "reply"} and json.loads(answer)["reply"].endswith("\nYours, the shop")
    assert [point["examples"] for point in report["curve"]["points"]] == [7, 15, 30, 60]
    assert report["staleness"]["hybrid"] == 0
    assert all(not case["arms"]["rag"]["right"] for case in report["cases"])
    assert not list((builtin / ".assay/adapters").glob("*")) if (builtin / ".assay/adapters").exists() else True


WORDS = ["cloud", "river", "paper", "window", "grass", "lamp", "sigma", "gamma", "chair", "door"]


def test_a_classifier_that_learned_nothing_is_no_verdict(assay, tmp_path):
    """Nine of ten labels are "ok", and nothing in the texts tells which: it is right as often as "ok" for every case, whatever the target."""
    rng = random.Random(5)
    texts = ["".join(f"{word} " for word in rng.sample(WORDS, 6)).strip() for _ in range(180)]
    labelled = [(text, "ok" if number % 12 else "fault") for number, text in enumerate(dict.fromkeys(texts))]
    assay("init", "--quiet", cwd=tmp_path)
    (tmp_path / "examples.jsonl").write_text("".join(json.dumps({"input": text, "output": label}) + "\n" for text, label in labelled[:120]))
    (tmp_path / "eval.jsonl").write_text("".join(json.dumps({"question": text, "answer": label}) + "\n" for text, label in labelled[120:]))
    report = assay("decide", "--target", "0.7", "--require", "--json", cwd=tmp_path, code=3).json()
    tune = next(arm for arm in report["arms"] if arm["name"] == "tune")
    assert tune["score"] > 0.7 and tune["standing"] == "no candidate" and tune["no_candidate"].startswith("it learned nothing")
    verdict = report["verdict"]
    assert verdict["approach"] == "none" and verdict["confidence"] == 0
    assert any('than "ok" for every case' in reason for reason in verdict["reasons"]), verdict["reasons"]


class Half(Problem):
    """Each answer is half of what is wanted."""

    def case(self, number, seed):
        return {**super().case(number, seed), "answer": "half wanted"}

    def say(self, body):
        return "half given"


def test_the_table_has_the_interval_of_the_verdict(assay, tmp_path):
    """Also where all answers score the same, which is no certainty."""
    problem = Half("half", "prompt", None, cases=16)
    folder = make(assay, tmp_path / "shop", problem)
    (folder / "assay.yaml").write_text((folder / "assay.yaml").read_text().replace("answer: strict", "answer: f1"))
    with problem.serve() as server:
        shown = assay("decide", "--all", "--model", server.model, cwd=folder).out
    report = json.loads((folder / ".assay/runs/0001/report.json").read_text())
    arm = next(arm for arm in report["arms"] if arm["name"] == "prompt")
    low, high = arm["interval"]
    assert arm["score"] == 0.5 and high - low > 0.1
    assert re.search(rf"^prompt +0\.50 .* {low:.2f} to {high:.2f} ", shown, re.M), shown


def test_of_an_approach_alone_nothing_is_claimed(assay, tmp_path):
    """There is no other one to compare it with, and no target: no confidence, in numbers or on the page."""
    folder = make_built_in(assay, tmp_path / "shop")
    (folder / "examples.jsonl").unlink()
    verdict = assay("decide", "--json", cwd=folder).json()["verdict"]
    assert verdict["approach"] == "rag" and verdict["confidence"] is None and "only one that could be built" in verdict["reasons"][0]
    assert "Confidence" not in (folder / ".assay/runs/0001/report.html").read_text()


def test_for_people(assay, builtin):
    shown = assay("decide", cwd=builtin).out
    assert re.search(r"^rag +0\.", shown, re.M) and re.search(r"^prompt +–", shown, re.M)
    assert "Verdict: hybrid" in shown and "Why " in shown and "Checks:" in shown and "report.json" in shown


def make_lamps(assay, folder, wanted, output):
    """Facts that stand in the documents, wanted as `wanted(topic, fact)`; the examples are `output(topic, fact)` about other things."""
    (folder / "docs").mkdir(parents=True)
    assay("init", "--quiet", cwd=folder)
    cases, examples = [], []
    for number in range(16):
        thing, facts = f"{THINGS_ELSE[number % 8].title()}{number} lamp", [("price", f"{31 + 7 * number} euros"), ("weight", f"{12 + 9 * number} grams")]
        asked = {"price": f"What does the {thing} cost?", "weight": f"How heavy is the {thing}?"}
        if number < 6:
            (folder / f"docs/{number}.md").write_text(f"# {thing}\n\nThe {thing} costs {facts[0][1]}.\n\nThe {thing} weighs {facts[1][1]}.\n")
        for topic, fact in facts:
            if number < 6:
                cases.append({"question": asked[topic], "answer": wanted(topic, fact), "source": f"docs/{number}.md"})
            else:
                examples.append({"input": asked[topic].replace(" the ", " one "), "output": output(topic, fact)})
    for name, lines in (("eval", cases), ("examples", examples)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "assay.yaml").write_text("embedding: none\n")
    assay("add", cwd=folder)
    return folder


def expect_behaviour(assay, folder):
    report = assay("decide", "--json", "--all", cwd=folder).json()
    arms = {arm["name"]: arm for arm in report["arms"]}
    assert arms["rag"]["knowledge"] == arms["hybrid"]["knowledge"] == 1
    assert arms["rag"]["score"] == 0 and arms["hybrid"]["form"] == arms["hybrid"]["score"] == 1
    assert report["gaps"]["behaviour"] == 1
    assert next(check for check in report["checks"] if check["check"] == "evidence in the knowledge base")["ok"]
    assert report["staleness"]["rag"] == 0
    return report


@pytest.mark.parametrize("labelled", [True, False])
def test_facts_in_json(assay, tmp_path, labelled):
    """The fact is looked for in the texts that are no labels: in passages, and in answers that are no JSON."""
    def wanted(topic, fact):
        return {"topic": topic, "answer": fact} if labelled else {"answer": fact}

    folder = make_lamps(assay, tmp_path / "lamps", wanted, lambda *fact: json.dumps(wanted(*fact)))
    expect_behaviour(assay, folder)
    failures = assay("eval", "--json", cwd=folder).json()["answer"]["failures"]
    assert len(failures) == 12 and {failure["why"] for failure in failures} == {"form"}


@pytest.mark.parametrize("framed", [True, False])
def test_a_form_within_a_line(assay, tmp_path, framed):
    """The form counts, and where the answers wanted have it, too, the facts in them are looked for."""
    def house(topic, fact):
        return f"Hi there! 👋 {fact}. Anything else? – Your Birch team"

    folder = make_lamps(assay, tmp_path / "lamps", house if framed else lambda topic, fact: fact, house)
    report = expect_behaviour(assay, folder)
    assert report["data"]["form"] == 'text that begins with "Hi there! 👋" and ends with "Anything else? – Your Birch team"'


def test_wrong_use(assay, builtin):
    assert "--target" in assay("decide", "--target", "7", cwd=builtin, code=2).err
    (builtin / "eval.jsonl").write_text("")
    assert "no test case" in assay("decide", cwd=builtin, code=1).err
    (builtin / "eval.jsonl").write_text(json.dumps({"question": "x", "answer": "y"}) + "\n")
    settings = (builtin / "assay.yaml").read_text()
    (builtin / "assay.yaml").write_text(re.sub("(?m)^examples:.*\n", "", settings) + "examples: nosuch.jsonl\n")
    error = assay("decide", "--plan", cwd=builtin, code=1).err
    assert re.search(r'there is no file ".*nosuch\.jsonl" of examples', error) and "assay.yaml names it" in error
    (builtin / "assay.yaml").write_text(settings)
    (builtin / "prices.yaml").write_text("people: {hour: -3}\n")
    assert "prices.yaml" in assay("decide", cwd=builtin, code=1).err
