"""Words in any order, in documents and questions: no answer ends the program. More of them: tests/faults/any_words.py --rounds 1000."""

import subprocess
import sys

from conftest import BINARY, ROOT

SEED = 5


def test_any_words():
    run = subprocess.run([sys.executable, ROOT / "tests/faults/any_words.py", "--binary", BINARY, "--seed", str(SEED), "--rounds", "2"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
