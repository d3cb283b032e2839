"""Builds the programs in C beside the benchmarks, which use rooms of the library that its header does not show."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("sqlite3", "libutf8proc", "libpcre2-8", "md4c", "yaml-0.1", "libsodium", "libseccomp", "zlib")


def build_probe(name, build, folder=None):
    """bench/NAME.c into `folder`, or beside the library."""
    build = Path(build)
    program = Path(folder or build) / name
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", *LIBRARIES], check=True, capture_output=True, text=True).stdout.split()
    parts = sorted((build / "src/kernel").glob("*.a"))
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-DUTF8PROC_EXPORTS", "-I", ROOT / "src", "-I", ROOT / "include", ROOT / f"bench/{name}.c",
                    "-Wl,--start-group", build / "libassay-core.a", *parts, "-Wl,--end-group", *flags, "-ldnnl", "-lgomp", "-lstemmer", "-ldl", "-lm",
                    "-pthread", "-o", program], check=True)  # fmt: skip
    return program
