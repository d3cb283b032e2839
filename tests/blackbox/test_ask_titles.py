"""`assay ask` without a language model: questions that stand behind what they are about, titles with a question mark, and reports, of which the results answer."""

import pytest
from models import FOLDER, needed
from test_ask import Project

SOLES = """# Soles on wet tiles

## Aim

To find out whether workers in kitchens slip less on wet tiles with the soft soles.

## Methods

Forty workers in kitchens wore the soft soles on wet tiles for a week, and the hard soles for another.

## Results

The mean age of the workers in kitchens who wore soft soles on wet tiles was 34 years. Workers with the soft soles slipped 3 times on wet tiles, and 19 times with the hard ones.
"""
LONG = """# Survey of the ferries

## Background

Whether commuters are content with the early ferries to the island was asked in spring.

## Results

Of 400 commuters 310 were content with the early ferries.
"""
PRINTER = """# Cartridges

Sealed cartridges can be refilled at the counter. A refilled cartridge prints 900 pages.

## Purpose

This page is for all branches. The results of counts stand in the list.
"""
KILNS = """# Kilns

The gap between the glaze of upper and lower shelves in large kilns is small. Firing takes 14 hours.
"""


@pytest.fixture
def project(assay, tmp_path):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    for name, text in (("soles.md", SOLES), ("ferries.md", LONG), ("printer.md", PRINTER), ("kilns.md", KILNS)):
        project.write(f"docs/{name}", text)
    project.add()
    return project


@pytest.fixture
def read(assay, project):
    """Asks the same project with the reader, which marks words of sentences."""
    env = {"ASSAY_MODELS": str(FOLDER.parent)}
    assay("add", "--quiet", cwd=project.folder, env=env)
    return lambda question: assay("ask", "--json", question, cwd=project.folder, env=env).json()["answer"]


@needed
@pytest.mark.parametrize("question", ["Sealed cartridges: can they be refilled?", "Sealed cartridges. Can they be refilled?", "Sealed cartridges - can they be refilled?", "If cartridges are sealed, can they be refilled?"])
def test_a_question_behind_a_mark_has_a_whole_sentence(read, question):
    assert read(question) == "Sealed cartridges can be refilled at the counter. [1]"


@needed
@pytest.mark.parametrize("question", ["Large kilns: does the glaze differ between upper and lower shelves?", "Glaze on shelves of large kilns. Is it the same above and below?"])
def test_it_is_not_answered_by_a_word(read, question):
    assert read(question) == "The gap between the glaze of upper and lower shelves in large kilns is small. [1]"


@needed
def test_a_title_is_answered_by_a_sentence_and_a_value_by_itself(read):
    assert read("Evenness of the glaze of shelves in large kilns?") == "The gap between the glaze of upper and lower shelves in large kilns is small. [1]"
    assert read("Hours of firing pots in the kilns?") == "14 hours [1]"


@needed
def test_a_truth_about_two_is_one_question(read):
    """How long it is fired, and what of the glaze, are not asked for one by one."""
    assert read("Firing in kilns and the glaze of upper shelves: is there a gap?") == "The gap between the glaze of upper and lower shelves in large kilns is small. [1]"


@pytest.mark.parametrize("question", ["Soft soles in kitchens: do workers slip less on wet tiles?", "Do workers in kitchens slip less on wet tiles with the soft soles?", "Soft soles on wet tiles: a help for workers in kitchens?"])
def test_of_a_report_the_results_answer(project, question):
    """The aim has more of the question's words than they have."""
    answer = project.ask(question)
    assert answer["answer"] == "Workers with the soft soles slipped 3 times on wet tiles, and 19 times with the hard ones. [1]"
    assert answer["citations"][0]["quote"] == "Workers with the soft soles slipped 3 times on wet tiles, and 19 times with the hard ones."


def test_results_that_the_search_did_not_find_are_read(project):
    answer = project.ask("-k", "1", "Are commuters content with the early ferries to the island?")
    assert answer["answer"] == "Of 400 commuters 310 were content with the early ferries. [1]"
    assert [passage["document"] for passage in answer["passages"]] == ["docs/ferries.md", "docs/ferries.md"]
