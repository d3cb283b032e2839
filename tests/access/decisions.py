#!/usr/bin/env python3
"""Asks as many keys with as many filters, over random worlds that change, and compares what is seen with oracle.py: nothing hidden, and
nothing missing. A decision is one document that one search shows, or does not.

    tests/access/decisions.py --build build --decisions 1000000 [--seed N] [--documents N]

The last line tells the figures; what is wrong is told with the seed and ends the run with status 1."""

import argparse
import json
import random as chance
import sys
import tempfile
import time

import oracle
import worlds


class Keys:
    """The keys of a world: as the oracle knows them, and what the program gave for them."""

    def __init__(self, random, runner):
        self.random, self.runner = random, runner
        self.groups, self.secrets, self.revoked = {}, {}, {}
        for name in ("none", "one", "two", "many"):
            self.add(name)

    def add(self, name):
        groups = self.random.sample(worlds.GROUPS, {"none": 0, "one": 1, "two": 2}.get(name, 4))
        words = ["--groups", ",".join(groups)] if groups else []
        self.secrets[name] = json.loads(self.runner.run("key", "add", "--json", name, *words))["key"]
        self.groups[name] = groups

    def change(self):
        """One key is revoked; one that was is given again with other groups."""
        for name in sorted(self.revoked):
            if self.random.random() < 0.7:
                del self.revoked[name]
                self.add(name)
        name = self.random.choice(sorted(self.groups))
        if self.random.random() < 0.6:
            self.runner.run("key", "revoke", name)
            self.revoked[name] = self.secrets.pop(name)
            del self.groups[name]


def check_search(random, runner, keys, world):
    """One search by somebody; the number of decisions."""
    name = random.choice(["-", "stranger", *sorted(keys.groups), *sorted(keys.revoked)])
    condition = worlds.random_condition(random) if random.random() < 0.6 else None
    text = worlds.condition_text(condition) if condition else ""
    who = name
    if name in keys.secrets and random.random() < 0.3:
        who = keys.secrets[name]
    elif name in keys.revoked and random.random() < 0.3:
        who = keys.revoked[name]
    got = runner.ask(who, text)
    if name == "stranger" or name in keys.revoked:
        assert isinstance(got, str) and "docs/" not in got, f"{name}: {got}"
        return len(world["documents"])
    wanted = oracle.visible(world, None if name == "-" else keys.groups[name], condition)
    assert not isinstance(got, str), f"{name} {text}: {got}"
    assert got[0] == wanted, (f"{name} {keys.groups.get(name)} {text}\nleaked: {sorted(got[0] - wanted)[:5]}\n"
                              f"missing: {sorted(wanted - got[0])[:5]}\nrule {world['rule']}")  # fmt: skip
    assert got[1] == len(wanted), f"{name} {text}: looked through {got[1]} passages, may see {len(wanted)}"
    return len(world["documents"])


def check_command(random, runner, keys, world):
    """The same by the command, whose whole output is looked at."""
    if not keys.groups:
        return 0
    name = random.choice(sorted(keys.groups))
    wanted = oracle.visible(world, keys.groups[name])
    out = runner.run("search", "--json", "-k", "10000", "--as", name, worlds.WORD)
    told = {place["document"] for hit in json.loads(out)["results"] for place in [hit, *hit["also"]]}
    assert told == wanted, f"{name}: the command sees something else"
    hidden = set(world["documents"]) - wanted
    assert not [path for path in hidden if f'"{path}"' in out], f"{name}: the command's output names what is hidden"
    people = runner.run("search", "-k", "10000", "--as", name, worlds.WORD)
    assert not [path for path in hidden if f" {path}:" in people], f"{name}: the command's output names what is hidden"
    listed = {document["path"] for document in json.loads(runner.run("list", "--json"))["documents"]}
    assert listed == set(world["documents"]), "the owner's list is not the world's"
    return 2 * len(world["documents"])


def run_world(random, build, count, goal):
    decisions, changes = 0, 0
    with tempfile.TemporaryDirectory(prefix="assay-access-") as folder:
        runner = worlds.Runner(build, folder)
        try:
            runner.run("init", "--quiet", ".")
            world = worlds.make_world(random, count)
            keys = Keys(random, runner)
            while decisions < goal and changes < 8:
                worlds.write_world(world, folder)
                runner.run("add", "--quiet")
                decisions += check_command(random, runner, keys, world)
                for _ in range(60):
                    decisions += check_search(random, runner, keys, world)
                    if random.random() < 0.05:
                        keys.change()
                worlds.change_world(random, world)
                changes += 1
            report = json.loads(runner.run("doctor", "--json"))
            assert report["problems"] == [], report["problems"]
        finally:
            runner.close()
    return decisions


def run(build, goal, seed, documents):
    decisions, count, started = 0, 0, time.monotonic()
    while decisions < goal:
        random = chance.Random(f"{seed} {count}")
        try:
            decisions += run_world(random, build, documents or random.choice((3, 20, 100, 300)), goal - decisions)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, world {count}: {error}") from None
        count += 1
    return {"decisions": decisions, "worlds": count, "seconds": time.monotonic() - started}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--decisions", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--documents", type=int, default=0)
    arguments = parser.parse_args()
    try:
        done = run(arguments.build, arguments.decisions, arguments.seed, arguments.documents)
    except AssertionError as error:
        sys.exit(f"decisions: {error}")
    print(f"{done['decisions']} decisions in {done['worlds']} worlds, {done['seconds']:.0f} s: 0 leaks, nothing missing")


if __name__ == "__main__":
    main()
