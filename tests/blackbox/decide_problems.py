"""Problems whose right verdict is known: documents, test cases, and a language model whose abilities are set for each."""

import json
import re

from scripted_model import completion, scripted

WRONG = "seventeen weeks of something else"


class Problem:
    """`knows`, `forms`: shares of the cases that the model knows by itself, and answers in the form that is wanted. `tuned`: the same
    of the model that was tuned; None: there is none."""

    def __init__(self, name, truth, gap, cases=30, knows=1.0, forms=1.0, tuned=None, seed=1):
        self.name, self.truth, self.gap = name, truth, gap
        self.abilities = {"scripted": (knows, forms)}
        if tuned:
            self.abilities["tuned"] = tuned
        self.cases = [self.case(number, seed) for number in range(cases)]
        self.requests = []

    def case(self, number, seed):
        thing = f"{COLOURS[number % len(COLOURS)]} {THINGS[(number * 7 + seed) % len(THINGS)]}"
        amount = 11 + (number * 37 + seed * 13) % 880
        return {"thing": thing, "question": f"How many days may a customer keep the {thing} number {number}?", "answer": f"{amount} days",
                "source": f"docs/{number}.md",
                "text": f"# Rules for number {number}\n\nThe {thing} number {number} is made in our own workshop by careful people, and it is "
                        f"sold in a box of grey cardboard.\n\nA customer may keep the {thing} number {number} for {amount} days, and "
                        f"then it has to go back to the shop where it was bought.\n"}  # fmt: skip

    def write(self, folder, settings=""):
        (folder / "docs").mkdir(parents=True, exist_ok=True)
        for case in self.cases:
            (folder / case["source"]).write_text(case["text"])
        lines = [{key: case[key] for key in ("question", "answer", "source")} for case in self.cases]
        (folder / "eval.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        (folder / "assay.yaml").write_text("embedding: none\nprompt: {tokens: 1800}\nchecks: {answer: strict}\n" + settings)

    # ---- the model ----

    def find(self, question):
        numbers = re.findall(r"number (\d+)", question)
        return next((i for i in range(len(self.cases)) if str(i) in numbers), 0)

    def say(self, body):
        text = "\n".join(message["content"] for message in body["messages"])
        number = self.find(body["messages"][-1]["content"].split("Question:")[-1])
        case, (knows, forms) = self.cases[number], self.abilities[body["model"]]
        share = (number + 0.5) / len(self.cases)
        passages = "\n".join(re.findall(r"<passage .*?</passage", text, re.S))
        stated = re.search(rf"number {number} for (\d+ days)", passages)
        fact = stated.group(1) if stated else case["answer"] if share < knows else None
        if fact is None:
            return "NOT_IN_DOCUMENTS" if "<passage " in text else WRONG
        return fact if (share * 7.3) % 1 < forms else f"Dear friend, thank you for asking! I would guess that {fact} might be about right, but who can say."

    def step(self, handler):
        body = handler.server.requests[-1]["body"]
        handler.reply(200, completion(self.say(body)))

    def serve(self):
        return scripted(self.step)


COLOURS = ["red", "green", "blue", "yellow", "white", "black", "brown"]
THINGS = ["lamp", "kettle", "tent", "stove", "ladder", "saddle", "basket", "anchor", "fiddle", "compass", "lantern", "barrel"]

FOUR = [
    lambda **more: Problem("prompting suffices", "prompt", None, **more),
    lambda **more: Problem("knowledge gap", "rag", "knowledge", knows=0.1, **more),
    lambda **more: Problem("behaviour gap", "tune", "behaviour", forms=0.1, tuned=(1.0, 1.0), **more),
    lambda **more: Problem("both", "hybrid", "knowledge", knows=0.05, forms=0.05, tuned=(0.05, 1.0), **more),
]
