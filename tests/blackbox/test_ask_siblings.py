"""`assay ask` without a language model: what is told of a sibling of what is asked of is no answer, and words that are misspelled are read as the documents write them."""

import pytest
from models import FOLDER, needed
from test_ask import Project

TEAM = """# The team

Dr Piotr Wrona sees adults and does most of our crowns. Dr Leila Saffari joined us in March 2024; she works Tuesdays and Thursdays only.

A member should miss no more than three rehearsals in a term.
"""
FREIGHT = """# Terms

The crate is turned on the first day. Late cargo rolls to the next departure; the customer pays a rolling fee of EUR 75 for sea. There is none for air.

The largest piece through the door of the 737 freighter is 3.10 m by 2.00 m. For the 777 ask Ingrid.

- Terminal handling: 29 per m³
- Export customs declaration: 55 for the first three tariff lines
"""
MANUAL = """# Washers

The Torrent 150 has a hose of 8 m. The Torrent 180 has a hose of 10 m.

**Blinking lamp (Torrent 180 only).** One blink: overheated. Two blinks: no water.

| Antibody | Host | Dilution |
|---|---|---|
| anti-GAPDH | mouse | 1:10,000 |
| anti-pERK | rabbit | 1:1,000 |
"""
SCHOOL = """# Fahrschule

| Leistung | Klasse B | Klasse A | Klasse BE |
|---|---|---|---|
| Grundbetrag | 390 € | 350 € | 150 € |
| Fahrstunde (45 Minuten) | 62 € | 68 € | 70 € |

Die Filiale Altstadt leitet Frau Doris Hempel. Herr Aydin unterrichtet auch Klasse A.
"""


@pytest.fixture
def project(assay, tmp_path):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    for name, text in (("team.md", TEAM), ("freight.md", FREIGHT), ("manual.md", MANUAL), ("schule.md", SCHOOL)):
        project.write(f"docs/{name}", text)
    project.add()
    return project


@pytest.mark.parametrize(
    ("question", "wanted", "sibling"),
    [
        ("When did Dr Leila Saffari join us?", "March 2024", "When did Dr Piotr Wrona join us?"),
        ("rolling fee for sea cargo", "EUR 75", "How much is the rolling fee for road cargo?"),
        ("export customs declaration fee", "55", "import customs declaration fee"),
        ("What does one blink mean on the Torrent 180?", "overheated", "What does one blink mean on the Torrent 150?"),
        ("dilution of anti-pERK", "1:1,000", "dilution of anti-tubulin"),
        ("Wer leitet die Filiale Altstadt?", "Doris Hempel", "Wer leitet die Filiale Weststadt?"),
    ],
)
def test_a_sibling_answers_nothing(project, question, wanted, sibling):
    answer = project.ask(question)
    assert not answer["abstained"] and wanted in answer["answer"]
    assert project.ask(sibling)["abstained"]


def test_whom_to_ask_is_told_as_that_or_not_at_all(project):
    """"Ingrid" is no largest piece, nor is that of the 737 the 777's; that she is to be asked may be told."""
    assert "3.10 m by 2.00 m" in project.ask("largest piece through the door of the 737")["answer"]
    answer = project.ask("What is the largest piece through the door of the 777?")
    assert answer["abstained"] or answer["answer"] == "For the 777 ask Ingrid. [1]"


def test_the_head_of_a_column_names_one_of_several(project):
    assert "390 €" in project.ask("Wie hoch ist der Grundbetrag für Klasse B?")["answer"]


@pytest.mark.parametrize(
    ("question", "asked", "wanted"),
    [
        ("How many rehersals should a member miss in a term?", "How many rehearsals should a member miss in a term?", "three"),
        ("which days does dr safari work", "which days does dr saffari work", "Tuesdays and Thursdays"),
        ("Farhstunde Klasse B", "Fahrstunde Klasse B", "62 €"),
    ],
)
def test_a_misspelled_word_is_read_as_the_documents_write_it(project, question, asked, wanted):
    answer = project.ask(question)
    assert answer["asked"] == asked
    assert not answer["abstained"] and wanted in answer["answer"]


@pytest.mark.parametrize("question", ["How wide is the dock?", "Where is the horse kept?", "When did Dr Verona join?", "Wie teuer ist die Fehlstunde?", "HOESE", "An welchem Tag turnen alle?"])
def test_other_words_stay_as_they_are(project, question):
    assert project.ask(question)["asked"] == question


def asked_of(assay, folder, text, question):
    """Of the one document of a project, with the embedding model."""
    project = Project(assay, folder)
    project.run("init", ".")
    project.write("docs/a.md", text)
    env = {"ASSAY_MODELS": str(FOLDER.parent)}
    assay("add", "--quiet", cwd=project.folder, env=env)
    return assay("ask", "--json", question, cwd=project.folder, env=env).json()


@needed
@pytest.mark.parametrize(("text", "question", "wanted"), [
    ("The rent of 900 euros is due to the landlord by the third working day of each month.", "By when does the tenant have to pay the rent?", "third working day"),
    ("Delivery takes place within 14 days of receipt of the buyer's payment.", "Within how many days does the seller have to deliver?", "14 days"),
    ("Swimmers under 8 must be accompanied by an adult in the water.", "Under what age must children be accompanied in the water?", "8"),
    ("# Handbook for landlords\n\nThe notice period is three months.", "How long is the notice period for a tenant?", "three months"),
    ("# Winter service\n\nSuspension parts carry a warranty of 2 years.", "How long is the warranty on the suspension spring?", "2 years"),
    ("# Tours\n\n| Tour | Price |\n|---|---|\n| City walk | 12 EUR |\n| Guided tour | by arrangement |\n", "What does a guided tour cost?", "by arrangement"),
    ("# Flats\n\n| Flat | Deposit |\n|---|---|\n| Garden flat | three months' rent |\n| Attic flat | two months' rent |\n", "What is the deposit for the garden flat?", "three months' rent"),
    ("The tills run Windows Vista.", "Which version of Windows do the tills run?", "Vista"),
])  # fmt: skip
def test_what_has_a_part_in_it_is_no_sibling(assay, tmp_path, text, question, wanted):
    """Nor are words with another sense, and prices, deposits and versions may be told by words."""
    answer = asked_of(assay, tmp_path, text, question)["answer"]
    assert answer is not None and wanted in answer, answer


@needed
@pytest.mark.parametrize(("text", "question"), [("The licensee pays 500 euros a year.", "What does the licensor pay a year?"), ("Staples cost 3 EUR a box.", "What does a stapler cost?")])
def test_another_ending_is_no_slip(assay, tmp_path, text, question):
    assert asked_of(assay, tmp_path, text, question)["asked"] == question
