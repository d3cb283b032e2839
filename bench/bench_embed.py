"""How many tokens a second `assay` embeds with all-MiniLM-L6-v2, and how soon a single query, beside onnxruntime and
sentence-transformers in the same run: f32, bf16 and int8, one thread and two, texts of 20, 128 and 256 tokens and passages as they
come. Tokenizing is part of every figure. Each program gets its best batch size, onnxruntime also its better graph (plain or fused);
they take turns. Vectors are compared before anything is timed. Memory and the time to open the model are told too.

    python3 -m venv peers-data/venv
    peers-data/venv/bin/pip install torch transformers sentence-transformers onnxruntime onnx onnxscript
    scripts/setup (fetches the model)
    python3 bench/bench_embed.py --binary build/assay

Passages: the contexts of SQuAD's development set, DATA/squad/dev-v1.1*.json.gz; without them, words at random of mixed lengths."""

import argparse
import array
import glob
import gzip
import json
import math
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PEERS = ROOT / "peers-data"
PYTHON = PEERS / "venv" / "bin" / "python"
WORKLOADS = {"20 tokens": 256, "128 tokens": 64, "256 tokens": 32, "passages": 64}
LATENCY = "12-token query"
BATCHES = (32, 256)
TRIES = 2
PASSES = 5  # over the texts in a turn, of which the median counts
COSINE_MIN = {"f32": 0.99999, "bf16": 0.9995, "int8": 0.99}
PEER_ENGINES = {
    "onnxruntime f32": ("ort_f32",), "onnxruntime f32 fused": ("ort_f32", "--fused"), "onnxruntime int8": ("ort_int8",),
    "onnxruntime int8 fused": ("ort_int8", "--fused"), "sentence-transformers f32": ("st_f32",), "sentence-transformers bf16": ("st_bf16",)}
TRUTH = "sentence-transformers f32"
RIVALS = {"f32": ("onnxruntime f32", "sentence-transformers f32"), "bf16": ("sentence-transformers bf16", "onnxruntime f32"),
          "int8": ("onnxruntime int8", "sentence-transformers bf16")}


def words_of_one_token(model):
    with open(model / "vocab.txt", encoding="utf-8") as file:
        tokens = file.read().splitlines()
    return sorted(token for number, token in enumerate(tokens) if number > 1996 and token.isascii() and token.isalpha() and len(token) > 2)


def random_texts(words, tokens, count, seed=7):
    """Texts of exactly so many tokens: words that are one each, and two special ones."""
    chance = random.Random(seed)
    return [" ".join(chance.choice(words) for _ in range(tokens - 2)) for _ in range(count)]


def passages(data, words, count):
    found = sorted(glob.glob(str(pathlib.Path(data) / "squad" / "dev-v1.1*.json.gz")))
    chance = random.Random(11)
    if not found:
        return [random_texts(words, chance.randint(30, 256), 1, seed)[0] for seed in range(count)], "words at random"
    with gzip.open(found[0], "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    contexts = sorted({" ".join(one["context"].split()) for article in articles for one in article["paragraphs"]})
    return chance.sample(contexts, count), "SQuAD contexts"


def write_texts(folder, model, data, share):
    words = words_of_one_token(model)
    texts = {name: random_texts(words, int(name.split()[0]), count // share) for name, count in WORKLOADS.items() if name != "passages"}
    texts["passages"], source = passages(data, words, WORKLOADS["passages"] // share)
    texts[LATENCY] = random_texts(words, 12, 200 // share, 99)
    paths = {}
    for name, lines in texts.items():
        paths[name] = folder / (name.replace(" ", "-") + ".txt")
        paths[name].write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return paths, source


def read_vectors(data):
    """Of a NumPy file of f32 rows."""
    begin = 10 + int.from_bytes(data[8:10], "little")
    numbers = array.array("f")
    numbers.frombytes(data[begin:])
    shape = data[10:begin].decode("ascii").split("'shape': (")[1].split(")")[0]
    width = int(shape.split(",")[1])
    return [numbers[row : row + width] for row in range(0, len(numbers), width)]


def least_cosine(left, right):
    if len(left) != len(right):
        raise SystemExit(f"{len(left)} vectors, expected {len(right)}")
    return min(sum(a * b for a, b in zip(one, other)) / math.sqrt(sum(a * a for a in one) * sum(b * b for b in other))
               for one, other in zip(left, right))


class Peer:
    """A program to compare with, in a process that waits for its turn."""

    def __init__(self, name, model, threads):
        self.name, self.batch = name, {}
        engine, *more = PEER_ENGINES[name]
        command = [PYTHON, ROOT / "bench/embed_peers.py", "--model", model, "--engine", engine, *more, "--threads", str(threads),
                   "--onnx", PEERS / "onnx-embed"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def ask(self, **request):
        self.process.stdin.write(json.dumps({key: str(value) if isinstance(value, pathlib.Path) else value
                                             for key, value in request.items()}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended: run bench/embed_peers.py by hand")
        return json.loads(line)

    def choose_batch(self, workload, path):
        """Warms up, and finds the batch size that suits it best: the best of a few tries, so that no disturbance decides."""
        seconds = {batch: min(self.ask(do="time", texts=path, batch=batch)["seconds"] for _ in range(TRIES)) for batch in BATCHES}
        self.batch[workload] = min(seconds, key=seconds.get)

    def tokens_per_second(self, workload, path):
        answers = [self.ask(do="time", texts=path, batch=self.batch[workload]) for _ in range(PASSES)]
        return statistics.median(answer["tokens"] / answer["seconds"] for answer in answers)

    def latency(self, path):
        return self.ask(do="latency", texts=path)

    def vectors(self, path, folder):
        self.ask(do="vectors", texts=path, to=folder / "vectors.npy")
        return read_vectors((folder / "vectors.npy").read_bytes())

    def memory(self):
        return self.ask(do="memory")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Ours:
    """`assay bench embed`, a process for each measurement."""

    def __init__(self, precision, binary, model, threads):
        self.name, self.precision, self.binary, self.batch = "assay " + precision, precision, binary, {}
        self.words = ["--model", model, "--precision", precision, "--threads", str(threads)]

    def bench(self, path, *words):
        command = [self.binary, "bench", "embed", *self.words, "--texts", path, *words, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{self.name}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def choose_batch(self, workload, path):
        speeds = {batch: max(self.bench(path, "--batch", str(batch), "--repeat", "1")["tokens_per_second"] for _ in range(TRIES))
                  for batch in BATCHES}
        self.batch[workload] = max(speeds, key=speeds.get)

    def tokens_per_second(self, workload, path):
        return self.bench(path, "--batch", str(self.batch[workload]), "--repeat", str(PASSES))["tokens_per_second"]

    def latency(self, path):
        return self.bench(path, "--latency")

    def vectors(self, path, folder):
        command = [self.binary, "embed", *self.words, "--format", "npy", path]
        return read_vectors(subprocess.run(command, capture_output=True, check=True).stdout)

    def process(self, path):
        """Wall time and most memory of a process that embeds a file."""
        begun = time.perf_counter()
        child = subprocess.Popen([self.binary, "embed", *self.words, "--format", "npy", path], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status != 0:
            raise SystemExit(f"{self.name}: embedding {path} failed")
        return time.perf_counter() - begun, usage.ru_maxrss / 1024

    def close(self):
        pass


def check(engines, paths, folder, workloads):
    """The vectors of all, against sentence-transformers' in f32. Ours below its promise ends the run."""
    truth = {}
    for workload in workloads:
        truth[workload] = engines[TRUTH].vectors(paths[workload], folder)
    least = {}
    for name, engine in engines.items():
        least[name] = min(least_cosine(engine.vectors(paths[workload], folder), truth[workload]) for workload in workloads)
        print(json.dumps({"name": "least cosine to sentence-transformers f32", "engine": name, "value": round(least[name], 6)}), flush=True)
        if name.startswith("assay") and least[name] < COSINE_MIN[engine.precision]:
            raise SystemExit(f"{name}: cosine {least[name]}, expected {COSINE_MIN[engine.precision]}")
    return least


def measure(engines, paths, repeats, chosen):
    """Figures by what is measured and by engine. All take turns, in an order that changes."""
    workloads = [name for name in chosen if name in WORKLOADS]
    keys = workloads + ([LATENCY + ", p50", LATENCY + ", p99"] if LATENCY in chosen else [])
    figures = {name: {key: [] for key in keys} for name in engines}
    for workload in workloads:
        for engine in engines.values():
            engine.choose_batch(workload, paths[workload])
    for repeat in range(repeats):
        order = list(engines.items())
        random.Random(repeat).shuffle(order)
        for workload in workloads:
            for name, engine in order:
                figures[name][workload].append(engine.tokens_per_second(workload, paths[workload]))
        for name, engine in order if LATENCY in chosen else ():
            answer = engine.latency(paths[LATENCY])
            for part in ("p50", "p99"):
                figures[name][f"{LATENCY}, {part}"].append(answer[part + "_ms"])
    return figures


def best_of_family(figures, family, key, least):
    """The better of a program's graphs: its name and values."""
    names = [name for name in figures if name in (family, family + " fused")]
    return (min if least else max)(((statistics.median(figures[name][key]), name, figures[name][key]) for name in names), default=None)


def tell(figures, engines, threads):
    """A line for each figure; the ratio is above 1 where ours is the better."""
    lines = []
    for key in next(iter(figures.values())):
        least = key.startswith(LATENCY)
        for name, values in figures.items():
            median = statistics.median(values[key])
            line = {"name": key, "threads": threads, "engine": name, "median": round(median, 3), "least": round(min(values[key]), 3),
                    "most": round(max(values[key]), 3), "unit": "ms" if least else "tokens/s", "runs": len(values[key])}
            if not least:
                line["batch"] = engines[name].batch[key]
            for family in RIVALS.get(name.removeprefix("assay "), ()):
                rival = best_of_family(figures, family, key, least)
                if rival:
                    line[f"ratio to {rival[1]}"] = round(rival[0] / median if least else median / rival[0], 2)
            print(json.dumps(line), flush=True)
            lines.append(line)
    return lines


def tell_memory(engines, paths, threads, model):
    """After one query, while embedding; how long a new process takes to its first vector (ours), opening alone (the others)."""
    lines = [{"name": "model file", "value": round((model / "model.safetensors").stat().st_size / (1 << 20), 1), "unit": "MiB"}]
    one = paths[LATENCY].with_name("one.txt")
    one.write_text(paths[LATENCY].read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
    for name, engine in engines.items():
        line = {"name": "memory and opening", "threads": threads, "engine": name}
        if isinstance(engine, Ours):
            runs = [engine.process(one) for _ in range(5)]
            line |= {"first_vector_seconds": round(statistics.median(run[0] for run in runs), 4),
                     "one_query_mib": round(max(run[1] for run in runs), 1),
                     "peak_mib": round(max(engine.process(paths[workload])[1] for workload in WORKLOADS), 1)}
        else:
            line |= engine.memory()
        lines.append(line)
    for line in lines:
        print(json.dumps(line), flush=True)
    return lines


def prepare(model):
    if not PYTHON.exists():
        raise SystemExit("to compare with, peers-data/venv is needed:\n    python3 -m venv peers-data/venv\n    peers-data/venv/bin/pip "
                         "install torch transformers sentence-transformers onnxruntime onnx onnxscript")
    if not (model / "model.safetensors").exists():
        raise SystemExit(f"{model} is not there: run scripts/setup")
    if not (PEERS / "onnx-embed" / "int8fused.onnx").exists():
        subprocess.run([PYTHON, ROOT / "bench/embed_peers.py", "--model", model, "--export", "--onnx", PEERS / "onnx-embed"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run(options, threads, folder):
    model = pathlib.Path(options.model)
    paths, source = write_texts(folder, model, options.data, 16 if options.quick else 1)
    ours = () if options.peers_only else COSINE_MIN
    engines = {"assay " + precision: Ours(precision, options.binary, model, threads) for precision in ours
               if not options.engines or "assay " + precision in options.engines}
    engines |= {name: Peer(name, model, threads) for name in PEER_ENGINES if not options.engines or name in (*options.engines, TRUTH)}
    lines = tell_memory(engines, paths, threads, model)
    cosines = check(engines, paths, folder, [name for name in options.only if name in WORKLOADS] or ["20 tokens"])
    timed = {name: engine for name, engine in engines.items() if not options.engines or name in options.engines}
    figures = measure(timed, paths, options.repeats, options.only)
    lines += tell(figures, engines, threads)
    lines += [{"name": "after embedding", "threads": threads, "engine": name} | engine.memory() for name, engine in engines.items()
              if isinstance(engine, Peer)]
    for engine in engines.values():
        engine.close()
    return {"threads": threads, "passages": source, "load": os.getloadavg()[0], "least_cosine": cosines, "lines": lines}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="build/assay", type=os.path.abspath)
    parser.add_argument("--model", default=ROOT / "models/all-MiniLM-L6-v2")
    parser.add_argument("--data", default=ROOT.parent / "shared/data", help="folder with one folder a collection")
    parser.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[*WORKLOADS, LATENCY], choices=[*WORKLOADS, LATENCY], help="a part of the figures")
    parser.add_argument("--engines", nargs="*", choices=["assay " + name for name in COSINE_MIN] + [*PEER_ENGINES],
                        help="a part of the programs, for more turns in the same time")
    parser.add_argument("--peers-only", action="store_true")
    parser.add_argument("--quick", action="store_true", help="few texts: to try the script, not for figures")
    options = parser.parse_args()
    prepare(pathlib.Path(options.model))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="assay-bench-"))
    try:
        runs = [run(options, threads, folder) for threads in options.threads]
    finally:
        shutil.rmtree(folder)
    (PEERS / "bench_embed.json").write_text(json.dumps({"time": time.strftime("%Y-%m-%d %H:%M"), "runs": runs}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
