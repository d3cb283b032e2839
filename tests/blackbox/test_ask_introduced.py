"""`assay ask` without a language model: who or what it is that a question names, and what a term means."""

import pytest
from test_ask import answers_from

DOCUMENTS = {
    "team.md": "# Team\n\n## Design\n\nInes Marlow leads the design team. She joined in 2019 and works from Lisbon.\n\n"
    "Tom Birch, our head of support, is reached at tom@example.org.\n\n"
    "The finance lead is Greta Holm. Questions about invoices go to Greta Holm or to billing@example.org.\n\n"
    "| Name | Role | Phone |\n|---|---|---|\n| Omar Said | Facilities manager | 4410 |\n| Lena Fox | Security officer | 4411 |\n\n"
    "- **Piotr Nowak** – warehouse, night shift\n",
    "desk.md": "# Desk\n\nHead of support: Mara Voss. The night desk is run by Ilan Petrov and Joy Adler. Mara Voss is on leave in May.\n",
    "people.md": "# People\n\nSteven Tallis (born Steven Victor Tallarico; March 26, 1948) was an American singer, best known as the frontman of a band. "
    "In 1986 he married a designer. Steven Tallis lives in Hawaii.\n",
    "terms.md": "# Abbreviations and services\n\nSLA stands for service level agreement. The SLA promises 99.9 % availability.\n\n"
    "The Relay is the server that hands print jobs to the branches. The Relay restarts every night at 02:00. Print jobs of the Relay are kept for a day.\n\n"
    "An incident commander (IC) coordinates the response. The IC is chosen by the on-call lead.\n\n"
    "Kiosk mode: the screen shows one page and no menus.\n\nThe VX15 is not sold. The VX150 is a pump for wells.\n",
    "preview.md": "# Preview\n\nThe shop has a content preview, also known as the *draft stack*. Editors look at pages there.\n\n"
    "Traffic is green where all is well. It might mean that the team is on leave.\n\n`grace_days` means how many days a customer may be late.\n",
}  # fmt: skip


@pytest.fixture
def answer(assay, tmp_path):
    return answers_from(assay, tmp_path, DOCUMENTS)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Who is Ines Marlow?", "Ines Marlow leads the design team. [1]"),
        ("Who is Tom Birch?", "Tom Birch, our head of support, is reached at tom@example.org. [1]"),
        ("Who is Greta Holm?", "The finance lead is Greta Holm. [1]"),
        ("Who is Omar Said?", "Facilities manager [1]"),
        ("who is lena fox?", "Security officer [1]"),
        ("Who is Piotr Nowak?", "Piotr Nowak – warehouse, night shift [1]"),
        ("Who is Mara Voss?", "Head of support: Mara Voss. [1]"),
        ("Who is Ilan Petrov?", "The night desk is run by Ilan Petrov and Joy Adler. [1]"),
        ("Who is the finance lead?", "Greta Holm [1]"),
        ("What is the Relay?", "The Relay is the server that hands print jobs to the branches. [1]"),
        ("What's the Relay?", "The Relay is the server that hands print jobs to the branches. [1]"),
        ("What is the Relay used for?", "The Relay is the server that hands print jobs to the branches. [1]"),
        ("What does the Relay do?", "The Relay is the server that hands print jobs to the branches. [1]"),
        ("What is an SLA?", "SLA stands for service level agreement. [1]"),
        ("What is an IC?", "An incident commander (IC) coordinates the response. [1]"),
        ("What is kiosk mode?", "Kiosk mode: the screen shows one page and no menus. [1]"),
        ("What do people mean by the draft stack?", "The shop has a content preview, also known as the draft stack. [1]"),
        ("What does the grace_days setting mean?", "grace_days means how many days a customer may be late. [1]"),
    ],
)
def test_what_is_named_is_introduced(answer, question, wanted):
    assert answer(question) == wanted


def test_a_person_is_introduced_by_what_he_was(answer):
    assert "was an American singer" in answer("Who was Steven Tallis?")


def test_who_is_named_nowhere_is_not_introduced(answer):
    assert answer("Who is Anna Bell?") is None


def test_a_longer_number_is_another_thing(answer):
    assert "VX150" not in (answer("What is the VX15?") or "")


def test_what_it_means_when_asks_for_no_term(answer):
    assert "on leave" not in (answer("What does it mean when the traffic is green?") or "")
