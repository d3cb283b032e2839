"""Many vector stores: what a list of them costs whoever sees none, and how many a key may have."""

import sqlite3

from serving import serving, until
from test_serve_uploads import upload

LIMIT = 10000  # of one key
DOCUMENTS = 1000


def make_stores(shop, server, key, count):
    """As if the key had made them."""
    server.json("POST", "/v1/vector_stores", {}, key=key)
    with sqlite3.connect(shop.path / ".assay/server.db", timeout=60) as jobs:
        owner = jobs.execute("SELECT owner FROM stores").fetchone()[0]
        jobs.executemany("INSERT INTO stores VALUES (?, '', '{}', ?, 1)", ((f"vs_{number:024x}", owner) for number in range(count - 1)))
    jobs.close()


def test_a_list_among_many_stores_of_others(project):
    for number in range(DOCUMENTS):
        project.write(f"docs/{number}.md", f"# Part {number}\n\nA refund takes {number} days.\n")
    project.add()
    writer, reader = (project.run("key", "add", "--quiet", name, *more).out.strip() for name, more in (("writer", ("--groups", "@write")), ("reader", ())))
    with serving(project) as server:
        make_stores(project, server, writer, 9000)
        seen = server.json("POST", "/v1/vector_stores", {"file_ids": [upload(server, "a.md", b"# A\n\nzorbit\n", key=writer)]}, key=writer)["id"]
        until(lambda: server.json("GET", f"/v1/vector_stores/{seen}", key=writer)["status"] == "completed")
        of_owner, of_reader = (server.json("GET", "/v1/vector_stores?limit=2", key=key) for key in (writer, reader))
        assert len(of_owner["data"]) == 2 and of_owner["has_more"]
        assert [store["id"] for store in of_reader["data"]] == [seen, "vs_documents"] and not of_reader["has_more"]


def test_which_stores_of_others_are_listed(project):
    """Those with a document that the key sees, however they are named, and wherever others stand."""
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("labels: public", "labels: labels.csv"))
    project.write("labels.csv", "path,labels\nuploads,hidden\n")
    writer = project.run("key", "add", "--quiet", "writer", "--groups", "@write,hidden").out.strip()
    readers = {name: project.run("key", "add", "--quiet", name, "--groups", name).out.strip() for name in ("hidden", "team")}
    with serving(project) as server:
        stores = [server.json("POST", "/v1/vector_stores", {"file_ids": [upload(server, f"{number}.md", b"# A\n\nzorbit\n", key=writer)]}, key=writer)["id"] for number in range(5)]
        server.json("POST", "/v1/vector_stores", {}, key=writer)
        until(lambda: all(server.json("GET", f"/v1/vector_stores/{store}", key=writer)["status"] == "completed" for store in stores))
        shown = {name: [store["id"] for store in server.json("GET", "/v1/vector_stores", key=key)["data"]] for name, key in readers.items()}
        assert shown == {"hidden": [*reversed(stores), "vs_documents"], "team": ["vs_documents"]}
        assert server.json("GET", f"/v1/vector_stores/{stores[2]}", key=readers["hidden"])["file_counts"]["completed"] == 1
        server.error("GET", f"/v1/vector_stores/{stores[2]}", status=404, key=readers["team"])


def test_how_many_stores_a_key_may_have(project):
    writer = project.run("key", "add", "--quiet", "writer", "--groups", "@write").out.strip()
    with serving(project) as server:
        make_stores(project, server, writer, LIMIT - 1)
        last = server.json("POST", "/v1/vector_stores", {}, key=writer)["id"]
        refused = server.error("POST", "/v1/vector_stores", {}, status=429, key=writer)
        assert refused["code"] == "rate_limit_exceeded" and "10000 vector stores" in refused["message"]
        server.json("POST", "/v1/vector_stores", {})  # of another key
        server.json("DELETE", f"/v1/vector_stores/{last}", key=writer)
        server.json("POST", "/v1/vector_stores", {}, key=writer)
