"""Reads a project's catalog directly with SQLite: thousands of images a minute, where starting the program takes far longer.

It reads the schema of assay (docs/format/catalog.md) and the smaller one of standin.py; which one it is, the columns tell."""
import hashlib
import os
import sqlite3

from rights import facts_read


class Catalog:
    """What stands in the catalog of a project folder."""

    def __init__(self):
        self.exists = False
        self.documents = {}   # path -> (sha256 as hex, passages)
        self.corrupt = []     # messages: SQLite, or a rule that must hold in any state, is broken
        self.derived_bad = []  # index files that are missing or not as the catalog says; allowed, they are rebuilt
        self.segments = 0
        self.facts = {}  # of keys and labels; see rights.py


def _columns(database, table):
    return [row[1] for row in database.execute(f"pragma table_info({table})")]


def _read_documents(database, catalog):
    columns = _columns(database, "documents")
    if not columns:
        return
    owner = "document" if "document" in _columns(database, "passages") else "document_id"
    digest = "lower(hex(sha256))" if "content" in columns else "sha256"
    rows = database.execute(f"select path, {digest}, (select count(*) from passages p where p.{owner} = d.id) from documents d")
    catalog.documents = {path: (sha256, passages) for path, sha256, passages in rows}
    orphans = database.execute(f"select count(*) from passages where {owner} not in (select id from documents)").fetchone()[0]
    if orphans:
        catalog.corrupt.append(f"{orphans} passages belong to no document")
    if "content" in columns:
        _check_contents(database, catalog)


def _check_contents(database, catalog):
    for (path,) in database.execute("select path from documents d where passages != "
                                    "(select count(*) from passages p where p.document = d.id)"):
        catalog.corrupt.append(f"{path} has another number of passages than its row says")
    rows = database.execute("select path, d.sha256, c.sha256, c.bytes from documents d "
                            "left join contents c on c.id = d.content")
    for path, expected, stored, data in rows:
        if expected != stored or data is None or hashlib.sha256(data).digest() != expected:
            catalog.corrupt.append(f"the source bytes of {path} are not those of its hash")
    if database.execute("select count(*) from contents where id not in (select content from documents)").fetchone()[0]:
        catalog.corrupt.append("source bytes belong to no document")
    if database.execute("pragma foreign_key_check").fetchone() is not None:
        catalog.corrupt.append("a reference leads nowhere")


def _read_segments(database, catalog, project, table="segments"):
    columns = _columns(database, table)
    if not columns:
        return
    digest = "sha256" if "sha256" in columns else "null"
    for name, size, sha256 in database.execute(f"select file, size, {digest} from {table}"):
        catalog.segments += 1
        path = f"{project}/.assay/index/{name}"
        if not os.path.exists(path):
            catalog.derived_bad.append(f"{name} is missing")
        elif os.path.getsize(path) != size:
            catalog.derived_bad.append(f"{name} has another size")
        elif sha256 is not None:
            with open(path, "rb") as file:
                if hashlib.sha256(file.read()).hexdigest() != sha256:
                    catalog.derived_bad.append(f"{name} has another checksum")


def catalog_read(project):
    """Opens the catalog as any user would: recovers its journal, checks it and reads it. The files may change by that."""
    catalog = Catalog()
    path = f"{project}/.assay/assay.db"
    if not os.path.exists(path):
        return catalog
    catalog.exists = True
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("pragma synchronous=off")  # the image is thrown away; recovery need not be durable
        for (answer,) in database.execute("pragma integrity_check"):
            if answer != "ok":
                catalog.corrupt.append(answer)
        _read_documents(database, catalog)
        _read_segments(database, catalog, project)
        _read_segments(database, catalog, project, "vector_segments")
        if _columns(database, "keys"):
            catalog.corrupt += facts_read(database, catalog.facts)
    except sqlite3.Error as error:
        catalog.corrupt.append(f"SQLite: {error}")
    finally:
        database.close()
    return catalog
