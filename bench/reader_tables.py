"""Tables for the reader to learn from, as `assay add` writes them into passages: a row a line, cells divided by " | ".

WikiSQL has people's questions with what they select and where, but not the tables; so a table is made around each question: the columns
that questions of its table name, the wanted row, and other rows of values that other questions' conditions give for columns of that name.
TAT-QA has its tables and the paragraphs beside them; taken are the questions that a span answers."""

import collections
import gzip
import json
import random
import re

SELECT = re.compile(r'^SELECT TABLEalias0\.(\S+?)_FIELD FROM TABLE AS TABLEalias0 WHERE (.+?) ;$')
CONDITION = re.compile(r'^TABLEalias0\.(\S+?)_FIELD = "?(var\d+)"?$')
DROPPED_SHARE = 0.25  # of the tables, without the wanted row: nothing answers then
ROWS = (2, 9)
COLUMNS_MOST = 6


def column_name(field):
    return field.replace("_", " ").strip().capitalize()


def parsed(line):
    """(question, table, wanted column, {column: value}) of a question that selects one cell by equal values; None of others."""
    row = json.loads(line)
    select = SELECT.match(row["sql"])
    conditions = select and [CONDITION.match(part) for part in select[2].split(" AND ")]
    if not select or not all(conditions):
        return None
    values = {c[1]: row["variables"].get(c[2], "").strip() for c in conditions}
    if select[1] in values or not all(values.values()): # some of the file have no value
        return None
    return row["question"].strip(), row["table_id"], select[1], values


def wikisql(folder, seed, most):
    """(question, text, answers as [(text, start)]) of made tables."""
    found = []
    for name in ("train", "dev"):
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            found += filter(None, map(parsed, file))
    columns, pools = collections.defaultdict(dict), collections.defaultdict(dict)
    for _, table, wanted, values in found:
        columns[table].update(dict.fromkeys([wanted, *values]))
        for column, value in values.items():
            pools[column][value] = None
    pools = {column: list(values) for column, values in pools.items() if len(values) >= 4}
    random_ = random.Random(seed)
    random_.shuffle(found)
    made = []
    for question, table, wanted, values in found:
        others = [c for c in columns[table] if c in pools and c not in values and c != wanted]
        if wanted in pools and all(c in pools for c in values):
            made.append(make_table(random_, question, wanted, values, others, pools))
        if len(made) == most:
            break
    return made


def make_table(random_, question, wanted, values, others, pools):
    random_.shuffle(others)
    names = [wanted, *values, *others[:COLUMNS_MOST - 1 - len(values)]]
    random_.shuffle(names)
    target = {name: values.get(name) or random_.choice(pools[name]) for name in names}
    rows = []
    for _ in range(random_.randint(*ROWS)):
        row = {name: random_.choice(pools[name]) for name in names}
        if row[wanted] != target[wanted] and any(row[name].lower() != value.lower() for name, value in values.items()):
            rows.append(row)
    dropped = bool(rows) and random_.random() < DROPPED_SHARE
    place = random_.randint(0, len(rows))
    if not dropped:
        rows.insert(place, target)
    lines = [" | ".join(map(column_name, names))] + [" | ".join(row[name] for name in names) for row in rows]
    text = "\n".join(lines)
    if dropped:
        return question, text, []
    before = sum(len(row[name]) + 3 for row in [target] for name in names[:names.index(wanted)])
    start = sum(len(line) + 1 for line in lines[:place + 1]) + before
    assert text[start:start + len(target[wanted])] == target[wanted]
    return question, text, [(target[wanted], start)]


def tat_qa(folder):
    """(question, text, answers as [(text, start)]) of real tables and the paragraphs beside them."""
    with gzip.open(folder / "tatqa_dataset_dev.json.gz", "rt", encoding="utf-8") as file:
        reports = json.load(file)
    for report in reports:
        table = "\n".join(" | ".join(cell.strip() for cell in row) for row in report["table"]["table"])
        paragraphs = {str(p["order"]): p["text"] for p in report["paragraphs"]}
        for asked in report["questions"]:
            if asked["answer_type"] != "span" or len(asked["answer"]) != 1:
                continue
            answer = asked["answer"][0].strip()
            texts = [table] if "table" in asked["answer_from"] else []
            texts += [paragraphs[number] for number in asked["rel_paragraphs"] if number in paragraphs]
            for text in texts:
                at = text.find(answer)
                if at >= 0 and text.find(answer, at + 1) < 0: # of several the right one is not told
                    yield asked["question"], text, [(answer, at)]
                    break
