"""`assay ask` without a language model: what is asked of a thing that the question only describes is answered from two documents, and both are cited."""

import pytest
from models import FOLDER, needed
from test_ask import Project

DOCUMENTS = {
    "ilsa.md": "# Ilsa Brandt\n\nIlsa Brandt is a goalkeeper from Ghent. She plays for Conwy Rovers and has won the cup twice.\n",
    "rovers.md": "# Conwy Rovers\n\nConwy Rovers is a football club in the north. It was founded in 1951 by dockers, and Mira Holt trains its teams.\n",
    "teapot.md": "# Teapots\n\nTeapots are glazed in the evening by Rune Falk.\n",
}


@pytest.fixture
def ask(assay, tmp_path):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    for name, text in DOCUMENTS.items():
        project.write(f"docs/{name}", text)
    env = {"ASSAY_MODELS": str(FOLDER.parent)}
    assay("add", "--quiet", cwd=project.folder, env=env)
    return lambda question, *more: assay("ask", "--json", question, *more, cwd=project.folder, env=env).json()


@needed
@pytest.mark.parametrize(
    ("question", "wanted", "cited"),
    [
        ("Ilsa Brandt plays for a club founded in what year?", "1951", ["rovers.md", "ilsa.md"]),
        ("Ilsa Brandt plays for the club that Mira Holt has trained since it was founded when?", "1951", ["rovers.md", "ilsa.md"]),
        ("Ilsa Brandt plays for a club whose teams are trained by whom?", "Mira Holt", ["rovers.md", "ilsa.md"]),
    ],
)
def test_what_is_described_is_found_first(ask, question, wanted, cited):
    answer = ask(question)
    assert answer["answer"] == f"{wanted} [1] [2]"
    assert [citation["document"].split("/")[-1] for citation in answer["citations"]] == cited
    assert answer["asked"] == question


@needed
@pytest.mark.parametrize("question", ["Who trains the club for which Ilsa Brandt plays?", "Who trains the club that Ilsa Brandt plays for?"])
def test_the_thing_that_is_described_is_no_answer(ask, question):
    """The club answers "Which club does Ilsa Brandt play for?": who trains it is asked with its name."""
    answer = ask(question)
    assert answer["answer"] == "Mira Holt [1] [2]"
    assert [citation["document"] for citation in answer["citations"]] == ["docs/rovers.md", "docs/ilsa.md"]


@needed
def test_an_answer_of_the_kind_that_is_asked_for_stays(ask):
    answer = ask("Who glazes the teapots that are fired in the evening?")
    assert answer["answer"] == "Rune Falk [1]" and len(answer["citations"]) == 1


@needed
def test_where_one_step_is_not_told_nothing_is_taken_in(ask):
    """The answer, and the passages that it is made of, are those of the question as it stands."""
    plain = ask("Teapots are glazed by a potter born in what year?", "-k", "2")
    assert len(plain["passages"]) == 2
    assert all(citation["document"] == "docs/teapot.md" for citation in plain["citations"])


@needed
def test_a_key_gets_no_second_step_from_what_it_may_not_see(assay, tmp_path):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    project.write("assay.yaml", "access: {labels: from-folder}\n")
    project.write("docs/public/ilsa.md", DOCUMENTS["ilsa.md"])
    project.write("docs/board/rovers.md", DOCUMENTS["rovers.md"])
    env = {"ASSAY_MODELS": str(FOLDER.parent)}
    assay("add", "--quiet", cwd=project.folder, env=env)
    assay("key", "add", "clerk", cwd=project.folder, env=env)
    question = "Ilsa Brandt plays for a club founded in what year?"
    assert "1951" in assay("ask", "--json", question, cwd=project.folder, env=env).json()["answer"]
    answer = assay("ask", "--json", "--as", "clerk", question, cwd=project.folder, env=env)
    assert "1951" not in answer.out and "rovers.md" not in answer.out
