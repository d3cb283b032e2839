#!/usr/bin/env python3
"""Simulates how often intervals hold the truth and how often tests give false alarm (build/tests/measures/simulate_statistics).

    bench/intervals.py [--rounds 4000] [--build build]

Bars: 95 % intervals hold in 93 to 97 of 100 rounds, tests at 5 % give alarm in 4 to 6. Exit status 1 when one is missed by more than three standard
errors of the simulation."""
import argparse
import json
import math
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BARS = {'cover': (0.93, 0.97), 'alarm': (0.04, 0.06)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--rounds', type=int, default=4000)
    parser.add_argument('--build', default='build')
    options = parser.parse_args()
    program = os.path.join(ROOT, options.build, 'tests/measures/simulate_statistics')
    run = subprocess.run([program, str(options.rounds)], stdout=subprocess.PIPE, text=True, check=True)
    missed = 0
    for line in run.stdout.splitlines():
        row = json.loads(line)
        low, high = BARS[row['kind']]
        error = math.sqrt(row['share'] * (1 - row['share']) / row['rounds'])
        is_missed = row['share'] < low - 3 * error or row['share'] > high + 3 * error
        missed += is_missed
        print(f"{row['share']:.4f} ± {error:.4f}  {'missed' if is_missed else 'held  '}  {row['name']}")
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
