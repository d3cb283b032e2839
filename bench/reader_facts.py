"""Makes questions on short passages as businesses write them: price lists, hours, contacts, rules. All of it is made up here; nothing is copied.

    python3 bench/reader_facts.py peers-data/reader/facts.json.gz [--passages 4500] [--seed 1] [--beside peers-data/reader/fourth.json.gz [--times N]] [--show 20]

bench/reader_facts/ has the words: attributes.txt and own.txt, what is told of things and in which ways it is told and asked; kinds.txt, things of many trades;
conditions.txt, what a value may hang on; policies.txt, facts that stand alone. A passage looks as `assay add` cuts it: title and headings above, then sentences,
a list, a table as "a | b", questions with answers. It tells some facts and leaves out their neighbours, so that what is asked is known to be told, and where, or
known not to be: of another thing, another attribute, another condition. --beside adds as many questions of another file (--times: so many times as many),
so that what was learned is kept."""

import argparse
import gzip
import hashlib
import itertools
import json
import pathlib
import random
import re

from reader_facts_words import LISTS, MONTHS, NUMBERS, WEEKDAYS, Filler, lines_of, read_attributes, read_conditions, read_kinds, read_policies

# Which things are many, where an "s" at the end does not tell.
SINGULAR = {"table tennis", "Spanish for travellers", "dinner with clients", "carer's leave", "the night bus", "the airport bus", "the school bus", "the minibus",
            "the stage with lights"}
PLURAL = {"glasses for screen work", "meals on the road", "minutes of meetings"}
VERBS = {"is": "are", "has": "have", "does": "do", "was": "were", "goes": "go", "needs": "need"}
UNWRITTEN = re.compile(r"[\x00-\x08\[\]{}]")  # what no text has once all is chosen and filled in
# What may be told apart by conditions.
CONDITIONED = {"price", "limit", "days", "amount", "hours", "duration", "notice", "deposit", "discount", "response", "delivery", "approver", "keep", "extra", "dose",
               "interest", "excess", "weight", "often", "deadline", "valid", "late", "minimum", "solve", "person", "form", "pay"}


# ---- passages ----

def bare(thing):
    return re.sub(r"^(the|an?) ", "", thing)


def capital(text):
    """The first letter, which may stand behind a mark, as a capital."""
    return re.sub(r"^(\x01\d+\x02|[\"(])*([a-zäöüéàñ])", lambda match: match[0].upper(), text)


def is_plural(thing):
    return thing in PLURAL or (thing not in SINGULAR and thing.endswith("s") and not thing.endswith(("ss", "us", "is", "'s")))


def agreed(template, plural):
    if not plural:
        return template
    template = re.sub(r"\b([Ii]s|[Dd]oes|[Hh]as|[Ww]as) \{([sn])\}", lambda match: VERBS[match[1].lower()] + " {" + match[2] + "}", template)
    return re.sub(r"\{s\} (\w+)\b", lambda match: "{s} " + plural_verb(match[1]), template)


def plural_verb(word):
    return VERBS.get(word, word[:-1] if word.endswith("s") and word not in ("always", "this") else word)


class Passage:
    """Text with marks around values, which tell facts. A fact's key is (thing, attribute, condition)."""

    def __init__(self, filler):
        self.filler, self.chance = filler, filler.chance
        self.above, self.lines, self.values = [], [], []

    def mark(self, key, value):
        self.values.append(key)
        return f"\x01{len(self.values) - 1}\x02{value}\x03"

    def text(self):
        """(text, {key: (value, start)}): the first place of each."""
        marked, out, size, places, opened = "\n".join(self.above + self.lines), [], 0, {}, None
        for piece in re.split(r"(\x01\d+\x02|\x03)", marked):
            if piece.startswith("\x01"):
                opened = (self.values[int(piece[1:-1])], size)
            elif piece == "\x03":
                value = "".join(out)[opened[1]:]
                if opened[0] is not None:
                    places.setdefault(opened[0], (value, opened[1]))
            else:
                out.append(piece)
                size += len(piece)
        return "".join(out), places


def slots(value):
    """Small words before a value that depend on it."""
    plain = re.sub(r"\x01\d+\x02|\x03", "", value)
    first = plain.split()[0]
    inside = r"[Rr]oom|building|hall|cabinet|folder|shelf|aisle|cupboard|bay|the .*(office|archive|hall|centre|library|foyer|drive|workshop|hut|depot)"
    is_day = first.rstrip("s,") in WEEKDAYS or first in MONTHS or re.match(r"the (first|last|third|\d)|\d", plain)
    return {"f": "" if plain.startswith(("until", "for", "not", "by")) else "for ", "d": "in " if re.match(r"\d|" + "|".join(NUMBERS[1:]), plain) else "",
            "p": "in " if re.match(inside, plain) else "on " if plain.startswith("the ") and "floor" in plain else "at ", "o": "on " if is_day else ""}


def put(template, thing, value, begins=True):
    text = template.replace("{v}", value).replace("{s}", thing).replace("{n}", bare(thing))
    for name, word in slots(value).items():
        text = text.replace("{" + name + "}", word)
    text = text.replace("the the ", "the ")
    return capital(text) if begins else text


class Maker:
    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.attributes, self.kinds, self.conditions = read_attributes(), read_kinds(), read_conditions()
        self.fillers = lines_of("filler.txt")
        self.policies, self.foreign = read_policies(), read_policies("foreign.txt")

    def title(self, docs):
        kind, place = self.chance.choice(docs), self.chance.choice(LISTS["places"])
        return self.chance.choice([f"{place} {kind}", f"{capital(kind)} {place}", f"{capital(kind)}: information", f"{place} {kind} – guide",
                                   f"{place} {kind.removesuffix(' handbook')} handbook", capital(kind)])

    def start(self, docs, heads):
        passage = Passage(Filler(self.chance))
        heading = self.chance.choice(heads)
        passage.above = self.chance.choice([[self.title(docs), heading]] * 5 + [[heading]] * 2 + [[self.title(docs), "Contents", heading], []])
        return passage

    def value(self, passage, kind, attribute, taken):
        """One that no other fact of the passage has, if there is one."""
        templates = self.kinds[kind]["attrs"][attribute] or self.attributes[attribute]["value"]
        template = taken.setdefault(("template", attribute), self.chance.choice(templates))
        for tries in range(12):
            value = passage.filler.fill(template if tries < 6 and self.chance.random() < 0.8 else self.chance.choice(templates))
            if value not in taken:
                break
        taken[value] = True
        return value

    # -- things with attributes --

    def of_things(self):
        kind = self.chance.choice(list(self.kinds))
        told = self.kinds[kind]
        passage = self.start(told["docs"], told["head"])
        things = self.chance.sample(list(told["things"]), self.chance.choice([1, 2, 2, 3, 3, 4, 5, 6]))
        attributes = self.chance.sample(list(told["attrs"]), min(len(told["attrs"]), self.chance.choice([1, 1, 2, 2, 3, 4])))
        taken, family, conditions = {}, None, []
        if told["conds"] and self.chance.random() < 0.4:
            family = self.chance.choice(self.conditions[self.chance.choice(told["conds"])])
            conditions = self.chance.sample(family, self.chance.choice([1, 1, 2, 2, 3]) if len(family) > 2 else self.chance.choice([1, 2]))
        conditioned = next((a for a in attributes if a in CONDITIONED), None) if conditions else None
        values, general = {}, self.chance.random() < 0.25
        for thing in things:
            for attribute in attributes:
                if attribute == conditioned:
                    if general:
                        values[thing, attribute, ""] = self.value(passage, kind, attribute, taken)
                    some = conditions if self.chance.random() < 0.7 else conditions[:1]
                    for condition in some:
                        values[thing, attribute, condition[0]] = self.value(passage, kind, attribute, taken)
                elif self.chance.random() < 0.85 or not values:
                    values[thing, attribute, ""] = self.value(passage, kind, attribute, taken)
        state = {"kind": kind, "passage": passage, "things": things, "attributes": attributes, "values": values, "family": family or [], "conditions": conditions,
                 "conditioned": conditioned, "general": general}
        self.lay_out(state)
        return passage, self.questions_of_things(state)

    def lay_out(self, state):
        passage, things = state["passage"], state["things"]
        if self.chance.random() < 0.35:
            passage.lines.append(passage.filler.fill(self.chance.choice(LISTS["leads"])))
        ways = [self.as_prose, self.as_prose, self.as_list, self.as_table, self.as_faq]
        if len(things) == 1:
            ways = [self.as_card, self.as_card, self.as_prose, self.as_faq]
        elif len(things) > 2:
            ways += [self.as_table, self.as_table]
        if len(state["values"]) > 8:
            ways = [way for way in ways if way != self.as_faq]
        if len(state["values"]) > 12:
            ways = [self.as_table]
        self.chance.choice(ways)(state)
        if self.chance.random() < 0.12:
            passage.lines.append(passage.filler.fill(self.chance.choice(LISTS["leads"])))
        if self.chance.random() < 0.25:
            passage.lines = [line for line in passage.lines if line]

    def statement(self, state, key, template=None):
        thing, attribute, condition = key
        passage = state["passage"]
        value = passage.mark(key, state["values"][key])
        chosen = template or self.chance.choice(self.attributes[attribute]["s"])
        text = put(passage.filler.choose(agreed(chosen, is_plural(thing))), thing, value)
        if condition:
            told = next(c[1] for c in state["family"] if c[0] == condition)
            return self.with_condition(text, told)
        return text

    def with_condition(self, text, told):
        if self.chance.random() < 0.4 or not text.endswith("\x03."):
            plain = self.chance.random() < 0.3 or text[0] not in "TA" or text[1] not in "hn "
            return capital(told) + (": " + text if plain else ", " + text[0].lower() + text[1:])
        return text[:-1] + " " + told + "."

    def as_prose(self, state):
        passage, keys = state["passage"], list(state["values"])
        if self.chance.random() < 0.5:
            keys.sort(key=lambda key: state["attributes"].index(key[1]))
        sentences, at = [], 0
        while at < len(keys):
            run = [keys[at]]
            if not keys[at][2]:
                run += itertools.takewhile(lambda key: key[1] == run[0][1] and not key[2], keys[at + 1:at + 3])
            joined = self.joined(state, run) if len(run) > 1 and self.chance.random() < 0.5 else None
            if joined:
                sentences.append(joined)
                at += len(run)
                continue
            pair = keys[at:at + 2]
            joined = None
            if len(pair) == 2:
                joined = self.contrasted(state, pair) if self.chance.random() < 0.7 else None
                joined = joined or (self.paired(state, pair) if self.chance.random() < 0.4 else None)
            sentences.append(joined or self.statement(state, keys[at]))
            if not joined and self.chance.random() < 0.07:
                sentences[-1] += " " + self.before(state, keys[at])
            at += 2 if joined else 1
        self.pad(passage, sentences)
        while sentences:
            size = self.chance.choice([1, 2, 3, 4, 8])
            passage.lines += [" ".join(sentences[:size]), ""]
            sentences = sentences[size:]

    def pad(self, passage, sentences):
        """Sentences between them that tell nothing that is asked."""
        for _ in range(self.chance.choice([0, 0, 0, 1, 1, 2, 3, 5])):
            sentences.insert(self.chance.randint(0, len(sentences)), capital(passage.filler.fill(self.chance.choice(self.fillers))))

    def before(self, state, key):
        """What held earlier: no answer to what holds now."""
        passage = state["passage"]
        old = self.value(passage, state["kind"], key[1], {})
        told = ["Until {month} {year} it was {}.", "(Before {month} {year}: {}.)", "Last year it was still {}.", "The old rule, {}, no longer holds."]
        told = self.chance.choice(told).replace("{month}", passage.filler.month()).replace("{year}", passage.filler.year())
        return told.replace("{}", passage.mark((key[0], key[1], "\x05before"), old))

    def joined(self, state, run):
        """One sentence of the same attribute of several things: "A costs 1, B 2 and C 3."."""
        plain = [t for t in self.attributes[run[0][1]]["s"] if t.startswith("{s} ") and re.search(r"\{\w\}?\{?v\}\.$|\{v\}\.$", t)]
        if not plain:
            return None
        template = self.chance.choice(plain)
        first = self.statement(state, run[0], template)
        prefix = re.search(r"(\{[fdpo]\})?\{v\}\.$", template)[1] or ""
        rest = [put(prefix + "{v}", "", state["passage"].mark(key, state["values"][key]), False) for key in run[1:]]
        rest = [f"{key[0]} {text}" for key, text in zip(run[1:], rest)]
        last = rest.pop()
        return first[:-1] + "".join(", " + text for text in rest) + self.chance.choice([" and ", ", ", " and "]) + last + "."

    def paired(self, state, pair):
        """One sentence of two attributes of one thing: "A costs 1 and takes 2."."""
        if pair[0][0] != pair[1][0] or pair[0][2] or pair[1][2]:
            return None
        templates = [[t for t in self.attributes[key[1]]["s"] if t.startswith("{s} ")] for key in pair]
        if not all(templates):
            return None
        first = self.statement(state, pair[0], self.chance.choice(templates[0]))
        second = self.chance.choice(templates[1])
        second = put(state["passage"].filler.choose(agreed(second, is_plural(pair[1][0]))), "\x04", state["passage"].mark(pair[1], state["values"][pair[1]]))
        return first[:-1] + " and " + second.replace("\x04 ", "", 1)

    def contrasted(self, state, pair):
        """One sentence of a value under two conditions, or as a rule and under one: "A costs 2 for adults and 1 for children."."""
        if pair[0][:2] != pair[1][:2] or not pair[1][2]:
            return None
        plain = [t for t in self.attributes[pair[0][1]]["s"] if t.endswith("{v}.")]
        if not plain:
            return None
        template = self.chance.choice(plain)
        told = [self.told_condition(state, key[2]) for key in pair]
        values = [state["passage"].mark(key, state["values"][key]) for key in pair]
        first = put(state["passage"].filler.choose(agreed(template, is_plural(pair[0][0]))), pair[0][0], values[0])[:-1]
        second = put((re.search(r"(\{[fdpo]\})?\{v\}\.$", template)[1] or "") + "{v}", "", values[1], False)
        if self.chance.random() < 0.3:
            return first + told[0] + self.chance.choice([", and", ";", ", but"]) + told[1] + self.chance.choice([" it is ", " ", " this is "]) + second + "."
        return first + told[0] + self.chance.choice([" and ", ", but ", ", ", " or "]) + second + told[1] + "."

    def told_condition(self, state, condition):
        return next((" " + c[1] for c in state["family"] if c[0] == condition), "")

    def label(self, attribute):
        return self.chance.choice(self.attributes[attribute]["label"])

    def as_list(self, state):
        passage, keys = state["passage"], list(state["values"])
        names = {attribute: self.label(attribute) for attribute in state["attributes"]}
        if len(state["attributes"]) == 1 and not state["conditioned"]:
            passage.lines.append(names[state["attributes"][0]] + ":")
            sign = self.chance.choice([": ", " – ", " - ", ", "])
            passage.lines += [capital(bare(key[0])) + sign + passage.mark(key, state["values"][key]) for key in keys]
            return
        for thing in state["things"]:
            own = [key for key in keys if key[0] == thing]
            shown = [(names[key[1]] + self.told_condition(state, key[2])).lower() + self.chance.choice([" ", ": "]) + passage.mark(key, state["values"][key])
                     for key in own]
            if own:
                passage.lines.append(capital(bare(thing)) + self.chance.choice([": ", " – "]) + self.chance.choice([", ", "; "]).join(shown))

    def as_table(self, state):
        passage, values = state["passage"], state["values"]
        columns = []
        for attribute in state["attributes"]:
            if attribute == state["conditioned"]:
                columns += [(attribute, "", self.chance.choice([self.label(attribute), "Normally", "Usual"]))] if state["general"] else []
                for c in state["conditions"]:
                    alone = len(state["attributes"]) == 1 or self.chance.random() < 0.3
                    columns.append((attribute, c[0], c[0] if alone else f"{self.label(attribute)} {self.chance.choice([c[1], '(' + c[0] + ')'])}"))
                if len(state["attributes"]) == 1:
                    passage.lines.append(self.label(attribute) + " " + self.chance.choice(["", "of each", "in detail"]))
            else:
                columns.append((attribute, "", self.label(attribute)))
        passage.lines.append(" | ".join([self.chance.choice(self.kinds[state["kind"]]["col"])] + [name for _, _, name in columns]))
        for thing in state["things"]:
            cells = [capital(bare(thing))]
            for attribute, condition, _ in columns:
                value = values.get((thing, attribute, condition))
                if value is None:
                    cells.append(self.chance.choice(["–", "-", "", "n/a"]))
                else:
                    cells.append(passage.mark((thing, attribute, condition), capital(value) if self.chance.random() < 0.2 and "@" not in value else value))
            passage.lines.append(" | ".join(cells).strip())

    def as_card(self, state):
        passage, thing = state["passage"], state["things"][0]
        passage.above = (passage.above or [self.title(self.kinds[state["kind"]]["docs"])]) + [capital(self.chance.choice([thing, bare(thing)]))]
        as_lines = self.chance.random() < 0.6 or is_plural(thing)
        told = []
        for key in state["values"]:
            value = passage.mark(key, state["values"][key])
            condition = next((c[1] for c in state["family"] if c[0] == key[2]), "")
            if as_lines:
                told.append(self.label(key[1]) + (" " + condition if condition else "") + ": " + value)
            else:
                text = put(passage.filler.choose(self.chance.choice(self.attributes[key[1]]["b"])), thing, value)
                told.append(self.with_condition(text, condition) if condition else text)
        passage.lines += told if as_lines else [" ".join(told)]

    def as_faq(self, state):
        passage = state["passage"]
        for key in state["values"]:
            question = self.question(state, key, plain=True)
            answer = self.statement(state, key)
            passage.lines += self.chance.choice([[f"Q: {question} A: {answer}", ""], [question, answer, ""], [f"{question} {answer}"]])

    # -- questions --

    def question(self, state, key, plain=False):
        thing, attribute, condition = key
        templates = [t for t in self.attributes[attribute]["q"] if not plain or t.endswith("?")]
        aliases = [] if plain else self.kinds[state["kind"]]["things"][thing]
        filler, template = state["passage"].filler, self.chance.choice(templates)
        said = thing
        if aliases and self.chance.random() < 0.45:
            said = self.chance.choice(aliases)
        if said.startswith("~"):
            template = self.chance.choice([t for t in templates if "{s}" in t and t.endswith("?")])
            between, asked = self.chance.choice([". ", " - ", ": ", ", "]), filler.choose(template)
            text = said[1:] + between + asked.replace("{s}", self.chance.choice(["this", "that", "such a case"]))
        else:
            if "{n}" in template and "{s}" not in template and said != thing and self.chance.random() < 0.7:
                said = thing
            text = filler.choose(agreed(template, is_plural(thing) if said == thing else is_plural(said.split()[0]))).replace("{s}", said).replace("{n}", bare(said))
        if condition:
            text = self.asked_condition(text, next(c[2] for c in state["family"] if c[0] == condition))
        return capital(text) if text.endswith("?") else text

    def asked_condition(self, text, asked):
        how = self.chance.choice(asked)
        if self.chance.random() < 0.25:
            return capital(how) + ", " + (text if re.match("I\\b", text) else text[0].lower() + text[1:])
        return text[:-1] + " " + how + "?" if text.endswith("?") else text + " " + how

    def questions_of_things(self, state):
        values, kind, found = state["values"], self.kinds[state["kind"]], []
        keys = list(values)
        for key in self.chance.sample(keys, min(len(keys), self.chance.choice([2, 2, 3, 3]))):
            found.append((self.question(state, key), key))
        for key in [key for key in state["passage"].values if key and key[2] == "\x05before"]:
            q = self.question(state, (key[0], key[1], ""))
            if q.endswith("?"):
                found.append((self.chance.choice(["Before the change: ", "Until last year: ", "In the past: "]) + q, key))
        for _ in range(self.chance.choice([1, 1, 2, 2])):
            missed = self.missed(state, kind)
            if missed:
                found.append((self.question(state, missed), None))
        return found

    def missed(self, state, kind):
        """A fact that is near those that are told, and is not told."""
        values, way = state["values"], self.chance.random()
        others = [thing for thing in kind["things"] if not any(bare(told) in bare(thing) or bare(thing) in bare(told) for told in state["things"])]
        untold = [attribute for attribute in kind["attrs"] if not any(key[1] == attribute for key in values)]
        told = self.chance.choice(list(values))
        absent = [c for c in state["family"] if not any(key[0] == told[0] and key[1] == state["conditioned"] and key[2] == c[0] for key in values)]
        if state["conditioned"] and absent and not state["general"] and way < 0.5:
            return (told[0], state["conditioned"], self.chance.choice(absent)[0])
        if way < 0.2:
            plain = [attribute for attribute in state["attributes"] if attribute != state["conditioned"]]
            holes = [(thing, attribute, "") for thing in state["things"] for attribute in plain if (thing, attribute, "") not in values]
            if holes:
                return self.chance.choice(holes)
        if way < 0.62 and others:
            return (self.chance.choice(others), told[1], told[2])
        return (told[0], self.chance.choice(untold), "") if untold else None

    # -- facts that stand alone --

    def of_policies(self, topics):
        topic = self.chance.choice(topics)
        passage = self.start(topic["docs"], topic["head"])
        if topics is self.foreign:
            passage.filler.style.hour = "{}:{:02}"
        count = min(len(topic["facts"]) - 1, self.chance.choice([2, 3, 3, 4, 5, 6, 7]))
        numbers = self.chance.sample(range(len(topic["facts"])), count)
        taken, told = {}, {}
        hang = ["country", "staff"] if "company handbook" in topic["docs"] else ["country"] if "web shop" in topic["docs"] else []
        family = self.chance.choice(self.conditions[self.chance.choice(hang)]) if hang else []
        for number in numbers:
            fact = topic["facts"][number]
            conditions = self.chance.sample(family, self.chance.choice([1, 2])) if family and self.chance.random() < 0.2 else [None]
            for condition in conditions:
                for _ in range(6):
                    value = passage.filler.fill(self.chance.choice(fact["v"]))
                    if value not in taken:
                        break
                taken[value] = True
                text = put(passage.filler.choose(self.chance.choice(fact["s"])), "", passage.mark((number, condition and condition[0]), value))
                told.setdefault(number, []).append((condition, self.with_condition(text, condition[1]) if condition else text))
        self.lay_out_policy(passage, topic, told, topics is self.policies)
        found = []
        for number in self.chance.sample(numbers, min(len(numbers), self.chance.choice([2, 2, 3, 4]))):
            condition = self.chance.choice(told[number])[0]
            q = passage.filler.choose(self.chance.choice(topic["facts"][number]["q"]))
            found.append((self.asked_condition(q, condition[2]) if condition else q, (number, condition and condition[0])))
        for number in [n for n in numbers if told[n][0][0]]:
            absent = [c for c in family if c[0] not in {condition[0] for condition, _ in told[number]}]
            if absent:
                found.append((self.asked_condition(passage.filler.choose(self.chance.choice(topic["facts"][number]["q"])), self.chance.choice(absent)[2]), None))
        left = [n for n in range(len(topic["facts"])) if n not in told]
        for number in self.chance.sample(left, min(len(left), self.chance.choice([1, 1, 2, 2, 3]))):
            found.append((passage.filler.choose(self.chance.choice(topic["facts"][number]["q"])), None))
        return passage, found

    def lay_out_policy(self, passage, topic, told, english):
        sentences = [(number, text) for number, some in told.items() for _, text in some]
        way = self.chance.random()
        if english and self.chance.random() < 0.3:
            passage.lines.append(passage.filler.fill(self.chance.choice(LISTS["leads"])))
        if way < 0.25:
            for number, text in sentences:
                asked = [q for q in topic["facts"][number]["q"] if q.endswith("?")]
                passage.lines += [self.chance.choice([f"{capital(passage.filler.choose(self.chance.choice(asked)))} {text}" if asked else text, text]), ""]
        elif way < 0.5:
            passage.lines += [text.rstrip(".") if way < 0.35 else text for _, text in sentences]
        else:
            texts = [text for _, text in sentences]
            if english:
                self.pad(passage, texts)
            while texts:
                size = self.chance.choice([2, 3, 5, 9])
                passage.lines += [" ".join(texts[:size]), ""]
                texts = texts[size:]

    # -- all of it --

    def dress(self, question, english):
        """As people type."""
        way = self.chance.random()
        if way < 0.12:
            question = question.rstrip("?").lower() if way < 0.08 else question.lower()
        elif way < 0.18 and question.endswith("?") and english:
            opening = self.chance.choice(["Hi, ", "Quick question: ", "Sorry, ", "Hello! ", "Just wondering, ", "Do you know: "])
            question = opening + (question if re.match("I\\b", question) else question[0].lower() + question[1:])
        elif way < 0.22 and question.endswith("?") and english:
            openings = ["I am new here. ", "I can't find it. ", "A customer wants to know: ", "My colleague asked me: ", "We are planning ahead. "]
            question = self.chance.choice(openings) + question
        elif way < 0.25 and english:
            question = question.rstrip("?") + self.chance.choice([" please?", ", please", "??", " - thanks"])
        return question

    def passages(self, count):
        for number in range(count):
            way = number % 20
            english = way < 19
            passage, found = self.of_things() if way < 11 else self.of_policies(self.policies if english else self.foreign)
            while passage.lines and not passage.lines[-1]:
                passage.lines.pop()
            text, places = passage.text()
            asked = {}
            for question, key in found:
                asked.setdefault(self.dress(re.sub(r"\s+", " ", question).strip(), english), places[key] if key is not None else None)
            yield text, asked


def squad(made, seed):
    paragraphs, number = [], 0
    for text, asked in made:
        qas = []
        assert not UNWRITTEN.search(text), text
        for question, answer in asked.items():
            assert not UNWRITTEN.search(question) and (answer is None or text.startswith(*answer)), (text, question, answer)
            number += 1
            answers = [{"text": answer[0], "answer_start": answer[1]}] if answer else []
            qas.append({"id": f"f{seed}-{number}", "question": question, "is_impossible": not answers, "answers": answers})
        if qas:
            paragraphs.append({"context": text, "qas": qas})
    return [{"title": "facts", "paragraphs": paragraphs}], number


def beside(path, count, seed):
    """About as many questions of another file: passages with all of theirs."""
    data, chance = json.loads(gzip.decompress(path.read_bytes()))["data"], random.Random(seed)
    share = count / sum(len(paragraph["qas"]) for article in data for paragraph in article["paragraphs"])
    for article in data:
        article["paragraphs"] = [paragraph for paragraph in article["paragraphs"] if chance.random() < share]
    return [article for article in data if article["paragraphs"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=pathlib.Path)
    parser.add_argument("--passages", type=int, default=4500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--beside", type=pathlib.Path)
    parser.add_argument("--times", type=float, default=1)
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    made = list(Maker(options.seed).passages(options.passages))
    data, count = squad(made, options.seed)
    unanswerable = sum(answer is None for _, asked in made for answer in asked.values())
    for text, asked in made[:options.show]:
        print("-" * 60 + f"\n{text}\n" + "\n".join(f"   ? {question}  ->  {answer and answer[0]}" for question, answer in asked.items()))
    if options.beside:
        data += beside(options.beside, int(count * options.times), options.seed)
    content = gzip.compress(json.dumps({"version": "v2.0", "data": data}, ensure_ascii=False).encode(), 6, mtime=0)
    options.target.write_bytes(content)
    total = sum(len(paragraph["qas"]) for article in data for paragraph in article["paragraphs"])
    print(f"{options.target.name}: {count} made questions, {unanswerable} of them unanswerable, {total} in all, {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
