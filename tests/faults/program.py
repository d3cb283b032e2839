"""Runs the program under test, with and without faults on its disk."""
import json
import os
import resource
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
STANDIN = f"{sys.executable} -S -E {HERE}/standin.py"
TINY_MODEL = os.path.realpath(f"{HERE}/../data/models/mpnet-mean")
TIMEOUT_S = 120


def scratch_folder(prefix="assay-faults-"):
    """A new folder in memory where there is one: the harness decides what a disk keeps, the real one only costs time."""
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return os.path.realpath(tempfile.mkdtemp(prefix=prefix, dir=base))


def faultio_build(folder):
    target = f"{folder}/faultio.so"
    subprocess.run(["cc", "-std=c17", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o", target,
                    f"{HERE}/faultio.c", "-pthread"], check=True)
    return target


class TooLong(RuntimeError):
    """A run that was ended because it took longer than TIMEOUT_S."""


def worked_s():
    """Processor time of all children that have ended: what a busy machine, or a pause, does not add to."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Outcome:
    """How a run ended. code < 0: by that signal."""

    def __init__(self, code, output, message, seconds, operations, hit):
        self.code, self.output, self.message, self.seconds = code, output, message, seconds
        self.operations = operations  # disk operations counted
        self.hit = hit                # "12 sync 340 /path": the first operation that the fault was applied to, "" for none;
        # 340 bytes of `output` were there by then
        self.killed = code == -signal.SIGKILL


def tiny_model(scratch):
    """A home for models in which the builtin one is a tiny one, so that every `add` makes vectors too."""
    models = f"{scratch}/data/assay/models"
    os.makedirs(models, exist_ok=True)
    link = f"{models}/all-MiniLM-L6-v2"
    if not os.path.islink(link):
        os.symlink(TINY_MODEL, link)
    return f"{scratch}/data"


class Program:
    def __init__(self, command, faultio, scratch, environment=None):
        self.command = shlex.split(command)
        self.faultio, self.scratch = faultio, scratch
        self.environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "ASSAY_MODELS": "", "ASSAY_ADAPTERS": "",
                            "XDG_DATA_HOME": tiny_model(scratch),
                            **(environment or {})}

    def run(self, project, arguments, fault=None, at=0, sticky=False, trace=None, prefix=None,
            kill_after_s=None):
        """`fault` is a mode of faultio.c, for what lies below `prefix` (the project when it is not given).
        `trace`: file to record into. `kill_after_s`: SIGKILL after so long."""
        acklog, counter, hit = (f"{self.scratch}/{name}" for name in ("ACKLOG", "counter", "hit"))
        for path in (acklog, counter, hit):
            with open(path, "wb"):
                pass
        environment = dict(self.environment)
        if fault is not None:
            environment.update(LD_PRELOAD=self.faultio, FAULTIO_PREFIX=prefix or project, FAULTIO_MODE=fault,
                               FAULTIO_AT=str(at), FAULTIO_COUNTER=counter, FAULTIO_OUT=hit, FAULTIO_ACKLOG=acklog)
            if trace is not None:
                environment["FAULTIO_TRACE"] = trace
            if sticky:
                environment["FAULTIO_STICKY"] = "1"
        started, worked = time.monotonic(), worked_s()
        with open(acklog, "r+b") as output, open(f"{self.scratch}/stderr", "w+b") as errors:
            process = subprocess.Popen(self.command + arguments, cwd=project if os.path.isdir(project) else self.scratch,
                                       env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
            try:
                if kill_after_s is not None:
                    time.sleep(kill_after_s)  # not wait(timeout): that looks only every 50 ms
                    process.kill()
                process.wait(timeout=TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise TooLong(f"{self.command[0]} {' '.join(arguments)} did not end in {TIMEOUT_S} s, of which it worked "
                              f"{worked_s() - worked:.1f} s") from None
            errors.seek(0)
            message = errors.read().decode(errors="replace")
        seconds = time.monotonic() - started
        with open(acklog, "rb") as output, open(counter, "rb") as count, open(hit, "rb") as operation:
            number = count.read(8)
            return Outcome(process.returncode, output.read().decode(errors="replace"), message, seconds,
                           struct.unpack("<Q", number)[0] if len(number) == 8 else 0, operation.readline().decode().strip())

    def add(self, project, **fault):
        return self.run(project, ["--project", project, "add", "docs", "--verbose"], **fault)

    def remove(self, project, paths, **fault):
        return self.run(project, ["--project", project, "remove", "--verbose", *paths], **fault)

    def words(self, project, words, **fault):
        return self.run(project, ["--project", project, *words], **fault)

    def has_rights(self):
        """Whether it knows keys and labels; the stand-in does not."""
        if self.command == shlex.split(STANDIN):
            return False
        return self.run(self.scratch, ["help", "key"]).code == 0

    def repair(self, project, **fault):
        return self.run(project, ["--project", project, "doctor", "--repair"], **fault)

    def init(self, project, **fault):
        return self.run(project, ["init", project], **fault)

    def json(self, project, arguments):
        """(exit code, document); the document is {} when there is none."""
        outcome = self.run(project, ["--project", project] + arguments + ["--json"])
        try:
            return outcome.code, json.loads(outcome.output)
        except ValueError:
            return outcome.code, {"unreadable": outcome.output[:200], "message": outcome.message[:300]}

    def list(self, project):
        """{path: (sha256, passages)}, or None when the program could not say."""
        code, document = self.json(project, ["list"])
        if code != 0 or "documents" not in document:
            return None
        return {row["path"]: (row["sha256"], row["passages"]) for row in document["documents"]}

    def doctor(self, project, repair=False):
        """What is wrong, as a list of messages; empty when nothing is."""
        code, document = self.json(project, ["doctor"] + (["--repair"] if repair else []))
        problems = [f"{problem.get('kind')}: {problem.get('message')}" for problem in document.get("problems", [])
                    if problem.get("kind") != "note"]
        if code != 0 and not problems:
            problems.append(f"exit code {code}: {document}")
        return problems

    def search_finds(self, project, word, path):
        code, document = self.json(project, ["search", word, "-k", "10"])
        found = [place.get("document") for result in document.get("results", []) for place in [result, *result.get("also", [])]]
        return code == 0 and path in found, f"search for \"{word}\" gave {found if code == 0 else document}, expected {path}"


def documents_write(project, changed):
    """Brings {path: Version or None} about in the project's folder, as a person would with an editor."""
    for path, version in changed.items():
        full = f"{project}/{path}"
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if version is None:
            os.unlink(full)
        else:
            with open(full, "wb") as file:
                file.write(version.data)


def project_make(program, project, **fault):
    shutil.rmtree(project, ignore_errors=True)
    os.makedirs(f"{project}/docs")
    outcome = program.init(project, **fault)
    if outcome.code != 0 and fault.get("fault") in (None, "trace", "lie"):
        raise RuntimeError(f"init ended with {outcome.code}: {outcome.message}{outcome.output}")
    return outcome


def pool_measure(program, pool, folder):
    """Learns how many passages each version has, from one run without faults."""
    project = f"{folder}/measure"
    project_make(program, project)
    documents_write(project, {f"docs/{version.sha256}.md": version for version in pool.versions})
    outcome = program.add(project)
    listed = program.list(project)
    if outcome.code != 0 or listed is None:
        raise RuntimeError(f"add without faults ended with {outcome.code}: {outcome.message}")
    for sha256, passages in listed.values():
        pool.passages[sha256] = passages
    missing = [version.sha256 for version in pool.versions if pool.passages.get(version.sha256, 0) == 0]
    if missing:
        raise RuntimeError(f"{len(missing)} documents have no passages without any fault, the first is {missing[0]}")
    shutil.rmtree(project)


def image_folder_docs(project, recording, step):
    """Puts the documents of a recorded step beside an image of the project: a power loss does not touch them here."""
    documents_write(project, {path: recording.pool.by_sha256[sha256]
                              for path, sha256 in recording.steps[step]["documents"].items()})
