"""`assay ask` without a language model: tables with a column or a row for each day of the week."""

import pytest
from test_ask import answers_from

DOCUMENTS = {
    "ferry.md": "# Ferry timetable\n\n| From | Mon–Fri | Sat | Sun |\n|---|---|---|---|\n| Norham | 07:40 | 08:30 | 09:45 |\n| Berwick | 08:10 | 09:00 | 10:15 |\n"
    "| Tweed | 08:40, 12:40, 17:10 | 09:30 | 10:45, 15:45 |\n",
    "depot.md": "# Opening hours of the depot\n\n| Day | Open | Break |\n|---|---|---|\n| Mon–Thu | 8–17 | 12–13 |\n| Fri | 8–14 | none |\n| Sat | 9–12 | none |\n| Sun | closed | |\n",
    "bus.md": "# Busfahrplan\n\n| Halt | Mo–Fr | Sa | So |\n|---|---|---|---|\n| Markt | 6:10 | 7:20 | 8:45 |\n| Hafen | 6:25 | 7:35 | 9:00 |\n",
}


@pytest.fixture
def answer(assay, tmp_path):
    return answers_from(assay, tmp_path, DOCUMENTS)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("When does the ferry leave Norham on Sunday?", "09:45 [1]"),
        ("When is the first Sunday ferry from Norham?", "09:45 [1]"),
        ("When is the last ferry from Tweed on Sundays?", "15:45 [1]"),
        ("When is the first ferry from Tweed on weekdays?", "08:40 [1]"),
        ("When does the ferry leave Berwick on Friday?", "08:10 [1]"),
        ("When does the depot open on Saturday?", "9–12 [1]"),
        ("When is the break at the depot on Tuesday?", "12–13 [1]"),
        ("Is the depot open on Sunday?", "Sun | closed [1]"),
    ],
)
def test_the_day_that_is_asked_for_is_told(answer, question, wanted):
    assert answer(question) == wanted
