"""The embedding model that scripts/setup fetches, for the tests that need one."""

import array
import ast
import struct
import subprocess

import pytest
from conftest import ROOT, Outcome, check_streams

FOLDER = ROOT / "models" / "all-MiniLM-L6-v2"
needed = pytest.mark.skipif(not (FOLDER / "model.safetensors").exists(), reason="models/ is empty: scripts/setup fetches the model")


def read_npy(data):
    """(rows, columns, numbers) of a NumPy file of f32."""
    assert data[:8] == b"\x93NUMPY\x01\x00"
    (size,) = struct.unpack_from("<H", data, 8)
    assert (10 + size) % 64 == 0 and data[9 + size] == 10
    head = ast.literal_eval(data[10 : 10 + size].decode())
    assert head["descr"] == "<f4" and head["fortran_order"] is False
    numbers = array.array("f")
    numbers.frombytes(data[10 + size :])
    rows, columns = head["shape"]
    assert len(numbers) == rows * columns
    return rows, columns, numbers


def piped(assay, *words, lines, **more):
    """A run that reads `lines` (bytes) through a pipe."""
    process = assay.start(*words, stdin=subprocess.PIPE, **more)
    try:
        out, err = process.communicate(lines, timeout=300)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        pytest.fail(f"{words} took more than 300 s")
    check_streams(words, process.returncode, err)
    return Outcome(words, process.returncode, out or b"", err)
