"""Runs the program from outside. ASSAY_BINARY in the environment names it; else it is build/assay."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("ASSAY_BINARY", ROOT / "build" / "assay")).resolve()
SANITIZED = BINARY.exists() and b"__asan_init" in BINARY.read_bytes()
SLOWNESS = 10 if SANITIZED else 1  # how much more time everything is given
FINDINGS = ("AddressSanitizer", "LeakSanitizer", "runtime error:", "Assertion `")
ENVIRONMENT = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "UBSAN_OPTIONS": "print_stacktrace=1",
               "ASSAY_MODELS": ""}  # the model that lies beside the build is there for tests that ask for it alone  # fmt: skip
os.environ["ASSAY_MODELS"] = ENVIRONMENT["ASSAY_MODELS"]
NOBODY = 65534


def pytest_configure(config):
    config.addinivalue_line("markers", "long: takes long under sanitizers; it is run there where ASSAY_LONG=1 says so (scripts/check --long)")


def pytest_collection_modifyitems(items):
    for item in items:
        if SANITIZED and os.environ.get("ASSAY_LONG") != "1" and item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="long: ASSAY_LONG=1 runs it under sanitizers"))


class Outcome:
    """What a run left behind: exit code and both streams."""

    def __init__(self, words, code, out, err):
        self.words, self.code, self.raw_out, self.raw_err = words[:8], code, out, err
        self.out, self.err = out.decode("utf-8", "replace"), err.decode("utf-8", "replace")

    def json(self):
        """The one document on standard output: one line, UTF-8, and nothing else."""
        text = self.raw_out.decode("utf-8")
        assert text.endswith("\n") and text.count("\n") == 1, f"not exactly one document: {text[:2000]!r}"
        return json.loads(text)

    def error(self, kind=None):
        """The error of a JSON document."""
        document = self.json()
        assert list(document) == ["error"], document
        assert set(document["error"]) == {"kind", "message", "hint"}
        message = document["error"]["message"]
        assert message and not message.endswith("."), message
        if kind is not None:
            assert document["error"]["kind"] == kind, document
        return document["error"]


def finish(words, process, timeout):
    """Waits, and looks at what no run may ever do: hang, die of a signal, trip a sanitizer."""
    try:
        out, err = process.communicate(timeout=timeout * SLOWNESS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        pytest.fail(f"{words} took more than {timeout * SLOWNESS} s")
    out, err = out or b"", err or b""  # None for a stream that went elsewhere
    check_streams(words, process.returncode, err)
    return Outcome(words, process.returncode, out, err)


def check_streams(words, code, err):
    text = err.decode("utf-8", "replace")
    for finding in FINDINGS:
        assert finding not in text, f"{words}\n{text[-12000:]}"
    assert code >= 0, f"{words} died of {signal.Signals(-code).name}\n{text[-4000:]}"


class Assay:
    """assay("add", "docs/", cwd=folder): runs the program and returns its Outcome."""

    binary = BINARY
    sanitized = SANITIZED

    def start(self, *words, cwd=None, env=None, **more):
        """A process that runs; `finish` ends it. Unbuffered, so that lines may be read before `finish` reads the rest."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([self.binary, *words], cwd=cwd, env={**ENVIRONMENT, **(env or {})}, **{"bufsize": 0, **streams, **more})

    def finish(self, process, timeout=60):
        return finish(process.args, process, timeout)

    def __call__(self, *words, cwd=None, code=0, timeout=60, **more):
        """`code` None: any."""
        outcome = self.finish(self.start(*words, cwd=cwd, **more), timeout)
        if code is not None:
            assert outcome.code == code, f"{words[:8]}: exit code {outcome.code}\n{outcome.out[-4000:]}\n{outcome.err[-4000:]}"
        return outcome


def places(results):
    """The results, and behind each the places where the same text stands."""
    return [place for result in results for place in [result, *result["also"]]]


class Project:
    """A project in a folder of its own, without vectors: tests that want some name a model."""

    def __init__(self, assay, path):
        self.assay, self.path = assay, pathlib.Path(path)
        assay("init", "--quiet", str(path))
        settings = self.path / "assay.yaml"
        settings.write_text(settings.read_text().replace("embedding: builtin", "embedding: none"))

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def settings(self, text):
        self.write("assay.yaml", text)

    def run(self, *words, cwd=None, **more):
        return self.assay(*words, cwd=cwd or self.path, **more)

    def add(self, *words, code=0, **more):
        """The JSON document of `add`."""
        return self.run("add", "--json", *words, code=code, **more).json()

    def counts(self, *words, code=0, **more):
        """added, updated, unchanged, removed, failed."""
        report = self.add(*words, code=code, **more)
        return tuple(report[key] for key in ("added", "updated", "unchanged", "removed")) + (len(report["failed"]),)

    def search(self, *words, **more):
        return self.run("search", "--json", *words, **more).json()["results"]

    def found(self, *words, **more):
        """The documents that a search finds, each once, sorted."""
        return sorted({place["document"] for place in places(self.search("-k", "10000", *words, **more))})

    def documents(self):
        return {document["path"]: document for document in self.run("list", "--json").json()["documents"]}

    def doctor(self, *words, code=0):
        return self.run("doctor", "--json", *words, code=code).json()

    def index_files(self):
        return sorted((self.path / ".assay" / "index").iterdir())

    @property
    def database(self):
        return self.path / ".assay" / "assay.db"


@pytest.fixture
def assay():
    return Assay()


@pytest.fixture
def project(assay, tmp_path):
    return Project(assay, tmp_path / "shop")


@pytest.fixture
def plain_user(assay):
    """Keyword arguments that make a run one of a user whom permissions bind, and a folder that this user may enter."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-user-"))
    folder.chmod(0o777)
    as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    try:
        subprocess.run([BINARY, "version"], check=True, capture_output=True, cwd=folder, env=ENVIRONMENT, **as_user)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder)
        pytest.skip(f"permissions bind only other users than root, and user {NOBODY} cannot run the program: {error}")
    yield as_user, folder
    for parent, _, _ in os.walk(folder):
        os.chmod(parent, 0o777)
    shutil.rmtree(folder)
