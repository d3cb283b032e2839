"""Grades of made-up answers against SQuAD's definition, restated in tests/measures/compare.py."""

import subprocess
import sys

import pytest

from conftest import BINARY, ROOT

PROGRAM = BINARY.parent / "tests" / "measures" / "grade_lines"


@pytest.mark.skipif(not PROGRAM.exists(), reason="grade_lines is not built")
def test_equal_to_squad():
    run = subprocess.run([sys.executable, ROOT / "tests" / "measures" / "compare.py", "--build", BINARY.parent, "--count", "3000"],
                         capture_output=True, text=True)  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
