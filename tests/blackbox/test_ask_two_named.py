"""`assay ask` without a language model: questions that name two things, and ask of both or which of them it is."""

import pytest
from test_ask import Project

DOCUMENTS = {
    "finch.md": "# Orla Finch\n\nOrla Finch (born 3 May 1961) is a Welsh singer and film director. She lives in Conwy with two dogs.\n",
    "teal.md": "# Bram Teal\n\nBram Teal (2 June 1974 – 9 April 2020) was a Flemish film director. His first film was shown in Ghent.\n",
    "gazette.md": "# Harbour Gazette\n\nThe Harbour Gazette is a weekly paper for sailors. It was first published in 1931 by the harbour office.\n",
    "tide.md": "# Tide Monthly\n\nTide Monthly is a paper on boats. Since its first issue was published in March 1987 it has had four editors.\n",
    "undated.md": "# Reef Review\n\nThe Reef Review is a paper on diving. It has a section on wrecks.\n",
    "plans.md": "# Our plans\n\nThe Basic plan costs 9 euros a month. The Pro plan costs 19 euros a month. The Team plan is priced by agreement.\n\n"
    "The Basic plan is billed yearly. The Pro plan is billed yearly, too, and comes with support by phone.\n",
    "dogs.md": "# Trams\n\nHand luggage is free on all lines. Pets are free in the evening.\n",
    "pass.md": "# Cards\n\nThe green card opens the garage. The blue card opens the archive.\n",
}  # fmt: skip


@pytest.fixture
def project(assay, tmp_path):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    for name, text in DOCUMENTS.items():
        project.write(f"docs/{name}", text)
    project.add()
    return project


def documents(answer):
    return [citation["document"].split("/")[-1] for citation in answer["citations"]]


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Who is older, Orla Finch or Bram Teal?", "Orla Finch: 3 May 1961 [1] Bram Teal: 2 June 1974 [2]"),
        ("Who is younger, Orla Finch or Bram Teal?", "Bram Teal: 2 June 1974 [1] Orla Finch: 3 May 1961 [2]"),
        ("Which paper was published first, Tide Monthly or the Harbour Gazette?", "Harbour Gazette: 1931 [1] Tide Monthly: March 1987 [2]"),
        ("Which is cheaper, the Basic or the Pro plan?", "Basic: 9 euros a month [1] Pro plan: 19 euros a month [2]"),
    ],
)
def test_dates_and_amounts_of_both_are_told(project, question, wanted):
    """The one that is asked for first, each from its own place."""
    assert project.ask(question)["answer"] == wanted


def test_the_one_that_has_it_is_told(project):
    answer = project.ask("Which director is Welsh, Bram Teal or Orla Finch?")
    assert answer["answer"] == "Orla Finch (born 3 May 1961) is a Welsh singer and film director. [1]"
    assert documents(answer) == ["finch.md"]


@pytest.mark.parametrize(
    "question",
    [
        "Which paper was published first, the Harbour Gazette or the Reef Review?",
        "Which is cheaper, the Basic or the Team plan?",
        "Who is taller, Orla Finch or Bram Teal?",
        "Which director is Danish, Bram Teal or Orla Finch?",
    ],
)
def test_what_is_not_told_of_both_names_neither(project, question):
    """No date, no amount, nothing to compare, of none of them."""
    answer = project.ask(question)
    assert answer["abstained"], answer["answer"]


@pytest.mark.parametrize(
    ("question", "wanted", "cited"),
    [
        ("Are Orla Finch and Bram Teal both film directors?", ("is a Welsh singer and film director.", "was a Flemish film director."), ["finch.md", "teal.md"]),
        ("What do Bram Teal and Orla Finch have in common?", ("was a Flemish film director.", "is a Welsh singer and film director."), ["teal.md", "finch.md"]),
        ("Are the Basic plan and the Pro plan both billed yearly?", ("The Basic plan is billed yearly.", "The Pro plan is billed yearly, too, and comes with support by phone."), ["plans.md", "plans.md"]),
        ("Are hand luggage and pets both free?", ("Hand luggage is free on all lines.", "Pets are free in the evening."), ["dogs.md", "dogs.md"]),
    ],
)  # fmt: skip
def test_of_both_a_sentence_each_is_told(project, question, wanted, cited):
    answer = project.ask(question)
    first, second = answer["answer"].split(" [1] ")
    assert first.endswith(wanted[0]) and second.removesuffix(" [2]").endswith(wanted[1])
    assert documents(answer) == cited


ALPHA = "# Alpha speaker\n\nThe Alpha speaker is a small speaker for kitchens. The warranty is 2 years. It weighs 400 g.\n"
BETA = "# Beta speaker\n\nThe Beta speaker is a large speaker for living rooms. The warranty is 3 years. It weighs 900 g.\n"


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Which is heavier, the Alpha or the Beta?", "Beta: 900 g [1] Alpha: 400 g [2]"),
        ("Which has the longer warranty, the Alpha or the Beta?", "Beta: 3 years [1] Alpha: 2 years [2]"),
        ("Which is bigger, the Alpha or the Beta?", None),  # by no years and no grams
        ("Are Alpha and Beta both waterproof?", None),  # what each is says nothing of it
    ],
)
def test_only_what_is_asked_of_is_compared(assay, tmp_path, question, wanted):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    project.write("docs/alpha.md", ALPHA)
    project.write("docs/beta.md", BETA)
    project.add()
    assert project.ask(question)["answer"] == wanted


def test_an_or_that_names_no_two_things_is_left_alone(project):
    assert "garage" in project.ask("What does the green or the spare card open?")["answer"]
