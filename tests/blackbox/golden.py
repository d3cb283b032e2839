"""Reads tests/data/models (its README says what stands there), NumPy files and safetensors, and writes changed copies of them."""

import array
import ast
import json
import math
import pathlib
import shutil
import struct

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "data" / "models"
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/expected.json"))


class Golden:
    """A tiny model and what it is expected to say."""

    def __init__(self, name):
        self.name, self.path = name, FOLDER / name
        self.document = json.loads((self.path / "expected.json").read_text(encoding="utf-8"))
        self.numbers = floats((self.path / "expected.f32").read_bytes())

    def rows(self, entry):
        """The array that an entry names, as a list of rows."""
        (count, width), offset = entry["shape"], entry["offset"]
        return [self.numbers[offset + row * width : offset + (row + 1) * width] for row in range(count)]

    def __getitem__(self, key):
        return self.document[key]

    def __contains__(self, key):
        return key in self.document


def with_entry(key):
    return [name for name in NAMES if key in Golden(name)]


def floats(data):
    numbers = array.array("f")
    numbers.frombytes(data)
    return numbers


def difference(rows, expected):
    """The largest, of two lists of rows of one shape; infinite where a number is none."""
    assert [len(row) for row in rows] == [len(row) for row in expected]
    differences = [abs(a - b) for row, wanted in zip(rows, expected) for a, b in zip(row, wanted)]
    return math.inf if any(math.isnan(value) for value in differences) else max(differences, default=0)


def cosine(left, right):
    product = sum(a * b for a, b in zip(left, right))
    return product / math.sqrt(sum(a * a for a in left) * sum(b * b for b in right))


def read_npy(data):
    """A NumPy file of two dimensions: (rows, columns, the bytes of its numbers)."""
    assert data[:6] == b"\x93NUMPY" and data[6] in (1, 2, 3), data[:16]
    begin = 10 if data[6] == 1 else 12
    (length,) = struct.unpack_from("<H" if begin == 10 else "<I", data, 8)
    assert (begin + length) % 64 == 0 and data[begin + length - 1] == ord("\n"), "the header is not padded as NumPy pads it"
    header = ast.literal_eval(data[begin : begin + length].decode("ascii"))
    assert set(header) == {"descr", "fortran_order", "shape"}, header
    assert header["descr"] == "<f4" and header["fortran_order"] is False, header
    rows, columns = header["shape"]
    numbers = data[begin + length :]
    assert len(numbers) == rows * columns * 4, f"{len(numbers)} bytes, the header says {rows} x {columns}"
    return rows, columns, numbers


def read_tensors(path):
    """name -> (type, shape, bytes)"""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    return {
        name: (entry["dtype"], entry["shape"], data[8 + length + entry["data_offsets"][0] : 8 + length + entry["data_offsets"][1]])
        for name, entry in header.items()
    }


def write_tensors(path, tensors):
    header, offset = {}, 0
    for name, (kind, shape, data) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    path.write_bytes(struct.pack("<Q", len(encoded)) + encoded + b"".join(data for _, _, data in tensors.values()))


class Copy:
    """A copy of a model folder, to be changed."""

    def __init__(self, name, folder):
        self.path = pathlib.Path(folder) / name
        shutil.copytree(FOLDER / name, self.path)

    def json(self, name, *gone, **changed):
        """Changes a JSON file's top level; a value may be what JSON lacks (NaN)."""
        path = self.path / name
        document = json.loads(path.read_text(encoding="utf-8")) | changed
        path.write_text(json.dumps({key: value for key, value in document.items() if key not in gone}), encoding="utf-8")

    def text(self, name, old, new):
        """Replaces a piece of a file's text that stands there once."""
        path = self.path / name
        content = path.read_text(encoding="utf-8")
        assert content.count(old) == 1, (name, old)
        path.write_text(content.replace(old, new), encoding="utf-8")

    def tensors(self, change, file="model.safetensors"):
        """`change` gets all tensors and may change the dictionary."""
        tensors = read_tensors(self.path / file)
        change(tensors)
        write_tensors(self.path / file, tensors)
