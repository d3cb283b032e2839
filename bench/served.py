"""A server for a bench of its own: a new project, of the example documents or of none, which is gone afterwards."""

import contextlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextlib.contextmanager
def served(binary, settings=None, documents=ROOT / "examples/support/docs", prepare=None):
    """What the server says when it starts ("listening", "admin_key"), and the project's folder. `prepare` is called with binary and folder
    before it starts."""
    binary = binary.resolve()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([binary, "init", "-q", folder], check=True)
        if settings is not None:
            (Path(folder) / "assay.yaml").write_text(settings)
        if documents is not None:
            shutil.copytree(documents, Path(folder) / "docs", dirs_exist_ok=True)
            subprocess.run([binary, "-C", folder, "add", "-q"], check=True)
        if prepare is not None:
            prepare(binary, folder)
        with subprocess.Popen([binary, "serve", "--json", "--quiet", "--listen", "127.0.0.1:0"], cwd=folder, stdout=subprocess.PIPE) as server:
            try:
                yield json.loads(server.stdout.readline()), folder
            finally:
                server.terminate()
