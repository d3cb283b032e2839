"""`assay model`: which models are there, what they are, bringing one; and what is said when there is none."""

import os
import pathlib
import resource
import shutil
import signal
import time

import models
import pytest
from models import FOLDER, piped

NAME = FOLDER.name


@pytest.fixture
def home(tmp_path):
    """An environment with a home of its own."""
    (tmp_path / "home").mkdir()
    return {"HOME": str(tmp_path / "home")}


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*"))


# ---- without any model ----


def test_nothing_is_there(assay, tmp_path, home):
    assert assay("model", "list", "--json", cwd=tmp_path, env=home).json() == {"models": [], "adapters": []}
    assert "scripts/setup" in assay("model", "list", cwd=tmp_path, env=home).out
    for words in (("embed",), ("tokenize",), ("model", "show"), ("bench", "embed")):
        error = assay(*words, "--json", cwd=tmp_path, env=home, code=1).error("not_found")
        assert f'no model named "{NAME}"' in error["message"]
        assert f"{tmp_path}/models" in error["message"] and f"{home['HOME']}/.local/share/assay/models" in error["message"]
        assert "scripts/setup" in error["hint"] and "assay model add" in error["hint"]
    assert "no model named" in assay("embed", "--model", "x\x1b", cwd=tmp_path, env=home, code=1).err
    assert os.listdir(tmp_path) == ["home"]


def test_a_group_wants_a_command(assay):
    for group in ("model", "bench"):
        outcome = assay(group, code=2)
        assert f"`assay {group}` wants" in outcome.err
        assert assay(group, "--help").out == assay("help", group).out
        assert f"assay {group} COMMAND" in assay("help", group).out
        assay(group, "--json", code=2).error("invalid")
    assert "Did you mean `assay model show`?" in assay("model", "shaw", code=2).err
    assert "Did you mean `assay model`?" in assay("modl", "list", code=2).err
    for words in (["model list"], ["model-list"], ["model", "list x"]):
        assert "unrecognized command" in assay(*words, code=2).err


@pytest.mark.parametrize(
    ("files", "parts"),
    [
        ({}, ("no weights in safetensors", "config.json")),
        ({"config.json": "{}", "pytorch_model.bin": "x"}, ("only pytorch_model.bin", "safe_serialization")),
        ({"model.pt": "x"}, ("model.pt", "safe_serialization")),
        ({"model.gguf": "x"}, ("GGUF",)),
        ({"model.onnx": "x", "config.json": "{}"}, ("ONNX",)),
        ({"model.safetensors": "x"}, ("no config.json",)),
        ({"model.safetensors": "x", "config.json": "{}"}, ("model",)),
        ({"model.safetensors": "x", "config.json": "{"}, ("config.json",)),
    ],
)
def test_folders_that_are_no_models(assay, tmp_path, home, files, parts):
    folder = tmp_path / "thing"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_text(content)
    for words in (("embed", "--model", "./thing"), ("model", "show", str(folder)), ("model", "add", "--global", "thing")):
        error = assay(*words, "--json", cwd=tmp_path, env=home, code=1).error()
        for part in parts:
            assert part in f"{error['message']} {error['hint']}", (words, error)
        assert error["hint"] or "config.json" in files
    assert not (tmp_path / "home" / ".local" / "share" / "assay" / "models" / "thing").exists()


@pytest.mark.parametrize("name", ["q.gguf", "pytorch_model.bin", "model.safetensors", "model.onnx", "notes"])
def test_files_are_no_models(assay, tmp_path, home, name):
    (tmp_path / name).write_text("x")
    for words in (("embed", "--model", name), ("model", "show", f"./{name}"), ("model", "add", "--global", name)):
        error = assay(*words, "--json", cwd=tmp_path, env=home, code=1).error("invalid")
        assert "is a file" in error["message"] and error["hint"]


def test_damaged_models_are_listed_with_the_reason(assay, tmp_path, home):
    folder = tmp_path / "models" / "odd"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (tmp_path / "models" / ".hidden").mkdir()
    (model,) = assay("model", "list", "--json", cwd=tmp_path, env=home).json()["models"]
    assert model["name"] == "odd" and model["error"] and model["source"] == "folder"
    assert "cannot be used" in assay("model", "list", cwd=tmp_path, env=home).out


# ---- with the builtin model ----


@models.needed
def test_list_and_show(assay, project, home):
    (project.path / "models").symlink_to(FOLDER.parent)
    listed = project.run("model", "list", "--json", env=home).json()["models"]
    (model,) = (model for model in listed if model["name"] == NAME)
    assert model["architecture"] == "bert" and model["dimensions"] == 384 and model["source"] == "project"
    assert 22e6 < model["parameters"] < 23e6 and model["file_bytes"] > 80e6 and model["labels"] == 0
    below = project.path / "docs" / "deep"
    below.mkdir(parents=True)
    for words in ((), ("builtin",), (NAME,), (str(FOLDER),)):
        shown = project.run("model", "show", *words, "--json", cwd=below, env=home).json()
        assert {key: shown[key] for key in model if key not in ("folder", "source")} == {
            key: model[key] for key in model if key not in ("folder", "source")
        }
        assert shown["tokenizer"] == "WordPiece" and shown["pooling"] == "mean" and shown["normalized"] is True
        assert shown["tokens_max"] == 256 and shown["layers"] == 6 and shown["vocabulary"] == 30522
        assert shown["source"] == ("path" if words == (str(FOLDER),) else "project")
    out = project.run("model", "show", env=home).out
    assert NAME in out and "384 dimensions" in out
    assert NAME in project.run("model", "list", env=home).out


@models.needed
def test_places_in_their_order(assay, tmp_path, home, project):
    """The project's, the current folder's, the user's."""
    user = tmp_path / "home" / ".local" / "share" / "assay" / "models"
    user.mkdir(parents=True)
    (user / NAME).symlink_to(FOLDER)
    source = lambda **more: assay("model", "show", "--json", **more).json()["source"]  # noqa: E731
    assert source(cwd=tmp_path, env=home) == "user"
    assert source(cwd=tmp_path, env={"HOME": "relative", "XDG_DATA_HOME": f"{home['HOME']}/.local/share"}) == "user"
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / NAME).symlink_to(FOLDER)
    assert source(cwd=tmp_path, env=home) == "folder"
    (project.path / "models").mkdir()
    (project.path / "models" / NAME).symlink_to(FOLDER)
    assert source(cwd=project.path, env=home) == "project"
    shown = assay("model", "show", "--json", "--project", str(project.path), cwd=tmp_path, env=home).json()
    assert shown["source"] == "project"
    assay("model", "show", "--json", "--project", str(tmp_path), cwd=tmp_path, env=home, code=1).error("not_found")


@models.needed
def test_add(assay, project, tmp_path, home):
    source = tmp_path / "downloaded"
    shutil.copytree(FOLDER, source)
    for name in ("pytorch_model.bin", "modeling_x.py", "model.onnx", "optimizer.pt", ".gitattributes", "notes.txt"):
        (source / name).write_bytes(b"x")
    (source / "onnx").mkdir()
    (source / "onnx" / "config.json").write_text("{}")
    (source / "2_Normalize").mkdir()
    (source / "1_Pooling" / "code.py").write_text("x")
    report = project.run("model", "add", str(source), "--name", "mine", "--json", env=home).json()
    placed = project.path / "models" / "mine"
    assert report == {"name": "mine", "folder": str(placed.resolve()), "source": "project"}
    wanted = {"config.json", "model.safetensors", "tokenizer.json", "vocab.txt", "modules.json", "1_Pooling/config.json", "2_Normalize", "README.md"}
    there = set(tree(placed))
    assert wanted <= there
    assert not {name for name in there if name.endswith((".bin", ".pt", ".py", ".onnx", "notes.txt"))} and "onnx" not in there
    assert (placed / "model.safetensors").read_bytes() == (FOLDER / "model.safetensors").read_bytes()
    assert os.listdir(project.path / "models") == ["mine"]
    vectors = [piped(assay, "embed", "--model", model, "--precision", "f32", lines=b"x\n", cwd=project.path, env=home).raw_out
               for model in ("mine", str(FOLDER))]  # fmt: skip
    assert vectors[0] == vectors[1] != b""
    before = tree(project.path)
    error = project.run("model", "add", str(source), "--name", "mine", "--json", env=home, code=1).error("conflict")
    assert "--name" in error["hint"] and tree(project.path) == before


@models.needed
def test_add_for_all_projects(assay, tmp_path, home):
    error = assay("model", "add", str(FOLDER), "--json", cwd=tmp_path, env=home, code=1).error("not_found")
    assert "--global" in error["hint"]
    assay("model", "add", str(FOLDER), "--global", "--json", cwd=tmp_path, env={"HOME": ""}, code=1).error("not_found")
    out = assay("model", "add", f"{FOLDER}/", "--global", cwd=tmp_path, env=home).out
    assert out == f"Added {NAME}: {home['HOME']}/.local/share/assay/models/{NAME}\n"
    assert assay("model", "show", "--json", cwd=tmp_path, env=home).json()["source"] == "user"


@models.needed
@pytest.mark.parametrize("name", ["", ".", "..", ".x", "a/b", "/x", "../x", "x" * 129, "a\nb", "builtin"])
def test_names_that_are_refused(project, name, home):
    error = project.run("model", "add", str(FOLDER), f"--name={name}", "--json", env=home, code=1).error("invalid")
    assert "name" in error["message"] and error["hint"]
    assert not (project.path / "models").exists()


@models.needed
def test_links_are_not_followed(project, tmp_path, home):
    source = tmp_path / "linked"
    shutil.copytree(FOLDER, source)
    (source / "vocab.txt").unlink()
    (source / "vocab.txt").symlink_to(FOLDER / "vocab.txt")
    error = project.run("model", "add", str(source), "--json", env=home, code=1).error("invalid")
    assert "vocab.txt" in error["message"] and "link" in error["message"] and "cp -rL" in error["hint"]
    assert tree(project.path / "models") == []


@models.needed
def test_a_model_that_breaks_on_the_way_leaves_nothing(project, tmp_path, home):
    source = tmp_path / "short"
    shutil.copytree(FOLDER, source)
    weights = source / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4])
    project.run("model", "add", str(source), "--json", env=home, code=1).error()
    assert not (project.path / "models").exists()


@models.needed
def test_a_full_disk_leaves_nothing(project, home):
    """A limit on file sizes stops the copy where a full disk would."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))  # noqa: E731
    error = project.run("model", "add", str(FOLDER), "--json", env=home, code=1, preexec_fn=limit).error("limit")
    assert "could not write" in error["message"]
    assert tree(project.path / "models") == []


@models.needed
def test_what_a_killed_one_left_is_swept(assay, project, home):
    left = project.path / "models" / f".{NAME}.new-4194303"  # no process has that number here
    left.mkdir(parents=True)
    (left / "config.json").write_text("{}")
    for delay in (0.05, 0.2, 0.4):
        process = assay.start("model", "add", str(FOLDER), cwd=project.path, env=home)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        names = [name for name in os.listdir(project.path / "models") if not name.startswith(".")]
        if names:
            break
        assert project.run("model", "list", "--json", env=home).json() == {"models": [], "adapters": []}
    if not names:
        project.run("model", "add", str(FOLDER), env=home)
    else:
        project.run("model", "add", str(FOLDER), "--name", "again", env=home)
    assert all(not name.startswith(".") for name in os.listdir(project.path / "models"))


@models.needed
def test_planted_links_are_swept_and_not_followed(project, tmp_path, home):
    kept = tmp_path / "kept"
    (kept / "below").mkdir(parents=True)
    (kept / "below" / "file").write_text("kept")
    folder = project.path / "models"
    (folder / ".y.new-4194302").mkdir(parents=True)
    (folder / ".y.new-4194302" / "link").symlink_to(kept)
    (folder / ".x.new-4194303").symlink_to(kept)
    project.run("model", "add", str(FOLDER), env=home)
    assert os.listdir(folder) == [NAME]
    assert tree(kept) == ["below", "below/file"]


@models.needed
def test_a_temporary_folder_that_is_there_already_is_not_filled(assay, project, tmp_path, home):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (project.path / "models").mkdir()
    plant = lambda: (project.path / "models" / f".{NAME}.new-{os.getpid()}").symlink_to(elsewhere)  # noqa: E731
    project.run("model", "add", str(FOLDER), env=home, preexec_fn=plant)
    assert tree(elsewhere) == []
    assert NAME in os.listdir(project.path / "models")


@models.needed
def test_folders_named_as_files_are_left_out(project, tmp_path, home):
    source = tmp_path / "with-folders"
    shutil.copytree(FOLDER, source)
    for folder in (source / "LICENSES", source / "README-more", source / "config.json.d", source / "1_Pooling" / "LICENSES"):
        folder.mkdir()
        (folder / "MIT").write_text("x")
    project.run("model", "add", str(source), "--name", "mine", env=home)
    assert not {name for name in tree(project.path / "models" / "mine") if "LICENSES" in name or "more" in name}


@models.needed
def test_doctor_tries_the_model(project, home):
    project.write("docs/a.md", "text")
    project.add()
    assert project.doctor()["ok"] is True
    folder = project.path / "models" / NAME
    shutil.copytree(FOLDER, folder)
    assert project.doctor()["ok"] is True
    (folder / "tokenizer.json").write_text("{")
    report = project.doctor(code=1)
    assert report["ok"] is False and [problem["kind"] for problem in report["problems"]] == ["model"]
    assert "tokenizer.json" in report["problems"][0]["message"]
