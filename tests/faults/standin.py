#!/usr/bin/env python3
"""A small stand-in for assay: the same commands, files and promises, in 200 lines.

The harness is proven on it before it judges the program: with the right settings nothing may be lost, and with each of the
mistakes below the harness must say so. Settings come from the environment:

    STANDIN_JOURNAL      wal (as assay), delete, ...
    STANDIN_SYNCHRONOUS  full (as assay), off, normal, extra
    STANDIN_BUG          one of BUGS: a mistake made on purpose
"""
import hashlib
import json
import os
import re
import sqlite3
import sys

JOURNAL = os.environ.get("STANDIN_JOURNAL", "wal")
SYNCHRONOUS = os.environ.get("STANDIN_SYNCHRONOUS", "full")
BUG = os.environ.get("STANDIN_BUG", "")
BUGS = {
    "early-ack": "acknowledges before the transaction is committed",
    "split-commit": "commits a document and its passages in two transactions",
    "late-remove": "acknowledges a removal and forgets to do it",
    "silent-error": "ends with exit code 0 after an error",
    "mute-error": "names neither file nor reason in its error",
    "no-init-sync": "does not sync assay.yaml when it makes a project",
    "trust-segment": "does not look at a segment's checksum",
}
BATCH = 4

SCHEMA = """
create table if not exists documents(id integer primary key, path text not null unique, sha256 text not null);
create table if not exists passages(id integer primary key, document_id integer not null, text text not null);
create index if not exists passages_document on passages(document_id);
create table if not exists segments(file text primary key, size integer not null, sha256 text not null);
"""


def folder_sync(folder):
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(descriptor)
    os.close(descriptor)


def file_replace(path, data):
    new = f"{path}.new-{os.getpid()}"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    done = 0
    while done < len(data):
        done += os.pwrite(descriptor, data[done:], done)
    if not (BUG == "no-init-sync" and path.endswith("assay.yaml")):
        os.fsync(descriptor)
    os.close(descriptor)
    os.rename(new, path)
    folder_sync(os.path.dirname(path))


def catalog_open(project):
    if not os.path.exists(f"{project}/assay.yaml"):
        raise OSError(2, "no such file or directory", f"{project}/assay.yaml")
    catalog = sqlite3.connect(f"{project}/.assay/assay.db", isolation_level=None)
    catalog.execute(f"pragma journal_mode={JOURNAL}")
    catalog.execute(f"pragma synchronous={SYNCHRONOUS}")
    catalog.execute("pragma wal_autocheckpoint=40")
    if catalog.execute("select count(*) from sqlite_master where name = 'segments'").fetchone()[0] == 0:
        catalog.executescript(f"begin immediate;{SCHEMA}commit;")
    return catalog


def command_init(project):
    for folder in (project, f"{project}/.assay", f"{project}/.assay/index"):
        if not os.path.isdir(folder):
            os.mkdir(folder)
            if BUG != "no-init-sync":
                folder_sync(os.path.dirname(folder))
    file_replace(f"{project}/assay.yaml", b"model: builtin\n")
    catalog_open(project).close()


def changes_find(catalog, project, paths):
    """What of `paths` is not in the catalog as it is on disk: [(verb, path, bytes or None)]."""
    known = dict(catalog.execute("select path, sha256 from documents"))
    found = {}
    for start in paths:
        for folder, _, names in os.walk(os.path.join(project, start)):
            for name in names:
                full = os.path.join(folder, name)
                with open(full, "rb") as file:
                    found[os.path.relpath(full, project)] = file.read()
    changes = [("removed", path, None) for path in sorted(known) if path not in found]
    for path in sorted(found):
        digest = hashlib.sha256(found[path]).hexdigest()
        if known.get(path) != digest:
            changes.append(("updated" if path in known else "added", path, found[path]))
    return changes


def segment_write(catalog, project, number, documents):
    words = {}
    for path, data in documents:
        for word in set(re.findall(r"\w+", data.decode().lower())):
            words.setdefault(word, []).append(path)
    name = f"{number:05d}.seg"
    data = json.dumps(words).encode()
    file_replace(f"{project}/.assay/index/{name}", data)
    catalog.execute("insert or replace into segments values(?, ?, ?)", (name, len(data), hashlib.sha256(data).hexdigest()))


def document_store(catalog, path, data):
    catalog.execute("delete from passages where document_id in (select id from documents where path = ?)", (path,))
    if BUG == "late-remove" and data is None:
        return
    catalog.execute("delete from documents where path = ?", (path,))
    if data is None:
        return
    row = catalog.execute("insert into documents(path, sha256) values(?, ?)", (path, hashlib.sha256(data).hexdigest()))
    for index, text in enumerate(data.decode().split("\n\n")):
        if BUG == "split-commit" and index == 2:
            catalog.execute("commit")
            catalog.execute("begin immediate")
        catalog.execute("insert into passages(document_id, text) values(?, ?)", (row.lastrowid, text))


def command_add(project, paths):
    catalog = catalog_open(project)
    changes = changes_find(catalog, project, paths)
    for start in range(0, len(changes), BATCH):
        batch = changes[start:start + BATCH]
        told = "".join(f"{verb} {path}\n" for verb, path, _ in batch).encode()
        catalog.execute("begin immediate")
        number = catalog.execute("select coalesce(max(rowid), 0) + 1 from segments").fetchone()[0]
        segment_write(catalog, project, number, [(path, data) for _, path, data in batch if data is not None])
        for _, path, data in batch:
            document_store(catalog, path, data)
        if BUG == "early-ack":
            os.write(1, told)
        catalog.execute("commit")
        if BUG != "early-ack":
            os.write(1, told)
    catalog.close()


def command_list(project):
    rows = catalog_open(project).execute(
        "select path, sha256, (select count(*) from passages where document_id = documents.id) from documents order by path")
    print(json.dumps({"documents": [{"path": row[0], "sha256": row[1], "passages": row[2]} for row in rows]}))


def segments_check(catalog, project):
    """[(kind, message)] of segments that are not what the catalog says."""
    problems = []
    for name, size, digest in catalog.execute("select file, size, sha256 from segments"):
        try:
            with open(f"{project}/.assay/index/{name}", "rb") as file:
                data = file.read()
            if BUG != "trust-segment" and (len(data) != size or hashlib.sha256(data).hexdigest() != digest):
                problems.append(("segment", f'segment "{name}" is damaged'))
        except FileNotFoundError:
            problems.append(("segment", f'segment "{name}" is missing'))
    return problems


def command_search(project, query):
    catalog = catalog_open(project)
    found = set()
    for (name,) in catalog.execute("select file from segments"):
        with open(f"{project}/.assay/index/{name}", "rb") as file:
            found.update(json.loads(file.read()).get(query.lower(), []))
    alive = {path for (path,) in catalog.execute("select path from documents")}
    print(json.dumps({"results": [{"document": path} for path in sorted(found & alive)]}))


def command_doctor(project, repair):
    catalog = catalog_open(project)
    problems = [("catalog", row[0]) for row in catalog.execute("pragma integrity_check") if row[0] != "ok"]
    if not problems and repair and segments_check(catalog, project):
        catalog.execute("begin immediate")
        catalog.execute("delete from segments")
        texts = catalog.execute("select path, (select group_concat(text, ' ') from passages where document_id = documents.id) "
                                "from documents").fetchall()
        segment_write(catalog, project, 0, [(path, (text or "").encode()) for path, text in texts])
        catalog.execute("commit")
    problems += segments_check(catalog, project)
    print(json.dumps({"ok": not problems, "problems": [{"kind": kind, "message": message} for kind, message in problems]}))
    return 1 if problems else 0


def main(arguments):
    project = os.getcwd()
    if arguments[0] == "--project":
        project, arguments = os.path.abspath(arguments[1]), arguments[2:]
    flags = {"--json", "--verbose", "--repair", "-k", "10"}
    command, words = arguments[0], [word for word in arguments[1:] if word not in flags]
    if command == "init":
        command_init(os.path.abspath(words[0]))
    elif command == "add":
        command_add(project, words)
    elif command == "list":
        command_list(project)
    elif command == "search":
        command_search(project, words[0])
    elif command == "doctor":
        return command_doctor(project, "--repair" in arguments)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, sqlite3.Error, ValueError) as problem:
        where = getattr(problem, "filename", None) or "assay.db"
        if BUG == "mute-error":
            print("something went wrong", file=sys.stderr)
        else:
            reason = getattr(problem, "strerror", None) or str(problem)
            if reason == "unable to open database file":  # all that Python tells; assay asks SQLite for the system's number
                reason = "input/output error, or no space left"
            print(f'assay: could not use "{where}": {reason}', file=sys.stderr)
        sys.exit(0 if BUG == "silent-error" else 1)
