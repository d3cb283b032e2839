"""Broken requests of every route: none ends the server, none is the server's fault, and nothing stays open. More of them: tests/faults/malformed.py 1000000."""

import json
import subprocess
import sys

from conftest import BINARY, ROOT

COUNT = 2000


def test_broken_requests_of_every_route():
    run = subprocess.run([sys.executable, ROOT / "tests/faults/malformed.py", "--binary", BINARY, "--workers", "2", str(COUNT)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    told = json.loads(run.stdout.splitlines()[0])
    assert told["requests"] == COUNT and sum(told["statuses"].get(code, 0) for code in ("400", "404", "413", "415")) > COUNT / 3, told
    assert told["statuses"]["200"] > 0, told  # some reach what answers
