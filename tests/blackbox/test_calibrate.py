"""`assay calibrate`: confidences become shares of right answers, are used, and are noticed when they are stale."""

import json
import random
import re

import pytest
from scripted_model import says, scripted
from serving import serving, use_provider

COUNT = 120


@pytest.fixture
def shop(project):
    """Goods with a number each; a model that is right when it says all of a sentence, and mostly wrong when it says little of it."""
    for number in range(COUNT):
        project.write(f"docs/{number}.md", f"# Goods {number}\n\nThe goods called kind{number} may be returned to the shop within {number + 100} days of delivery by post.\n")
    project.add()
    lines = [{"question": f"Within how many days may kind{number} be returned?", "answer": f"{number + 100} days", "source": f"docs/{number}.md"} for number in range(COUNT)]
    project.write("eval.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    return project


def model_of(seed):
    """Sure and right for 2 of 3 cases; unsure and wrong for most others: it names another number of days of its passages, in other words."""
    drawn = random.Random(seed)
    fates = {number: drawn.random() for number in range(COUNT)}

    def step(handler):
        prompt = handler.server.requests[-1]["body"]["messages"][-1]["content"]
        number = int(re.findall(r"kind(\d+) be returned", prompt)[-1])
        sure = f"The goods called kind{number} may be returned to the shop within {number + 100} days of delivery by post [1]."
        unsure = f"Possibly goods called kind{number} are returned to a shop by post [1]."
        right_unsure = f"Possibly goods called kind{number} are returned to a shop by post within {number + 100} days [1]."
        fate = fates[number]
        says(sure if fate < 0.6 else right_unsure if fate < 0.7 else unsure)(handler)

    return step


def calibrate(shop, server, *words, **more):
    return shop.run("calibrate", "--json", "--model", server.model, *words, **more).json()


def ask(shop, server, number):
    return shop.run("ask", "--json", "--model", server.model, f"Within how many days may kind{number} be returned?").json()


def test_confidences_become_shares(shop):
    with scripted(model_of(3)) as server:
        raw = {number: ask(shop, server, number) for number in (0, 1, 2, 3, 4, 5)}
        report = calibrate(shop, server)
        assert report["cases"] == COUNT and 0 < report["right"] < COUNT and report["threshold"] == 0
        assert report["error"] < report["error_before"]
        assert sum(row["cases"] for row in report["table"]) == COUNT and len(report["table"]) == COUNT // 20
        assert [row["from"] for row in report["table"]] == sorted(row["from"] for row in report["table"])
        for number, before in raw.items():
            after = ask(shop, server, number)
            assert not before["calibrated"] and after["calibrated"] and "stale" not in after
            assert after["answer"] == before["answer"]
        told = {number: ask(shop, server, number) for number in range(0, COUNT, 4)}
    right = [f"{number + 100} days" in answer["answer"] for number, answer in told.items()]
    mean = sum(answer["confidence"] for answer in told.values()) / len(told)
    assert abs(mean - sum(right) / len(right)) < 0.2


def test_answers_are_held_back_for_a_wanted_precision(shop):
    with scripted(model_of(3)) as server:
        use_provider(shop, server.model)
        report = calibrate(shop, server, "--precision", "0.98")
        assert 0 < report["threshold"] <= 1 and report["precision"] >= 0.98 and report["answered"] < 1
        assert report["precision_interval"][0] < report["precision"]
        answers = [ask(shop, server, number) for number in range(0, COUNT, 5)]
        held = [answer for answer in answers if answer.get("held_back")]
        assert held and all(answer["abstained"] and answer["answer"] is None and not answer["citations"] for answer in held)
        assert all(answer["confidence"] >= report["threshold"] for answer in answers if not answer["abstained"])
        logged = shop.run("log", "show", str(held[0]["audit"]), "--json").json()
        assert logged["record"]["abstained"] and logged["content"]["answer"] is None
        assert "below" in shop.run("calibrate", "--model", server.model, "--precision", "0.98").out
        ends = {False: ("stop_sequence", "by post"), True: ("end_turn", None)}  # nothing of the model's is in what is held back
        with serving(shop) as served:
            for is_held, end in ends.items():
                [number, *_] = [5 * at for at, answer in enumerate(answers) if answer["abstained"] == is_held]
                question = {"role": "user", "content": f"Within how many days may kind{number} be returned?"}
                told = served.json("POST", "/v1/messages", {"model": "assay", "max_tokens": 99, "messages": [question], "stop_sequences": ["by post"]})
                assert (told["assay"]["held_back"], (told["stop_reason"], told["stop_sequence"])) == (is_held, end)


@pytest.mark.long
@pytest.mark.parametrize("change", ["tests", "settings", "prompt", "documents", "nothing", "a few documents"])
def test_a_stale_fit_is_noticed(shop, change):
    with scripted(model_of(3)) as server:
        calibrate(shop, server)
        if change == "tests":
            shop.write("eval.jsonl", (shop.path / "eval.jsonl").read_text() + "\n")
        elif change == "settings":
            shop.settings((shop.path / "assay.yaml").read_text().replace("k: 8", "k: 7"))
        elif change == "prompt":
            shop.write("system.md", "Be brief.")
            shop.settings((shop.path / "assay.yaml").read_text().replace("prompt: {", "prompt: {system: system.md, "))
        elif "documents" in change:
            for number in range(3 if change == "a few documents" else 40):
                shop.write(f"docs/more{number}.md", f"# More\n\nNothing of interest, number {number}.\n")
            shop.add()
        answer = ask(shop, server, 1)
    if change in ("nothing", "a few documents"):
        assert answer["calibrated"] and "stale" not in answer
    else:
        wanted = {"tests": "test cases", "settings": "settings", "prompt": "prompt", "documents": "documents"}[change]
        assert not answer["calibrated"] and wanted in answer["stale"]


def test_each_model_and_approach_has_its_own(shop):
    with scripted(model_of(3)) as server:
        calibrate(shop, server)
        builtin = shop.run("ask", "--json", "Within how many days may kind7 be returned?").json()
        other = shop.run("ask", "--json", "--model", server.model, "--approach", "prompt", "Within how many days may kind7 be returned?").json()
    assert not builtin["calibrated"] and "stale" not in builtin and not other["calibrated"]


def test_too_little_to_fit_on(shop):
    shop.write("few.jsonl", "".join((shop.path / "eval.jsonl").read_text().splitlines(keepends=True)[:5]))
    with scripted(model_of(3)) as server:
        error = shop.run("calibrate", "--json", "--model", server.model, "--tests", "few.jsonl", code=1).error("invalid")
        assert "too few" in error["message"] and "20" in error["hint"]
        assert not (shop.path / ".assay" / "calibration").exists()
        shop.write("few.jsonl", "".join((shop.path / "eval.jsonl").read_text().splitlines(keepends=True)[:30]))
        report = calibrate(shop, server, "--tests", "few.jsonl")
        assert (report["cases"], len(report["table"]), report["error"], report["error_before"]) == (30, 1, None, None)
        told = shop.run("calibrate", "--model", server.model, "--tests", "few.jsonl").out
        assert "too few to tell by how much confidences are off" in told and "Off by" not in told
    assert "--precision" in shop.run("calibrate", "--precision", "2", code=2).err


def test_a_damaged_fit_is_an_error(shop):
    with scripted(model_of(3)) as server:
        calibrate(shop, server)
        (kept,) = (shop.path / ".assay" / "calibration").iterdir()
        kept.write_text('{"shift": 1}')
        error = shop.run("ask", "--json", "--model", server.model, "Within how many days may kind7 be returned?", code=1).error("corrupt")
    assert "assay calibrate" in error["hint"]


@pytest.mark.long
def test_what_was_fitted_on_the_same_cases_is_told(shop):
    """`assay eval` on the cases of the fit says so, wherever it tells; on others it does not, and decide has it among its checks."""
    lines = (shop.path / "eval.jsonl").read_text().splitlines(keepends=True)
    shop.write("some.jsonl", "".join(lines[::2]))
    shop.write("others.jsonl", "".join(lines[1::2]))
    shop.settings((shop.path / "assay.yaml").read_text().replace("prompt: {examples: auto", "prompt: {examples: none"))
    with scripted(model_of(3)) as server:
        def evaluate(*words):
            return shop.run("eval", "--model", server.model, *words)

        assert "calibration" not in evaluate("--json").json()["answer"]
        calibrate(shop, server, "--precision", "0.98", "--tests", "some.jsonl")
        told = evaluate("--json", "--tests", "others.jsonl").json()["answer"]["calibration"]
        assert told["fitted_on"] == 0 and not told["in_sample"] and told["held_back"] > 0
        shown = evaluate("--tests", "others.jsonl").out
        assert f"{told['held_back']} answers are held back, by confidences that were fitted on other cases" in shown and "very cases" not in shown
        told = evaluate("--json", "--tests", "some.jsonl", "--markdown", "eval.md").json()["answer"]["calibration"]
        assert told["in_sample"] and COUNT // 4 < told["fitted_on"] <= COUNT // 2
        shown = evaluate("--tests", "some.jsonl").out
        for text in (shown, (shop.path / "eval.md").read_text()):
            assert f"the confidences of {told['fitted_on']} of these {COUNT // 2} cases were fitted on these very cases" in text
            assert "`assay calibrate --tests SOME.jsonl`, then `assay eval --tests OTHERS.jsonl`" in text
        assert "which the limit was chosen on" in shop.run("calibrate", "--model", server.model, "--precision", "0.98", "--tests", "some.jsonl").out
        shop.write("few.jsonl", "".join(lines[:24]))
        checks = shop.run("decide", "--json", "--model", server.model, "--tests", "few.jsonl").json()["checks"]
        (check,) = [check for check in checks if check["check"] == "confidences are of other cases"]
        assert not check["ok"] and "these very test cases" in check["message"]
