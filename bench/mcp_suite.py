#!/usr/bin/env python3
"""What the public conformance suite of the Model Context Protocol says of `assay serve`, and whether the official TypeScript client can use it.

    bench/mcp_suite.py --binary build/assay [--node node] [--folder FOLDER]

Serves the example project twice: as `assay` does, and as `assay-offer`, which is the same program and the same protocol with the tools, prompts and resources of the suite's own example
server in the place of the documents (tests/mcp/suite_offer.c). Runs `@modelcontextprotocol/conformance` against both, and `@modelcontextprotocol/client` against the first; they come from
npm into FOLDER (kept where it is named), and want Node 22. The suite knows no keys, so requests go through a proxy here that adds one. Each failed check is sorted by what it says:

- unclaimed: it asks for what neither server says it has (logging, subscriptions, requests to the client within a session);
- fixture, of the product alone: it asks for something of the example server's ("test_simple_text", "test://static-text");
- ours: anything else.

Prints for each scenario of a version how many of its checks each of the two passes, and JSON at the end. Exit status 1: a check is ours, or the client could not."""
import argparse
import collections
import contextlib
import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ["2026-07-28", "2025-11-25"]
PACKAGES = ["@modelcontextprotocol/conformance@0.2.0-alpha.12", "@modelcontextprotocol/client@2.4.0"]
FIXTURES = ["Unknown tool: ", "Unknown prompt: ", "Not testable: ", "json_schema_2020_12_tool", '"ref" names no prompt', "Expected InputRequiredResult", "Prerequisite failed"]
RESOURCE_FIXTURES = {"resources-read-text", "resources-read-binary", "resources-templates-read"}  # test://…
UNCLAIMED = {"logging-set-level", "tools-call-with-logging", "resources-subscribe", "resources-unsubscribe",
             "tools-call-sampling", "tools-call-elicitation", "elicitation-sep1034-defaults", "elicitation-sep1330-enums"}  # fmt: skip


def proxy(port_of, key):
    """A server that passes requests on to the port, as one with the key."""

    class Pass(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def pass_on(self):
            own, asked = str(self.server.server_port), self.rfile.read(int(self.headers.get("Content-Length") or 0))
            connection = http.client.HTTPConnection("127.0.0.1", port_of, timeout=120)
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "content-length"):
                    connection.putheader(name, value.replace(f":{own}", f":{port_of}") if name.lower() in ("host", "origin") else value)
            connection.putheader("Authorization", f"Bearer {key}")
            if self.command == "POST":
                connection.putheader("Content-Length", str(len(asked)))
            connection.endheaders(asked)
            answer = connection.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            connection.close()

        do_GET = do_POST = do_DELETE = do_PUT = do_OPTIONS = pass_on

    return ThreadingHTTPServer(("127.0.0.1", 0), Pass)


def kind_of(scenario, check, has_fixtures):
    said = check.get("errorMessage") or ""
    if scenario in UNCLAIMED:
        return "unclaimed"
    is_fixture = any(text in said for text in FIXTURES) or (scenario in RESOURCE_FIXTURES and "Resource not found" in said)
    return "fixture" if is_fixture and not has_fixtures else "ours"


def run_suite(options, folder, port, version, has_fixtures):
    """The scenarios that this version of the protocol requires: by name, how many checks passed, and the failed ones by kind."""
    out = folder / f"results-{version}"
    shutil.rmtree(out, ignore_errors=True)
    suite = folder / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    words = [options.node, suite, "server", "--url", f"http://localhost:{port}/mcp", "--suite", "all", "--spec-version", version, "-o", out]
    subprocess.run(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    scenarios = {}
    for file in sorted(out.glob("*/checks.json")):
        scenario = file.parent.name.removeprefix("server-")[: -len("-2026-01-01T00-00-00-000Z")]
        counts = collections.Counter()
        for check in json.loads(file.read_text()):
            if check["status"] == "SUCCESS":
                counts["passed"] += 1
            elif check["status"] == "FAILURE":
                kind = kind_of(scenario, check, has_fixtures)
                counts[kind] += 1
                if kind == "ours":
                    print(f"{version} {scenario}: {check['id']}: {check.get('errorMessage')}", file=sys.stderr)
        scenarios[scenario] = counts
    return scenarios


@contextlib.contextmanager
def serving(binary, project):
    """A server of the project: its port, the port of a proxy that needs no key, and the key."""
    server = subprocess.Popen([binary, "serve", "--json", "--listen", "127.0.0.1:0"], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        greeting = json.loads(server.stdout.readline())
        port, key = int(greeting["listening"].rsplit(":", 1)[1]), greeting["admin_key"]
        passing = proxy(port, key)
        threading.Thread(target=passing.serve_forever, daemon=True).start()
        yield port, passing.server_port, key
        passing.shutdown()
    finally:
        server.terminate()
        server.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--node", default="node")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    binary, scratch = options.binary.resolve(), Path(tempfile.mkdtemp(prefix="assay-mcp-"))
    folder, servers = (options.folder or scratch / "npm").resolve(), {"product": binary, "offer": binary.parent / "tests/mcp/assay-offer"}
    folder.mkdir(exist_ok=True)
    options.node = shutil.which(options.node) or options.node
    subprocess.run(["npm", "install", "--silent", "--no-fund", "--no-audit", *PACKAGES], cwd=folder, check=True)
    found = {}
    for name, program in servers.items():
        project = scratch / name
        shutil.copytree(ROOT / "examples/support", project, ignore=shutil.ignore_patterns(".assay"))
        subprocess.run([binary, "init", "--quiet"], cwd=project, check=True)
        subprocess.run([binary, "add", "--quiet", "docs"], cwd=project, check=True)
        with serving(program, project) as (port, open_port, key):
            found[name] = {version: run_suite(options, folder, open_port, version, name == "offer") for version in VERSIONS}
            if name == "product":
                client = subprocess.run([options.node, ROOT / "bench/mcp_client.mjs", f"http://127.0.0.1:{port}/mcp", key, binary, project], cwd=folder)
    for version in VERSIONS:
        for scenario in found["offer"][version]:
            told = [f"{name} {counts['passed']} of {counts.total()}" for name in servers for counts in [found[name][version].get(scenario, collections.Counter())]]
            print(f"{version}  {scenario:45} {told[0]:18} {told[1]}")
    shutil.rmtree(scratch)
    totals = {name: {version: sum(scenarios.values(), collections.Counter()) for version, scenarios in found[name].items()} for name in servers}
    print(json.dumps({"name": "mcp_suite", **totals, "typescript_client": client.returncode == 0}))
    counts = [counts for versions in totals.values() for counts in versions.values()]
    if not all(counts):
        print("the suite said nothing of a version: is this Node 22? --node names another one", file=sys.stderr)
    return 1 if client.returncode != 0 or any(one["ours"] for one in counts) or not all(counts) else 0


if __name__ == "__main__":
    sys.exit(main())
