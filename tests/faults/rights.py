"""Keys and labels in the runs of killloop.py and powerloss.py: what is asked of the program, and what the catalog says of it.

A fact has a name and a value: "key k0" is "valid" or "revoked" (None: there is none), "labels" is the state of labels.csv that all
documents follow, "open" or "closed", or "public" before there is one. Its acknowledgement is that the command ends well. Labels of both states at once are "mixed",
which is never allowed: a change of the rule is one transaction."""

KEYS = ("k0", "k1")
STATES = ("open", "closed")
SETTINGS = "access: {labels: labels.csv}\n"
LINES = {"open": "docs,open\n", "closed": "docs,open\ndocs/a,closed\n"}  # docs/a: the folder whose label changes


def labels_write(project, state):
    for name, text in (("assay.yaml", SETTINGS), ("labels.csv", LINES[state])):
        with open(f"{project}/{name}", "w", encoding="utf-8") as file:
            file.write(text)


def key_command(rng, facts):
    """Words of a command that changes a key, and the fact that it brings about. `facts`: name -> allowed values."""
    key = rng.choice(KEYS)
    is_there = facts.get(f"key {key}", {None}) & {"valid"}
    if is_there:
        return ["key", "revoke", key], {f"key {key}": "revoked"}
    return ["key", "add", "-q", key, "--groups", "open"], {f"key {key}": "valid"}


def facts_read(database, facts):
    """Takes the facts from an open catalog into `facts`, and what is wrong in any state as messages."""
    wrong = []
    for name, groups, revoked in database.execute(
            "select name, (select group_concat(g.name) from key_groups g where g.key = keys.id), revoked_ns from keys"):
        facts[f"key {name}"] = "valid" if revoked is None else "revoked"
        if groups != "open":
            wrong.append(f"key {name} has the groups {groups}")
    found = {("open" if label == "open" else label or "none", path.startswith("docs/a/")) for path, label in database.execute(
        "select path, (select group_concat(l.name) from document_labels x join labels l on l.id = x.label where x.document = d.id)"
        " from documents d")}
    if any(label == "public" for label, _ in found):  # the rule that the project began with
        facts["labels"] = "public" if all(label == "public" for label, _ in found) else "mixed"
        return wrong
    wrong += [f"a document has the label {label}" for label, in_a in found if label != "open" and not in_a]
    inside = {label for label, in_a in found if in_a}
    if len(inside) == 1:
        facts["labels"] = inside.pop()
    elif inside:
        facts["labels"] = "mixed"
    return wrong
