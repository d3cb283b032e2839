"""Who may see what, in as few lines as it can be said. A world is {"rule", "lines", "documents", "keys"}; see worlds.py."""

PUBLIC = "public"


def folders(path):
    parts = path.split("/")[:-1]
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]


def labels(world, path):
    """The labels of a document: those it states itself, or what the rule gives it; with a file, what the longest path says."""
    stated = world["documents"][path]["access"]
    if world["rule"] == "labels.csv":
        fitting = [line for line in world["lines"] if line == path or line in folders(path) or line == "."]
        return set(world["lines"][max(fitting, key=lambda line: 0 if line == "." else len(line))]) if fitting else set()
    if stated is not None:
        return set(stated)
    return {PUBLIC} if world["rule"] == PUBLIC or path.count("/") == 1 else {path.split("/")[1]}


def elements(world, path, key):
    return {"path": [path], "folder": folders(path)}.get(key) or world["documents"][path]["metadata"].get(key, [])


def compare(element, operator, kind, value):
    if kind == "number" and not isinstance(element, (int, float)):
        return False
    if kind == "date" and not (isinstance(element, str) and len(element) >= 10 and element[4] == element[7] == "-"):
        return False
    left, right = (element, value) if kind == "number" else (str(element)[: 10 if kind == "date" else None].encode(), value.encode())
    return {"=": left == right, "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]


def fits(world, path, condition):
    """A condition is a tuple: ("and"|"or", a, b), ("not", a), ("exists", key), (operator, key, [(kind, value), …])."""
    if (operator := condition[0]) in ("and", "or"):
        return (all if operator == "and" else any)(fits(world, path, part) for part in condition[1:])
    if operator == "not" or operator == "!=":
        return not fits(world, path, condition[1] if operator == "not" else ("=", *condition[1:]))
    have = elements(world, path, condition[1])
    if operator == "exists":
        return bool(have)
    return any(compare(each, "=" if operator == "in" else operator, *value) for each in have for value in condition[2])


def visible(world, groups, condition=None):
    """The documents of a search that asks for a word which all of them have; `groups` None: the owner."""
    return {path for path in world["documents"]
            if (groups is None or labels(world, path) & (set(groups) | {PUBLIC})) and (condition is None or fits(world, path, condition))}
