"""A second writer and reader of the audit log, after docs/format/log.md and by no line of the program's."""

import base64
import ctypes
import ctypes.util
import hashlib
import json


def leaf(document):
    return hashlib.sha256(b"\0" + document).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root(leaves):
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node(root(leaves[:half]), root(leaves[half:]))


def peaks(leaves):
    found, at = [], 0
    for bit in reversed(range(40)):
        if len(leaves) & 1 << bit:
            found.append(root(leaves[at : at + (1 << bit)]))
            at += 1 << bit
    return found


def climb(leaf_hash, index, size, proof):
    """The root that a proof of inclusion leads to: RFC 9162, section 2.1.3.2, told as halves."""
    if size == 1:
        assert not proof
        return leaf_hash
    half = 1
    while half * 2 < size:
        half *= 2
    if index < half:
        return node(climb(leaf_hash, index, half, proof[:-1]), proof[-1])
    return node(proof[-1], climb(leaf_hash, index - half, size - half, proof[:-1]))


def sodium():
    return ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")


def seal(plain, number, key, nonce):
    out, size = ctypes.create_string_buffer(len(plain) + 16), ctypes.c_ulonglong()
    beside = str(number).encode()
    sodium().crypto_aead_xchacha20poly1305_ietf_encrypt(out, ctypes.byref(size), plain, ctypes.c_ulonglong(len(plain)), beside,
                                                        ctypes.c_ulonglong(len(beside)), None, nonce, key)  # fmt: skip
    return base64.b64encode(nonce + out.raw[: size.value]).decode()


def unseal(sealed, number, key):
    raw = base64.b64decode(sealed)
    out, size = ctypes.create_string_buffer(len(raw)), ctypes.c_ulonglong()
    beside = str(number).encode()
    failed = sodium().crypto_aead_xchacha20poly1305_ietf_decrypt(out, ctypes.byref(size), None, raw[24:],
                                                                 ctypes.c_ulonglong(len(raw) - 24), beside,
                                                                 ctypes.c_ulonglong(len(beside)), raw[:24], key)  # fmt: skip
    assert failed == 0
    return out.raw[: size.value]


class Log:
    """Entries put together here; write(folder) makes the files."""

    def __init__(self):
        self.lines, self.leaves, self.keys, self.texts = [], [], [], {}

    def add(self, kind, at_s=1795700000, **members):
        previous = self.leaves[-1].hex() if self.leaves else "0" * 64
        number = len(self.lines) + 1
        document = json.dumps({"entry": number, "previous": previous, "time": "2026-11-26T13:33:20Z", "at_ns": at_s * 10**9,
                               "kind": kind, **members}, separators=(",", ":"), ensure_ascii=False).encode()  # fmt: skip
        self.leaves.append(leaf(document))
        self.lines.append(self.leaves[-1].hex().encode() + b" " + document + b"\n")
        if kind != "answer":
            self.keys.append(b"-" * 64 + b"\n")

    def answer(self, asker, question, answer, document="docs/refunds.md", text="You have 30 days to send it back.", quote="30 days",
               **more):  # fmt: skip
        number = len(self.lines) + 1
        key = hashlib.sha256(b"key %d" % number).digest()
        personal = {"asker": asker, "question": question, "answer": answer, "quotes": [quote]}
        name = hashlib.sha256(text.encode()).hexdigest()
        self.texts[name] = text.encode()
        self.keys.append(key.hex().encode() + b"\n")
        start = text.find(quote)
        self.add("answer", approach="rag", model="builtin", model_sha256=None, prompt_sha256=None, abstained=answer is None, confidence=0.9,
                 passages=[{"document": document, "title": "Refunds", "version": hashlib.sha256(b"source").hexdigest(), "passage": 4,
                            "start": 0, "end": len(text), "page": 0, "score": 1.5, "text_sha256": name, "cited": True}],
                 citations=[{"source": 0, "start": start, "end": start + len(quote)}],
                 usage={"prompt_tokens": 0, "completion_tokens": 0, "cached_tokens": 0}, cost_usd=None, took_ms=12.5,
                 key=hashlib.sha256(key).hexdigest(),
                 sealed=seal(json.dumps(personal, separators=(",", ":")).encode(), number, key, hashlib.sha256(key).digest()[:24]),
                 **more)  # fmt: skip

    def head(self):
        log = b"".join(self.lines)
        last_at = len(log) - len(self.lines[-1]) if self.lines else 0
        text = f"assay log head 1\nentries {len(self.lines)}\nbytes {len(log)}\nlast_at {last_at}\nkept 0\nkept_at 0\n"
        text += f"root {root(self.leaves).hex()}\nlast {self.leaves[-1].hex() if self.leaves else '0' * 64}\n"
        text += "".join(f"peak {peak.hex()}\n" for peak in peaks(self.leaves))
        return (text + f"sum {hashlib.sha256(text.encode()).hexdigest()}\n").encode()

    def write(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "entries").write_bytes(b"".join(self.lines))
        (folder / "keys").write_bytes(b"".join(self.keys))
        (folder / "head").write_bytes(self.head())
        for name, text in self.texts.items():
            (folder / "texts" / name[:2]).mkdir(parents=True, exist_ok=True)
            (folder / "texts" / name[:2] / name).write_bytes(text)


def read(folder):
    """[(document, what is personal or None)], with every hash looked at."""
    entries, previous = [], "0" * 64
    keys = (folder / "keys").read_bytes()
    lines = (folder / "entries").read_bytes()
    assert lines.endswith(b"\n")
    for number, line in enumerate(lines.split(b"\n")[:-1], 1):
        stated, document = line[:64].decode(), line[65:]
        assert line[64:65] == b" " and leaf(document).hex() == stated
        entry = json.loads(document)
        assert entry["entry"] == number and entry["previous"] == previous
        previous = stated
        slot = keys[65 * (number - 1) : 65 * number].decode()
        personal = None
        if "sealed" in entry and slot[0] != "-":
            key = bytes.fromhex(slot.strip())
            assert hashlib.sha256(key).hexdigest() == entry["key"]
            personal = json.loads(unseal(entry["sealed"], number, key))
        entries.append((entry, personal))
    return entries
