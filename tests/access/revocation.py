#!/usr/bin/env python3
"""Revocation is immediate: readers search all the time, each in a process of its own that stays open, while writers revoke keys and give
them again, and take labels from documents and give them back; readers and writers are killed now and then. Afterwards the history is
read: a search that began after a revocation was acknowledged, and ended before anybody began to undo it, must not show anything by that
key, or that document.

    tests/access/revocation.py --build build --seconds 60 [--seed N] [--readers 4]"""

import argparse
import os
import random as chance
import signal
import subprocess
import sys
import tempfile
import threading
import time

import worlds

DOCUMENTS = 12
KEYS = ["k0", "k1", "k2"]


class History:
    """What was hidden from when to when, and what each search saw; times of one clock for all processes."""

    def __init__(self):
        self.lock = threading.Lock()
        self.hidden = []  # (acknowledged, undoing begins, key or None, document or None)
        self.searches = []  # (begin, end, key, documents or None for an error)
        self.stop = threading.Event()
        self.failures = []

    def note(self, entries, entry):
        with self.lock:
            entries.append(entry)

    def check(self, seed):
        """How many searches lay within a time in which something was hidden."""
        within, by_second = 0, {}
        for entry in list(self.hidden):
            for second in range(int(entry[0]), int(entry[1]) + 1):
                by_second.setdefault(second, []).append(entry)
        for begin, end, key, seen in list(self.searches):
            for acknowledged, undone, hidden_key, document in by_second.get(int(begin), ()):
                if not acknowledged < begin <= end < undone or hidden_key not in (None, key):
                    continue
                within += 1
                wrong = seen is not None if document is None else document in (seen or ())
                what = f"key {hidden_key}" if document is None else document
                assert not wrong, f"seed {seed}: a search that began {begin - acknowledged:.4f} s after {what} was taken away saw it"
        return within

    def shown(self, seed):
        """How many searches could have been wrong, and how many saw all there is."""
        return self.check(seed), sum(1 for *_, seen in list(self.searches) if seen and len(seen) >= DOCUMENTS)


def guarded(history, work, *arguments):
    try:
        work(history, *arguments)
    except Exception as error:  # a thread's failure is the run's
        history.note(history.failures, f"{work.__name__}: {type(error).__name__}: {error}")
        history.stop.set()


def read_all_the_time(history, build, folder, random):
    runner = worlds.Runner(build, folder)
    while not history.stop.is_set():
        key = random.choice(KEYS)
        begin = time.monotonic()
        line = runner.ask_line(key, random.choice(("", "", 'folder = "docs"')))
        end = time.monotonic()
        fields = line.split("\t")
        assert fields[0] == "ok" or "revoked" in line or "no key" in line, line
        history.note(history.searches, (begin, end, key, set(fields[2::2]) if fields[0] == "ok" else None))
        if random.random() < 0.005:
            runner.asker.kill()
            runner.close()
            runner.asker = None
    runner.close()


def run_to_the_end(history, build, folder, random, words, fine):
    """Runs a command, killing some of the tries, until one ends by itself: that is the acknowledgement."""
    while True:
        process = subprocess.Popen([os.path.join(build, "assay"), *words], cwd=folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)  # fmt: skip
        if random.random() < 0.3:
            time.sleep(random.random() * 0.01)
            process.send_signal(signal.SIGKILL)
        told = process.communicate(timeout=120)[1]
        if process.returncode == 0 or fine in told:
            return
        assert process.returncode == -signal.SIGKILL, f"{words}: {told}"


def change_keys(history, build, folder, random):
    while not history.stop.is_set():
        key = random.choice(KEYS)
        run_to_the_end(history, build, folder, random, ["key", "revoke", key], "nothing else is fine")
        acknowledged = time.monotonic()
        time.sleep(random.random() * 0.03)
        history.note(history.hidden, (acknowledged, time.monotonic(), key, None))
        run_to_the_end(history, build, folder, random, ["key", "add", key, "--groups", "open"], "is there already")
        time.sleep(random.random() * 0.03)


def write_labels(folder, closed):
    with open(os.path.join(folder, "labels.csv.new"), "w", encoding="utf-8") as file:
        file.write("docs,open\n" + "".join(f"{document},closed\n" for document in sorted(closed)))
    os.rename(os.path.join(folder, "labels.csv.new"), os.path.join(folder, "labels.csv"))


def change_labels(history, build, folder, random):
    names = [f"docs/d{i}.md" for i in range(DOCUMENTS)]
    while not history.stop.is_set():
        closed = set(random.sample(names, random.randrange(1, 4)))
        write_labels(folder, closed)
        run_to_the_end(history, build, folder, random, ["add", "-q"], "nothing else is fine")
        acknowledged = time.monotonic()
        if random.random() < 0.3:  # meanwhile something else is added
            with open(os.path.join(folder, "docs", "other.md"), "w", encoding="utf-8") as file:
                file.write(f"{worlds.WORD} {random.random()}\n")
            run_to_the_end(history, build, folder, random, ["add", "-q"], "nothing else is fine")
        time.sleep(random.random() * 0.05)
        undone = time.monotonic()
        for document in closed:
            history.note(history.hidden, (acknowledged, undone, None, document))
        write_labels(folder, set())
        run_to_the_end(history, build, folder, random, ["add", "-q"], "nothing else is fine")


def prepare(build, folder):
    runner = worlds.Runner(build, folder)
    runner.run("init", "-q", ".")
    with open(os.path.join(folder, "assay.yaml"), "w", encoding="utf-8") as file:
        file.write("access: {labels: labels.csv}\n")
    write_labels(folder, set())
    os.makedirs(os.path.join(folder, "docs"))
    for i in range(DOCUMENTS):
        with open(os.path.join(folder, "docs", f"d{i}.md"), "w", encoding="utf-8") as file:
            file.write(f"{worlds.WORD} number {i}\n")
    runner.run("add", "-q")
    for key in KEYS:
        runner.run("key", "add", "-q", key, "--groups", "open")


def run(build, seconds, seed, readers):
    history = History()
    with tempfile.TemporaryDirectory(prefix="assay-revocation-") as folder:
        build = os.path.abspath(build)
        prepare(build, folder)
        works = [*[read_all_the_time] * readers, change_keys, change_labels]
        threads = [threading.Thread(target=guarded, args=(history, work, build, folder, chance.Random(f"{seed} {i}")))
                   for i, work in enumerate(works)]  # fmt: skip
        for thread in threads:
            thread.start()
        end = time.monotonic() + 20 * seconds  # on a machine that is busy, a short run may show nothing yet
        try:
            while not history.stop.wait(seconds) and not all(history.shown(seed)) and time.monotonic() < end:
                pass
        finally:
            history.stop.set()
            for thread in threads:
                thread.join()
    assert not history.failures, f"seed {seed}: {history.failures}"
    within, full = history.shown(seed)
    assert within > 0 and full > 0, f"seed {seed}: {within} searches while something was hidden, {full} that saw all: shows nothing"
    return {"searches": len(history.searches), "within": within, "hidden": len(history.hidden), "full": full}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--readers", type=int, default=4)
    arguments = parser.parse_args()
    try:
        done = run(arguments.build, arguments.seconds, arguments.seed, arguments.readers)
    except AssertionError as error:
        sys.exit(f"revocation: {error}")
    print(f"{done['searches']} searches, {done['hidden']} times something was taken away, {done['within']} looks at it meanwhile: 0 saw it")


if __name__ == "__main__":
    main()
