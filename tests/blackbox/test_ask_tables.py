"""Tables as reports have them: heads of several rows, titles between the rows, and what has most or least of something."""

import pytest
from test_ask import Project, bytes_of

ACCOUNTS = """# Accounts of the ferry company

|  | Year ended 31 March, |  |  |
| --- | --- | --- | --- |
|  | 2024 | 2023 (1) | 2022 |
|  | £'000 | £'000 | £'000 |
| Fares: |  |  |  |
| Passengers | 4,210 | 3,980 | 2,115 |
| Vehicles | 6,105 | 6,300 | 5,020 |
| Costs: |  |  |  |
| Fuel and oil | (3,300) | (2,950) | (1,870) |
| Other operating costs | (1,450) | (1,515) | (1,380) |
| Total other operating costs | (2,105) | (2,330) | (2,010) |
"""
FLEET = """<html><body><h1>Fleet</h1><table>
<tr><td></td><td></td><td>Days at sea</td><td></td></tr>
<tr><td></td><td>2024</td><td>2023</td><td>2022</td></tr>
<tr><td>Heron</td><td>301</td><td>288</td><td>295</td></tr>
<tr><td>Curlew</td><td>244</td><td>262</td><td>251</td></tr>
</table></body></html>
"""
PLANS = """# Moorings

| Mooring | Depth | Fee per month | Kind |
| --- | --- | --- | --- |
| North pier | 3.2 m | £140 | pontoon |
| South pier | 2.1 m | £95 | pontoon |
| Inner basin | 4.5 m | £210 | wall |
| Slipway | 0.8 m | £95 | wall |
"""


@pytest.fixture
def project(assay, tmp_path):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    project.write("docs/accounts.md", ACCOUNTS)
    project.write("docs/fleet.html", FLEET)
    project.write("docs/moorings.md", PLANS)
    project.add()
    return project


def first_of(project, question):
    answer = project.ask(question)
    for citation in answer["citations"]:
        assert bytes_of(project, citation) == citation["quote"]
    return "" if answer["abstained"] else answer["answer"].split(" [")[0]


@pytest.mark.parametrize(
    "question, cell",
    [
        ("What were the fares of passengers in 2023?", "3,980"),
        ("What were the fares of vehicles in 2022?", "5,020"),
        ("What did fuel and oil cost in 2024?", "(3,300)"),
        ("What were the other operating costs in 2022?", "(1,380)"),
        ("What were the total other operating costs in 2022?", "(2,010)"),
        ("How many days was the Curlew at sea in 2023?", "262"),
        ("How many days was the Heron at sea in 2022?", "295"),
    ],
)
def test_a_cell_is_found_below_heads_of_several_rows(project, question, cell):
    assert first_of(project, question) == cell


@pytest.mark.parametrize(
    "question, answer",
    [
        ("In which year were the fares of vehicles the highest?", "2023: 6,300"),
        ("In which year were the fares of passengers less than 3,000?", "2022: 2,115"),
        ("In which year were the fares of passengers above 4,000?", "2024: 4,210"),
        ("Which year had the fewest days at sea for the Heron?", "2023: 288"),
        ("Which mooring has the greatest depth?", "Inner basin: 4.5 m"),
        ("Which mooring has the lowest depth?", "Slipway: 0.8 m"),
        ("What is the highest fee per month?", "Inner basin: £210"),
    ],
)
def test_what_has_most_or_least_is_told_with_its_value(project, question, answer):
    assert first_of(project, question) == answer


def test_a_value_that_two_rows_share_is_no_single_answer(project):
    assert ":" not in first_of(project, "Which mooring is the cheapest?")


def test_what_is_asked_of_some_rows_is_not_told_of_all(project):
    assert "Inner basin" not in first_of(project, "Which pontoon mooring has the greatest depth?")


@pytest.mark.parametrize(
    "table, question, wrong",
    [
        ("## Summer\n\n| Boat | Price |\n|---|---|\n| Kayak | £30 |\n| Yacht | £210 |\n\n"
         "## Winter\n\n| Boat | Price |\n|---|---|\n| Kayak | £18 |\n| Yacht | £310 |\n", "Which boat is the cheapest in summer?", ": £18"),
        ("| Department | Staff |\n|---|---|\n| Guides | 52 |\n| Archive | 14 |\n| Total | 66 |\n", "Which department has the most staff?", "Total:"),
        ("| Operator | Founded |\n|---|---|\n| Nordbahn | 1898 |\n| Lightline | 2003 |\n", "Which operator is the oldest?", ": 2003"),
        ("| Laptop | Price |\n|---|---|\n| Alpha | £900 |\n| Beta | £700 |\n", "Which laptop is the lightest?", ": £700"),
        ("| Laptop | Price |\n|---|---|\n| Alpha | £900 |\n| Gamma | — |\n", "Which laptop is the cheapest?", ": —"),
        ("| Hut | Price |\n|---|---|\n| Alpine | £90 |\n| Beech | (4 people) £120 |\n", "Which hut is the cheapest?", "Beech: "),
    ],
)
def test_what_does_not_compare_is_not_told_as_most_or_least(assay, tmp_path, table, question, wrong):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    project.write("docs/table.md", "# Overview\n\n" + table)
    project.add()
    assert wrong not in first_of(project, question)


def test_the_sum_is_no_row_among_the_others(assay, tmp_path):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    project.write("docs/table.md", "# Staff\n\n| Department | Staff |\n|---|---|\n| Guides | 52 |\n| Archive | 14 |\n| Total | 66 |\n")
    project.add()
    assert first_of(project, "Which department has the most staff?") == "Guides: 52"


def test_all_passages_of_a_table_are_compared(project):
    rows = [f"| Locker {number} in the long corridor behind the old net store | {number * 37 % 91 + 3} kg |" for number in range(1, 60)]
    rules = "".join(f"Rule {number} of the store: keep the door of the corridor shut.\n\n" for number in range(1, 12))
    project.write("docs/lockers.md", "# Lockers\n\n" + rules + "| Locker | Load |\n| --- | --- |\n" + "\n".join(rows) + "\n")
    project.add()
    found = project.run("search", "--json", "--mode", "text", "locker load corridor net store").json()["results"]
    assert sum(result["document"].endswith("lockers.md") for result in found) > 1
    most = max(range(1, 60), key=lambda number: number * 37 % 91)
    assert first_of(project, "Which locker has the highest load?") == f"Locker {most} in the long corridor behind the old net store: {most * 37 % 91 + 3} kg"


def test_every_passage_of_a_table_begins_with_all_rows_of_its_head(project):
    rows = [f"| Berth {number} below the lighthouse | {number}.5 | {number}.25 |" for number in range(10, 70)]
    project.write("docs/berths.md", "# Berths\n\n|  | Metres in |  |\n| --- | --- | --- |\n|  | 2024 | 2023 |\n" + "\n".join(rows) + "\n")
    project.add()
    found = [
        result
        for result in project.run("search", "--json", "--mode", "text", "-k", "20", "berth below the lighthouse metres").json()["results"]
        if result["document"].endswith("berths.md")
    ]
    assert len(found) > 1
    for result in found:
        lines = [line.strip() for line in result["text"].split("\n")]
        assert lines[0].endswith("Metres in") and lines[1] == "| 2024 | 2023", result["text"][:200]
    assert first_of(project, "How many metres had berth 61 in 2023?") == "61.25"


def test_most_and_least_in_german(project):
    project.write("docs/zimmer.md", "# Zimmer\n\n| Zimmer | Betten | Preis |\n| --- | --- | --- |\n| Rose | 2 | 80 EUR |\n| Tulpe | 4 | 120 EUR |\n| Nelke | 1 | 60 EUR |\n")
    project.add()
    assert first_of(project, "Welches Zimmer hat die meisten Betten?") == "Tulpe: 4"
    assert first_of(project, "Welches Zimmer ist am billigsten?") == "Nelke: 60 EUR"
