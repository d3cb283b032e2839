"""Editions of one document: which is in force, what a search says of the others, and what is answered from."""

import json

OLD = """# Staff handbook, edition 4 of 2024

## Expenses

Private cars are paid with 40p per mile.

## Dogs

Dogs may come to the office on Fridays, when their owners ask before.
"""
NEW = """# Staff handbook, edition 5 of 2026

This edition replaces edition 4 of 2024 as a whole.

## Expenses

Private cars are paid with 45p per mile.
"""


def handbooks(project, folder="docs"):
    project.write(f"{folder}/Handbook_ed4_2024.md", OLD)
    project.write(f"{folder}/Handbook_ed5_2026.md", NEW)
    project.add()


def answer(project, question, *words):
    return project.run("ask", "--json", *words, "--", question).json()


def editions(results):
    return {result["document"]: result.get("edition") for result in results}


def test_a_search_marks_the_older_edition_and_puts_it_behind(project):
    handbooks(project)
    results = project.search("private cars paid per mile")
    found = [result["document"] for result in results]
    assert found.index("docs/Handbook_ed5_2026.md") < found.index("docs/Handbook_ed4_2024.md")
    marks = editions(results)
    assert marks["docs/Handbook_ed5_2026.md"] is None
    assert marks["docs/Handbook_ed4_2024.md"]["state"] == "older"
    assert marks["docs/Handbook_ed4_2024.md"]["newer"] == "docs/Handbook_ed5_2026.md"
    assert "in force: docs/Handbook_ed5_2026.md" in project.run("search", "private cars paid per mile").out


def test_an_answer_is_of_the_edition_in_force_and_tells_what_the_older_one_says(project):
    handbooks(project)
    told = answer(project, "How much is paid per mile for private cars?")
    assert "45p" in told["answer"]
    assert [citation["document"] for citation in told["citations"]] == ["docs/Handbook_ed5_2026.md"]
    assert told["otherwise"]["document"] == "docs/Handbook_ed4_2024.md"
    assert told["otherwise"]["quote"] == "Private cars are paid with 40p per mile."
    source = (project.path / "docs/Handbook_ed4_2024.md").read_bytes()
    assert source[told["otherwise"]["start"] : told["otherwise"]["end"]].decode() == told["otherwise"]["quote"]
    text = project.run("ask", "How much is paid per mile for private cars?").out
    assert "An edition not in force says otherwise: docs/Handbook_ed4_2024.md" in text and "40p" in text


def test_the_edition_that_a_question_names_is_asked(project):
    handbooks(project)
    for question in ("How much was paid per mile for private cars in edition 4?", "How much was paid per mile for private cars in 2024?"):
        told = answer(project, question)
        assert "40p" in told["answer"], told
        assert told["citations"][0]["document"] == "docs/Handbook_ed4_2024.md"
        assert told["citations"][0]["edition"]["state"] == "older"
        assert told["otherwise"]["quote"] == "Private cars are paid with 45p per mile." and "edition" not in told["otherwise"]
        assert "The edition in force says otherwise: docs/Handbook_ed5_2026.md" in project.run("ask", question).out


def test_what_only_the_older_edition_tells_is_answered_and_marked(project):
    handbooks(project)
    told = answer(project, "When may dogs come to the office?")
    assert "Fridays" in told["answer"]
    assert told["citations"][0]["edition"]["newer"] == "docs/Handbook_ed5_2026.md"
    assert "Handbook_ed4_2024.md is no longer in force" in project.run("ask", "When may dogs come to the office?").out


def test_the_same_text_is_cited_from_the_edition_in_force(project):
    shared = "## Wages\n\nWages are paid on the 26th of each month, or on the working day before if that is a weekend.\n"
    project.write("docs/Handbook 2024.md", f"# Handbook 2024\n\n{shared}")
    project.write("docs/Handbook 2026.md", f"# Handbook 2026\n\n{shared}")
    project.add()
    (result,) = [result for result in project.search("when are wages paid") if "26th" in result["text"]]
    assert result["document"] == "docs/Handbook 2026.md"
    assert [copy["document"] for copy in result["also"]] == ["docs/Handbook 2024.md"]
    assert answer(project, "When are wages paid?")["citations"][0]["document"] == "docs/Handbook 2026.md"
    (old,) = [result for result in project.search("when were wages paid in 2024") if "26th" in result["text"]]
    assert old["document"] == "docs/Handbook 2024.md"


def test_heads_sentences_and_names_say_what_is_not_in_force(project):
    project.write("docs/a.md", "---\nstatus: superseded\n---\n# Heparin\n\nThe heparin dose is 5,000 units.\n")
    project.write("docs/b.md", "---\nvalid_until: 2024-12-31\n---\n# Heparin pumps\n\nA heparin pump is set to 5 ml.\n")
    project.write("docs/c.md", "# Heparin syringes\n\nThis guideline is no longer valid. A heparin syringe has 50 ml.\n")
    project.write("docs/faq-old.md", "# Questions on heparin\n\nIs heparin kept in the fridge? No.\n")
    project.write("docs/d.md", "---\nvalid_from: 2098-01-01\n---\n# Heparin bags\n\nA heparin bag has 500 ml.\n")
    project.write("docs/e.md", "---\ngültig bis: 31.12.2024\n---\n# Heparin auf Station\n\nHeparin steht im Schrank 4.\n")
    project.write("docs/f.md", "---\nstatus: approved\nvalid_until: 2098-12-31\n---\n# Heparin now\n\nHeparin is given by weight.\n")
    project.add()
    marks = {name: mark and mark["state"] for name, mark in editions(project.search("-k", "10", "heparin")).items()}
    assert marks == {
        "docs/a.md": "superseded",
        "docs/b.md": "expired",
        "docs/c.md": "superseded",
        "docs/faq-old.md": "superseded",
        "docs/d.md": "draft",
        "docs/e.md": "expired",
        "docs/f.md": None,
    }


def test_heads_name_what_they_replace(project):
    project.write("docs/blue.md", "# Rules of the house\n\nVisitors leave the house by 22:00.\n")
    project.write("docs/green.md", "---\nreplaces: blue.md\n---\n# Living here\n\nVisitors leave the house by 23:00.\n")
    project.add()
    marks = editions(project.search("visitors leave the house"))
    assert marks["docs/blue.md"]["newer"] == "docs/green.md" and marks["docs/green.md"] is None
    assert "23:00" in answer(project, "By when do visitors leave the house?")["answer"]


def test_an_edition_that_may_not_be_seen_changes_nothing(project):
    settings = (project.path / "assay.yaml").read_text().replace("access: {labels: public}", "access: {labels: from-folder}")
    project.settings(settings)
    project.write("docs/all/Tariff 2025.md", "# Tariff 2025\n\nA pallet to zone F costs 155 pounds.\n")
    project.add()
    project.run("key", "add", "shop", "--groups", "all")
    before = project.search("--as", "shop", "pallet to zone F"), answer(project, "What does a pallet to zone F cost?", "--as", "shop")
    project.write("docs/board/Tariff 2026.md", "# Tariff 2026\n\nA pallet to zone F costs 164 pounds.\n")
    project.write("docs/board/note.md", "---\nreplaces: Tariff 2025.md\n---\n# Note\n\nA pallet to zone F will cost 170 pounds.\n")
    project.add()
    after = project.search("--as", "shop", "pallet to zone F"), answer(project, "What does a pallet to zone F cost?", "--as", "shop")
    assert before[0] == after[0]
    assert [before[1][key] for key in ("answer", "citations", "confidence")] == [
        after[1][key] for key in ("answer", "citations", "confidence")
    ]
    assert "edition" not in json.dumps(after)
    assert "edition" in json.dumps(project.search("pallet to zone F"))  # the owner sees both


def test_other_documents_are_left_as_they_are(project):
    for name in ("chapter-1", "chapter-2", "KX20-sheet", "KX35-sheet"):
        project.write(f"docs/{name}.md", f"# {name}\n\nThe pump of {name} runs with 12 volts.\n")
    project.add()
    results = project.search("-k", "10", "pump volts")
    assert len(results) == 4 and all("edition" not in result for result in results)


def test_the_audit_tells_of_what_says_that_it_is_not_in_force(project):
    project.write("docs/a.md", "---\ntitle: Dose\nstatus: superseded\n---\n# Dose\n\nThe dose is 5,000 units for everybody here.\n")
    project.write("docs/b.md", "---\nvalid_until: 2024-12-31\n---\n# Pumps\n\nA pump is set to 5 ml before each use of it.\n")
    project.write("docs/c.md", "# Syringes\n\nA syringe has 50 ml. This guideline is no longer valid.\n")
    project.write("docs/d.md", "---\nstatus: approved\n---\n# Bags\n\nA bag has 500 ml, and is hung up beside the bed.\n")
    project.add()
    found = [finding for finding in project.run("audit", "--json").json()["findings"] if "no longer in force" in finding["message"]]
    places = {finding["places"][0]["document"]: finding["places"][0] for finding in found}
    assert set(places) == {"docs/a.md", "docs/b.md", "docs/c.md"}
    assert all(finding["kind"] == "stale" and finding["remedy"] for finding in found)
    assert places["docs/a.md"]["line"] == 3 and places["docs/a.md"]["text"] == "status: superseded"
    assert places["docs/b.md"]["line"] == 2
    assert places["docs/c.md"]["text"] == "This guideline is no longer valid."


def test_the_audit_takes_editions_for_no_riddle(project):
    handbooks(project)
    (only,) = [finding for finding in project.run("audit", "--json").json()["findings"] if finding["kind"] == "contradiction"]
    assert only["severity"] == "low"
    assert "docs/Handbook_ed4_2024.md is an older edition of docs/Handbook_ed5_2026.md" in only["message"]
