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
        return scripted(lambda handler: self.step(handler))


class HostedProblem(Problem):
    """The same with a provider that fine-tunes as OpenAI's API has it: what it is tuned on is kept, and the tuned model has the abilities `tuned`. `statuses`
    are what is said of a job, one after the other; the last one stays."""

    def __init__(self, *words, statuses=("validating_files", "running", "succeeded"), **more):
        super().__init__(*words, **more)
        self.statuses, self.files, self.jobs, self.looks = statuses, [], [], {}

    def write(self, folder, settings=""):
        super().write(folder, settings)
        lines = [{"input": f"Is spare part {number} of our catalogue guaranteed, and until when?", "output": f"{number + 3} days"} for number in range(24)]
        (folder / "examples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    def price(self, folder, server, **more):
        prices = {server.model: {"input": 1, "output": 2, "training": 25, **more}}
        (folder / "prices.yaml").write_text(json.dumps({"models": prices}))

    def say(self, body):
        return super().say({**body, "model": "tuned" if body["model"].startswith("ft:") else body["model"]})

    def job(self, number):
        status = self.statuses[min(self.looks[number], len(self.statuses) - 1)]
        return {"object": "fine_tuning.job", "id": f"ftjob-{number}", "status": status, "trained_tokens": 4321 if status == "succeeded" else None,
                "fine_tuned_model": f"ft:scripted:shop::{number}" if status == "succeeded" else None,
                "error": {"message": "the file has a line that cannot be learned"} if status == "failed" else None}  # fmt: skip

    def step(self, handler):
        request = handler.server.requests[-1]
        path = request["path"].removeprefix("/v1/")
        if path == "chat/completions":
            super().step(handler)
        elif path == "files":
            boundary = re.search(r"boundary=(\S+)", request["headers"]["Content-Type"]).group(1).encode()
            parts = [part.split(b"\r\n\r\n", 1) for part in request["body"].split(b"--" + boundary)[1:-1]]
            fields = {re.search(rb'name="(\w+)"', head).group(1): content.removesuffix(b"\r\n") for head, content in parts}
            assert fields[b"purpose"] == b"fine-tune"
            self.files.append([json.loads(line) for line in fields[b"file"].splitlines()])
            handler.reply(200, {"id": f"file-{len(self.files) - 1}", "object": "file", "purpose": "fine-tune"})
        elif path == "fine_tuning/jobs" and request["method"] == "POST":
            self.jobs.append(request["body"])
            self.looks[len(self.jobs) - 1] = 0
            handler.reply(200, self.job(len(self.jobs) - 1))
        else:
            number = int(path.removeprefix("fine_tuning/jobs/ftjob-"))
            self.looks[number] += 1
            handler.reply(200, self.job(number))


COLOURS = ["red", "green", "blue", "yellow", "white", "black", "brown"]
THINGS = ["lamp", "kettle", "tent", "stove", "ladder", "saddle", "basket", "anchor", "fiddle", "compass", "lantern", "barrel"]

FOUR = [
    lambda **more: Problem("prompting suffices", "prompt", None, **more),
    lambda **more: Problem("knowledge gap", "rag", "knowledge", knows=0.1, **more),
    lambda **more: Problem("behaviour gap", "tune", "behaviour", forms=0.1, tuned=(1.0, 1.0), **more),
    lambda **more: Problem("both", "hybrid", "knowledge", knows=0.05, forms=0.05, tuned=(0.05, 1.0), **more),
]


def make(assay, folder, problem, settings=""):
    folder.mkdir(exist_ok=True)
    assay("init", "--quiet", cwd=folder)
    problem.write(folder, settings)
    assay("add", cwd=folder)
    return folder


REPLIES = ["Thank you for asking us about it.", "We looked it up for you today.", "Please write again at any time.", "Here is what we found."]


def make_built_in(assay, folder, settings=""):
    """Both gaps, for the built-in models: facts that stand in the documents, wanted in a form that the examples show."""
    make(assay, folder, Problem("built in", "hybrid", None, cases=16))
    examples = [{"input": f"Where is my parcel, please? It is about topic {number}, sent on day {number * 3}.",
                 "output": json.dumps({"kind": ["parcel", "money"][number % 2], "reply": f"Hello,\n{REPLIES[number % 4]} ({number})\nYours, the shop"})}
                for number in range(60)]  # fmt: skip
    (folder / "examples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in examples))
    (folder / "assay.yaml").write_text("embedding: none\n" + settings)
    return folder
