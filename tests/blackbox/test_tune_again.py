"""`assay tune again`: an adapter trained once more by its own recipe, measured beside the one before, and put in its place unless it is worse."""

import json
import shutil

import pytest
from models import FOLDER, needed
from test_tune import table
from test_tune_pairs import lines
from test_tune_reader import squad

WRONG = {"refund": "delivery", "delivery": "account", "account": "refund"}


def again(project, *words, **more):
    return project.run("tune", "again", *words, "--json", timeout=600, **more)


def adapters(project):
    return project.path / ".assay" / "adapters"


def held(project, name):
    return set((adapters(project) / name / "held.txt").read_text().split())


def has_dora(project, adapter):
    """Whether it has DoRA, as its files are for other programs."""
    config = json.loads((adapters(project) / adapter / "adapter_config.json").read_text())
    return config["use_dora"] and b"lora_magnitude_vector" in (adapters(project) / adapter / "adapter_model.safetensors").read_bytes()


def mislabelled(text):
    rows = text.strip().split("\n")
    return "\n".join(rows[:1] + [row.rpartition(",")[0] + "," + WRONG[row.rpartition(",")[2]] for row in rows[1:]]) + "\n"


def test_needs_an_adapter(project):
    error = again(project, "desk", code=1).error("not_found")
    assert '"desk"' in error["message"] and "model list" in error["hint"]
    assert "beside it" in again(project, "desk", "--take", code=1).error("not_found")["message"]
    assert "no name for an adapter" in again(project, "../desk", code=1).error("invalid")["message"]
    assert "--take trains nothing" in project.run("tune", "again", "desk", "data.csv", "--take", code=2).err


@needed
def test_data_are_found_from_any_folder(project):
    project.write("data/desk.csv", table(0, 8))
    project.run("tune", "classify", "desk.csv", "--model", str(FOLDER), "--name", "desk", "--quiet", cwd=project.path / "data", timeout=300)
    project.write("desk.csv", mislabelled(table(0, 8)))
    assert json.loads((adapters(project) / "desk" / "provenance.json").read_text())["data"]["path"] == "data/desk.csv"
    error = project.run("tune", "again", "desk", "--json", "--project", str(project.path), cwd="/", code=1).error("conflict")
    assert "just this data" in error["message"] and "/data/desk.csv" in error["message"], error
    (listed,) = project.run("model", "list", "--json").json()["adapters"]
    assert (listed["name"], listed["task"], listed["method"]) == ("desk", "classify", "head")


@needed
@pytest.mark.long
def test_grown_data(project):
    project.write("data.csv", table(0, 8))
    project.run("tune", "classify", "data.csv", "--model", str(FOLDER), "--name", "desk", "--seed", "3", "--precision-wanted", "0.9",
                "--class-weights", "--quiet", timeout=300)  # fmt: skip
    before = json.loads((adapters(project) / "desk" / "provenance.json").read_text())
    kept = held(project, "desk")
    assert len(kept) == before["scores"]["cases"]
    error = again(project, "desk", code=1).error("conflict")
    assert "just this data" in error["message"] and "tune again desk DATA" in error["hint"]
    project.write("data.csv", table())
    report = again(project, "desk").json()
    rival = report["rival"]
    assert rival["name"] == "desk" and rival["measure"] == "accuracy" and rival["fair"] and rival["replaced"]
    assert rival["after"] == pytest.approx(report["score"]["after"], abs=1e-5)
    assert rival["change"] == pytest.approx(rival["after"] - rival["before"], abs=1e-5)
    assert report["adapter"] == str(adapters(project) / "desk") and [path.name for path in adapters(project).iterdir()] == ["desk"]
    assert kept < held(project, "desk"), "what the one before was measured with is not learned from"
    after = json.loads((adapters(project) / "desk" / "provenance.json").read_text())
    assert after["recipe"]["class_weights"] == "balanced" and after["scores"]["general"]["before"] is None
    assert after["name"] == "desk" and after["recipe"]["seed"] == 3 and after["method"] == before["method"]
    assert after["data"]["examples"] == 144 and after["scores"]["precision_wanted"] == 0.9
    assert project.run("classify", "where is my parcel", "--adapter", "desk", "--json").json()["results"][0]["label"] == "delivery"


@needed
@pytest.mark.long
def test_members_with_other_names(project):
    rows = [row.rpartition(",") for row in table(0, 8).strip().split("\n")[1:]]
    project.write("data.jsonl", "".join(json.dumps({"m1": text, "m2": label}) + "\n" for text, _, label in rows))
    project.run("tune", "classify", "data.jsonl", "--text", "m1", "--label", "m2", "--model", str(FOLDER), "--name", "desk", "--quiet", timeout=300)
    assert "just this data" in again(project, "desk", code=1).error("conflict")["message"]


@needed
@pytest.mark.long
def test_a_worse_one_stays_beside(project):
    project.write("data.csv", table(0, 9))
    project.write("test.csv", table(9))
    project.run("tune", "classify", "data.csv", "--test", "test.csv", "--model", str(FOLDER), "--name", "desk", "--quiet", timeout=300)
    project.write("wrong.csv", mislabelled(table(0, 9)))
    report = again(project, "desk", "wrong.csv", code=3).json()
    assert report["rival"]["change"] == -1 and not report["rival"]["replaced"]
    assert report["rival"]["change_interval"] == [None, None]  # it is the same in every case
    assert report["adapter"] == str(adapters(project) / "desk.again")
    asked = ("classify", "where has the courier left my parcel", "--adapter", "desk", "--json")
    assert project.run(*asked).json()["results"][0]["label"] == "delivery"
    outcome = project.run("tune", "again", "desk", "wrong.csv", code=3, timeout=300)
    assert "It is worse, so desk stays" in outcome.out and "tune again desk --take" in outcome.out
    assert "trained last" in project.run("tune", "again", "desk", "--take").out
    assert project.run(*asked).json()["results"][0]["label"] == "account"
    assert [path.name for path in adapters(project).iterdir()] == ["desk"]


def other_weights(base):
    weights = bytearray((base / "model.safetensors").read_bytes())
    weights[-3] ^= 1
    (base / "model.safetensors").write_bytes(weights)


def other_tokens(base):
    tokenizer = json.loads((base / "tokenizer.json").read_text())
    assert tokenizer["normalizer"]["lowercase"]
    tokenizer["normalizer"]["lowercase"] = False
    (base / "tokenizer.json").write_text(json.dumps(tokenizer))


@needed
@pytest.mark.parametrize(("change", "told"), [(other_weights, "base changed"), (other_tokens, "other tokens")])
@pytest.mark.long
def test_changed_base(project, tmp_path, change, told):
    """Nothing has been added, but the adapter is refused: it is made anew on the base as it is."""
    base = tmp_path / "base"
    shutil.copytree(FOLDER, base)
    project.write("data.csv", table(0, 9))
    project.run("tune", "classify", "data.csv", "--model", str(base), "--name", "desk", "--quiet", timeout=300)
    change(base)
    error = project.run("classify", "x", "--adapter", "desk", "--json", code=1).error("conflict")
    assert told in error["message"] and "assay tune again desk" in error["hint"]
    rival = again(project, "desk").json()["rival"]
    assert told in rival["unmeasured"] and rival["replaced"]
    assert project.run("classify", "where is my parcel", "--adapter", "desk", "--json").json()["results"][0]["label"] == "delivery"


@pytest.mark.long
@needed
@pytest.mark.parametrize("kind", ["rerank", "embed"])
def test_pairs(project, kind):
    name = {"rerank": "reranker", "embed": "embed"}[kind]
    project.write("pairs.jsonl", lines(0, 30))
    project.run("tune", kind, "pairs.jsonl", "--model", str(FOLDER), "--rank", "4", "--epochs", "1", "--batch", "8", "--moments-8bit", "--recompute",
                "--dropout", "0.125", "--quiet", *(["--dora"] if kind == "rerank" else []), timeout=600)  # fmt: skip
    kept = held(project, name)
    project.write("pairs.jsonl", lines(0, 45))
    report = again(project, name, code=None).json()
    assert report["rival"]["measure"] == {"rerank": "nDCG@10", "embed": "recall@10"}[kind] and report["rival"]["fair"]
    assert report["rival"]["after"] == pytest.approx(report["score"]["after"], abs=1e-4)
    assert kept < held(project, report["adapter"].rpartition("/")[2])
    recipe = json.loads((adapters(project) / report["adapter"] / "provenance.json").read_text())["recipe"]
    assert recipe["rank"] == 4 and recipe["epochs"] == 1 and recipe["batch"] == 8 and recipe["moments_bits"] == 8 and recipe["recompute"] is True
    assert recipe["dropout"] == 0.125 and recipe.get("dora", False) == has_dora(project, report["adapter"]) == (kind == "rerank")


@pytest.mark.long
@needed
@pytest.mark.parametrize("kind", ["reader", "writer"])
def test_reading(project, kind):
    project.write("data.json", squad(0, 30))
    project.run("tune", kind, "data.json", "--model", str(FOLDER), "--rank", "8", "--batch", "8", "--steps", "4", "--moments-8bit", "--recompute",
                "--dropout", "0.125", "--quiet", *(["--dora"] if kind == "reader" else []), timeout=600)  # fmt: skip
    kept = held(project, kind)
    project.write("data.json", squad(0, 45))
    report = again(project, kind, code=None).json()
    rival = report["rival"]
    assert rival["measure"] == "F1" and rival["fair"] and report["steps"] == 4
    assert rival["after"] == pytest.approx(report["reading"]["f1_all"], abs=1e-5) and 0 <= rival["before"] <= 1
    assert kept < held(project, report["adapter"].rpartition("/")[2])
    recipe = json.loads((adapters(project) / report["adapter"] / "provenance.json").read_text())["recipe"]
    assert recipe["moments_bits"] == 8 and recipe["recompute"] is True and recipe["dropout"] == 0.125
    assert recipe.get("dora", False) == has_dora(project, report["adapter"]) == (kind == "reader")
