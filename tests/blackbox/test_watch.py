"""assay add --watch: what changes below the watched folders is searchable within a second, whatever way it is written."""
import json
import os
import queue
import shutil
import signal
import subprocess
import threading
import time

import pytest

PATIENCE = 20  # seconds, for machines under load; the promise of one second is bench/bench_ingest.py's to show


class Watcher:
    def __init__(self, project, *words):
        self.project = project
        self.process = subprocess.Popen(
            [project.assay.binary, "-C", project.path, "add", "--watch", "--json", "--no-embed", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=project.path)  # fmt: skip
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def expect(self, *wanted):
        """Waits until all of these have been told, in any order; the rest may be anything."""
        missing = {tuple(item.split(" ", 1)) for item in wanted}
        end = time.monotonic() + PATIENCE
        while missing:
            try:
                line = self.lines.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not told: {missing}; {self.process.poll()}") from None
            missing.discard((line["change"], line["path"]) if "path" in line else (line["change"],))

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE)
        self.reader.join(timeout=PATIENCE)
        return code, self.process.stderr.read()


@pytest.fixture
def watch(project):
    started = []

    def start(*words):
        watcher = Watcher(project, *words)
        started.append(watcher)
        watcher.expect("ready")
        return watcher

    yield start
    for watcher in started:
        if watcher.process.poll() is None:
            watcher.process.kill()
        watcher.process.wait()
        watcher.process.stdout.close()
        watcher.process.stderr.close()


def test_create_modify_rename_delete(project, watch):
    project.write("docs/a.md", "zorbit")
    watcher = watch()
    assert project.found("zorbit") == ["docs/a.md"]
    project.write("docs/b.md", "flume")
    watcher.expect("added docs/b.md")
    assert project.found("flume") == ["docs/b.md"]
    project.write("docs/b.md", "flume and quill")
    watcher.expect("updated docs/b.md")
    assert project.found("quill") == ["docs/b.md"]
    os.rename(project.path / "docs/b.md", project.path / "docs/c.md")
    watcher.expect("removed docs/b.md", "added docs/c.md")
    os.remove(project.path / "docs/c.md")
    watcher.expect("removed docs/c.md")
    assert project.found("quill") == []
    assert watcher.stop() == (0, "")
    assert project.doctor()["ok"]


def test_others_may_write_in_between(project, watch):
    project.write("docs/a.md", "zorbit")
    watcher = watch()
    project.write("other/b.md", "flume")
    project.add("other")
    project.write("docs/c.md", "quill")
    watcher.expect("added docs/c.md")
    assert project.found("flume") == ["other/b.md"]
    assert watcher.stop()[0] == 0


def test_what_the_server_was_sent_is_the_servers(project, watch):
    project.write("docs/a.md", "zorbit")
    watcher = watch(".")
    project.write("uploads/files/ab12/secret.md", "canary")
    project.write("uploads/vs_ab12/ab12/secret.md", "canary")
    project.write("docs/b.md", "flume")
    watcher.expect("added docs/b.md")
    project.write("uploads/files/ab12/more.md", "canary")
    project.write("docs/c.md", "quill")
    watcher.expect("added docs/c.md")
    assert watcher.stop() == (0, "")
    assert sorted(project.documents()) == ["docs/a.md", "docs/b.md", "docs/c.md"]


def test_folders_come_go_and_move(project, watch, tmp_path):
    project.write("docs/a.md", "zorbit")
    watcher = watch()
    project.write("docs/new/deep/b.md", "flume")
    watcher.expect("added docs/new/deep/b.md")
    project.write("docs/new/deep/c.md", "flume again")
    watcher.expect("added docs/new/deep/c.md")
    os.rename(project.path / "docs/new", project.path / "docs/other")
    watcher.expect("removed docs/new/deep/b.md", "added docs/other/deep/b.md", "added docs/other/deep/c.md")
    project.write("docs/other/deep/d.md", "quill")
    watcher.expect("added docs/other/deep/d.md")
    outside = tmp_path / "outside"
    (outside / "x").mkdir(parents=True)
    (outside / "x" / "e.md").write_text("ribbon")
    os.rename(outside, project.path / "docs/inside")
    watcher.expect("added docs/inside/x/e.md")
    shutil.rmtree(project.path / "docs/other")
    watcher.expect("removed docs/other/deep/b.md", "removed docs/other/deep/d.md")
    shutil.rmtree(project.path / "docs")
    time.sleep(0.5)
    project.write("docs/again.md", "zorbit is back")
    watcher.expect("added docs/again.md", "removed docs/a.md")
    assert watcher.stop()[0] == 0


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_git_keeps_from_now_on(project, watch):
    folder = project.path / "docs/repo"
    project.write("docs/repo/a.md", "zorbit")
    project.write("docs/repo/deep/draft.md", "flume")
    for words in (["init", "-q"], ["add", "a.md"]):
        subprocess.run(["git", "-C", folder, *words], check=True)
    watcher = watch()
    assert project.found("flume") == []
    subprocess.run(["git", "-C", folder, "add", "deep/draft.md"], check=True)
    watcher.expect("added docs/repo/deep/draft.md")
    subprocess.run(["git", "-C", folder, "rm", "-q", "--cached", "a.md"], check=True)
    watcher.expect("removed docs/repo/a.md")
    assert watcher.stop()[0] == 0


def test_ways_in_which_editors_save(project, watch):
    path = project.write("docs/a.md", "zorbit")
    watcher = watch()
    (path.parent / ".a.md.swp").write_text("hidden")
    (path.parent / "a.md.new").write_text("flume")
    os.replace(path.parent / "a.md.new", path)  # written beside it, and renamed over it
    watcher.expect("updated docs/a.md")
    assert project.found("flume") == ["docs/a.md"]
    os.rename(path, path.parent / "a.md~")  # moved away, and written anew
    path.write_text("quill")
    watcher.expect("updated docs/a.md")
    with path.open("a") as file:  # held open for some time
        file.write(" and ribbon")
        file.flush()
        time.sleep(0.3)
        file.write(" and latch")
    watcher.expect("updated docs/a.md")
    assert project.found("latch") == ["docs/a.md"]
    os.link(path, path.parent / "b.md")
    watcher.expect("added docs/b.md")
    assert watcher.stop()[0] == 0


def test_links(project, watch):
    project.write("docs/a.md", "zorbit")
    elsewhere = project.path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "b.md").write_text("flume")
    (project.path / "single.md").write_text("quill")
    os.symlink(elsewhere, project.path / "docs/link")
    os.symlink(project.path / "single.md", project.path / "docs/single.md")
    os.symlink(project.path / "docs", elsewhere / "circle")
    watcher = watch()
    assert project.found("quill") == ["docs/single.md"]
    (elsewhere / "c.md").write_text("ribbon")
    watcher.expect("added docs/link/c.md")
    (project.path / "single.md").write_text("latch")
    watcher.expect("updated docs/single.md")
    (project.path / "new.md").write_text("anvil")
    os.replace(project.path / "new.md", project.path / "single.md")
    watcher.expect("updated docs/single.md")
    assert project.found("anvil") == ["docs/single.md"]
    assert watcher.stop()[0] == 0
    assert project.add(code=1)["unchanged"] == 4  # a full walk gives each the same name; the circle is told


def test_a_named_file(project, watch):
    project.write("docs/a.md", "zorbit")
    project.write("docs/b.md", "flume")
    watcher = watch("docs/a.md")
    project.write("docs/b.md", "flume and quill")
    project.write("docs/a.md", "zorbit and quill")
    watcher.expect("updated docs/a.md")
    assert project.found("quill") == ["docs/a.md"]
    assert watcher.stop()[0] == 0


def test_a_file_that_cannot_be_taken_is_told_once(project, watch):
    project.write("docs/a.md", "zorbit")
    watcher = watch()
    project.write("docs/bad.md", b"zorbit\x00\x01\x02")
    watcher.expect("failed docs/bad.md")
    project.write("docs/c.md", "flume")
    watcher.expect("added docs/c.md")
    project.write("docs/bad.md", "good now")
    watcher.expect("added docs/bad.md")
    assert watcher.stop()[0] == 0
    assert not [line for line in watcher.lines.queue if line["change"] == "failed"]


def test_a_thousand_files_at_once(project, watch):
    project.write("docs/a.md", "zorbit")
    watcher = watch()
    for i in range(1000):
        project.write(f"docs/{i % 10}/{i}.md", f"flume number n{i}x")
    watcher.expect(*(f"added docs/{i % 10}/{i}.md" for i in range(1000)))
    assert project.found("n777x") == ["docs/7/777.md"]
    shutil.rmtree(project.path / "docs/3")
    watcher.expect(*(f"removed docs/3/{i}.md" for i in range(3, 1000, 10)))
    assert watcher.stop()[0] == 0
    assert project.counts() == (0, 0, 901, 0, 0)


def test_killed_and_started_again(project, watch):
    project.write("docs/a.md", "zorbit")
    watcher = watch()
    project.write("docs/b.md", "flume")
    watcher.expect("added docs/b.md")
    assert watcher.stop(signal.SIGKILL)[0] == -signal.SIGKILL
    project.write("docs/c.md", "quill")
    os.remove(project.path / "docs/b.md")
    watcher = watch()
    assert project.found("flume") == [] and project.found("quill") == ["docs/c.md"]
    project.write("docs/d.md", "ribbon")
    watcher.expect("added docs/d.md")
    assert watcher.stop(signal.SIGTERM)[0] == 0
    assert project.doctor()["ok"]


def test_what_lies_above_goes_and_comes_again(project, watch, tmp_path):
    far = project.path / "far"
    (far / "above" / "kept").mkdir(parents=True)
    (far / "above" / "kept" / "a.md").write_text("zorbit")
    watcher = watch(far / "above" / "kept", "docs")
    for name in ("above", "."):
        (far / name).resolve().rename(tmp_path / "away")
        if name == "above":
            watcher.expect("failed far/above/kept")  # the second time it is no news
        time.sleep(0.6)
        (tmp_path / "away").rename((far / name).resolve())
        (far / "above" / "kept" / f"{len(name)}.md").write_text("flume")
        watcher.expect(f"added far/above/kept/{len(name)}.md")
    project.write("docs/b.md", "quill")
    watcher.expect("added docs/b.md")
    assert watcher.stop()[0] == 0


@pytest.mark.parametrize("name", ["labels.csv", "assay.yaml"])
def test_a_file_that_is_half_saved_is_read_when_it_is_whole(project, watch, name):
    settings = "documents: [docs]\naccess: {labels: labels.csv}\n"
    whole = {"labels.csv": "docs,staff\n", "assay.yaml": settings}
    project.settings(settings)
    project.write("labels.csv", whole["labels.csv"])
    project.write("docs/a.md", "zorbit")
    watcher = watch()
    project.write(name, {"labels.csv": "docs,\"sta", "assay.yaml": "documents: [docs\nacc"}[name])
    time.sleep(0.6)
    project.write("docs/b.md", "flume")
    time.sleep(0.6)
    assert watcher.process.poll() is None
    project.write(name, whole[name])
    watcher.expect("added docs/b.md")
    code, said = watcher.stop()
    assert code == 0 and name in said and said.count("It goes on when that is mended.") <= 1
