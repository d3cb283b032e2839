"""Files that are sent to the server, and vector stores made of them: by OpenAI's client, by broken forms, and with the program killed meanwhile."""

import base64
import contextlib
import fcntl
import json
import os
import shutil
import signal
import sqlite3
import subprocess

import models
import pytest
from serving import Server, serving, until

STORE = "vs_documents"


@pytest.fixture
def shop(project):
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("labels: public", "labels: from-folder"))
    project.write("docs/public/refunds.md", "# Refunds\n\nThe refund window is thirty days.\n")
    project.add()
    return project


def client(server, key=None):
    openai = pytest.importorskip("openai", reason="OpenAI's client is not in .venv: scripts/setup installs it")
    return openai.OpenAI(base_url=server.url, api_key=key or server.admin, max_retries=0)


def form(parts, boundary=b"xyzzy"):
    """(name, filename or None, bytes) as a body of multipart/form-data."""
    body = b""
    for name, filename, data in parts:
        named = f'; filename="{filename}"' if filename is not None else ""
        body += b"--" + boundary + f'\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + data + b"\r\n"
    return body + b"--" + boundary + b"--\r\n"


def send(server, parts, status=200, key="admin", content_type="multipart/form-data; boundary=xyzzy", body=None):
    return server.json("POST", "/v1/files", form(parts) if body is None else body, status=status, key=key, headers={"Content-Type": content_type})


def upload(server, name, data, key="admin"):
    return send(server, [("purpose", None, b"assistants"), ("file", name, data)], key=key)["id"]


def left_over(project):
    """Files of uploads that are not at their place."""
    return [path for path in (project.path / ".assay/uploads").rglob("*") if path.is_file()]


def test_a_long_name_keeps_its_ending(shop):
    """It tells what the file is; the middle of the name goes."""
    with serving(shop) as server:
        for name, ending in ((200 * "a" + ".md", ".md"), (120 * "ж" + ".csv.gz", ".csv.gz"), (300 * "b", "b")):
            kept = server.json("GET", f"/v1/files/{upload(server, name, b'x')}")["filename"]
            assert kept.endswith(ending) and 195 < len(kept.encode()) <= 200 and kept[:60] == name[:60]


def test_a_file_and_the_store_that_has_it(shop):
    with serving(shop) as server:
        api = client(server)
        sent = api.files.create(file=("late fees.md", b"# Late fees\n\nA zorbit costs nine euros.\n"), purpose="assistants")
        assert (sent.object, sent.filename, sent.purpose, sent.bytes) == ("file", "late fees.md", "assistants", 40)
        assert api.files.retrieve(sent.id).filename == "late fees.md" and api.files.content(sent.id).read().startswith(b"# Late")
        assert sent.id in {item.id for item in api.files.list(limit=100)}
        store = api.vector_stores.create(name="fees", file_ids=[sent.id], metadata={"a": "b"})
        assert (store.name, store.metadata) == ("fees", {"a": "b"})
        done = until(lambda: (got := api.vector_stores.retrieve(store.id)).status == "completed" and got)
        assert (done.file_counts.completed, done.file_counts.total) == (1, 1)
        found = api.vector_stores.search(store.id, query="zorbit refund").data
        assert [(hit.file_id, hit.content[0].text.splitlines()[-1]) for hit in found] == [(sent.id, "A zorbit costs nine euros.")]
        assert len(api.vector_stores.search(STORE, query="zorbit refund").data) == 2
        assert [item.id for item in api.vector_stores.files.list(store.id)] == [sent.id]
        assert api.vector_stores.files.retrieve(sent.id, vector_store_id=store.id).status == "completed"
        assert "zorbit" in api.vector_stores.files.content(sent.id, vector_store_id=store.id).data[0].text
        assert {item.id for item in api.vector_stores.list()} == {STORE, store.id}
        assert api.vector_stores.update(store.id, name="other").name == "other"
        assert api.files.delete(sent.id).deleted
        assert not api.vector_stores.search(store.id, query="zorbit").data and not api.vector_stores.search(STORE, query="zorbit").data
        assert api.vector_stores.delete(store.id).deleted
        openai = pytest.importorskip("openai")
        for gone in (lambda: api.vector_stores.retrieve(store.id), lambda: api.files.retrieve(sent.id), lambda: api.files.delete(sent.id)):
            with pytest.raises(openai.NotFoundError):
                gone()
        assert left_over(shop) == [] and shop.doctor()["ok"]


@pytest.mark.parametrize("limit", [1, 3, 4, 7, 100])
def test_a_list_of_files_ends(shop, limit):
    """Documents and files that were sent, page by page, each once, whatever the page's size; as OpenAI's client goes through them."""
    for name in ("a.md", "uploads.md", "uploads/mine.md", "v.md"):
        shop.write(name, "# Page\n\nzorbit\n")
    shop.add("a.md", "uploads.md", "uploads/mine.md", "v.md")
    with serving(shop) as server:
        ids = [upload(server, f"{number}.md", f"# Page {number}\n\nquumble\n".encode()) for number in range(5)]
        server.json("POST", "/v1/vector_stores", {"file_ids": ids[:3]})
        server.json("POST", f"/v1/vector_stores/{STORE}/files", {"file_id": ids[4]})
        until(lambda: server.json("GET", f"/v1/vector_stores/{STORE}")["file_counts"]["completed"] == 9)
        names, after = [], ""
        for _ in range(20):
            page = server.json("GET", f"/v1/files?limit={limit}" + (f"&after={after}" if after else ""))
            assert len(page["data"]) <= limit and page["has_more"] == (len(names) + len(page["data"]) < 10)
            names += [item["filename"] for item in page["data"]]
            after = page["last_id"]
            if not page["has_more"]:
                break
        assert names[:5] == ["a.md", "docs/public/refunds.md", "uploads.md", "uploads/mine.md", "v.md"]
        assert sorted(names[5:]) == [f"{number}.md" for number in range(5)]
        listed = [file.id for file in client(server).files.list(limit=limit)]
        assert len(listed) == 10
        server.json("DELETE", f"/v1/files/{listed[6]}")  # behind one that is gone the list goes on
        assert [file.id for file in client(server).files.list(limit=limit, after=listed[6])] == listed[7:]


def test_stores_are_listed_in_the_order_in_which_they_were_made(shop):
    """The newest first unless it is asked otherwise, also those of one second; and on from each of them."""
    with serving(shop) as server:
        api, listed = client(server), lambda **more: [store.id for store in api.vector_stores.list(**more)]
        made = [STORE] + [api.vector_stores.create(name=str(number)).id for number in range(6)]
        api.vector_stores.update(made[2], name="changed")  # which makes it no newer
        api.vector_stores.delete(made.pop(4))
    with contextlib.closing(sqlite3.connect(shop.path / ".assay/server.db")) as database, database:
        database.execute("UPDATE stores SET created = 1700000000")
    with serving(shop) as server:
        api = client(server, key=api.api_key)
        assert listed() == listed(order="desc") == listed(limit=2) == made[::-1] and listed(order="asc") == listed(order="asc", limit=1) == made
        for place in range(len(made)):
            assert listed(after=made[place], order="asc") == made[place + 1 :] and listed(after=made[place]) == made[:place][::-1]
            page = api.vector_stores.list(before=made[place], limit=2).data
            assert [store.id for store in page] == made[place + 1 : place + 3][::-1]
            assert [store.id for store in api.vector_stores.list(before=made[place], limit=2, order="asc").data] == made[max(place - 2, 0) : place]


def test_files_of_one_purpose(shop):
    with serving(shop) as server:
        api = client(server)
        sent = {purpose: [api.files.create(file=(f"{purpose}{number}.jsonl", b"{}\n"), purpose=purpose).id for number in range(3)] for purpose in ("evals", "fine-tune", "assistants")}
        for purpose in ("evals", "fine-tune", "batch"):
            assert sorted(file.id for file in api.files.list(purpose=purpose, limit=2)) == sorted(sent.get(purpose, []))  # over pages
        everything = [file.id for file in api.files.list(limit=4)]
        assert sorted(file.id for file in api.files.list(purpose="assistants")) == sorted(set(everything) - set(sent["evals"]) - set(sent["fine-tune"]))
        assert server.error("GET", "/v1/files?purpose=other")["param"] == "purpose"
        for listed in ("/v1/files", "/v1/documents", f"/v1/vector_stores/{STORE}/files"):
            assert server.error("GET", f"{listed}?order=desc")["param"] == "order"
        with pytest.raises(Exception, match="400.*stay until they are deleted"):
            api.files.create(file=("a.jsonl", b"{}\n"), purpose="evals", expires_after={"anchor": "created_at", "seconds": 3600})
        with pytest.raises(Exception, match="400.*stays until it is deleted"):
            api.vector_stores.create(name="n", expires_after={"anchor": "last_active_at", "days": 1})


def test_batches(shop):
    with serving(shop) as server:
        api = client(server)
        ids = [api.files.create(file=(f"{number}.md", f"# Page {number}\n\nquumble {number}\n".encode()), purpose="user_data").id for number in range(20)]
        ids.append(api.files.create(file=("broken.pdf", b"%PDF-1.4\nnothing"), purpose="assistants").id)
        batch = api.vector_stores.file_batches.create(STORE, file_ids=ids)
        assert batch.object == "vector_store.files_batch" and batch.file_counts.total == 21
        done = until(lambda: (got := api.vector_stores.file_batches.retrieve(batch.id, vector_store_id=STORE)).status == "completed" and got)
        assert (done.file_counts.completed, done.file_counts.failed) == (20, 1)
        files = api.vector_stores.file_batches.list_files(batch.id, vector_store_id=STORE).data
        failed = [item for item in files if item.status == "failed"]
        assert [item.id for item in failed] == [ids[-1]] and failed[0].last_error.message
        assert len(api.vector_stores.search(STORE, query="quumble", max_num_results=50).data) == 20
        assert api.vector_stores.files.delete(ids[0], vector_store_id=STORE).deleted
        assert len(api.vector_stores.search(STORE, query="quumble", max_num_results=50).data) == 19
        assert api.files.retrieve(ids[0]).id == ids[0]  # the file itself stays
        assert api.vector_stores.file_batches.cancel(batch.id, vector_store_id=STORE).file_counts.completed == 19
        assert server.error("GET", f"/v1/vector_stores/{STORE}/file_batches/vsfb_none", status=404)


def test_who_may_write(shop):
    with serving(shop) as server:
        reader = shop.run("key", "add", "--quiet", "reader", "--groups", "public").out.strip()
        writer = shop.run("key", "add", "--quiet", "writer", "--groups", "public,@write").out.strip()
        sent = upload(server, "secret.md", b"# Secret\n\ncanaryzorb\n", key=writer)
        store = server.json("POST", "/v1/vector_stores", {"name": "canarystore", "file_ids": [sent]}, key=writer)["id"]
        until(lambda: server.json("GET", f"/v1/vector_stores/{store}")["status"] == "completed")
        for method, path, body in (("POST", "/v1/vector_stores", {}), ("DELETE", f"/v1/files/{sent}", None), ("DELETE", f"/v1/vector_stores/{store}", None),
                                   ("POST", f"/v1/vector_stores/{store}/files", {"file_id": sent}), ("DELETE", f"/v1/vector_stores/{store}/files/{sent}", None)):  # fmt: skip
            assert server.error(method, path, body, status=403, key=reader)
        assert send(server, [("purpose", None, b"assistants"), ("file", "x.md", b"x")], status=403, key=reader)["error"]["message"]
        assert send(server, [], status=403, key=reader, content_type="x" * 2000, body=b"x")["error"]["message"]  # before anything of it is read
        for path in (f"/v1/files/{sent}", f"/v1/files/{sent}/content", f"/v1/vector_stores/{store}", f"/v1/vector_stores/{store}/files"):
            assert server.error("GET", path, status=404, key=reader)
        for path in ("/v1/files?limit=100", "/v1/vector_stores", "/v1/documents"):
            assert b"canary" not in server.ask("GET", path, key=reader)[2] and b"secret.md" not in server.ask("GET", path, key=reader)[2]
        assert server.json("GET", f"/v1/vector_stores/{STORE}", key=reader)["file_counts"]["total"] == 1


def test_a_writer_has_what_it_sent_itself(shop):
    """Another writer sees neither files nor stores nor batches that are not its own, and changes none of them."""
    with serving(shop) as server:
        one, other = (shop.run("key", "add", "--quiet", name, "--groups", "public,@write").out.strip() for name in ("one", "other"))
        sent = upload(server, "secret.md", b"# Secret\n\ncanaryzorb\n", key=one)
        store = server.json("POST", "/v1/vector_stores", {"name": "canarystore"}, key=one)["id"]
        batch = server.json("POST", f"/v1/vector_stores/{STORE}/file_batches", {"file_ids": [sent]}, key=one)["id"]
        until(lambda: server.json("GET", f"/v1/vector_stores/{STORE}/file_batches/{batch}", key=one)["status"] == "completed")
        assert [item["id"] for item in server.json("GET", f"/v1/vector_stores/{STORE}/file_batches/{batch}/files", key=one)["data"]] == [sent]
        for method, path, body in (("GET", f"/v1/files/{sent}", None), ("GET", f"/v1/files/{sent}/content", None), ("DELETE", f"/v1/files/{sent}", None),
                                   ("GET", f"/v1/vector_stores/{store}", None), ("DELETE", f"/v1/vector_stores/{store}", None),
                                   ("POST", f"/v1/vector_stores/{store}", {"name": "x"}), ("POST", f"/v1/vector_stores/{store}/files", {"file_id": sent}),
                                   ("DELETE", f"/v1/vector_stores/{STORE}/files/{sent}", None),
                                   ("GET", f"/v1/vector_stores/{STORE}/file_batches/{batch}", None),
                                   ("POST", f"/v1/vector_stores/{STORE}/file_batches/{batch}/cancel", None)):  # fmt: skip
            assert server.error(method, path, body, status=404, key=other)
        assert server.error("POST", f"/v1/vector_stores/{STORE}/files", {"file_id": sent}, key=other)
        for path in ("/v1/files?limit=100", "/v1/vector_stores"):
            assert b"canary" not in server.ask("GET", path, key=other)[2] and b"secret.md" not in server.ask("GET", path, key=other)[2]
        assert server.json("GET", f"/v1/files/{sent}", key=one)["filename"] == server.json("GET", f"/v1/files/{sent}")["filename"] == "secret.md"


def test_a_name_that_is_given_again_has_nothing_of_before(shop):
    with serving(shop) as server:
        first = shop.run("key", "add", "--quiet", "writer", "--groups", "@write").out.strip()
        sent = upload(server, "secret.md", b"# Secret\n\ncanaryzorb\n", key=first)
        store = server.json("POST", "/v1/vector_stores", {"name": "canarystore"}, key=first)["id"]
        shop.run("key", "revoke", "writer")
        second = shop.run("key", "add", "--quiet", "writer", "--groups", "@write").out.strip()
        for method, path in (("GET", f"/v1/files/{sent}"), ("GET", f"/v1/files/{sent}/content"), ("DELETE", f"/v1/files/{sent}"),
                             ("GET", f"/v1/vector_stores/{store}"), ("DELETE", f"/v1/vector_stores/{store}")):  # fmt: skip
            assert server.error(method, path, status=404, key=second)
        assert sent not in {item["id"] for item in server.json("GET", "/v1/files", key=second)["data"]}
        mine = upload(server, "mine.md", b"# Mine\n", key=second)
        assert mine in {item["id"] for item in server.json("GET", "/v1/files", key=second)["data"]}
        assert server.json("GET", f"/v1/files/{sent}")["filename"] == "secret.md"


@pytest.mark.parametrize("with_git", [False, True])
def test_what_was_sent_is_not_added_with_its_folder(shop, with_git):
    """`assay add .` neither publishes a file that no store has, nor forgets what stores have; who names it means it."""
    if with_git:
        for words in (["init", "-q"], ["add", "docs"]):
            subprocess.run(["git", "-C", shop.path, *words], check=True)
    with serving(shop) as server:
        kept = upload(server, "kept.md", b"# Kept\n\nquumble\n")
        store = server.json("POST", "/v1/vector_stores", {"file_ids": [kept]})["id"]
        until(lambda: server.json("GET", f"/v1/vector_stores/{store}")["status"] == "completed")
        upload(server, "private.md", b"# Private\n\ncanaryzorb\n")
    shop.write("uploads/mine.md", "# Mine\n\nflume\n")
    document = next(path for path in shop.path.glob("uploads/vs_*/*/kept.md"))
    assert shop.counts(".") == (1 - with_git, 0, 1, 0, 0)
    assert shop.counts("uploads")[3] == 0 and shop.counts("docs", "uploads")[3] == 0
    assert shop.found("canaryzorb") == [] and shop.found("flume") == ["uploads/mine.md"]
    assert shop.found("quumble") == [str(document.relative_to(shop.path))]
    assert shop.counts("uploads/files")[0] == 2 and len(shop.found("canaryzorb")) == 1
    document.unlink()
    assert shop.counts(".")[3] == 1 + with_git  # what is gone is gone; of what git does not keep, uploads/mine.md too


def test_a_response_from_the_store_that_was_made(shop):
    """The usual way at OpenAI: files, a store of them, and file_search over it."""
    with serving(shop) as server:
        api = client(server)
        store = api.vector_stores.create(name="fees")
        done = api.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("zorbits.md", b"# Zorbits\n\nA zorbit may be returned within 9 days of delivery.\n"), poll_interval_ms=50)  # fmt: skip
        other = api.vector_stores.create(name="empty")

        def ask(*stores, **more):
            tool = {"type": "file_search", "vector_store_ids": list(stores), **more}
            answer = api.responses.create(model="assay", input="Within how many days may a zorbit be returned after delivery?", tools=[tool], include=["file_search_call.results"])
            return answer, [hit.file_id for hit in answer.output[0].results]

        answer, found = ask(store.id)
        assert found == [done.id] and "9 days" in answer.output_text
        assert [note.file_id for note in answer.output[1].content[0].annotations] == [done.id]
        assert ask(other.id)[1] == [] and ask(other.id, store.id)[1] == [done.id] and len(ask(other.id, STORE)[1]) == 2
        either = {"type": "or", "filters": [{"type": "eq", "key": "folder", "value": "docs"}, {"type": "eq", "key": "folder", "value": "uploads"}]}
        assert ask(store.id, filters=either)[1] == [done.id]
        writer = shop.run("key", "add", "--quiet", "writer", "--groups", "@write").out.strip()
        tool = {"type": "file_search", "vector_store_ids": [other.id]}
        error = server.error("POST", "/v1/responses", {"model": "assay", "input": "x", "tools": [tool]}, key=writer)
        assert error["param"] == "tools"  # another key's store is not there


def test_what_is_deleted_at_once_does_not_come_back(shop):
    with serving(shop) as server:
        store = server.json("POST", "/v1/vector_stores", {"name": "short"})["id"]
        for number in range(12):
            sent = upload(server, f"{number}.md", f"# Page {number}\n\nquumble\n".encode())
            for where in (store, STORE):
                server.json("POST", f"/v1/vector_stores/{where}/files", {"file_id": sent})
            if number % 3 == 0:
                until(lambda: server.json("GET", f"/v1/vector_stores/{store}")["file_counts"]["in_progress"] == 0)  # noqa: B023
            server.json("DELETE", f"/v1/files/{sent}")
        doomed = [upload(server, f"d{number}.md", b"# Doomed\n\nquumble\n") for number in range(6)]
        server.json("POST", f"/v1/vector_stores/{store}/file_batches", {"file_ids": doomed})
        server.json("DELETE", f"/v1/vector_stores/{store}")
        last = server.json("POST", f"/v1/vector_stores/{STORE}/files", {"file_id": upload(server, "last.md", b"# Last\n\nquumble\n")})["id"]
        until(lambda: server.json("GET", f"/v1/vector_stores/{STORE}/files/{last}")["status"] == "completed")  # whatever was promised before is done
        found = server.json("POST", f"/v1/vector_stores/{STORE}/search", {"query": "quumble", "max_num_results": 50})["data"]
        assert [hit["file_id"] for hit in found] == [last]
        assert not (shop.path / "uploads" / store).exists()
    assert shop.doctor()["ok"] and len([path for path in (shop.path / "uploads").rglob("*.md")]) == 7


def test_helpers_of_the_client_that_wait(shop):
    with serving(shop) as server:
        api = client(server)
        store = api.vector_stores.create(name="polled")
        done = api.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("one.md", b"# One\n\nflurb one\n"), poll_interval_ms=50)
        assert done.status == "completed"
        batch = api.vector_stores.file_batches.upload_and_poll(
            store.id, files=[(f"{n}.md", f"# {n}\n\nflurb {n}\n".encode()) for n in range(3)], poll_interval_ms=50)  # fmt: skip
        assert (batch.status, batch.file_counts.completed) == ("completed", 3)
        assert len({item.id for item in api.vector_stores.files.list(store.id, limit=2)}) == 4  # two pages
        again = api.vector_stores.files.create_and_poll(done.id, vector_store_id=store.id, poll_interval_ms=50)
        assert again.status == "completed" and api.vector_stores.retrieve(store.id).file_counts.total == 4


@pytest.mark.parametrize("parts, status", [
    ([("file", "x.md", b"x")], 400), ([("purpose", None, b"assistants")], 400), ([("purpose", None, b"other"), ("file", "x.md", b"x")], 400),
    ([("purpose", None, b"assistants"), ("file", "", b"x")], 400), ([("purpose", None, b"a" * 100), ("file", "x", b"x")], 400),
    ([("purpose", None, b"assistants"), ("file", "a", b"x"), ("file", "b", b"y")], 400),
    ([("purpose", None, b"assistants"), ("expires_after[seconds]", None, b"3600"), ("file", "a", b"x")], 400),
    ([("purpose", None, b"assistants"), *[("x", None, b"x")] * 40, ("file", "x", b"x")], 400)])  # fmt: skip
def test_forms_that_are_not_taken(shop, parts, status):
    with serving(shop) as server:
        assert send(server, parts, status=status)["error"]["message"]
        assert server.json("GET", "/v1/models")["data"] and left_over(shop) == []


@pytest.mark.parametrize("body, content_type, status", [
    (b"--xyzzy\r\n", "multipart/form-data; boundary=xyzzy", 400), (b"nothing", "multipart/form-data; boundary=xyzzy", 400),
    (b"--xyzzyx\r\n", "multipart/form-data; boundary=xyzzy", 400), (b"--xyzzy\r\nContent-Disposition: form-data\r\n\r\n", "multipart/form-data; boundary=xyzzy", 400),
    (b"--xyzzy\r\n" + b"a" * 9000, "multipart/form-data; boundary=xyzzy", 400), (b"{}", "application/json", 415), (b"x", "multipart/form-data", 415),
    (b"x", "multipart/form-data; boundary=" + "b" * 71, 415), (b"x", 'multipart/form-data; boundary="b', 415),
    (b"x", "multipart/form-data; boundary=b" + "; a=" * 200, 415)])  # fmt: skip
def test_bodies_that_are_no_forms(shop, body, content_type, status):
    with serving(shop) as server:
        assert send(server, [], status=status, content_type=content_type, body=body)["error"]["message"]


def test_names_lead_nowhere(shop):
    with serving(shop) as server:
        for name in ("../../evil.md", "/etc/evil.md", "a\\..\\evil.md", ".assay", "..", "x" * 250):
            sent = server.json("GET", "/v1/files/" + upload(server, name, b"evil"))
            assert "/" not in sent["filename"] and not sent["filename"].startswith(".")
        outside = [path for path in shop.path.rglob("*evil*") if shop.path / "uploads/files" not in path.parents]
        assert outside == []


@pytest.mark.parametrize("behind", ["../../assay.yaml", "../../docs/public/refunds.md", "../..", "..", ".", "", "{code}", "{code}/", "{code}/.", "{code}/..", "{code}/../{code}/sent.md",
                                    "{code}//sent.md", "./{code}/sent.md", "{code}/../../../docs/public/refunds.md", "{code}/none.md"])  # fmt: skip
def test_ids_lead_nowhere(shop, behind):
    """A file's id is its path: one that leads elsewhere, or to nothing, deletes nothing."""
    with serving(shop) as server:
        writer = shop.run("key", "add", "--quiet", "writer", "--groups", "@write,other").out.strip()
        sent = upload(server, "sent.md", b"# Sent\n\nquumble\n", key=writer)
        store = server.json("POST", "/v1/vector_stores", {"file_ids": [sent]}, key=writer)["id"]
        until(lambda: server.json("GET", f"/v1/vector_stores/{store}", key=writer)["status"] == "completed")
        code = next((shop.path / "uploads/files").iterdir()).name
        before = sorted(path for path in shop.path.rglob("*") if ".assay" not in path.parts)
        for start, stores in (("uploads/files/", (store, STORE)), (f"uploads/{store}/", (STORE,))):
            path = (start + behind.replace("{code}", code)).encode()
            name = "file-" + base64.urlsafe_b64encode(path).decode().rstrip("=")
            for where in stores:
                for key in ("admin", writer):
                    server.json("DELETE", f"/v1/vector_stores/{where}/files/{name}", status=404, key=key)
            for address in (f"/v1/files/{name}", f"/v1/files/{name}/content", f"/v1/vector_stores/{store}/files/{name}"):
                server.json("GET", address, status=404)
            server.json("DELETE", f"/v1/files/{name}", status=404)
        assert sorted(path for path in shop.path.rglob("*") if ".assay" not in path.parts) == before
        assert server.json("GET", f"/v1/vector_stores/{STORE}")["file_counts"]["total"] == 2
        assert server.json("DELETE", f"/v1/vector_stores/{store}/files/{sent}", key=writer)["deleted"]
        server.json("DELETE", f"/v1/vector_stores/{store}/files/{sent}", status=404, key=writer)


def test_a_file_that_is_too_large_or_stops(shop):
    settings = shop.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("documents_max_mb: 64", "documents_max_mb: 1"))
    with serving(shop) as server:
        send(server, [("purpose", None, b"assistants"), ("file", "fits.txt", b"word " * 200000)])
        assert "documents_max_mb" in send(server, [("purpose", None, b"assistants"), ("file", "large.txt", b"word " * 220000)], status=413)["error"]["message"]
        body = form([("purpose", None, b"assistants"), ("file", "half.txt", b"word " * 100000)])
        head = (f"POST /v1/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.admin}\r\n"
                f"Content-Type: multipart/form-data; boundary=xyzzy\r\nContent-Length: {len(body)}\r\n\r\n").encode()  # fmt: skip
        connection = server.connect()
        connection.sendall(head + body[:400000])
        until(lambda: left_over(shop))
        connection.close()
        until(lambda: not left_over(shop))
        pieces = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[at : at + 777] for at in range(0, len(body), 777))) + b"0\r\n\r\n"
        answer = server.raw(head.replace(f"Content-Length: {len(body)}".encode(), b"Transfer-Encoding: chunked") + pieces)
        assert answer.startswith(b"HTTP/1.1 200") and json.loads(answer.split(b"\r\n\r\n", 1)[1])["bytes"] == 500000


def test_what_was_promised_survives_kills(shop):
    """Killed again and again while files are taken in: all that was acknowledged becomes documents."""
    server = Server(shop)
    admin, ids, batches, number = server.admin, [], [], 0
    for turn in range(4):
        for _ in range(6):
            ids.append(upload(server, f"{number}.md", f"# Page {number}\n\nflurb{number} quumble\n".encode(), key=admin))
            number += 1
        batches.append(server.json("POST", f"/v1/vector_stores/{STORE}/file_batches", {"file_ids": ids[-6:]}, key=admin)["id"])
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        server.process.stdout.close()
        server.log_file.close()
        server = Server(shop)
    try:
        for batch in batches:
            done = until(lambda name=batch: (got := server.json("GET", f"/v1/vector_stores/{STORE}/file_batches/{name}", key=admin))["status"] == "completed" and got)
            assert done["file_counts"]["completed"] == 6
        found = server.json("POST", f"/v1/vector_stores/{STORE}/search", {"query": "quumble", "max_num_results": 50}, key=admin)["data"]
        assert {hit["file_id"] for hit in found} == set(ids)
    finally:
        server.stop()
    assert shop.doctor()["ok"] and left_over(shop) == []


def test_a_project_has_one_server(shop):
    """A second one would remove what the first is being sent."""
    with serving(shop) as server:
        sent = upload(server, "one.md", b"# One\n\nquumble\n")
        error = shop.run("serve", "--json", "--listen", "127.0.0.1:0", code=1).error("conflict")
        assert "another `assay serve` runs with this project" in error["message"] and error["hint"]
        assert server.json("GET", f"/v1/files/{sent}")["filename"] == "one.md"
        admin = server.admin
    with serving(shop) as server:
        assert server.json("GET", f"/v1/files/{sent}", key=admin)["filename"] == "one.md"


def test_what_cannot_be_copied_now_waits(shop):
    """A full disk, here a file where a folder has to be, makes a promise late and not void; nobody is told where the project lies."""
    with serving(shop) as server:
        store = server.json("POST", "/v1/vector_stores", {"name": "late"})["id"]
        gone = upload(server, "gone.md", b"# Gone\n")
        sent = upload(server, "late.md", b"# Late\n\nquumble\n")
        shutil.rmtree(next(shop.path.glob("uploads/files/*/gone.md")).parent)
        shop.write(f"uploads/{store}", "in the way")
        for file in (sent, gone):
            server.json("POST", f"/v1/vector_stores/{store}/files", {"file_id": file})
        failed = until(lambda: (got := server.json("GET", f"/v1/vector_stores/{store}/files/{gone}"))["status"] == "failed" and got)
        assert "deleted" in failed["last_error"]["message"]
        until(lambda: any("wait to be taken in" in line.get("message", "") for line in server.log()))
        assert server.json("GET", f"/v1/vector_stores/{store}/files/{sent}")["status"] == "in_progress"
        os.remove(shop.path / f"uploads/{store}")
        until(lambda: server.json("GET", f"/v1/vector_stores/{store}/files/{sent}")["status"] == "completed")
        broken = upload(server, "broken.pdf", b"%PDF-1.4\nnothing")
        server.json("POST", f"/v1/vector_stores/{store}/files", {"file_id": broken})
        failed = until(lambda: (got := server.json("GET", f"/v1/vector_stores/{store}/files/{broken}"))["status"] == "failed" and got)
        assert str(shop.path) not in failed["last_error"]["message"]


@models.needed
def test_how_far_taking_in_has_come(shop):
    """The stage and its figures while a file is read and embedded; where others' files are taken in with it, only who sees all of them learns it."""
    settings = shop.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("embedding: none", "embedding: builtin"))
    writer = shop.run("key", "add", "--quiet", "writer", "--groups", "public,@write").out.strip()
    first, other = ("".join(f"# Part {n}\n\n" + " ".join(f"{word}{n * k} stands here" for k in range(60)) + "\n\n" for n in range(40)).encode() for word in ("word", "other"))
    with serving(shop, env={"ASSAY_MODELS": str(models.FOLDER.parent)}) as server:
        files = {name: (upload(server, name, data, key=key), key) for name, data, key in
                 (("first.md", first, "admin"), ("with.md", other, writer), ("together.md", b"# Zorb\n\nquumble\n", "admin"))}  # fmt: skip
        with open(shop.path / ".assay/lock", "w") as lock:  # so that all wait, and are taken in together
            fcntl.flock(lock, fcntl.LOCK_EX)
            for file, key in files.values():
                server.json("POST", f"/v1/vector_stores/{STORE}/files", {"file_id": file}, key=key)
        told = {name: [] for name in files}

        def are_taken_in():
            shown = {name: server.json("GET", f"/v1/vector_stores/{STORE}/files/{file}", key=key) for name, (file, key) in files.items()}
            for name, file in shown.items():
                told[name] += [file["assay"]] if "assay" in file else []
            return all(file["status"] == "completed" for file in shown.values())

        until(are_taken_in)
        for name in ("first.md", "together.md"):
            embedding = [progress for progress in told[name] if progress["stage"] == "embedding"]
            assert embedding and all(0 <= progress["done"] <= progress["total"] for progress in embedding) and embedding[0]["total"] > 30, told
            assert any(progress["done"] < progress["total"] for progress in embedding)
        assert told["with.md"] == []


def test_what_was_on_its_way_at_a_crash_is_gone(shop):
    with serving(shop) as server:
        admin, kept = server.admin, upload(server, "kept.md", b"# Kept\n")
    shop.write(".assay/uploads/" + "ab" * 16 + "/half.md", "# Half")
    path = "uploads/files/" + "ab" * 16 + "/half.md"
    with contextlib.closing(sqlite3.connect(shop.path / ".assay/server.db")) as database, database:
        database.execute("INSERT INTO files VALUES (?, 'half.md', 'assistants', 'someone', 6, 1)", [path])
    with serving(shop) as server:
        ids = [item["id"] for item in server.json("GET", "/v1/files", key=admin)["data"]]
        assert kept in ids and len(ids) == 2 and left_over(shop) == []


def test_settings_are_read_again_while_files_are_taken_in(shop):
    with serving(shop) as server:
        for number in range(10):
            sent = upload(server, f"{number}.md", f"# Page {number}\n\nquumble\n".encode())
            server.json("POST", f"/v1/vector_stores/{STORE}/files", {"file_id": sent})
            server.process.send_signal(signal.SIGHUP)
        until(lambda: server.json("GET", f"/v1/vector_stores/{STORE}")["file_counts"]["completed"] == 11)


def test_times_are_the_objects_own(shop):
    """Neither those of the server's start, nor others after it was started again."""

    def times(api):
        stores = {name: api.vector_stores.retrieve(name).created_at for name in (STORE, store)}
        files = {(name, file.id): file.created_at for name in (STORE, store) for file in api.vector_stores.files.list(name)}
        return stores, files, {file.id: file.created_at for file in api.files.list()}, {model.id: model.created for model in api.models.list()}

    os.utime(shop.path / "docs/public/refunds.md", (1700000000, 1700000000))
    shop.add()
    with serving(shop) as server:
        api, key = client(server), server.admin
        store = api.vector_stores.create().id
        file = api.vector_stores.files.create(file_id=upload(server, "late.md", b"# Late\n\nA zorbit.\n"), vector_store_id=store)
        until(lambda: api.vector_stores.retrieve(store).status == "completed")
        os.utime(next((shop.path / "uploads" / store).rglob("late.md")), (1600000000, 1600000000))
        shop.run("add", "uploads/" + store)
        stores, in_stores, files, models = times(api)
        assert in_stores[store, file.id] == file.created_at and list(files.values())[0] == 1700000000 and 1700000000 in in_stores.values()
        assert 0 < stores[STORE] <= stores[store] and models.get("builtin") != models["assay"] == stores[STORE]
    with contextlib.closing(sqlite3.connect(shop.path / ".assay/server.db")) as database, database:
        database.execute("UPDATE born SET at = at - 1000")  # so that it is none of the moments of this test
    with serving(shop) as server:
        born = stores[STORE] - 1000
        assert times(client(server, key)) == ({**stores, STORE: born}, in_stores, files, {**models, "assay": born})


def test_a_store_is_told_what_its_key_would_not_find(shop):
    """What is sent has the label `other`: a key without that group gets no document that it cannot see, but the reason."""
    blind, seeing = (shop.run("key", "add", "--quiet", name, "--groups", groups).out.strip() for name, groups in (("blind", "@write"), ("seeing", "@write,other")))
    with serving(shop) as server:
        for key in (blind, seeing, server.admin):
            sees, api = key != blind, client(server, key)
            store = api.vector_stores.create().id
            files = [upload(server, f"{number}.md", b"# Fees\n\nA quumble costs nine euros.\n", key=key) for number in range(3)]
            one = api.vector_stores.files.create_and_poll(file_id=files[0], vector_store_id=store)
            batch = api.vector_stores.file_batches.create_and_poll(vector_store_id=store, file_ids=files[1:])
            assert one.status == ("completed" if sees else "failed")
            for counts in (batch.file_counts, server.json("GET", f"/v1/vector_stores/{store}")["file_counts"]):
                counts = counts if isinstance(counts, dict) else counts.to_dict()
                assert counts["completed"] == (counts["total"] if sees else 0)
            assert [counts.failed for counts in (batch.file_counts, api.vector_stores.retrieve(store).file_counts)] == ([0, 0] if sees else [2, 3])
            assert bool(api.vector_stores.search(store, query="quumble").data) == sees
            if not sees:
                assert one.last_error.code == "invalid_file" and '"other"' in one.last_error.message and "access.labels" in one.last_error.message
                assert not list((shop.path / "uploads" / store).rglob("*.md")) and server.json("GET", f"/v1/vector_stores/{STORE}")["file_counts"]["total"] == 1
        kept = client(server, blind).vector_stores.files.create_and_poll(file_id=upload(server, "for.md", b"# For others\n\nA zorbit.\n", key=blind), vector_store_id=STORE)
        assert kept.status == "completed"  # into the project a key may put what others see
        assert client(server, seeing).vector_stores.search(STORE, query="zorbit").data[0].filename == "for.md"
        assert shop.run("doctor").code == 0
