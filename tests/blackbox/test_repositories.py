"""Git repositories: only what they keep is taken, by their index; where that cannot be read, everything, and it is told."""

import os
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder, *words):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
                   "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}  # fmt: skip
    subprocess.run(["git", "-C", folder, "-c", "protocol.file.allow=always", *words], check=True, capture_output=True, env=environment)


def paths(project):
    return sorted(project.documents())


def repository(project, *options, name="docs/repo"):
    """Keeps a.md, deep/b.md, a picture and a link; beside them lie drafts."""
    folder = project.path / name
    for file in ("a.md", "deep/b.md", "draft.md", "deep/draft.md", "out/x.md", "out/y.md"):
        project.write(f"{name}/{file}", f"zorbit {file}")
    project.write(f"{name}/p.png", b"\x89PNG\r\n\x1a\n\0")
    (folder / "link.md").symlink_to("a.md")
    git(folder, "init", "-q", *options)
    git(folder, "add", "a.md", "deep/b.md", "p.png", "link.md")
    return folder


KEPT = ["docs/repo/a.md", "docs/repo/deep/b.md", "docs/repo/link.md"]


def notes(report):
    return [note["message"] for note in report["notes"]]


@pytest.mark.parametrize("version", ["2", "3", "4"])
@pytest.mark.parametrize("hash_name", ["sha1", "sha256"])
def test_only_what_is_kept_is_taken(project, version, hash_name):
    folder = repository(project, f"--object-format={hash_name}")
    if version == "3":
        git(folder, "add", "--intent-to-add", "out/x.md")
    git(folder, "update-index", "--index-version", version)
    report = project.add()
    assert paths(project) == sorted([*KEPT, *(["docs/repo/out/x.md"] if version == "3" else [])])
    assert (report["skipped"], report["failed"]) == (1, [])
    left_out = 4 - 1 + (version == "3") - (version == "3")  # two drafts, and a folder or a file in it
    assert notes(report) == [f"{left_out} files and folders that this Git repository does not keep were left out"]
    assert project.counts()[:2] == (0, 0)
    git(folder, "add", ".")
    report = project.add()
    assert report["notes"] == [] and len(paths(project)) == 7
    git(folder, "rm", "-q", "--cached", "draft.md")
    assert project.add()["removed"] == 1


def test_an_index_that_cannot_be_read(project):
    folder = repository(project)
    index = folder / ".git/index"
    whole = index.read_bytes()
    for broken in (whole[:50], b"", whole.replace(b"DIRC", b"DIRT")):
        index.write_bytes(broken)
        report = project.add()
        (note,) = notes(report)
        assert note.startswith("all files of this Git repository are taken") and "its index" in note
        assert len(paths(project)) == 7 and not any(".git" in path for path in paths(project))
    index.write_bytes(whole)
    git(folder, "update-index", "--split-index")
    assert "split" in notes(project.add())[0]
    index.unlink()
    assert "no index yet" in notes(project.add())[0]


def test_submodules_and_working_trees(project, tmp_path):
    other = tmp_path / "other"
    project.write("x", "")
    other.mkdir()
    (other / "s.md").write_text("zorbit s")
    git(other, "init", "-q")
    git(other, "add", ".")
    git(other, "commit", "-qm", "x")
    folder = repository(project)
    git(folder, "submodule", "add", "-q", str(other), "sub")
    project.write("docs/repo/sub/draft.md", "zorbit")
    report = project.add()
    assert paths(project) == [*KEPT, "docs/repo/sub/s.md"] and len(report["notes"]) == 2
    git(other, "worktree", "add", "-q", str(project.path / "docs/tree"))
    project.write("docs/tree/draft.md", "zorbit")
    report = project.add()
    assert "docs/tree/draft.md" in paths(project) and any("leads out of what is added" in note for note in notes(report))


def test_a_submodule_that_cannot_be_read_is_taken_whole(project, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "s.md").write_text("zorbit s")
    git(other, "init", "-q")
    git(other, "add", ".")
    git(other, "commit", "-qm", "x")
    project.write("x", "")
    folder = repository(project)
    git(folder, "submodule", "add", "-q", str(other), "sub")
    project.add()
    (folder / ".git/modules/sub/index").write_bytes(b"no index")
    assert project.add()["removed"] == 0 and "docs/repo/sub/s.md" in paths(project)


def test_what_is_named_itself_is_taken(project):
    repository(project)
    project.add("docs/repo/draft.md")
    project.add("docs/repo/out")
    assert paths(project) == ["docs/repo/draft.md", "docs/repo/out/x.md", "docs/repo/out/y.md"]


def test_a_project_that_is_a_repository(project):
    project.settings("documents: [.]\nembedding: none\n")
    project.write("a.md", "zorbit")
    project.write("draft.md", "zorbit")
    git(project.path, "init", "-q")
    git(project.path, "add", "a.md")
    project.add()
    assert paths(project) == ["a.md"]
