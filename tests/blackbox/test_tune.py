"""`assay tune classify` and `assay classify`: the data first, then what was learned; and adapters that must not be used."""

import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import time

import pytest
from models import FOLDER, needed, piped

SUBJECTS = {
    "refund": ["I want my money back for the {}", "how long does a refund for the {} take", "please refund the {} I returned",
               "the money for my returned {} has not arrived"],  # fmt: skip
    "delivery": ["where is the parcel with my {}", "when will the {} be delivered", "the courier did not bring my {}",
                 "can the {} be shipped to another address"],  # fmt: skip
    "account": ["I forgot the password, though I only wanted a {}", "how do I change my email address before I buy a {}",
                "please delete my account, I need no {} any more", "I cannot log in to order a {}"],  # fmt: skip
}
FILL = "house light paper small green value story river table north night water south price field stone glass metal paint brush".split()
THINGS = ["lamp", "kettle", "chair", "scarf", "bicycle", "teapot", "mirror", "carpet", "radio", "blanket", "ladder", "toaster"]


def table(first=0, last=None):
    rows = ["text,category"]
    for thing in THINGS[first:last]:
        for label, texts in SUBJECTS.items():
            rows += [f'"{text.format(thing)}",{label}' for text in texts]
    return "\n".join(rows) + "\n"


def check(project, path, *words, **more):
    return project.run("tune", "classify", path, "--check", "--json", *words, **more).json()


def kinds(report):
    return {finding["kind"]: finding for finding in report["findings"]}


# ---- the data alone: no model is needed ----


def test_data_is_told_before_anything(project):
    project.write("data.csv", table() + "one value\n" + table(0, 1).split("\n")[1] + '\nmail me: jane.doe@example.com,account\n')
    report = check(project, "data.csv")
    assert report["adapter"] is None and report["examples"]["train"] == 0
    assert report["examples"]["usable"] == len(THINGS) * 12 + 1
    line = len(THINGS) * 12 + 2
    assert report["examples"]["rejected"] == [{"line": line, "kind": "missing_key", "reason": "the row has 1 value, expected 2"}]
    found = kinds(report)
    assert found["duplicate"]["places"][0]["line"] == line + 1 and found["duplicate"]["places"][0]["other_line"] == 2
    assert found["personal_data"]["places"] == [{"line": line + 2, "in_test": False, "text": "email"}]
    assert found["few_examples"]["severity"] == "medium" and not any(finding["blocks"] for finding in report["findings"])
    assert {label["label"]: label["examples"] for label in report["labels"]} == {"account": 49, "delivery": 48, "refund": 48}
    outcome = project.run("tune", "classify", "data.csv", "--check")
    assert f"line {line} is no example: the row has 1 value, expected 2" in outcome.err
    assert "145 usable, 3 labels" in outcome.out and "jane.doe" not in outcome.out
    assert not (project.path / ".assay" / "adapters").exists()


def test_labels_are_one_however_their_accents_are_written(project):
    rows = table().replace(",refund", ",rembours\u00e9") + 'where is my money for the tent,rembourse\u0301\n'
    project.write("data.csv", rows)
    report = check(project, "data.csv")
    assert [label["label"] for label in report["labels"]] == ["account", "delivery", "rembours\u00e9"]
    assert "1 label has accents as characters of their own" in project.run("tune", "classify", "data.csv", "--check").out


@pytest.mark.parametrize("head", ["text,team", "Ticket,Team", "message,department", "subject,category"])
def test_a_first_row_that_names_columns_is_no_example(project, head):
    """Nor is it a case of the test, however few those are."""
    project.write("data.csv", table().replace("text,category", head))
    project.write("test.csv", f"{head}\nthe lamp that I sent back,refund\n")
    report = check(project, "data.csv", "--test", "test.csv")
    assert [label["label"] for label in report["labels"]] == ["account", "delivery", "refund"]
    assert "unknown_label" not in kinds(report)
    told = project.run("tune", "classify", "data.csv", "--check").out
    assert 'the first row names the columns: "{}" was taken as text, "{}" as label'.format(*head.lower().split(",")) in told


def test_labels_in_another_case_are_told(project):
    project.write("data.csv", table() + "the lamp that I sent back,REFUND\n")
    found = kinds(check(project, "data.csv"))["label_case"]
    assert found["message"] == "labels differ only in case: REFUND, refund" and found["severity"] == "high"


def test_a_column_that_is_not_there(project):
    project.write("data.csv", table())
    error = json.loads(project.run("tune", "classify", "data.csv", "--text", "nope", "--check", "--json", code=1).out)["error"]
    assert error["message"].endswith('no column of "data.csv" is called "nope": the first row is "text", "category"') and "--text" in error["hint"]


def test_leaks_and_contradictions(project):
    project.write("data.csv", table() + "where is the parcel with my lamp,account\n")
    project.write("test.csv", "text,category\nwhen will the lamp be delivered,delivery\nhello there,greeting\n")
    found = kinds(check(project, "data.csv", "--test", "test.csv"))
    assert found["contradiction"]["count"] == 1 and found["leak"]["count"] == 1
    assert found["leak"]["places"][0]["other_in_test"] is True and found["leak"]["places"][0]["other_line"] == 2
    assert found["unknown_label"]["places"][0]["text"] == "greeting"


@pytest.mark.parametrize(
    "text, words, kind, part",
    [
        ("a,b,c\n1,2,3\n", (), "invalid", 'the first row is "a", "b", "c"'),
        ('{"x":1}\n', (), "invalid", 'the records have "x"'),
        ("", (), "invalid", "has no examples"),
        ('{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}\n', (), "invalid", "expected texts with labels"),
        ('{"text":"a","label":["x","y"]}\n', (), "invalid", "several labels"),
        (table(), ("--format", "parquet"), "invalid", "unrecognized format"),
        (table(), ("--method", "magic"), "invalid", "unrecognized method"),
        (table(), ("--test", "gone.csv"), "not_found", "gone.csv"),
    ],
)  # fmt: skip
def test_refusals(project, text, words, kind, part):
    project.write("data", text)
    error = project.run("tune", "classify", "data", "--check", "--json", *words, code=1).error(kind)
    assert part in error["message"]


def test_wrong_use(project):
    project.write("data.csv", table())
    for words in (("--precision-wanted", "2"), ("--precision-wanted", "much"), ("--seed", "0")):
        project.run("tune", "classify", "data.csv", "--json", *words, code=2).error("invalid")
    error = project.run("tune", "classify", "data.csv", "--name", "../x", "--json", code=1).error("invalid")
    assert "no name for an adapter" in error["message"]
    for words in (("classify", "x"), ("classify", "x", "--adapter", "gone")):
        assert "there is no adapter" in project.run(*words, "--json", code=1).error("not_found")["message"]


# ---- with the model ----


@pytest.fixture
def tuned(project):
    """A project with an adapter "desk", and the report of its making."""
    project.write("data.csv", table(0, 9))
    project.write("test.csv", table(9))
    words = ("--model", str(FOLDER), "--test", "test.csv", "--name", "desk", "--json")
    return project, project.run("tune", "classify", "data.csv", *words, timeout=300).json()


@needed
def test_learns(tuned):
    project, report = tuned
    folder = project.path / ".assay" / "adapters" / "desk"
    assert report["adapter"] == str(folder) and sorted(os.listdir(folder)) == ["head.safetensors", "provenance.json"]
    assert report["examples"]["test"] == 36 and report["examples"]["train"] + report["examples"]["validation"] == 108
    score = report["score"]
    assert score["after"] >= 0.95 and score["after"] >= score["before"] and score["interval"][0] < score["after"] <= score["interval"][1]
    assert abs(score["change"] - (score["after"] - score["before"])) < 1e-5
    assert score["commonest_label"]["accuracy"] == pytest.approx(1 / 3, abs=1e-5) and score["commonest_label"]["beaten"]
    assert report["loss"]["validation"] < 0.5 and report["steps"] > 0 and report["peak_bytes"] > 0 and report["took_ms"] > 0
    assert 0 <= report["calibration"]["error"] <= 1 and report["abstain"]["precision_wanted"] == 0.95
    assert sum(item["count"] for item in report["confusions"]) == round(36 * (1 - score["after"]))
    results = project.run("classify", "where has the courier left my parcel", "--adapter", "desk", "--json").json()["results"]
    assert results[0]["label"] == "delivery" and 0 < results[0]["confidence"] <= 1 and results[0]["abstained"] in (True, False)
    lines = piped(project.assay, "classify", "-", "--adapter", "desk", lines=b"money back please\nwhere is it\n", cwd=project.path)
    assert [line.split("\t")[0] for line in lines.out.splitlines()][0] == "refund" and len(lines.out.splitlines()) == 2
    provenance = json.loads(project.run("model", "show", "desk").out)
    assert provenance["labels"] == ["account", "delivery", "refund"] and provenance["data"]["examples"] == 108
    assert len(provenance["base"]["sha256"]) == 64 and len(provenance["data"]["sha256"]) == 64
    assert provenance["scores"]["after"]["accuracy"] == pytest.approx(score["after"], abs=1e-5)


@needed
def test_doctor_tells_destroyed_weights(tuned):
    project, _ = tuned
    weights = project.path / ".assay/adapters/desk/head.safetensors"
    assert project.doctor()["ok"]
    weights.write_bytes(weights.read_bytes()[:-1])
    (problem,) = project.doctor(code=1)["problems"]
    assert problem["kind"] == "adapter" and "head.safetensors" in problem["message"]
    assert "1 problem, 0 repaired" in project.run("doctor", code=1).out
    weights.unlink()
    (problem,) = project.doctor(code=1)["problems"]
    assert problem["message"] == 'adapter "desk" has no weights'


@needed
@pytest.mark.long
def test_repeats_whatever_the_threads(tuned):
    project, first = tuned
    words = ("--model", str(FOLDER), "--test", "test.csv", "--name", "desk", "--json")
    error = project.run("tune", "classify", "data.csv", *words, code=1).error("conflict")
    assert "--replace" in error["hint"]
    head = project.path / ".assay" / "adapters" / "desk" / "head.safetensors"
    before = head.read_bytes()
    again = project.run("tune", "classify", "data.csv", *words, "--replace", "--threads", "1", timeout=300).json()
    assert head.read_bytes() == before and again["score"] == first["score"]
    assert os.listdir(head.parent.parent) == ["desk"]


def abstained_from_general_texts(project):
    source = (pathlib.Path(__file__).parents[2] / "src" / "train" / "general_text.c").read_text()
    source = re.sub(r'"\n\s+"', "", source.partition("general_texts[GENERAL_TEXTS]")[2])  # texts that go over several lines
    texts = re.findall(r'"((?:[^"\\]|\\.)+)"', source)
    assert len(texts) == 120
    outcome = piped(project.assay, "classify", "-", "--adapter", "desk", "--json", lines="\n".join(texts).encode(), cwd=project.path)
    return sum(result["abstained"] for result in json.loads(outcome.out)["results"]) / len(texts)


@needed
@pytest.mark.parametrize("method", ["lora", pytest.param("full", marks=pytest.mark.long)])
def test_trains_the_base(project, method):
    """What is measured is what is served, and it is compared with the regression."""
    project.write("data.csv", table(0, 5))
    project.write("test.csv", table(9))
    words = ("--model", str(FOLDER), "--test", "test.csv", "--name", "desk", "--method", method, "--json")
    chosen = {"lora": ("--rate", "0.0011", "--epochs", "19", "--label-smoothing", "0.1", "--class-weights"), "full": ("--focal", "2")}[method]
    report = project.run("tune", "classify", "data.csv", *words, *chosen, timeout=600).json()
    assert report["method"] == method and report["score"]["compared_with"] == "head" and report["epochs"] > 0
    assert report["score"]["after"] >= 0.9 and report["steps"] > 0
    adapters = project.path / ".assay" / "adapters"
    assert os.listdir(adapters) == ["desk"]
    files = {"lora": ["adapter_config.json", "adapter_model.safetensors", "assay_adapter.json", "provenance.json", "train.jsonl",
                      "training.html"],
             "full": ["model", "provenance.json", "training.html"]}  # fmt: skip
    assert sorted(os.listdir(adapters / "desk")) == files[method]
    texts = [line.rsplit(",", 1) for line in table(9).splitlines()[1:]]
    lines = "".join(text.strip('"') + "\n" for text, _ in texts).encode()
    outcome = piped(project.assay, "classify", "-", "--adapter", "desk", lines=lines, cwd=project.path)
    hits = sum(line.split("\t")[0] == label for line, (_, label) in zip(outcome.out.splitlines(), texts, strict=True))
    assert hits / len(texts) == pytest.approx(report["score"]["after"], abs=1e-5)
    shown = json.loads(project.run("model", "show", "desk").out)
    recipe, general = shown["recipe"], report["general"]
    assert general == shown["scores"]["general"] and general["measure"] == "abstained" and 0 <= general["before"] <= 1
    assert general["after"] == pytest.approx(abstained_from_general_texts(project), abs=1e-5)
    assert recipe["learning_rate"] == pytest.approx(0.0011 if method == "lora" else 0.0002)
    assert recipe.get("label_smoothing") == {"lora": 0.1}.get(method) and recipe.get("focal_gamma") == {"full": 2}.get(method)
    assert recipe.get("class_weights") == {"lora": "balanced"}.get(method)
    if method == "lora":  # 0.29 is the least where a tenth of what is wanted is spread over three labels
        assert report["loss"]["train"] > 0.28
    assert recipe["epochs"] == (19 if method == "lora" else 20) == report["epochs"] and (recipe.get("rank") is not None) == (method == "lora")
    project.run("model", "merge", "desk", "merged")
    config = json.loads((project.path / "merged" / "config.json").read_text())
    assert sorted(config["id2label"].values()) == ["account", "delivery", "refund"]
    assert config["architectures"] == ["BertForSequenceClassification"] and config["num_hidden_layers"] == 7
    assert project.run("model", "show", "merged", "--json").json()["labels"] == 3
    if method == "lora":
        provenance = adapters / "desk" / "adapter_config.json"
        provenance.write_text(provenance.read_text().replace('"r":', '"r":1'))
        assert "rank" in project.run("classify", "x", "--adapter", "desk", "--json", code=1).error("invalid")["message"]


def test_losses_that_contradict_each_other(project):
    project.write("data.csv", table())
    words = ("tune", "classify", "data.csv", "--json")
    error = project.run(*words, "--focal", "2", "--label-smoothing", "0.1", code=1).error("invalid")
    assert "contradict" in error["message"] and "choose one" in error["message"]
    for option in ("--focal", "--label-smoothing"):
        error = project.run(*words, "--method", "head", option, "0.5", code=1).error("invalid")
        assert "regression" in error["message"] and "lora or full" in error["hint"]
        assert f'"{option}" is "-1"' in project.run(*words, option, "-1", code=2).error("invalid")["message"]


@pytest.mark.parametrize("method", ["auto", "head", "full"])
def test_lengths_are_learned_beside_low_ranks_alone(project, method):
    project.write("data.csv", table())
    error = project.run("tune", "classify", "data.csv", "--method", method, "--dora", "--json", code=1).error("invalid")
    assert f'the method is "{method}"' in error["message"] and "--method lora" in error["hint"]


@needed
def test_groups_are_not_divided(project):
    """What is held out is customers, not lines."""
    chance = random.Random(4)
    rows = [(f"{chance.choice(texts).split()[0]} {label} {' '.join(chance.sample(FILL, 8))}", label, thing)
            for thing in THINGS for label, texts in SUBJECTS.items() for _ in range(4)]  # fmt: skip
    project.write("data.csv", "text,category,Customer\n" + "".join(",".join(row) + "\n" for row in rows))
    words = ("tune", "classify", "data.csv", "--model", str(FOLDER), "--json")
    report = project.run(*words, "--group", "Customer", timeout=300).json()
    parts = (report["examples"]["train"], report["examples"]["validation"], report["examples"]["test"])
    assert sum(parts) == len(rows) and all(part > 0 and part % 12 == 0 for part in parts), "each customer has twelve"
    assert json.loads(project.run("model", "show", "classify").out)["recipe"]["group"] == "Customer"
    assert '"shop" is missing' in project.run(*words, "--group", "shop", "--check", code=1).error("invalid")["message"]


def test_what_learned_nothing_is_told(project):
    """One label is 98 of 100: a model that says it to everything is right as often, and has learned nothing."""
    base = pathlib.Path(__file__).parents[1] / "data" / "models" / "bert-mean-old"
    rng = random.Random(5)
    rows = [f"{' '.join(rng.choice(FILL) for _ in range(8))} {i},{'rare' if i % 50 == 7 else 'common'}" for i in range(200)]
    project.write("data.csv", "text,label\n" + "\n".join(rows) + "\n")
    words = ("tune", "classify", "data.csv", "--model", str(base), "--method", "head")
    score = project.run(*words, "--json", timeout=300).json()["score"]
    commonest = score["commonest_label"]
    assert commonest["label"] == "common" and commonest["accuracy"] >= 0.9 and not commonest["beaten"]
    assert abs(commonest["change"] - (score["after"] - commonest["accuracy"])) < 1e-5 and commonest["mcnemar_p"] > 0.05
    provenance = json.loads(project.run("model", "show", "classify").out)
    assert provenance["scores"]["commonest_label"]["accuracy"] == pytest.approx(commonest["accuracy"], abs=1e-5)
    told = project.run(*words, "--replace", timeout=300).out
    assert "commonest label alone" in told and "do not rely on it" in told


@needed
@pytest.mark.long
def test_class_weights_of_a_regression(project):
    """What looks like both a common and a rare label is less surely the common one where both count alike."""
    rows = [f'"{text.format(thing)}",delivery' for thing in THINGS for text in SUBJECTS["delivery"]]
    rare = [f'"{text.format(thing)}",late' for thing in THINGS[:3] for text in ("when will the {} come at last", "the courier is late with my {}")]
    project.write("data.csv", "text,category\n" + "\n".join(rows + rare) + "\n")
    words = ("tune", "classify", "data.csv", "--model", str(FOLDER), "--method", "head", "--json")
    plain = project.run(*words, "--name", "plain", timeout=300).json()
    weighted = project.run(*words, "--name", "weighted", "--class-weights", timeout=300).json()
    weights = [project.path / ".assay" / "adapters" / name / "head.safetensors" for name in ("plain", "weighted")]
    assert weights[0].read_bytes() != weights[1].read_bytes() and plain["loss"]["train"] != weighted["loss"]["train"]
    text = "when is the courier going to bring my lamp"
    shares = [project.run("classify", text, "--adapter", name, "--json").json()["results"][0] for name in ("plain", "weighted")]
    assert shares[0]["label"] == "delivery"
    assert shares[1]["label"] == "late" or shares[1]["confidence"] < shares[0]["confidence"]


def test_keeps_the_regression_where_the_base_cannot_be_trained(project):
    base = pathlib.Path(__file__).parents[1] / "data" / "models" / "modernbert-mean-old"
    rows = [f"{'red blue green'.split()[i % 3]} {i * 7919 % 10007} of {i * 31 % 997} and {i * 17 % 89},{'xyz'[i % 3]}" for i in range(1500)]
    project.write("data.csv", "text,label\n" + "\n".join(rows) + "\n")
    words = ("tune", "classify", "data.csv", "--model", str(base), "--json")
    report = project.run(*words, timeout=300).json()
    assert report["method"] == "head" and report["examples"]["train"] >= 1000 and report["score"]["compared_with"] == "label names"
    assert "cannot be trained yet" in report["untrained"]
    error = project.run(*words, "--name", "other", "--method", "lora", code=1, timeout=300).error("invalid")
    assert "cannot be trained yet" in error["message"]


def test_keeps_the_regression_where_training_fails(project):
    """Checkpoints that the disk does not take are no reason to lose the regression, which was there before."""
    base = pathlib.Path(__file__).parents[1] / "data" / "models" / "bert-mean-old"
    rows = [f"{'red blue green'.split()[i % 3]} {i * 7919 % 10007} of {i * 31 % 997} and {i * 17 % 89},{'xyz'[i % 3]}" for i in range(1500)]
    project.write("data.csv", "text,label\n" + "\n".join(rows) + "\n")

    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (32768, 32768))

    words = ("tune", "classify", "data.csv", "--model", str(base), "--json")
    report = project.run(*words, timeout=600, preexec_fn=small_files).json()
    assert report["method"] == "head" and "training" in report["untrained"]
    assert os.listdir(project.path / ".assay" / "adapters") == ["classify"]


@needed
@pytest.mark.long
def test_goes_on_with_a_stopped_training(project):
    project.write("data.csv", table(0, 5))
    words = ("tune", "classify", "data.csv", "--model", str(FOLDER), "--method", "lora", "--name", "desk", "--seed", "3")
    process = project.assay.start(*words, cwd=project.path)
    running = project.path / ".assay" / "adapters" / "desk~training"
    deadline = time.monotonic() + 300
    while not running.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=300)
    assert process.returncode == 1
    assert "--resume" in project.run(*words, "--json", code=1).error("conflict")["hint"], "what was reached is not thrown away"
    report = project.run(*words, "--resume", "--json", timeout=600).json()
    assert report["method"] == "lora" and os.listdir(running.parent) == ["desk"]
    weights = (running.parent / "desk" / "adapter_model.safetensors").read_bytes()
    assert "no checkpoint" in project.run(*words, "--replace", "--resume", "--json", code=1).error("not_found")["message"]
    project.run(*words, "--replace", "--quiet", timeout=600)
    assert (running.parent / "desk" / "adapter_model.safetensors").read_bytes() == weights


@needed
def test_holds_out_its_own_cases(project):
    project.write("data.jsonl", "".join(json.dumps({"input": row.rsplit(",", 1)[0].strip('"'), "output": row.rsplit(",", 1)[1]}) + "\n"
                                        for row in table().splitlines()[1:]))  # fmt: skip
    report = project.run("tune", "classify", "data.jsonl", "--model", str(FOLDER), "--json", timeout=300).json()
    counts = report["examples"]
    assert counts["test"] >= 3 and counts["validation"] >= 3 and counts["train"] + counts["validation"] + counts["test"] == 144
    assert report["adapter"].endswith("/classify")


@pytest.mark.parametrize(("text", "label"), [("Utterance", "Intent"), ("utterance", "INTENT")])
def test_columns_are_named_in_any_case(project, text, label):
    project.write("data.csv", "Id,Utterance,Intent\n" + "".join(f"{i},how is it with {i},{'ab'[i % 2]}\n" for i in range(20)))
    assert check(project, "data.csv", "--text", text, "--label", label)["examples"]["rejected"] == []


@needed
def test_short_texts_in_another_case_are_the_same(project):
    rows = [f"word{i} thing{i} now,{'ab'[i * 7 % 3 % 2]}\nWord{i} - Thing{i} NOW!,{'ab'[i * 7 % 3 % 2]}" for i in range(60)]
    project.write("data.csv", "text,label\n" + "\n".join(rows) + "\n")
    report = project.run("tune", "classify", "data.csv", "--check", "--json", timeout=300).json()
    assert [finding["count"] for finding in report["findings"] if finding["kind"] == "near_duplicate"] == [60], report["findings"]


def test_base_changed(tuned, tmp_path):
    project, _ = tuned
    base = tmp_path / "base"
    shutil.copytree(FOLDER, base)
    project.run("tune", "classify", "data.csv", "--model", str(base), "--name", "own", "--quiet", timeout=300)
    weights = bytearray((base / "model.safetensors").read_bytes())
    weights[-3] ^= 1
    (base / "model.safetensors").write_bytes(weights)
    error = project.run("classify", "x", "--adapter", "own", "--json", code=1).error("conflict")
    assert "was trained on" in error["message"] and "base changed" in error["message"] and "tune again own" in error["hint"]


@needed
def test_damaged_adapter(tuned):
    project, _ = tuned
    folder = project.path / ".assay" / "adapters" / "desk"
    head, provenance = (folder / "head.safetensors").read_bytes(), json.loads((folder / "provenance.json").read_text())
    for change in ({"labels": ["a", "b"]}, {"temperature": 0}, {"base": {}}, {"labels": [1, 2, 3]}):
        (folder / "provenance.json").write_text(json.dumps({**provenance, **change}))
        assert project.run("classify", "x", "--adapter", "desk", code=1).err.startswith("assay: ")
    (folder / "provenance.json").write_text(json.dumps(provenance))
    for size in (0, 7, 100, len(head) - 1):
        (folder / "head.safetensors").write_bytes(head[:size])
        assert project.run("classify", "x", "--adapter", "desk", code=1).err.startswith("assay: ")


@needed
def test_stopped_leaves_nothing(project):
    """With more to embed than can be done before the signal comes."""
    project.write("data.csv", "text,label\n" + "".join(f"how do I get {i} of these to {i * 7},{'ab'[i % 2]}\n" for i in range(30000)))
    process = project.assay.start("tune", "classify", "data.csv", "--model", str(FOLDER), cwd=project.path)
    while not int(re.search(r"SigCgt:\s*(\w+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())[1], 16) & 2:
        time.sleep(0.01)  # until it hears the signal
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=300)
    assert process.returncode == 1
    adapters = project.path / ".assay" / "adapters"
    assert not adapters.exists() or os.listdir(adapters) == []
