"""Who deletes, cancels or changes gets a turn while a long document is taken in, which goes on afterwards."""

import threading

import pytest
from scripted_model import scripted
from serving import serving, until
from test_embed_elsewhere import embeds
from test_serve_uploads import STORE, upload

PARTS = 130  # more passages than four requests have


def long_text(word):
    return "".join(f"# Part {n}\n\n" + " ".join(f"{word}{n * k} stands here" for k in range(40)) + "\n\n" for n in range(PARTS)).encode()


class Gate:
    """An embedding model that lets no request with passages through while it is shut."""

    def __init__(self):
        self.opened, self.met = threading.Event(), threading.Event()
        self.opened.set()
        self.seconds = 0

    def shut(self):
        self.met.clear()
        self.opened.clear()

    def step(self, handler):
        if "stands here" in handler.server.requests[-1]["body"]["input"][0]:
            self.met.set()
            self.opened.wait()
            threading.Event().wait(self.seconds)
        embeds()(handler)


@pytest.fixture
def gate():
    gate = Gate()
    with scripted(gate.step) as server:
        gate.model = server.model
        yield gate
        gate.opened.set()


@pytest.fixture
def shop(project, gate):
    project.settings(f"embedding: {gate.model}\n")
    project.write("docs/refunds.md", "# Refunds\n\nThe refund window is thirty days.\n")
    project.add()
    return project


def status_of(server, store, file):
    return server.json("GET", f"/v1/vector_stores/{store}/files/{file}")["status"]


def test_whoever_waits_gets_a_turn(shop, gate):
    with serving(shop) as server:
        small, other, long = upload(server, "small.md", b"# Small\n\nquumble\n"), upload(server, "other.md", b"# Other\n\nzorbit\n"), upload(server, "long.md", long_text("word"))
        store = server.json("POST", "/v1/vector_stores", {"file_ids": [small]})["id"]
        until(lambda: status_of(server, store, small) == "completed")
        gate.shut()
        server.json("POST", f"/v1/vector_stores/{store}/files", {"file_id": long})
        assert gate.met.wait(60)
        # The model answers none of what it was asked, and yet each of these ends.
        assert server.json("DELETE", f"/v1/files/{other}")["deleted"]
        changed = server.json("POST", f"/v1/vector_stores/{store}/files/{small}", {"attributes": {"year": 7}})
        assert changed["attributes"] == {"year": 7} and status_of(server, store, long) == "in_progress"
        wanted = {"query": "quumble", "filters": {"type": "eq", "key": "year", "value": 7}}
        assert [hit["file_id"] for hit in server.json("POST", f"/v1/vector_stores/{store}/search", wanted)["data"]] == [small]
        gate.opened.set()
        until(lambda: status_of(server, store, long) == "completed")
        assert server.json("GET", f"/v1/vector_stores/{store}")["file_counts"]["completed"] == 2
        found = server.json("POST", f"/v1/vector_stores/{store}/search", {"query": "word11"})["data"]
        assert long in {hit["file_id"] for hit in found}
    assert shop.doctor()["ok"]


def test_a_batch_is_cancelled_while_it_is_worked_on(shop, gate):
    """What has begun to be made of its files goes; what was there before stays."""
    with serving(shop) as server:
        kept, long = upload(server, "kept.md", b"# Kept\n\nzorbit\n"), upload(server, "long.md", long_text("word"))
        store = server.json("POST", "/v1/vector_stores", {"file_ids": [kept]})["id"]
        until(lambda: status_of(server, store, kept) == "completed")
        gate.shut()
        batch = server.json("POST", f"/v1/vector_stores/{store}/file_batches", {"file_ids": [kept, long]})["id"]
        assert gate.met.wait(60)
        done = server.json("POST", f"/v1/vector_stores/{store}/file_batches/{batch}/cancel")
        assert done["status"] == "cancelled" and done["file_counts"]["cancelled"] == 2
        assert not list((shop.path / "uploads" / store).rglob("long.md"))
        assert [hit["file_id"] for hit in server.json("POST", f"/v1/vector_stores/{store}/search", {"query": "word11 stands zorbit"})["data"]] == [kept]
        gate.opened.set()
        server.json("POST", f"/v1/vector_stores/{store}/files", {"file_id": long})
        until(lambda: status_of(server, store, long) == "completed")
    assert shop.doctor()["ok"]


def test_taking_in_ends_however_many_delete(shop, gate):
    gate.seconds = 0.2
    with serving(shop) as server:
        long = upload(server, "long.md", long_text("word"))
        server.json("POST", f"/v1/vector_stores/{STORE}/files", {"file_id": long})

        def delete_one():
            server.json("DELETE", f"/v1/files/{upload(server, 'small.md', b'# Small')}")
            return status_of(server, STORE, long) == "completed"

        until(delete_one, seconds=120)
    assert shop.doctor()["ok"]
