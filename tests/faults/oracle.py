"""What must be true of a project after a fault: documents made from a seed, and which of them have been acknowledged."""
import hashlib
import random
import re

from rights import STATES

VERBS = re.compile(r"^(added|updated|removed) (.+)$")
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"


def word_make(rng, syllables):
    return "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(syllables))


class Version:
    """One content that a document may have, with a word that stands in no other."""

    def __init__(self, seed, number, is_small):
        rng = random.Random(f"{seed}/version/{number}")
        self.word = "q" + word_make(rng, 6) + "x"
        sections = 1 if is_small else rng.choice([1, 1, 2, 3, 3, 5, 8, 40])
        parts = [f"# Title {word_make(rng, 3)}"]
        for index in range(sections):
            words = [word_make(rng, rng.randint(1, 4)) for _ in range(rng.randint(4, 12) if is_small else rng.randint(20, 160))]
            if index == sections // 2:
                words.insert(rng.randrange(len(words)), self.word)
            parts.append(f"## Part {word_make(rng, 2)}\n\n" + " ".join(words) + ".")
        self.data = ("\n\n".join(parts) + "\n").encode()
        self.sha256 = hashlib.sha256(self.data).hexdigest()


class Pool:
    """All versions that a run uses. Each is alive in at most one document, so that its word finds one document."""

    def __init__(self, seed, count, is_small=False):
        self.seed, self.count, self.is_small = seed, count, is_small
        self.versions = [Version(seed, number, is_small) for number in range(count)]
        self.by_sha256 = {version.sha256: version for version in self.versions}
        assert len(self.by_sha256) == count and len({version.word for version in self.versions}) == count
        self.passages = {}  # sha256 -> how many passages the program makes of it; measured once, without faults


def changes_make(rng, pool, documents, count):
    """Changes `documents` {path: Version} into what they shall be next; returns {path: Version or None} of what changed."""
    alive = {version.sha256 for version in documents.values()}
    free = [version for version in pool.versions if version.sha256 not in alive]
    paths = sorted(documents)
    many = max(40, 3 * count)
    changed = {}
    for _ in range(count):
        kind = rng.choices(["add", "update", "remove"], [5, 3, 2] if len(documents) < many else [2, 3, 5])[0]
        if kind == "add" or len(documents) < 3 or not paths:
            folder = rng.choice(["docs", "docs/a", "docs/b/c"])
            path = f"{folder}/{word_make(rng, 4)}.md"
        else:
            path = rng.choice(paths)
        if path in changed:
            continue
        version = None if kind == "remove" and path in documents else free.pop(rng.randrange(len(free)))
        changed[path] = version
        if version is None:
            del documents[path]
        else:
            documents[path] = version
    return changed


# Before a document has told by its label which state of labels.csv was read, any may have been.
UNTOLD = {None, "public", *STATES}


class Expected:
    """For each document the states that are allowed now: hashes, and None for "not there"."""

    def __init__(self, passages):
        self.passages = passages
        self.allowed = {}
        self.targets = {}
        self.possible = set()  # targets that an earlier run, which was killed, may have reached without saying so
        self.facts = {}  # "key k0", "labels": the values that are allowed now; see rights.py
        self.fact_targets = {}

    def step_begin(self, targets, facts=(), is_told=True):
        """A program is told to bring {path: sha256 or None} about, and facts: until it says so, old and new are both right; facts that
        are not told by its ending stay both."""
        self.targets, self.fact_targets = dict(targets), dict(facts) if is_told else {}
        for name, target in dict(facts).items():
            self.facts[name] = self.facts.get(name, UNTOLD if name == "labels" else {None}) | {target}
        self.possible = {path for path, target in targets.items() if target in self.allowed.get(path, {None})}
        for path, target in targets.items():
            self.allowed[path] = self.allowed.get(path, {None}) | {target}

    def ack(self, text):
        """Takes whole lines of what the program told. Returns what is wrong with them."""
        problems = []
        for line in text.splitlines():
            match = VERBS.match(line)
            if match is None:
                continue
            verb, path = match.groups()
            if path not in self.targets or (verb == "removed") != (self.targets[path] is None):
                problems.append(f"acknowledged what nobody asked for: {line}")
                continue
            self.allowed[path] = {self.targets[path]}
        return problems

    def step_end(self):
        """What a program that ended well has not acknowledged although there was a change to make. For a document that had its
        target already, ending well says as much."""
        for path in self.possible:
            self.allowed[path] = {self.targets[path]}
        for name, target in self.fact_targets.items():
            self.facts[name] = {target}
        return [path for path in self.targets if self.allowed[path] != {self.targets[path]}]

    def check_facts(self, actual):
        """Compares with {name: value}. An acknowledged revocation that is gone is lost, as a document would be. No document may be
        there whose label would tell."""
        return [("lost", f"{name} is {actual.get(name)}, allowed {sorted(map(str, values))}")
                for name, values in self.facts.items() if actual.get(name) not in values and (name in actual or name != "labels")]

    def settle_facts(self, actual):
        for name in self.facts:
            self.facts[name] = {*STATES, None} if name == "labels" and name not in actual else {actual.get(name)}

    def settle(self, actual):
        """What was seen after a recovery is a promise from then on."""
        for path in self.allowed:
            self.allowed[path] = {actual[path][0] if path in actual else None}

    def certain(self):
        """The documents that must be there, as {path: sha256}."""
        return {path: next(iter(states)) for path, states in self.allowed.items() if len(states) == 1 and None not in states}

    def check(self, actual):
        """Compares with {path: (sha256, passages)}. Returns [(kind, message)]: kind is "lost" or "partial"."""
        problems = []
        for path, states in self.allowed.items():
            found = actual.get(path, (None, 0))
            if found[0] not in states:
                problems.append(("lost", f"{path} is {found[0] and found[0][:12]}, "
                                         f"allowed {sorted(str(state and state[:12]) for state in states)}"))
            elif found[0] is not None and found[1] != self.passages.get(found[0], found[1]):
                problems.append(("partial", f"{path} has {found[1]} passages, its content has {self.passages[found[0]]}"))
        problems += [("partial", f"{path} is there and was never sent") for path in actual if path not in self.allowed]
        return problems
