"""`mpirun -n N assay tune …`: several processes learn together what one learns alone."""

import json
import os
import shutil
import struct
import subprocess

import pytest
from conftest import BINARY, ENVIRONMENT, FINDINGS, SLOWNESS
from models import FOLDER, needed
from test_tune_reader import squad

# F32 sums, which differ only in their order; LeakSanitizer does not know what Open MPI keeps until the end. Nothing goes over a network.
TEAM_ENVIRONMENT = {**ENVIRONMENT, "ASSAY_CPU": "avx2", "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                    "OMPI_MCA_btl": "self,vader", "OMPI_MCA_oob_tcp_if_include": "lo", "HOME": os.environ.get("HOME", "/tmp"),
                    "ASAN_OPTIONS": "detect_leaks=0"}  # fmt: skip
RECIPE = ["--model", str(FOLDER), "--threads", "1", "--json"]


def starts():
    """False also where mpirun is there, and what it runs in lets it start nothing."""
    if shutil.which("mpirun") is None:
        return False
    try:
        run = subprocess.run(["mpirun", "--oversubscribe", "-n", "2", "true"], env=TEAM_ENVIRONMENT, capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


team_needed = pytest.mark.skipif("not starts()", reason="needs Open MPI's mpirun, able to start processes")


def together(project, processes, *words):
    command = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n", str(processes), str(BINARY), *words]
    run = subprocess.run(command, cwd=project.path, env=TEAM_ENVIRONMENT, capture_output=True, timeout=120 * SLOWNESS, check=False)
    errors = run.stderr.decode("utf-8", "replace")
    assert not any(mark in errors for mark in FINDINGS), errors[-4000:]
    return run.returncode, run.stdout.decode(), errors


def losses(project, name):
    log = project.path / ".assay" / "adapters" / name / "train.jsonl"
    return [entry["loss"] for entry in map(json.loads, log.read_text().splitlines()) if "loss" in entry]


def numbers(project, name):
    """All numbers of an adapter, by tensor."""
    content = (project.path / ".assay" / "adapters" / name / "adapter_model.safetensors").read_bytes()
    (size,) = struct.unpack_from("<Q", content)
    head = json.loads(content[8 : 8 + size])
    head.pop("__metadata__", None)
    body = content[8 + size :]
    return {key: struct.unpack(f"<{(tensor['data_offsets'][1] - tensor['data_offsets'][0]) // 4}f",
                               body[slice(*tensor["data_offsets"])]) for key, tensor in head.items()}  # fmt: skip


def check_same(project, name, alone):
    """Losses within 1e-5, and weights about as near as sums in another order leave them."""
    assert len(losses(project, name)) == len(losses(project, alone)) > 1
    assert losses(project, name) == pytest.approx(losses(project, alone), abs=1e-5)
    mine, theirs = numbers(project, name), numbers(project, alone)
    assert mine.keys() == theirs.keys()
    for key in mine:
        assert mine[key] == pytest.approx(theirs[key], abs=2e-4), key


@pytest.mark.long
@needed
@team_needed
def test_together_as_alone(project):
    """Spans, with a batch that does not divide evenly; the first process alone tells and keeps."""
    project.write("data.json", squad(0, 20))
    words = ["tune", "reader", "data.json", "--rank", "8", "--batch", "7", "--steps", "3", *RECIPE]
    code, told, errors = together(project, 1, *words, "--name", "alone")
    assert code == 0, errors
    for processes in (2, 3):
        code, out, errors = together(project, processes, *words, "--name", f"team{processes}")
        assert code == 0, errors
        assert len(out.splitlines()) == 1 and json.loads(out)["steps"] == 3
        check_same(project, f"team{processes}", "alone")
    assert sorted(path.name for path in (project.path / ".assay" / "adapters").iterdir()) == ["alone", "team2", "team3"]


@pytest.mark.long
@needed
@team_needed
def test_vectors_together(project):
    """Each text of the batch stands against all others, whoever computes them."""
    lines = [{"query": f"where is shop {i}", "positive": f"shop number {i} lies in street {i * 7}"} for i in range(40)]
    project.write("pairs.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    words = ["tune", "embed", "pairs.jsonl", "--rank", "4", "--batch", "6", "--steps", "2", *RECIPE]
    for processes, name in ((1, "alone"), (2, "team")):
        code, _, errors = together(project, processes, *words, "--name", name)
        assert code == 0, errors
    check_same(project, "team", "alone")


@needed
@team_needed
@pytest.mark.long
def test_what_is_not_trained_is_done_once(project):
    """The regression on vectors, and a look at the data."""
    project.write("texts.jsonl", "".join(json.dumps({"text": f"{'red' if i % 2 else 'blue'} thing {i}", "label": str(i % 2)}) + "\n"
                                         for i in range(60)))  # fmt: skip
    code, out, errors = together(project, 2, "tune", "classify", "texts.jsonl", "--method", "head", *RECIPE)
    assert code == 0 and len(out.splitlines()) == 1, errors
    assert [path.name for path in (project.path / ".assay" / "adapters").iterdir()] == ["classify"]
    code, out, errors = together(project, 2, "tune", "classify", "texts.jsonl", "--check", *RECIPE)
    assert code == 0 and len(out.splitlines()) == 1, errors
