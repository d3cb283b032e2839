#!/usr/bin/env python3
"""Kills `assay serve` under load, again and again, and looks whether what it had acknowledged is still there.

    tests/faults/serve_kills.py --binary build/assay [--kills 200] [--seed 1] [--threads 4] [--project FOLDER | --embedding none]

One project lives through all kills (SIGKILL, after a time drawn from --seed): a small one, without vectors or with those of --embedding, or the one in FOLDER, a large one say
(bench/bench_serve.py --keep FOLDER makes some, with vectors), which is written to. Where there are vectors, searches are by words, by meaning and by both. Meanwhile several threads send files, put them into vector stores with attributes, change those, change labels.csv, delete some files, start runs of an eval, and ask questions
with a key that has a quota. Only what was answered 200 counts as promised. After each start some of it is looked at, at the end all of it:

- a file that was sent has its bytes; one that went into a store becomes "completed" there with its attributes as they were changed last, and is found by a word that only it has;
- labels.csv is as it was changed last;
- a file whose deletion was answered is gone, and not found any more; where the kill came before that answer, either is right;
- a run is completed, with one result for each of its items;
- an answer's entry is in the audit log, which is whole, and its request was counted;
- where there are vectors, such a file is found by meaning too, and in the end every passage of the project has a vector;
- `assay doctor` finds nothing.

Prints one JSON line, with the times from the start of the next server until /ready said yes, until it had answered a search by words, and one by words and meaning: the longest and the median. Exit status 1: something promised is lost, or a status that nobody expects."""
import argparse
import http.client
import json
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

WAIT_S = 120
TOLD = 20
LOOKED_AT = 5  # promises of each kind after a start
EVAL = {"name": "e", "data_source_config": {"type": "custom", "item_schema": {"type": "object", "properties": {"q": {"type": "string"}}}},
        "testing_criteria": [{"type": "string_check", "name": "c", "input": "{{item.q}}", "reference": "a", "operation": "eq"}]}  # fmt: skip


def today():
    return int(time.time() // 86400)


class Away(Exception):
    """The server was killed before it answered, or said that it is busy."""


class Server:
    def __init__(self, binary, project, log):
        started = time.monotonic()
        self.process = subprocess.Popen([binary, "serve", "--json", "--listen", "127.0.0.1:0"], cwd=project, stdout=subprocess.PIPE, stderr=log)
        line = self.process.stdout.readline()
        assert line, "the server did not start: see its log"
        self.greeting = json.loads(line)
        self.port = int(self.greeting["listening"].rsplit(":", 1)[1])
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        connection.request("GET", "/ready")
        self.is_ready = connection.getresponse().status == 200
        self.seconds, self.started = time.monotonic() - started, started
        connection.close()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


class Kills:
    def __init__(self, binary, project, seed):
        self.binary, self.project = binary, project
        self.log = open(project.parent / "server.log", "wb")
        self.lock, self.drawn = threading.Lock(), random.Random(seed)
        self.files, self.stores, self.runs = {}, [], {}  # what was promised: id -> about it
        self.entry = self.made = 0
        self.waits = {"ready_s": [], "search_s": [], "meaning_s": []}  # of each start
        self.labels_lock, self.labels, self.labels_asked = threading.Lock(), None, []  # the text that was promised, and those asked for since
        self.counted = {}  # answers by the day (UTC) on which they were asked for and came: what a key used is kept of one day alone
        self.wrong, self.counts = [], {}
        self.began = int(time.time())  # a project that is used again has keys and words of earlier times
        self.asker_name = f"asker{self.began}"
        self.asker = self.add_key(self.asker_name, "public", "--quota", "requests=1000000")
        self.admin = self.add_key(f"admin{self.began}", "@admin")
        self.server = Server(binary, project, self.log)
        self.has_vectors = self.ask("POST", "/v1/search", {"query": "refund window", "k": 1})["mode"] == "hybrid"
        self.modes = ["text", "vector", "hybrid"] if self.has_vectors else ["text"]
        self.eval = self.ask("POST", "/v1/evals", EVAL)["id"]

    def add_key(self, name, groups, *more):
        words = [self.binary, "key", "add", "--quiet", name, "--groups", groups, *more]
        return subprocess.run(words, cwd=self.project, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    def tell(self, what):
        with self.lock:
            self.wrong.append(what)

    def note(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def ask(self, method, path, body=None, kind="application/json", key=None, expected=(200,), raw=False):
        """The answer; None: one of the other statuses that are expected."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=WAIT_S)
        try:
            connection.request(method, path, data, {"Authorization": f"Bearer {key or self.admin}", "Content-Type": kind})
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Away from error
        finally:
            connection.close()
        if answer.status in (429, 503):
            raise Away
        if answer.status not in expected:
            self.tell(f"{method} {path}: {answer.status} {content[:200]!r}")
            raise Away
        return None if answer.status != 200 else content if raw else json.loads(content)

    # ---- the load ----

    def send(self, drawn):
        with self.lock:
            self.made += 1
            word = "zq" + "".join("bcdfghjklm"[int(digit)] for digit in f"{self.began % 10**8}{self.made}")  # no vowel, so no ending that goes: "…aed" is found as "…a"
        text = f"# {word}\n\n" + " ".join(drawn.choices(["zorbit", "quumble", "frandle", "mip"], k=drawn.randint(5, 3000))) + f" {word}\n"
        form = (f'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="{word}.md"'
                f"\r\n\r\n{text}\r\n--x--\r\n").encode()  # fmt: skip
        file = self.ask("POST", "/v1/files", form, "multipart/form-data; boundary=x")["id"]
        about = {"text": text, "word": word, "store": None, "n": 0, "asked": [], "deletion": None, "held": True}
        with self.lock:
            self.files[file] = about
        self.note("files")
        try:
            self.put_into_store(drawn, file, about)
        finally:
            about["held"] = False

    def put_into_store(self, drawn, file, about):
        if not self.stores or drawn.random() < 0.02:
            store = self.ask("POST", "/v1/vector_stores", {"name": about["word"]})["id"]
            with self.lock:
                self.stores.append(store)
        store, n = drawn.choice(self.stores), drawn.randint(0, 9)
        self.ask("POST", f"/v1/vector_stores/{store}/files", {"file_id": file, "attributes": {"n": n}})
        about.update(store=store, n=n)
        self.note("store_files")

    def delete(self, drawn):
        with self.lock:
            free = [file for file, about in self.files.items() if about["deletion"] is None and not about["held"]]
            if len(free) < 10:
                return
            file = drawn.choice(free)
            about = self.files[file]
            about["deletion"] = "asked"
        if self.ask("DELETE", f"/v1/files/{file}", expected=(200, 409)) is None:
            about["deletion"] = None  # somebody else wrote just then
            return
        about["deletion"] = "done"
        self.note("deletions")

    def change(self, drawn):
        """The attributes of a file in a store."""
        with self.lock:
            free = [file for file, about in self.files.items() if about["store"] is not None and about["deletion"] is None and not about["held"]]
            if not free:
                return
            file = drawn.choice(free)
            about = self.files[file]
            about["held"], n = True, drawn.randint(10, 99)
        try:
            about["asked"].append(n)
            place = f"/v1/vector_stores/{about['store']}/files/{file}"
            if self.ask("POST", place, {"attributes": {"n": n}}, expected=(200, 404, 409)) is None:  # it is not in yet, or somebody else wrote just then
                about["asked"].remove(n)
                return
            about["n"], about["asked"] = n, []
            self.note("changes")
        finally:
            about["held"] = False

    def relabel(self, drawn):
        with self.labels_lock:
            text = f"# {drawn.random()}\ndocs,public\n"
            self.labels_asked.append(text)
            before = self.ask("GET", "/v1/labels", expected=(200, 404))  # 404: the project has no such file
            if before is not None and self.ask("POST", "/v1/labels", {"text": text, "was": before["mark"]}) is not None:
                self.labels, self.labels_asked = text, []
                self.note("labels")

    def start_run(self, drawn):
        items = drawn.randint(1, 20)
        content = [{"item": {"q": drawn.choice("ab")}} for _ in range(items)]
        run = self.ask("POST", f"/v1/evals/{self.eval}/runs", {"data_source": {"type": "jsonl", "source": {"type": "file_content", "content": content}}})["id"]
        with self.lock:
            self.runs[run] = items
        self.note("runs")

    def question(self, drawn):
        del drawn
        day = today()
        asked = {"model": "assay", "messages": [{"role": "user", "content": "How long is the refund window?"}]}
        answer = self.ask("POST", "/v1/chat/completions", asked, key=self.asker)
        with self.lock:
            self.entry = max(self.entry, answer["assay"]["entry"])
            if day == today():
                self.counted[day] = self.counted.get(day, 0) + 1
        self.note("answers")

    def search(self, drawn):
        self.ask("POST", "/v1/search", {"query": drawn.choice(["zorbit", "refund window"]), "k": drawn.randint(1, 20), "mode": drawn.choice(self.modes)})
        self.note("searches")

    def load(self, seed):
        drawn = random.Random(seed)
        works = [self.send] * 4 + [self.question] * 2 + [self.change] * 2 + [self.relabel, self.delete, self.start_run, self.search, self.search]
        while self.server.process.poll() is None:
            try:
                drawn.choice(works)(drawn)
            except Away:
                time.sleep(0.01)
            except Exception as error:  # a thread that ends would leave less load, and nobody told
                self.tell(f"a client: {error!r}")

    # ---- what must be there ----

    def patiently(self, *words, **more):
        """What nobody kills meanwhile is answered sooner or later."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            try:
                return self.ask(*words, **more)
            except Away:
                time.sleep(0.1)
        raise TimeoutError(f"{words} is not answered")

    def look_at_file(self, file, about):
        missing = self.patiently("GET", f"/v1/files/{file}", expected=(200, 404)) is None
        if about["deletion"] == "done" and not missing:
            self.tell(f"{file} was deleted and is back")
        if about["deletion"] is None and missing:
            self.tell(f"{file} was sent and is gone")
        if about["deletion"] is None and not missing and self.patiently("GET", f"/v1/files/{file}/content", raw=True) != about["text"].encode():
            self.tell(f"{file} has other bytes")

    def look_at_labels(self):
        if self.labels is not None and (text := self.patiently("GET", "/v1/labels")["text"]) not in (self.labels, *self.labels_asked):
            self.tell(f"labels.csv is {text!r}, not {self.labels!r}")

    def look_at_some(self):
        self.look_at_labels()
        for file in self.drawn.sample(sorted(self.files), min(LOOKED_AT, len(self.files))):
            self.look_at_file(file, self.files[file])
        for run in self.drawn.sample(sorted(self.runs), min(LOOKED_AT, len(self.runs))):
            if self.patiently("GET", f"/v1/evals/{self.eval}/runs/{run}", expected=(200, 404)) is None:
                self.tell(f"{run} was started and is gone")

    def found(self, word):
        """The document that has it; None: there is none."""
        results = self.patiently("POST", "/v1/search", {"query": word, "k": 1, "mode": "text"})["results"]
        return results[0]["document"] if results and word in results[0]["text"] else None

    def found_by_meaning(self, document):
        """Of its folder, in which it is alone, whatever has a vector is found."""
        asked = {"query": "zorbit quumble", "k": 1, "mode": "vector", "filter": f'folder = "{document.rsplit("/", 1)[0]}"'}
        return bool(self.patiently("POST", "/v1/search", asked)["results"])

    def ended(self, path, going):
        """The state that it has once it is no longer one of these."""
        end = time.monotonic() + 10 * WAIT_S
        while (state := self.patiently("GET", path))["status"] in going and time.monotonic() < end:
            time.sleep(0.1)
        return state

    def look_at_all(self):
        self.look_at_labels()
        for file, about in self.files.items():
            self.look_at_file(file, about)
            if about["deletion"] == "done" and self.found(about["word"]):
                self.tell(f"{file} was deleted and is found")
            if about["deletion"] is None and about["store"] is not None:
                state = self.ended(f"/v1/vector_stores/{about['store']}/files/{file}", ("in_progress",))
                if state["status"] != "completed" or state["attributes"] not in [{"n": n} for n in (about["n"], *about["asked"])]:
                    self.tell(f"{file} is {state} in its store")
                elif not (document := self.found(about["word"])):
                    self.tell(f"{file} is completed and not found")
                elif self.has_vectors and not self.found_by_meaning(document):
                    self.tell(f"{file} is completed and not found by meaning")
        for run, items in self.runs.items():
            state = self.ended(f"/v1/evals/{self.eval}/runs/{run}", ("queued", "in_progress"))
            if state["status"] != "completed" or state["result_counts"]["total"] != items:
                self.tell(f"{run} of {items} items is {state['status']}: {state['result_counts']}")
        if self.entry > 0 and self.patiently("GET", "/v1/log?limit=1")["data"][0]["number"] < self.entry:
            self.tell(f"the audit log ends before entry {self.entry}, which was told")

    def look_at_disk(self):
        """After the server's end."""
        with sqlite3.connect(self.project / ".assay/server.db") as database:
            counted = dict(database.execute("SELECT day, requests FROM uses WHERE key LIKE ? || ' %'", (self.asker_name,)))
        day = max([*self.counted, *counted], default=0)
        if counted.get(day, 0) < self.counted.get(day, 0):
            self.tell(f"{self.counted[day]} requests of a key were answered in a day, and {counted.get(day, 0):g} counted")
        if self.has_vectors:
            with sqlite3.connect(self.project / ".assay/assay.db") as database:
                bare = database.execute("SELECT count(*) FROM passages WHERE id NOT IN (SELECT passage FROM vectors)").fetchone()[0]
            if bare > 0:
                self.tell(f"{bare} passages have no vector")
        for words in (("doctor",), ("log", "verify")):
            ran = subprocess.run([self.binary, *words], cwd=self.project, capture_output=True, text=True)
            if ran.returncode != 0:
                self.tell(f"assay {' '.join(words)}: {ran.stdout[-300:]} {ran.stderr[-300:]}")

    # ---- all of it ----

    def round(self, number, threads):
        workers = [threading.Thread(target=self.load, args=(f"{number}/{i}/{self.drawn.random()}",)) for i in range(threads)]
        for worker in workers:
            worker.start()
        time.sleep(self.drawn.uniform(0.05, 2))
        self.server.kill()
        for worker in workers:
            worker.join()
        self.server = Server(self.binary, self.project, self.log)
        self.waits["ready_s"].append(self.server.seconds)
        for name, mode in {"search_s": "text", "meaning_s": "hybrid"}.items():
            if mode in self.modes:
                self.patiently("POST", "/v1/search", {"query": "refund window", "k": 1, "mode": mode})
                self.waits[name].append(time.monotonic() - self.server.started)
        if not self.server.is_ready:
            self.tell("the server listens and is not ready")
        self.look_at_some()

    def end(self):
        self.look_at_all()
        self.server.process.send_signal(signal.SIGTERM)
        if self.server.process.wait(WAIT_S) != 0:
            self.tell("the server did not end well")
        self.server.process.stdout.close()
        self.look_at_disk()
        self.log.close()


def make_project(binary, project, embedding):
    subprocess.run([binary, "init", "--quiet", project], check=True)
    settings = (project / "assay.yaml").read_text().replace("embedding: builtin", f"embedding: {embedding}").replace("{labels: public}", "{labels: labels.csv}")
    (project / "assay.yaml").write_text(settings)
    (project / "labels.csv").write_text("docs,public\n")
    (project / "docs").mkdir(exist_ok=True)
    (project / "docs/refunds.md").write_text("# Refunds\n\nThe refund window is thirty days.\n")
    subprocess.run([binary, "add", "--quiet"], cwd=project, check=True)
    return project


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--project", type=Path)
    parser.add_argument("--embedding", default="none", help="of the project that is made: none, builtin, or the folder of a model")
    options = parser.parse_args()
    binary, scratch, started = options.binary.resolve(), Path(tempfile.mkdtemp(prefix="assay-serve-kills-")), time.monotonic()
    project = options.project.resolve() if options.project else make_project(binary, scratch / "shop", options.embedding)
    kills = Kills(binary, project, options.seed)
    for number in range(options.kills):
        kills.round(number, options.threads)
    kills.end()
    print(json.dumps({"name": "serve_kills", "kills": options.kills, "seed": options.seed, **kills.counts,
                      **{name: [round(max(waits), 3), round(statistics.median(waits), 3)] for name, waits in kills.waits.items() if waits}, "seconds": round(time.monotonic() - started), "wrong": len(kills.wrong), "told": kills.wrong[:TOLD]}))  # fmt: skip
    if kills.wrong:
        print(f"the project is kept in {scratch}", file=sys.stderr)
        return 1
    shutil.rmtree(scratch)
    return 0


if __name__ == "__main__":
    sys.exit(main())
