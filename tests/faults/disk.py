"""The model of a disk that loses power: which states of a folder are possible after each recorded operation.

Data     Bytes written before a sync of their file are kept. Each later write is kept, dropped, or torn: any of its 512-byte
         sectors may be missing. A truncation is kept or dropped. A hole reads as zeros.
Names    Creating, renaming, removing and mkdir are operations on folders. Two models, both drawn for each project:
         journal  as ext4 and XFS do it: one order for all folders; a suffix of it is lost; the sync of any folder keeps
                  all before it, the sync of a file keeps its creation and all before that
         strict   as POSIX promises it: each folder has its own order, a suffix of which is lost; only a sync of that
                  folder keeps its names. A folder that is not kept in its parent takes all in it along.
Shared   A file whose name ends in -shm is left out: SQLite makes it anew after a crash.
"""
import os
import shutil
import struct

# ORDER KINDS: as in faultio.c; MARK is written by the harness between two runs.
CREATE, WRITE, TRUNCATE, SYNC, RENAME, UNLINK, FOLDER_SYNC, MKDIR, ACK, MARK = range(1, 11)
KIND_NAMES = ["", "create", "write", "truncate", "sync", "rename", "unlink", "folder-sync", "mkdir", "ack", "mark"]
MODELS = ("journal", "strict")
SECTOR = 512
HEADER = struct.Struct("<IIIIqQ")


class Operation:
    __slots__ = ("kind", "path", "target", "data", "offset", "node")

    def __init__(self, kind, path, target, data, offset, node):
        self.kind, self.path, self.target, self.data, self.offset, self.node = kind, path, target, data, offset, node

    def __str__(self):
        return f"{KIND_NAMES[self.kind]} {self.path}{' -> ' + self.target if self.target else ''}"


def trace_read(path):
    with open(path, "rb") as file:
        content = file.read()
    operations, position = [], 0
    while position < len(content):
        kind, path_size, target_size, data_size, offset, node = HEADER.unpack_from(content, position)
        position += HEADER.size
        parts = []
        for size in (path_size, target_size, data_size):
            parts.append(content[position:position + size])
            position += size
        operations.append(Operation(kind, parts[0].decode(), parts[1].decode(), parts[2], offset, node))
    return operations


def trace_mark(path, text):
    with open(path, "ab") as file:
        file.write(HEADER.pack(MARK, len(text), 0, 0, 0, 0) + text.encode())


def trace_acks(path, text):
    """All that a run has told. What the trace has of it already counts once: the offset tells."""
    data = text.encode()
    with open(path, "ab") as file:
        file.write(HEADER.pack(ACK, 0, 0, len(data), 0, 0) + data)


class File:
    __slots__ = ("durable", "pending", "shared")

    def __init__(self, shared):
        self.durable = bytearray()
        self.pending = []  # [sequence, kind, offset, data]
        self.shared = shared


class Folder:
    __slots__ = ()


def write_apply(content, offset, data, mask):
    """mask: which sectors of the write arrived, -1 for all."""
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    if mask == -1:
        content[offset:offset + len(data)] = data
        return
    start, index = 0, 0
    while start < len(data):
        end = min(len(data), (offset + start) // SECTOR * SECTOR + SECTOR - offset)
        if mask >> index & 1:
            if len(content) < offset + start:
                content.extend(bytes(offset + start - len(content)))
            content[offset + start:offset + end] = data[start:end]
        start, index = end, index + 1


def pending_apply(content, write, mask):
    _, kind, offset, data = write
    if kind == TRUNCATE:
        del content[offset:]
        content.extend(bytes(offset - len(content)))
    else:
        write_apply(content, offset, data, mask)


class Disk:
    """Takes the recorded operations one by one; knows at any time what is durable and what is pending."""

    def __init__(self, prefix):
        self.root = Folder()
        self.live = {prefix: self.root}  # path -> File or Folder, as the running program sees it
        self.nodes = {}                  # inode -> File, while it has a name or is open
        self.unsynced = set()            # files with pending writes
        self.sequence = 0
        self.names = {model: {self.root: {}} for model in MODELS}  # durable: folder -> {name: node}
        self.pending = {model: [] for model in MODELS}             # [(changes, created node)], oldest first

    def apply(self, operation):
        kind, path = operation.kind, operation.path
        if kind in (WRITE, TRUNCATE):
            self._change(operation)
        elif kind == SYNC:
            self._sync(operation)
        elif kind == FOLDER_SYNC:
            self._sync_folder(self.live[path])
        elif kind == CREATE:
            node = File(path.endswith("-shm"))
            self.nodes[operation.node] = node
            self._enter(path, node)
        elif kind == MKDIR:
            self._enter(path, Folder())
        elif kind == UNLINK:
            self._name_change([self._name(path) + (None,)], None)
            del self.live[path]
        elif kind == RENAME:
            self._rename(path, operation.target)

    def _name(self, path):
        folder, name = os.path.split(path)
        return self.live[folder], name

    def _enter(self, path, node):
        self._name_change([self._name(path) + (node,)], node)
        self.live[path] = node

    def _name_change(self, changes, created):
        for model in MODELS:
            self.pending[model].append((tuple(changes), created))

    def _rename(self, source, target):
        node = self.live[source]
        self._name_change([self._name(source) + (None,), self._name(target) + (node,)], None)
        for path in [path for path in self.live if path == source or path.startswith(source + "/")]:
            self.live[target + path[len(source):]] = self.live.pop(path)

    def _change(self, operation):
        node = self.nodes.get(operation.node)
        if node is None:
            raise RuntimeError(f"{operation}: the trace does not show how this file came to be")
        if node.shared:
            return
        self.sequence += 1
        node.pending.append((self.sequence, operation.kind, operation.offset, operation.data))
        self.unsynced.add(node)

    def _sync(self, operation):
        node = self.nodes.get(operation.node)
        if node is None or node.shared:
            return
        for write in node.pending:
            pending_apply(node.durable, write, -1)
        node.pending = []
        self.unsynced.discard(node)
        pending = self.pending["journal"]
        for index, (_, created) in enumerate(pending):
            if created is node:
                self._keep("journal", pending[:index + 1])
                del pending[:index + 1]
                break

    def _sync_folder(self, folder):
        self._keep("journal", self.pending["journal"])
        self.pending["journal"] = []
        touches = [any(change[0] is folder for change in entry[0]) for entry in self.pending["strict"]]
        self._keep("strict", [entry for entry, touched in zip(self.pending["strict"], touches) if touched])
        self.pending["strict"] = [entry for entry, touched in zip(self.pending["strict"], touches) if not touched]

    def _keep(self, model, entries):
        for changes, _ in entries:
            names_apply(self.names[model], changes)

    # ---- After the power loss ----

    def choose(self, rng):
        """Draws one possible state: (model, which pending names survive, {file: [mask per pending write]})."""
        model = rng.choice(MODELS)
        pending = self.pending[model]
        if model == "journal":
            cut = rng.choice((0, len(pending), rng.randint(0, len(pending))))
            survivors = tuple(range(cut))
        else:
            survivors = self._choose_strict(rng, pending)
        return model, survivors, self._choose_writes(rng)

    @staticmethod
    def _choose_strict(rng, pending):
        touching = {}  # folder -> indexes of the operations on it
        for index, (changes, _) in enumerate(pending):
            for folder, _, _ in changes:
                if index not in touching.setdefault(folder, []):
                    touching[folder].append(index)
        dropped = set()
        for indexes in touching.values():
            dropped.update(indexes[rng.choice((0, len(indexes), rng.randint(0, len(indexes)))):])
        return tuple(index for index in range(len(pending)) if index not in dropped)

    def _choose_writes(self, rng):
        """Real disks lose writes in many ways; each style is one that a purely random choice would hardly ever hit."""
        files = sorted(self.unsynced, key=lambda node: node.pending[0][0])
        order = sorted(write[0] for node in files for write in node.pending)
        count = len(order)
        style = rng.choice(("none", "all", "prefix", "suffix", "one", "all but one", "random", "random", "random"))
        cut = rng.randint(0, count)
        share = rng.choice((0.1, 0.5, 0.9))
        tear = rng.choice((0.0, 0.2, 1.0))
        kept = {
            "none": lambda: set(),
            "all": lambda: set(order),
            "prefix": lambda: set(order[:cut]),
            "suffix": lambda: set(order[cut:]),
            "one": lambda: {rng.choice(order)} if order else set(),
            "all but one": lambda: set(order) - ({rng.choice(order)} if order else set()),
            "random": lambda: {sequence for sequence in order if rng.random() < share},
        }[style]()
        last = max(kept, default=0)
        choice = {}
        for node in files:
            masks = []
            for sequence, kind, _, data in node.pending:
                mask = -1 if sequence in kept else 0
                may_tear = kind == WRITE and mask != 0 and len(data) > SECTOR
                if may_tear and (rng.random() < tear or (style == "prefix" and sequence == last)):
                    sectors = len(data) // SECTOR + 2
                    mask = rng.choice((rng.getrandbits(sectors), (1 << rng.randint(0, sectors)) - 1))
                masks.append(mask)
            choice[node] = masks
        return choice

    def image(self, choice):
        """{path below the prefix: bytes, or None for a folder} of the state that was drawn."""
        model, survivors, writes = choice
        names = {folder: dict(entries) for folder, entries in self.names[model].items()}
        for index in survivors:
            names_apply(names, self.pending[model][index][0])
        files = {}
        self._walk(names, self.root, "", writes, files)
        return files

    def _walk(self, names, folder, path, writes, files):
        for name, node in names.get(folder, {}).items():
            full = f"{path}{name}"
            if isinstance(node, Folder):
                files[full] = None
                self._walk(names, node, full + "/", writes, files)
            elif not node.shared:
                files[full] = file_content(node, writes.get(node))

    def live_files(self, prefix):
        """What the running program sees, by the trace alone."""
        files = {}
        for path, node in self.live.items():
            if isinstance(node, File) and not node.shared:
                files[path[len(prefix) + 1:]] = bytes(file_content(node, [-1] * len(node.pending)))
        return files


def file_content(node, masks):
    if not masks:
        return node.durable
    content = bytearray(node.durable)
    for write, mask in zip(node.pending, masks):
        if mask != 0:
            pending_apply(content, write, mask)
    return content


def names_apply(names, changes):
    for folder, name, node in changes:
        entries = names.setdefault(folder, {})
        if node is None:
            entries.pop(name, None)
        else:
            entries[name] = node


def image_write(files, folder):
    """Puts an image into a folder that is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    for path, content in files.items():
        full = f"{folder}/{path}"
        if content is None:
            os.mkdir(full)
            continue
        descriptor = os.open(full, os.O_WRONLY | os.O_CREAT, 0o644)
        written = 0
        while written < len(content):
            written += os.write(descriptor, memoryview(content)[written:])
        os.close(descriptor)
