"""Questions that look as if their passage answered them: a name, a number or a telling word of an answered question changed for another one.

What is likest to a question that cannot be answered is one that can, but for a detail: another name of the same passage, another year, the
opposite of a word. A reader that learned only from passages about something else looks for a place that fits, not at whether it is asked for.
"""

import re

OPPOSITES = [
    ("first", "last"), ("largest", "smallest"), ("biggest", "smallest"), ("before", "after"), ("north", "south"), ("east", "west"),
    ("northern", "southern"), ("eastern", "western"), ("most", "least"), ("highest", "lowest"), ("oldest", "youngest"), ("increase", "decrease"),
    ("increased", "decreased"), ("more", "less"), ("early", "late"), ("begin", "end"), ("began", "ended"), ("started", "stopped"),
    ("won", "lost"), ("win", "lose"), ("positive", "negative"), ("upper", "lower"), ("internal", "external"), ("maximum", "minimum"),
    ("longest", "shortest"), ("best", "worst"), ("good", "bad"), ("high", "low"), ("long", "short"), ("old", "new"), ("male", "female"),
    ("father", "mother"), ("brother", "sister"), ("son", "daughter"), ("husband", "wife"), ("king", "queen"), ("accepted", "rejected"),
    ("common", "rare"), ("easy", "difficult"), ("love", "hate"), ("like", "dislike"), ("allowed", "forbidden"), ("open", "closed"),
    ("opened", "closed"), ("strong", "weak"), ("rich", "poor"), ("public", "private"), ("left", "right"), ("major", "minor"),
]
OPPOSITE = {a: b for a, b in OPPOSITES} | {b: a for a, b in OPPOSITES}
# Some, as "how short" for "how long", leave a question that can still be answered; the shipped reader has learned from them.
WORD = r"[A-Z](?:[\w-]|'(?!s\b))+"
NAME = re.compile(rf"\b{WORD}(?: (?:of |the |de |von )?{WORD}){{0,3}}")
NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?![\w])")
DENIED = re.compile(r"\b(did|does|do|was|were|is|are|can|could|will|would|has|have|had) (?=[a-z])")
NO_NAMES = {"Who", "What", "When", "Where", "Which", "Why", "How", "In", "The", "A", "An", "On", "At", "By", "For", "From", "To", "Of", "I", "It", "He",
            "She", "They", "We", "You", "This", "That", "These", "His", "Her", "Their", "But", "And", "If", "As", "After", "Before", "During", "There", "Is", "Was"}


def sentence_around(context, start, end):
    first = max(context.rfind(mark, 0, start) for mark in (". ", "! ", "? ", "\n"))
    last = min((at for mark in (". ", "! ", "? ", "\n") if (at := context.find(mark, end)) >= 0), default=len(context))
    return context[first + 1 : last + 1]


def names(text):
    """Runs of words with capitals; not what may have one only because a sentence begins with it."""
    found = [match.group() for match in NAME.finditer(text) if re.search(r"[\w,;)] $", text[: match.start()][-2:])]
    return [name for name in found if name.split()[0] not in NO_NAMES and len(name) > 2]


def other_name(question, context, answer, near):
    asked = [name for name in names(question) if name in context]
    others = [name for name in dict.fromkeys(names(context))
              if name not in near and name not in question and answer not in name and name not in answer
              and not any(part in question or part in near for part in name.split())]
    for name in sorted(asked, key=len, reverse=True):
        like = [other for other in others if abs(len(other.split()) - len(name.split())) <= 1]
        if like:
            return name, like
    return None


def other_number(question, context, near):
    asked = [number for number in NUMBER.findall(question) if number in context]
    for number in asked:
        like = [other for other in dict.fromkeys(NUMBER.findall(context))
                if other not in near and other not in question and len(other) == len(number)]
        if not like and len(number) == 4 and number.isdigit():
            like = [str(int(number) + step) for step in (-11, -4, -2, 3, 7, 12) if str(int(number) + step) not in context]
        if like:
            return number, like
    return None


def opposite(question):
    found = [word for word in re.findall(r"[A-Za-z]+", question) if word in OPPOSITE]
    return (found[0], [OPPOSITE[found[0]]]) if found else None


def swapped(question, context, answer, start, random_):
    """The question with one detail changed, or None: nothing in it can be."""
    near = sentence_around(context, start, start + len(answer))
    ways = [way for way in (other_name(question, context, answer, near), other_number(question, context, near), opposite(question)) if way]
    if ways:
        old, new = random_.choice(ways)
        return re.sub(r"(?<!\w)" + re.escape(old) + r"(?!\w)", lambda _: random_.choice(new), question, count=1)
    denied = DENIED.search(question)
    if denied and random_.random() < 0.15:
        return question[: denied.end()] + "not " + question[denied.end() :]
    return None
