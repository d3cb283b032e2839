"""Random worlds: documents in folders with labels, what they say about themselves, keys, and changes of all of it; the files of a
world, and filters as text and as the oracle takes them."""

import json
import os
import shutil
import subprocess

GROUPS = ["hr", "legal", "sales", "it", "a b", "public"]
FOLDERS = ["", "hr/", "legal/", "sales/", "hr/deep/", "it/", "a b/"]
WORDS = ["alpha", "beta", "gamma", "2024", "2024-05-01", "2023-12-31T08:00:00Z", "Ünï", "it's"]
WORD = "zorbit"  # stands in every document


class Runner:
    """The program and the process that keeps asking; `program` is the folder of a build."""

    def __init__(self, build, folder):
        self.build, self.folder = os.path.abspath(build), str(folder)
        self.environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}
        self.asker = None

    def run(self, *words, code=0):
        done = subprocess.run([os.path.join(self.build, "assay"), *words], cwd=self.folder, capture_output=True, text=True,
                              env=self.environment, stdin=subprocess.DEVNULL)
        assert code is None or done.returncode == code, f"{words}: exit code {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    def ask_line(self, who, condition, question=WORD, k=10000):
        """All that the asking process tells: documents with their scores to the last bit, in order; or an error."""
        if self.asker is None:
            self.asker = subprocess.Popen([os.path.join(self.build, "tests", "access", "ask"), self.folder], env=self.environment,
                                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.asker.stdin.write(f"{who}\t{condition}\t{k}\t{question}\n")
        return self.asker.stdout.readline().rstrip("\n")

    def ask(self, *words):
        """(set of documents, passages looked through), or the line of an error."""
        fields = self.ask_line(*words).split("\t")
        return (set(fields[2::2]), int(fields[1])) if fields[0] == "ok" else " ".join(fields)

    def close(self):
        if self.asker is not None:
            self.asker.stdin.close()
            self.asker.stdout.close()
            self.asker.wait(timeout=60)


# ---- documents ----


def random_document(random):
    metadata = {}
    for key in ("year", "team", "due", "odd key"):
        if random.random() < 0.5:
            metadata[key] = [random_value(random) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    access = None
    if random.random() < 0.3:
        access = random.sample(GROUPS, random.randrange(0, 3))
    return {"access": access, "metadata": metadata, "words": random.randrange(1, 40)}


def random_value(random):
    return random.choice((2022, 2023, 2024, 2024.5, -1, *WORDS))


def document_text(document):
    """Markdown: in its head a text is quoted, a number is not."""
    head = [f"{json.dumps(key)}: {json.dumps(values if len(values) != 1 else values[0], ensure_ascii=False)}"
            for key, values in document["metadata"].items()]  # fmt: skip
    if document["access"] is not None:
        head.append(f"access: {json.dumps(document['access'], ensure_ascii=False)}")
    return ("---\n" + "\n".join(head) + "\n---\n" if head else "") + f"{WORD} " + " ".join(f"w{i}" for i in range(document["words"])) + "\n"


def random_path(random, number):
    return f"docs/{random.choice(FOLDERS)}d{number}.md"


def random_lines(random, world):
    """labels.csv: folders, and some documents."""
    places = [".", "docs", *("docs/" + folder.rstrip("/") for folder in FOLDERS if folder)]
    chosen = random.sample(places, random.randrange(0, len(places))) + random.sample(sorted(world["documents"]), len(world["documents"]) // 8)
    return {place: random.sample(GROUPS, random.randrange(0, 3)) for place in chosen}


def make_world(random, count):
    world = {"rule": random.choice(("public", "from-folder", "labels.csv")), "lines": {}, "documents": {}, "keys": {}, "next": 0}
    for _ in range(count):
        add_document(random, world)
    world["lines"] = random_lines(random, world)
    return world


def add_document(random, world):
    world["documents"][random_path(random, world["next"])] = random_document(random)
    world["next"] += 1


def write_world(world, folder):
    folder = str(folder)
    with open(os.path.join(folder, "assay.yaml"), "w", encoding="utf-8") as file:
        file.write(f"access: {{labels: {world['rule']}}}\n")
    with open(os.path.join(folder, "labels.csv"), "w", encoding="utf-8") as file:
        for place, labels in world["lines"].items():
            file.write(",".join([f'"{place}"', *labels]) + "\n")
    shutil.rmtree(os.path.join(folder, "docs"), ignore_errors=True)
    os.mkdir(os.path.join(folder, "docs"))
    for path, document in world["documents"].items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
            file.write(document_text(document))


def change_world(random, world):
    """Documents come, go, move and say other things; the labels' rule and file change."""
    for path in random.sample(sorted(world["documents"]), max(1, len(world["documents"]) // 6)):
        what = random.randrange(4)
        document = world["documents"].pop(path)
        if what == 0:
            add_document(random, world)
        elif what == 1:
            world["documents"][f"docs/{random.choice(FOLDERS)}{path.rsplit('/', 1)[1]}"] = document
        elif what == 2:
            world["documents"][path] = {**random_document(random), "words": document["words"]}
        else:
            world["documents"][path] = random_document(random)
    if random.random() < 0.5:
        world["lines"] = random_lines(random, world)
    if random.random() < 0.3:
        world["rule"] = random.choice(("public", "from-folder", "labels.csv"))


# ---- filters ----


def random_condition(random, depth=2):
    kind = random.randrange(8) if depth else 7
    if kind < 2:
        return ("not", random_condition(random, depth - 1))
    if kind < 5:
        return (random.choice(("and", "or")), random_condition(random, depth - 1), random_condition(random, depth - 1))
    key = random.choice(("year", "team", "due", "odd key", "folder", "path", "none"))
    operator = random.choice(("=", "!=", "<", "<=", ">", ">=", "in", "exists"))
    if operator == "exists":
        return ("exists", key)
    values = []
    for _ in range(random.randrange(1, 4) if operator == "in" else 1):
        value = random.choice((2022, 2024, 2024.5, *WORDS, "docs/hr", "docs", "docs/sales/d3.md"))
        kind = "number" if not isinstance(value, str) else random.choice(("date", "text")) if value == "2024-05-01" else "text"
        values.append((kind, value))
    return (operator, key, values)


def condition_text(condition):
    operator = condition[0]
    if operator in ("and", "or"):
        return f"({condition_text(condition[1])}) {operator} ({condition_text(condition[2])})"
    if operator == "not":
        return f"not ({condition_text(condition[1])})"
    if operator == "exists":
        return f'exists "{condition[1]}"'
    values = [f'"{value}"' if kind == "text" else str(value) for kind, value in condition[2]]
    return f'"{condition[1]}" {operator} ' + ("(" + ", ".join(values) + ")" if operator == "in" else values[0])
