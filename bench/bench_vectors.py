#!/usr/bin/env python3
"""The index of vectors beside hnswlib, faiss and usearch: building, searching along the graph, looking at every vector, views.

    python3 -m venv peers-data/venv && peers-data/venv/bin/pip install numpy hnswlib faiss-cpu usearch
    meson setup build --buildtype=release && ninja -C build
    peers-data/venv/bin/python bench/bench_vectors.py --binary build/assay [--rows 100000] [--peers hnswlib,faiss,usearch] [--turns 2]

The vectors are made from a fixed seed in peers-data/vec: 384 dimensions, 2,000 clusters whose noise has about 26 effective dimensions,
1,000 questions from the same clusters. All graphs have 16 neighbours (32 on the lowest level) and 200 candidates while building, on two
threads; all searches want 10 results and run on one thread. Each figure is the median over the turns, in which the programs come one
after the other; queries a second at a recall are read off the curve between the two measured points around it.

Figures named "worked" count the seconds in which the program's threads ran, not those that passed: on an idle machine they are the same
for one thread, on a shared one only they compare. Ratios are made of them.

Prints one JSON line for each program and turn, one for each view, and the ratios at the end. Fails when looking at every vector finds
fewer than 99.95 of 100 of the nearest, or when a view gets fewer results than there are.
"""
import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / 'peers-data' / 'vec'
DIMENSIONS, QUESTIONS, K, BLOCK = 384, 1000, 10, 100000
BREADTHS = (10, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 192, 256, 384, 512)


# ---- data ----

def make_data(rows):
    """Questions, vectors and the exact nearest, unless they are there."""
    import numpy as np
    truth = DATA / f'gt_{rows}.i32'
    if truth.exists():
        return
    DATA.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(42)
    centers = random.standard_normal((2000, DIMENSIONS), dtype=np.float32)
    spread = (5 * (np.arange(DIMENSIONS) + 1.0) ** -0.5).astype(np.float32)

    def make(count):
        near = centers[random.integers(0, len(centers), count)]
        made = near + random.standard_normal((count, DIMENSIONS), dtype=np.float32) * spread
        return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)

    questions = make(QUESTIONS)
    questions.tofile(DATA / 'query.f32')
    scores, numbers = np.full((QUESTIONS, K), -9, np.float32), np.zeros((QUESTIONS, K), np.int32)
    with open(DATA / f'base_{rows}.f32', 'wb') as file:
        for first in range(0, rows, BLOCK):
            vectors = make(min(BLOCK, rows - first))
            vectors.tofile(file)
            products = questions @ vectors.T
            best = np.argpartition(-products, K, axis=1)[:, :K]
            scores = np.concatenate([scores, np.take_along_axis(products, best, 1)], 1)
            numbers = np.concatenate([numbers, best.astype(np.int32) + first], 1)
            order = np.argsort(-scores, axis=1, kind='stable')[:, :K]
            scores, numbers = np.take_along_axis(scores, order, 1), np.take_along_axis(numbers, order, 1)
    numbers.tofile(truth)


# ---- the others, each in a process of its own ----

def resident_mib():
    with open('/proc/self/status', encoding='ascii') as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith('VmRSS'))


def open_hnswlib(vectors, threads, kept):
    import hnswlib
    index = hnswlib.Index(space='ip', dim=DIMENSIONS)
    if kept.exists():
        index.load_index(str(kept))
    else:
        index.init_index(max_elements=len(vectors), M=16, ef_construction=200, random_seed=1)
        index.add_items(vectors, num_threads=threads)

    def search(questions, breadth):
        index.set_ef(max(breadth, K))
        return index.knn_query(questions, K, num_threads=1)[0]
    return search, index.save_index


def open_faiss(vectors, threads, kept):
    import faiss
    faiss.omp_set_num_threads(threads)
    if kept.exists():
        index = faiss.read_index(str(kept))
    else:
        index = faiss.IndexHNSWFlat(DIMENSIONS, 16, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = 200
        index.add(vectors)

    def search(questions, breadth):
        faiss.omp_set_num_threads(1)
        index.hnsw.efSearch = breadth
        return index.search(questions, K)[1]
    return search, lambda path: faiss.write_index(index, path)


def open_usearch(vectors, threads, kept):
    import numpy as np
    from usearch.index import Index
    index = Index(ndim=DIMENSIONS, metric='ip', dtype='bf16', connectivity=16, expansion_add=200)
    if kept.exists():
        index.load(str(kept))
    else:
        index.add(np.arange(len(vectors)), vectors, threads=threads)

    def search(questions, breadth):
        index.expansion_search = breadth
        return index.search(questions, K, threads=1).keys
    return search, index.save


PEERS = {'hnswlib': open_hnswlib, 'faiss': open_faiss, 'usearch': open_usearch}


def load(rows):
    import numpy as np
    return (np.fromfile(DATA / f'base_{rows}.f32', np.float32).reshape(-1, DIMENSIONS),
            np.fromfile(DATA / 'query.f32', np.float32).reshape(-1, DIMENSIONS),
            np.fromfile(DATA / f'gt_{rows}.i32', np.int32).reshape(-1, K))


def per_second(work, count, rounds):
    """By the clock, and by the time that was worked."""
    seconds, worked = [], []
    for _ in range(rounds):
        start, start_worked = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - start)
        worked.append(time.process_time() - start_worked)
    return count / statistics.median(seconds), count / statistics.median(worked)


def run_peer(name, rows, threads, keep):
    """With `keep` its graph is left for the next run, which then tells nothing of building."""
    vectors, questions, truth = load(rows)
    kept = DATA / f'{name}_{rows}.graph'
    was_kept = keep and kept.exists()
    before, start, worked = resident_mib(), time.perf_counter(), time.process_time()
    search, save = PEERS[name](vectors, threads, kept if keep else DATA / 'none')
    figures = {'program': name, 'build_s': None if was_kept else time.perf_counter() - start,
               'build_worked_s': None if was_kept else time.process_time() - worked,
               'resident_mib': resident_mib() - before, 'curve': []}
    if keep and not was_kept:
        save(str(kept))
    for breadth in BREADTHS:
        found = search(questions, breadth)
        recall = sum(len(set(a.tolist()) & set(b.tolist())) for a, b in zip(found, truth)) / (QUESTIONS * K)
        figures['curve'].append((breadth, recall, *per_second(lambda: search(questions, breadth), QUESTIONS, 3)))
        if recall > 0.993:
            break
    print(json.dumps(figures), flush=True)


def run_flat(rows):
    import faiss
    vectors, questions, truth = load(rows)
    index = faiss.IndexFlatIP(DIMENSIONS)
    index.add(vectors)
    figures = {'program': 'faiss flat'}
    for threads in (1, 2):
        faiss.omp_set_num_threads(threads)
        figures[f'batch_{threads}'], figures[f'batch_{threads}_worked'] = per_second(
            lambda: index.search(questions, K), QUESTIONS, 3)
    faiss.omp_set_num_threads(1)
    figures['one'], figures['one_worked'] = per_second(lambda: [index.search(questions[i:i + 1], K) for i in range(50)], 50, 3)
    print(json.dumps(figures), flush=True)


# ---- ours ----

def lines(*command):
    done = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def run_ours(probe, rows, threads, keep):
    segment, questions, truth = DATA / f'assay_{rows}.vec', DATA / 'query.f32', DATA / f'gt_{rows}.i32'
    built = {}
    if not keep or not segment.exists():
        built, = lines(probe, 'build', DATA / f'base_{rows}.f32', DIMENSIONS, segment, threads)
    figures = {'program': 'assay', 'build_s': built.get('build_s'), 'build_worked_s': built.get('build_worked_s'),
               'file_mib': segment.stat().st_size / 2**20, 'curve': []}
    for line in lines(probe, 'search', segment, questions, truth, *BREADTHS[:12]):
        if line['name'] == 'open':
            figures['open_ms'] = line['ms']
        else:
            figures['curve'].append((line['breadth'], line['recall'], line['per_second'], line['per_second_worked']))
            figures['resident_mib'] = line['resident_mib']
    print(json.dumps(figures), flush=True)
    return figures


def scan_ours(probe, rows):
    segment, questions, truth = DATA / f'assay_{rows}.vec', DATA / 'query.f32', DATA / f'gt_{rows}.i32'
    scan = lines(probe, 'scan', segment, questions, truth)[-1]
    figures = {'program': 'assay, every vector', 'recall': scan['recall'], 'one': scan['per_second'],
               'one_worked': scan['per_second_worked']}
    for threads in (1, 2):
        batch = lines(probe, 'batch', segment, questions, truth, threads)[-1]
        figures[f'batch_{threads}'], figures[f'batch_{threads}_worked'] = batch['per_second'], batch['per_second_worked']
    print(json.dumps(figures), flush=True)
    if figures['recall'] < 0.9995:
        sys.exit(f'bench_vectors: looking at every vector finds {figures["recall"]} of the nearest')
    return figures


def views_ours(probe, rows):
    segment = DATA / f'assay_{rows}.vec'
    for line in lines(probe, 'views', segment, DATA / 'query.f32', DATA / f'base_{rows}.f32'):
        print(json.dumps(line), flush=True)
        if line.get('short', 0) > 0:
            sys.exit('bench_vectors: a view got fewer results than there are')


# ---- beside each other ----

def at_recall(curve, recall):
    """Queries a second between the two points around the recall, on a logarithmic scale; None when it is not reached."""
    before = None
    for _, found, _, speed in curve:
        if found >= recall:
            if before is None or found == before[0]:
                return speed
            share = (recall - before[0]) / (found - before[0])
            return math.exp(math.log(before[1]) * (1 - share) + math.log(speed) * share)
        before = (found, speed)
    return None


def median(turns, figure):
    values = [figure(turn) for turn in turns]
    return None if None in values else statistics.median(values)


def tell(turns):
    ours = turns.pop('assay')
    for name, recall in (('0.95', 0.95), ('0.99', 0.99)):
        own = median(ours, lambda turn: at_recall(turn['curve'], recall))
        peers = {peer: median(all_turns, lambda turn: at_recall(turn['curve'], recall)) for peer, all_turns in turns.items()}
        best = max((speed for speed in peers.values() if speed), default=None)
        print(json.dumps({'figure': f'queries a second worked at recall {name}', 'assay': own, **peers,
                          'ratio to the best': own / best if own and best else None}))
    for figure in ('build_s', 'build_worked_s', 'resident_mib'):
        own = median(ours, lambda turn: turn[figure])
        peers = {peer: median(all_turns, lambda turn: turn[figure]) for peer, all_turns in turns.items()}
        best = min(peers.values()) if peers and None not in peers.values() else None
        print(json.dumps({'figure': figure, 'assay': own, **peers, 'ratio to the best': own / best if own and best else None}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--binary', default='build/assay', help='whose folder has the built library')
    parser.add_argument('--rows', type=int, default=100000)
    parser.add_argument('--threads', type=int, default=2, help='while building')
    parser.add_argument('--turns', type=int, default=2)
    parser.add_argument('--peers', default='hnswlib,faiss,usearch')
    parser.add_argument('--keep', action='store_true',
                        help='keep the graphs, and take those that are there: then nothing is told of building')
    parser.add_argument('--no-scan', action='store_true', help='leave out looking at every vector')
    parser.add_argument('--no-views', action='store_true')
    parser.add_argument('--peer', help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer == 'flat':
        return run_flat(options.rows)
    if options.peer:
        return run_peer(options.peer, options.rows, options.threads, options.keep)
    make_data(options.rows)
    probe = build_probe('vector_probe', Path(options.binary).parent)
    names = [name for name in options.peers.split(',') if name]
    turns = {'assay': [], **{name: [] for name in names}}
    own = [sys.executable, __file__, '--rows', options.rows, '--threads', options.threads,
           *(['--keep'] if options.keep else []), '--peer']
    scans = []
    for _ in range(options.turns):
        turns['assay'].append(run_ours(probe, options.rows, options.threads, options.keep))
        for name in names:
            figures, = lines(*own, name)
            print(json.dumps(figures), flush=True)
            turns[name].append(figures)
        if not options.no_scan:
            flat, = lines(*own, 'flat')
            print(json.dumps(flat), flush=True)
            scans.append((scan_ours(probe, options.rows), flat))
    if not options.no_views:
        views_ours(probe, options.rows)
    tell(turns)
    for figure in ('one_worked', 'batch_1_worked', 'batch_2_worked') if scans else ():
        ours, flat = (statistics.median(scan[i][figure] for scan in scans) for i in (0, 1))
        print(json.dumps({'figure': f'every vector, {figure}', 'assay': ours, 'faiss flat': flat, 'ratio': ours / flat}))
    return None


if __name__ == '__main__':
    os.environ.setdefault('OMP_NUM_THREADS', '2')
    sys.exit(main())
