"""`assay ask` without a language model: how something is done, why, and what to do about an error, told with what stands behind the sentence."""

import pytest
from models import FOLDER, needed
from test_ask import Project, answers_from

DOCUMENTS = {
    "keys.md": "# Vault keys\n\n## Rotation\n\nThere is a script that rotates vault keys. Run `bin/rotate` on the vault. It takes a minute.\n\n"
    "## Labels\n\nDeleting a parcel label takes two steps.\n\n1. Take the label out of the settings.\n2. Press the red button.\n\n"
    "## Root\n\nNever log on to the vault as root. This keeps the audit trail whole. The vault is in Ghent.\n",
    "traffic.md": "# Mirror traffic\n\nTo switch off all mirror traffic, set `MIRROR_RATE` to zero in one of these files:\n\n- integration\n- staging\n- production\n",
    "rota.md": "# Rota\n\nDesigners are on the day rota. They need not be on the night rota. The rota is made on Monday.\n",
    "safe.md": "# Test licence\n\nThese steps are safe to run in production any number of times:\n\n- Open the test licence page.\n- Press Continue.\n",
    "errors.md": "# Build errors\n\nThe build of the shop may stop with an error:\n\n```text\nE042: disk of the runner is full\n```\n\n"
    "Delete old images and start the build once more. A runner has 40 GB.\n",
    "stamps.md": "# Stamps\n\nTo void a postage stamp takes two clerks.\n\nOpen the settings and void the postage stamp there.\n",
    "vpn.md": "# Tunnel\n\nIf the tunnel shows `Error 809: connection failed`, restart the router. Call the network team if it still fails.\n",
    "sync.md": "# Image tags\n\nThe registry is asked for new image tags periodically. To sync image tags at once, press Refresh.\n",
}  # fmt: skip

BARN = "# Barn\n\nThe heading of the barn banner has small, bold text on a green background. The barn opens at dawn.\n\nThe production shop cluster is an AWS EKS cluster.\n"


@pytest.fixture
def answer(assay, tmp_path):
    return answers_from(assay, tmp_path, DOCUMENTS)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("How do I rotate vault keys?", "Run bin/rotate on the vault."),
        ("How do I delete a parcel label?", "Press the red button."),
        ("Why must we never log on to the vault as root?", "This keeps the audit trail whole."),
        ("How do I switch off all mirror traffic?", "set MIRROR_RATE to zero"),
        ("Do designers have to be on the night rota?", "They need not be on the night rota."),
        ("Is it safe to run the test licence steps in production more than once?", "These steps are safe to run"),
        ("How do I void a postage stamp?", "Open the settings"),
        ("I get `Error 809: connection failed`. What should I do?", "restart the router"),
        ("The new image tag is not there yet. How do I sync image tags at once?", "To sync image tags at once, press Refresh."),
    ],
)
def test_what_stands_behind_is_told(answer, question, wanted):
    assert wanted in answer(question)


@pytest.mark.parametrize(
    "question",
    [
        "The build stops with `E042: disk of the runner is full`. What should I do?",
        'The build says "E042: disk of the runner is full". Any workaround?',
        "What do I do about “E042: Disk of the runner is full”?",
    ],
)
def test_an_error_that_is_quoted_is_no_answer(answer, question):
    assert answer(question) == "Delete old images and start the build once more. [1]"


def test_no_more_is_told_than_belongs_to_it(answer):
    assert "Ghent" not in answer("Why must we never log on to the vault as root?")
    assert "made on Monday" not in answer("Do designers have to be on the night rota?")
    assert "40 GB" not in answer("The build stops with `E042: disk of the runner is full`. What should I do?")



@needed
@pytest.mark.parametrize("question", ["What is the largest number of characters in the heading of the barn banner?", "Which Kubernetes version is the production shop cluster on?"])
def test_a_number_that_is_asked_for_is_no_word(assay, tmp_path, question):
    """The reader marks one all the same."""
    env = {"ASSAY_MODELS": str(FOLDER.parent)}
    project = Project(assay, tmp_path)
    project.run("init", ".")
    project.write("docs/barn.md", BARN)
    assay("add", "--quiet", cwd=project.folder, env=env)
    said = assay("ask", "--json", question, cwd=project.folder, env=env).json()["answer"]
    assert said is None or len(said.split()) > 3, said
