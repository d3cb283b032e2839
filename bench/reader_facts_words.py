"""The words that bench/reader_facts.py makes passages and questions of: the files of bench/reader_facts/, and texts with choices in them."""

import pathlib
import re

WORDS = pathlib.Path(__file__).resolve().parent / "reader_facts"
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
ORDINALS = "zeroth first second third fourth fifth sixth".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()


# ---- the files of words ----

def parts(text):
    """Of "a | [b|c] d": the pieces between bars that stand outside of brackets."""
    found, depth, start = [], 0, 0
    for at, sign in enumerate(text):
        depth += (sign == "[") - (sign == "]")
        if sign == "|" and depth == 0:
            found.append(text[start:at].strip())
            start = at + 1
    return [part for part in found + [text[start:].strip()] if part]


def blocks(name):
    """(head, lines as (key, rest)) of each block that "@head" begins."""
    found = []
    for line in lines_of(name):
        if line.startswith("@"):
            found.append((line[1:].strip(), []))
        else:
            key, _, rest = line.partition(":")
            found[-1][1].append((key.strip(), rest.strip()))
    return found


def lines_of(name):
    return [line for line in (WORDS / name).read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]


def read_lists():
    found = {}
    for line in lines_of("lists.txt"):
        if line.startswith("@"):
            some = found[line[1:]] = []
        else:
            some.append(line)
    return found


def read_attributes():
    return {head: {key: parts(rest) for key, rest in lines} for name in ("attributes.txt", "own.txt") for head, lines in blocks(name)}


def read_kinds():
    kinds = {}
    for head, lines in blocks("kinds.txt"):
        kind = dict(lines)
        things = [[piece.strip() for piece in thing.split("=", 1)] for thing in kind["things"].split(";")]
        attributes = [[piece.strip() for piece in attribute.split("=", 1)] for attribute in kind["attrs"].split(";")]
        named = {thing[0]: [alias.strip() for alias in thing[1].split(",")] if len(thing) > 1 else [] for thing in things}
        valued = {attribute[0]: parts(attribute[1]) if len(attribute) > 1 else None for attribute in attributes}
        kinds[head] = {"docs": kind["docs"].split(", "), "head": parts(kind["head"]), "col": parts(kind["col"]), "things": named, "attrs": valued,
                       "conds": [c for c in kind["conds"].split(", ") if c != "none"]}
    return kinds


def read_conditions():
    """Families of conditions that exclude each other, by what they are of: (column, in statements, in questions)."""
    found = {}
    for head, lines in blocks("conditions.txt"):
        name = head.split()[0]
        family = [(column, *[piece.strip() for piece in rest.split(":", 1)]) for column, rest in lines]
        found.setdefault(name, []).append([(column, told, [q.strip() for q in asked.split(",")]) for column, told, asked in family])
    return found


def read_policies(name="policies.txt"):
    topics = []
    for head, lines in blocks(name):
        topic = {"head": parts(head), "docs": [], "facts": []}
        for key, rest in lines:
            if key == "docs":
                topic["docs"] = rest.split(", ")
            elif key == "v":
                topic["facts"].append({"v": parts(rest)})
            else:
                topic["facts"][-1][key] = parts(rest)
        topics.append(topic)
    return topics


LISTS = read_lists()


# ---- words with choices in them ----

class Style:
    """What one document does always in the same way."""

    def __init__(self, chance):
        self.money = chance.choice(["£{}", "£{}", "€{}", "{} €", "${}", "EUR {}", "{} euros", "CHF {}"])
        self.hour = chance.choice(["{}:{:02}", "{}.{:02}", "{}:{:02}", "am"])
        self.cents = chance.random() < 0.5
        self.percent = chance.choice(["{} %", "{}%", "{} per cent"])
        self.thousands = chance.choice([",", "", " "])
        self.host = chance.choice(LISTS["places"]).lower().replace(" ", "") + chance.choice([".example", ".example.org", "-group.example"])


class Filler:
    def __init__(self, chance):
        self.chance, self.style = chance, Style(chance)

    def choose(self, text):
        """One of each [a|b], the innermost first."""
        while True:
            done = re.sub(r"\[([^\[\]]*)\]", lambda match: self.chance.choice(match[1].split("|")), text)
            if done == text:
                return re.sub(r"  +", " ", done)
            text = done

    def fill(self, text):
        """Written out; not "Monday and Monday"."""
        for _ in range(8):
            filled = self.filled(text)
            if not re.search(r"\b(\w.*) and \1\b", filled):
                break
        return filled

    def filled(self, text):
        filled = re.sub(r"\{(\w+)(?::(\d+)-(\d+))?\}", self.slot, self.choose(text)).strip()
        filled = re.sub(r"\b(one|1) (hour|day|week|month|year|time|guest|item|night|working day|person|place|seat)s\b", r"\1 \2", filled)
        filled = re.sub(r"\b(one|1) people\b", r"\1 person", filled)
        return re.sub(r"\b(the|an?) (the|an?) ", r"\2 ", filled)

    def slot(self, match):
        name = match[1]
        if match[2]:
            return getattr(self, name + "_range")(int(match[2]), int(match[3]))
        return getattr(self, name)()

    def n_range(self, low, high):
        return self.grouped(self.chance.randint(low, high))

    def w_range(self, low, high):
        number = self.chance.randint(low, high)
        return NUMBERS[number] if number < len(NUMBERS) else str(number)

    def i_range(self, low, high):
        return self.w_range(low, high) if self.chance.random() < 0.4 else self.n_range(low, high)

    def o_range(self, low, high):
        return ORDINALS[self.chance.randint(low, high)]

    def grouped(self, number):
        return f"{number:,}".replace(",", self.style.thousands) if number >= 10000 or (number >= 1000 and self.style.thousands == ",") else str(number)

    def money_range(self, low, high):
        number = self.chance.randint(low, high)
        if high > 3000:
            number -= number % (1000 if high > 20000 else 50)
            number = max(number, low)
        elif high > 300:
            number -= number % 5
        text = self.grouped(number)
        if high <= 300 and self.style.cents:
            text += self.chance.choice([".50", ".00", ".90", ".20", ".50", ".75", ".00"])
        return self.style.money.format(text)

    def pct(self):
        return self.style.percent.format(self.chance.choice([2, 3, 5, 8, 10, 10, 12.5, 15, 20, 20, 25, 30, 40, 50, 60, 75, 80, 1.5, 2.25]))

    def clock(self, low, high):
        hour, minute = self.chance.randint(low, high), self.chance.choice([0, 0, 0, 30, 30, 15, 45])
        if self.style.hour != "am":
            return self.style.hour.format(hour, minute)
        return f"{(hour - 1) % 12 + 1}{f':{minute:02}' if minute else ''} {'am' if hour < 12 else 'pm'}"

    def time(self):
        return self.clock(6, 12)

    def time2(self):
        return self.clock(13, 23)

    def hours(self):
        opens, closes = self.clock(7, 11), self.clock(13, 22)
        days = self.chance.choice(["", "", "Monday to Friday, ", "Mon–Fri ", "every day ", "Tuesdays to Saturdays, ", "on weekdays "])
        return days + self.chance.choice(["{} to {}", "from {} to {}", "{}–{}", "between {} and {}", "{} - {}"]).format(opens, closes)

    def weekday(self):
        return self.chance.choice(WEEKDAYS[:6])

    weekday2 = weekday

    def month(self):
        return self.chance.choice(MONTHS)

    def year(self):
        return str(self.chance.randint(2023, 2028))

    def date(self):
        day, month = self.chance.randint(1, 28), self.month()
        ending = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}.get(day, "th")
        return self.chance.choice([f"{day} {month}", f"{day} {month}", f"{day}{ending} {month}", f"{month} {day}", f"the {day}{ending} of {month}"])

    def surname(self):
        return self.chance.choice(LISTS["last"])

    def person(self):
        first, last = self.chance.choice(LISTS["first"]), self.chance.choice(LISTS["last"])
        return self.chance.choice([f"{first} {last}"] * 4 + [f"{self.chance.choice(['Mr', 'Ms', 'Mrs', 'Dr'])} {last}"] * 2 + [first])

    def role(self):
        return self.chance.choice(LISTS["roles"])

    def email(self):
        names = ["info", "help", "office", "bookings", "accounts", "team", self.surname().lower(), "people", "service", "desk", "hello"]
        return self.chance.choice(names) + "@" + self.style.host

    def url(self):
        return self.chance.choice(["status", "www", "live", "help"]) + "." + self.style.host

    def phone(self):
        numbers = [self.chance.randint(10, 99) for _ in range(5)]
        return self.chance.choice(["0{}{} {} {}", "+44 {}{} {}{}{}", "extension {}{}", "0{} / {}{} {}", "ext. {}", "(0{}{}) {}-{}"]).format(*numbers)

    def place(self):
        number, floor = self.chance.randint(1, 40), self.chance.choice(["ground", "first", "second", "third", "top"])
        room, letter, town = self.chance.randint(0, 4), self.chance.choice("ABCDEFG"), self.chance.choice(LISTS["places"])
        street, hall, depot = self.chance.choice(LISTS["streets"]), self.chance.choice(LISTS["places"]), self.chance.choice(LISTS["streets"])
        return self.chance.choice([
            f"Room {number}", f"Room {room}.{number:02}", f"the {floor} floor, room {number}", f"building {letter}", f"the {town} centre",
            f"the back office on the {floor} floor", f"{number} {street}", "the reception desk", f"counter {number}", "the workshop in the yard",
            "the hut by the gate", f"the {hall} hall", f"the depot in {depot}", f"hall {number % 9 + 1}", "the library", "the foyer"])

    def street(self):
        street = self.chance.choice(LISTS["streets"])
        return f"{self.chance.randint(1, 120)} {street}" if self.chance.random() < 0.5 else street

    def hotel(self):
        return self.chance.choice(LISTS["hotels"])

    def code(self):
        letters = "".join(self.chance.choice("ABCDEFGHKLMNPRSTUVWX") for _ in range(self.chance.randint(1, 3)))
        return f"{letters}{self.chance.choice(['-', '', ' '])}{self.chance.randint(1, 999)}"

    def code2(self):
        return f"{self.chance.choice('ABCDEFGH')}{self.chance.randint(1, 30)}"

    def system(self):
        return self.chance.choice(LISTS["systems"])

    def firm(self):
        return self.chance.choice(LISTS["firms"])

    def group(self):
        return self.chance.choice(LISTS["groups"])

    group2 = group

    def item(self):
        return self.chance.choice(LISTS["items"])

    item2 = item

    def items(self):
        some = self.chance.sample(LISTS["items"], self.chance.randint(2, 3))
        return ", ".join(some[:-1]) + " and " + some[-1]

    def extra(self):
        return self.chance.choice(LISTS["extras"])

    extra2 = extra

    def extras(self):
        some = self.chance.sample(LISTS["extras"], self.chance.randint(2, 3))
        return ", ".join(some[:-1]) + " and " + some[-1]
