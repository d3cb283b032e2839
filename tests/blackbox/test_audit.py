"""`assay audit`, and passages that stand in several places."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from conftest import ROOT

TODAY = ("--today", "2026-11-26")
FILLER = "Our garden is open to everybody who likes plants, and volunteers show visitors around the old greenhouses on most weekends."
POLICY = """# Returns

Unused goods may be sent back to the shop within 45 days of delivery, in the box that they came in.
The refund goes to the card that was used for the order, and takes a few days to arrive there.
Whoever lost the receipt asks the service desk, which finds every order by the name and the day of purchase.
"""


def audit(project, *words, **more):
    return project.run("audit", "--json", *TODAY, *words, **more).json()


def found(report, kind):
    return [finding for finding in report["findings"] if finding["kind"] == kind]


def test_report_as_a_contract(project):
    project.write("docs/a.md", f"# Garden\n\n{FILLER}\n")
    project.add()
    report = audit(project)
    assert {"documents", "passages", "tokens", "score", "fits_in_context", "findings", "languages", "kinds", "took_ms"} <= set(report)
    assert report["documents"] == 1 and report["passages"] == 1 and report["score"] == 100 and report["fits_in_context"] is True
    assert 15 <= report["tokens"] <= 40 and report["languages"] == {"en": 1} and report["findings"] == []
    assert set(report["kinds"]) == {"contradiction", "unreadable", "unretrievable", "stale", "duplicate", "garbled", "near_duplicate",
                                    "oversized", "sparse", "broken_link", "sensitive", "boilerplate", "orphaned", "language"}  # fmt: skip


def test_empty_project(project):
    report = audit(project)
    assert report["documents"] == 0 and report["score"] == 100 and report["findings"] == []
    assert "Nothing was found." in project.run("audit").out


def test_duplicates(project):
    project.write("docs/a.md", POLICY)
    project.write("docs/b.md", POLICY.replace("\n", "\n\n"))
    project.write("docs/c.md", POLICY.replace("service desk", "help desk").replace("few days", "week or so").replace("box", "bag"))
    project.write("docs/d.md", f"# Garden\n\n{FILLER}\n")
    project.add()
    report = audit(project)
    (near,) = found(report, "near_duplicate")
    assert near["documents"] == ["docs/a.md", "docs/b.md", "docs/c.md"] and near["severity"] == "medium"
    (same,) = found(report, "duplicate")  # copies among them are told as such
    assert same["documents"] == ["docs/a.md", "docs/b.md"]
    project.run("remove", "docs/c.md")
    report = audit(project)
    (same,) = found(report, "duplicate")
    assert same["documents"] == ["docs/a.md", "docs/b.md"] and same["severity"] == "high" and same["cost"] > 0
    assert report["score"] < 100 and abs(100 - report["score"] - sum(finding["cost"] for finding in report["findings"])) <= 0.5


def test_near_duplicates_show_the_words(project):
    project.write("docs/a.md", POLICY)
    project.write("docs/b.md", POLICY.replace("service desk", "help desk"))
    project.add()
    (near,) = found(audit(project), "near_duplicate")
    assert "“service” / “help”" in near["message"] and near["documents"] == ["docs/a.md", "docs/b.md"]


def test_contradictions(project):
    project.write("docs/returns.md", f"# Returns\n\n{FILLER}\n\n## Window\n\nUnused goods may be returned within 45 days of delivery.\n")
    project.write("docs/faq.md", "# Questions\n\n## Shopping\n\nYou have 30 days after delivery to return unused goods.\n")
    project.write("docs/gold.md", "# Gold plan\n\nThe gold plan of the swimming pool costs $55 a month.\n")
    project.write("docs/silver.md", "# Silver plan\n\nThe silver plan of the swimming pool costs $30 a month.\n")
    project.add()
    (finding,) = found(audit(project), "contradiction")
    assert set(finding["documents"]) == {"docs/returns.md", "docs/faq.md"} and "“30 days”" in finding["message"]
    texts = {place["document"]: place["text"] for place in finding["places"]}
    assert texts["docs/returns.md"] == "Unused goods may be returned within 45 days of delivery."
    assert {place["line"] for place in finding["places"]} == {5, 7}
    project.write("docs/faq.md", "# Questions\n\n## Shopping\n\nYou have 45 days after delivery to return unused goods.\n")
    project.add()
    assert found(audit(project), "contradiction") == []


def test_contradictions_of_prices_in_short_sentences(project):
    """A whole sentence of one word and its price is told below the same heading, and pence are money."""
    project.write("docs/a.md", f"# House rules\n\n{FILLER}\n\n## Laundry\n\nA wash is £2.40. Private cars are paid with 40p per mile.\n")
    project.write("docs/b.md", f"# Memo\n\n{FILLER.replace('garden', 'park')}\n\n## Laundry\n\nA wash is £2.60. Private cars are paid with 45p per mile.\n")
    project.write("docs/c.md", f"# Pool\n\n{FILLER.replace('garden', 'zoo')}\n\n## Entry\n\nA child is £3.\n")
    project.write("docs/d.md", f"# Museum\n\n{FILLER.replace('garden', 'wood')}\n\n## Tickets\n\nA child is £5.\n")
    project.add()
    told = sorted(finding["message"].split(": ")[0] for finding in found(audit(project), "contradiction"))
    assert told == ["“40p” / “45p”", "“£2.40” / “£2.60”"]


TANKS = ["Its water tank holds 3 litres up to the mark.", "Its water tank holds 2 litres up to the mark."]
GERMAN_TANKS = ["Alles ist aus Stahl. Ihr Tank fasst 3 l Wasser bis zum Rand.", "Alles ist aus Stahl. Ihr Tank fasst 2 l Wasser bis zum Rand."]


@pytest.mark.parametrize("titles, texts, differ", [
    (("Kestrel kettle", "Wren kettle"), TANKS, False),
    (("Kestrel", "Wren"), TANKS, False),
    (("Kestrel Kettle", "Wren Kettle"), [f"The {name} Kettle boils water. {text}" for name, text in zip(("Kestrel", "Wren"), TANKS)], False),
    (("Products\n\n## Kestrel", "Goods\n\n## Wren"), TANKS, False),
    (("Falke", "Spatz"), GERMAN_TANKS, False),
    (("Kestrel kettle", "Kestrel kettle"), TANKS, True),
    (("The Kestrel kettle", "Kestrel kettle: manual"), TANKS, True),
    (("Kestrel kettle: care", "Kestrel kettle: data"), TANKS, True),
    (("Kestrel\n\n## Care", "Kestrel\n\n## Data"), TANKS, True),
    (("Falke", "Falke Handbuch"), GERMAN_TANKS, True),
    (("Kestrel kettle", "Wren kettle"), [text.replace("Its", "Our") for text in TANKS], True),
])  # fmt: skip
def test_its_is_of_what_stands_above(project, titles, texts, differ):
    """A sentence that begins with a pronoun is about what its heading and title name; other ones are compared as before."""
    for number, (title, text) in enumerate(zip(titles, texts)):
        project.write(f"docs/{number}.md", f"# {title}\n\n{text}\n")
    project.add()
    assert bool(found(audit(project), "contradiction")) is differ


@pytest.mark.parametrize("one, other, differ", [
    ("The shop in Harrow is open Monday to Friday from 9:00 to 18:00.", "The Harrow shop is open from 9:00 to 20:00, Monday to Friday.", True),
    ("Standard delivery takes 3 to 5 working days.", "Standard delivery takes 2 to 3 working days.", True),
    ("The manager of the Harrow shop is Priya Nair.", "The manager of the Harrow shop is Daniel Osei.", True),
    ("The API listens on port 8080.", "The API listens on port 9090.", True),
    ("Customers can return goods within 30 days of purchase.", "Goods can be returned within 14 days of purchase.", True),
    ("Expense claims must be submitted by the 5th of each month.", "Submit expense claims by the 10th of each month.", True),
    ("The weekly team meeting is on Tuesday at 10:00.", "The weekly team meeting takes place on Thursday at 10:00.", True),
    ("Maria Lopez manages the Leeds depot.", "Tom Reid manages the Leeds depot.", True),
    ("Maria Lopez manages the Leeds depot.", "The Leeds depot is managed by Dr. Tom Reid.", True),
    ("Maria Lopez is the manager of the Leeds depot.", "The manager of the Leeds depot is Mr. Tom Reid.", True),
    ("The session timeout is 20 minutes.", "A session times out after 45 minutes.", True),
    ("The setup of the scanner takes 20 minutes.", "Setting up the scanner takes 45 minutes.", True),
    ("After 5 failed sign-in attempts the account is locked.", "After 3 failed login attempts the account is locked.", True),
    ("The logs in the vault are kept for 30 days.", "The logs of the vault are kept for 14 days.", True),
    ("The sign in the lobby is renewed after 12 months.", "The sign of the lobby is renewed after 24 months.", True),
    ("After 5 failed attempts to log in the account is locked.", "After 3 failed login attempts the account is locked.", True),
    ("Application logs are kept for 90 days.", "We keep the logs of the application for 30 days.", True),
    ("The agent needs Java 11 or newer.", "The agent requires Java 17 or later.", True),
    ("The client needs Python 3.9 or newer.", "The client needs at least Python 3.11.", True),
    ("Maria Lopez manages the Leeds depot.", "Ms Lopez manages the Leeds depot.", False),
    ("Maria Lopez manages the Leeds depot.", "The Warden manages the Leeds depot.", False),
    ("Maria Lopez manages the Leeds depot.", "The Leeds depot is managed by Our Team.", False),
    ("The Council manages the Leeds depot.", "City Parking manages the Leeds depot.", False),
    ("Maria Lopez manages the Leeds depot.", "The Leeds depot is managed by The Wine Shop.", False),
    ("Maria Lopez manages the Leeds depot.", "Duty Manager manages the Leeds depot.", False),
    ("Maria Lopez manages the Leeds depot.", "Will Reid manages the Leeds depot.", True),
    ("Maria Anna Lopez manages the Leeds depot.", "Maria Lopez manages the Leeds depot.", False),
    ("Maria Lopez manages the Leeds depot.", "The Leeds depot is managed by Foreman Maria Lopez.", False),
    ("Maria Anna Lopez manages the Leeds depot.", "Maria Inez Lopez manages the Leeds depot.", True),
    ("Maria Lopez manages the Leeds depot.", "Pedro Lopez manages the Leeds depot.", True),
    ("Maria Lopez manages the Leeds depot.", "Tom Reid manages the York depot.", False),
    ("Maria Lopez manages the Leeds depot.", "Tom Reid manages the Leeds depot on Mondays.", False),
    ("Maria Lopez manages the Leeds depot.", "Tom Reid managed the Leeds depot.", False),
    ("The manager of the Leeds depot is Maria Lopez.", "The deputy manager of the Leeds depot is Tom Reid.", False),
    ("Maria Lopez leads the tour of the Leeds depot.", "Tom Reid leads the tour of the Leeds depot.", False),
    ("For example, a lease of three months needs a deposit of £500.", "The deposit of a lease of twelve months is £800.", False),
    ("Before 2020, client files were kept for ten years.", "Client files are kept for six years.", False),
    ("The deposit of a flat was raised to £800.", "The deposit of a flat is £500.", True),
    ("The deposit of a garden key was approved at 50 euros.", "The deposit of a garden key is 70 euros.", True),
    ("The deposit of a garden key was doubled to 50 euros.", "The deposit of a garden key is 70 euros.", True),
    ("The deposit of a garden key was previously fixed at 50 euros.", "The deposit of a garden key is 70 euros.", False),
    ("The session timeout is 20 minutes.", "The connection times out after 30 seconds.", False),
    ("Readers of the course know at least Chapter 3.", "Readers of the course know at least Chapter 7.", False),
    ("Nurses of the ward hold Band 5 or above.", "Nurses of the ward hold Band 6 or above.", False),
    ("The app needs iOS 15 or later.", "The watch app needs iOS 17 or later.", False),
    ("The app needs iOS 15 or later.", "The app for tablets needs iOS 17 or later.", False),
    ("The app needs iOS 15 or later.", "Our app requires iOS 17 or later.", True),
    ("The agent needs Java 11 or newer.", "The server needs Java 17 or newer.", False),
    ("The agent needs Java 11 or newer.", "The agent needs Java 11+.", False),
    ("The agent needs Java 11 or newer.", "We recommend Java 17 for the agent.", False),
    ("The tower is open from 9 to 12:30 in June.", "In June the tower is open from 9:00 to 12:30.", False),
    ("Lesson 3 – 45 minutes of spoken exercises with a tutor.", "Lesson 4 – 45 minutes of spoken exercises with a tutor.", False),
    ("The VAT on hotel rooms was raised from 16 % to 19 %.", "The VAT on hotel rooms was raised from 19 % to 21 %.", False),
    ("The manager of the Harrow shop is Priya Nair.", "The manager of the Harrow shop is Ms Priya Nair.", False),
    ("The status of the payroll migration is In Progress.", "The status of the payroll migration is On Hold.", False),
    ("The swimming pool is open for seniors on Mondays.", "The swimming pool is open for seniors on Thursdays.", False),
    ("Each payroll post of the archive has 1 tag.", "Each payroll post of the archive has 2 days.", False),
    ("Standard delivery takes 3 to 5 working days.", "Express delivery takes 1 to 2 working days.", False),
    ("The manager of the Harrow shop is Priya Nair.", "The manager of the Leeds shop is Daniel Osei.", False),
    ("The author of this long page is Priya Nair.", "The reviewer of this long page is Daniel Osei.", False),
    ("The API listens on port 8080.", "The metrics are served on port 9090.", False),
    ("The Harrow shop is open from 9:00 to 18:00 on weekdays.", "The Harrow shop is open from 10:00 to 16:00 on Saturdays.", False),
    ("The weekly team meeting is on Tuesday at 10:00.", "The monthly board meeting is on Thursday at 10:00.", False)])  # fmt: skip
def test_contradictions_of_ranges_names_and_numbers(project, one, other, differ):
    project.write("docs/handbook.md", f"# Handbook\n\n## What holds\n\n{one}\n\n## Printing\n\nThe printer stands next to the kitchen.\n\n## Bicycles\n\nBicycles go into the cellar.\n")
    project.write("docs/faq.md", f"# Answers\n\n## Lights\n\nWho leaves last turns the lights off.\n\n## Asked often\n\n{other}\n\n## Plants\n\nThe plants are watered by the reception.\n")
    project.write("docs/notes.md", "# Notes\n\nThe lift is inspected by an engineer.\n\n## Lunch\n\nLunch comes from the market hall.\n")
    project.add()
    found = [finding for finding in project.run("audit", "--json").json()["findings"] if finding["kind"] == "contradiction"]
    assert bool(found) == differ, (one, other, found)


def test_contradictions_in_german(project):
    project.write("docs/handbuch.md", "# Handbuch\n\n## Kündigung\n\nDie Kündigungsfrist beträgt drei Monate zum Quartalsende.\n\n## Drucken\n\nDer Drucker steht neben der Küche und ist für alle da.\n\n## Räder\n\nFahrräder gehören in den Keller.\n")
    project.write("docs/fragen.md", "# Fragen und Antworten\n\n## Licht\n\nWer zuletzt geht, macht das Licht aus.\n\n## Vertrag\n\nDie Kündigungsfrist beträgt sechs Wochen zum Quartalsende.\n\n## Pflanzen\n\nDie Pflanzen gießt der Empfang.\n")
    project.add()
    found = [finding["message"] for finding in project.run("audit", "--json").json()["findings"] if finding["kind"] == "contradiction"]
    assert len(found) == 1 and "drei Monate" in found[0] and "sechs Wochen" in found[0]


def test_pages_of_one_pattern_do_not_contradict_each_other(project):
    for town, name, day, port in (("Leeds", "Priya Nair", "Monday", 8080), ("Harrow", "Daniel Osei", "Tuesday", 9090), ("York", "Ann Lowe", "Sunday", 7070)):
        project.write(f"docs/{town.lower()}.md", f"# Branch {town}\n\nThe manager of the branch and contact for complaints is {name}.\n\nThe branch is closed on {day}.\n\nThe router of the branch listens on port {port}.\n")
    project.add()
    assert [finding["message"] for finding in project.run("audit", "--json").json()["findings"] if finding["kind"] == "contradiction"] == []


def test_two_departments_have_their_own_numbers(project):
    """"Please call …" on the pages of two parts of a company; where the sentence names the part, its number is told twice."""
    for part, number in (("Sales", "1100"), ("Support", "1200"), ("Legal", "1300"), ("Design", "1400")):
        name = part if part in ("Sales", "Support") else f"{part} department"
        project.write(f"docs/{part.lower()}.md", f"# {name}\n\n{FILLER.replace('garden', part)}\n\nIf you have questions about an order, please call 040 5550 {number} or write to us.\n")
    project.write("docs/new.md", f"# Accounting\n\n{FILLER.replace('garden', 'mill')}\n\nThe Harbour branch in Kiel can be reached by phone at 0431 555 160.\n")
    project.write("docs/kiel.md", f"# Kiel office\n\n{FILLER.replace('garden', 'bay')}\n\nOur Harbour branch in Kiel can be reached by phone at 0431 555 161.\n")
    project.add()
    (told,) = found(audit(project), "contradiction")
    assert set(told["documents"]) == {"docs/kiel.md", "docs/new.md"}


def test_what_is_quoted_in_a_mail_is_no_copy(project):
    question = "How often is the filter of the pump changed? The supplier says that eight weeks are enough when the water is clean, and that a new one costs 35 EUR."
    head = "From: ann@example.com\nTo: bea@example.com\nSubject: Pump\n\n"
    project.write("docs/1.eml", f"{head}{question}\n")
    project.write("docs/2.eml", f"{head}Every six weeks.\n\nOn 5 May, Ann wrote:\n> {question}\n")
    project.write("docs/3.eml", f"{head}Then I order twelve of them.\n\nOn 6 May, Bea wrote:\n> Every six weeks.\n>\n> On 5 May, Ann wrote:\n>> {question}\n")
    project.add()
    kinds = {finding["kind"] for finding in audit(project)["findings"]}
    assert not kinds & {"duplicate", "near_duplicate", "boilerplate", "unretrievable"}
    assert set(project.found("supplier")) == {"docs/1.eml", "docs/2.eml", "docs/3.eml"}


def test_the_same_words_above_different_quotes_are_no_copies(project):
    """A form letter answers many: each of them quotes what stands nowhere else."""
    letter = "Thank you for your message. We have received it and will come back to you within two working days. If it is urgent please use the form on our web site."
    asked = ["The drill that I bought in March does not start any more, the red lamp blinks three times and nothing happens.",
             "On the invoice the address is wrong, it should say Bolt AG in Hamburg; our accounting has to pay it before the month ends.",
             "Will you be at the fair in Hannover this year, and in which hall? We plan a new line for bottling and need five pumps."]
    for number, question in enumerate(asked):
        head = f"From: support@example.com\nTo: c{number}@example.com\nSubject: Re: Your message\n\n"
        project.write(f"docs/{number}.eml", f"{head}{letter}\n\nFrom: C{number} <c{number}@example.com>\nSent: Monday, May {number + 1}, 2026 9:00 AM\nSubject: Your message\n\n{question}\n")
        project.write(f"docs/trip{number}.eml", f"{head}{FILLER}\n\nFrom: Bonn\nTo: Kiel\nDate: 12 May 2026, 09:05\n\nThe trip of group {number} can be cancelled up to {24 * (number + 1)} hours before.\n")
    project.write("docs/again.eml", (project.path / "docs/0.eml").read_text())
    project.add()
    duplicates = [set(finding["documents"]) for finding in audit(project)["findings"] if finding["kind"] in ("duplicate", "near_duplicate")]
    assert {"docs/0.eml", "docs/again.eml"} in duplicates and {"docs/trip0.eml", "docs/trip1.eml", "docs/trip2.eml"} in duplicates
    assert not any("docs/1.eml" in documents or "docs/2.eml" in documents for documents in duplicates)


def test_the_office_and_our_team_are_no_two_departments(project):
    project.write("docs/a.md", "# Contact the office\n\nYou reach us by phone on 030 555 1000 from Monday to Friday.\n")
    project.write("docs/b.md", "# Contact our team\n\nYou reach us by phone on 030 555 2000 from Monday to Friday.\n")
    project.add()
    (told,) = found(audit(project), "contradiction")
    assert set(told["documents"]) == {"docs/a.md", "docs/b.md"}


def test_rules_that_exclude_each_other(project):
    project.write("docs/rules.md", f"# Rules\n\n{FILLER}\n\nDogs may be brought into the reading room.\n")
    project.write("docs/faq.md", f"# Questions\n\n{FILLER.replace('garden', 'park')}\n\nDogs must not be brought into the reading room.\n")
    project.write("docs/more.md", f"# More\n\n{FILLER.replace('garden', 'zoo')}\n\nCats must not be brought into the reading room.\n")
    project.write("docs/when.md", f"# When\n\n{FILLER.replace('garden', 'wood')}\n\nDogs may be brought into the reading room after a bath.\n")
    project.add()
    (finding,) = found(audit(project), "contradiction")
    assert {"“may”", "“must not”"} == set(finding["message"].split(": ")[0].split(" / ")) and {"docs/rules.md", "docs/faq.md"} <= set(finding["documents"])
    assert "docs/more.md" not in finding["documents"] and finding["severity"] == "medium"


def test_contradictions_of_questions_and_tables(project):
    """A question is part of its short answer, the head of a column of what stands in it; what is only listed with a value is not."""
    project.write("docs/pickup.md", f"# Pickup points\n\n{FILLER}\n\n## Collecting\n\nThe parcel waits for 7 days.\n")
    project.write("docs/faq.md", f"# Questions\n\n{FILLER.replace('garden', 'park')}\n\n## How long does a parcel wait at the pickup point?\n\nTen days. Then it goes back.\n")
    project.write("docs/levels.md", f"# Levels\n\n{FILLER.replace('garden', 'zoo')}\n\n| Who | Goodwill limit per case |\n|---|---|\n| every agent | $25 |\n| the board | $75 |\n")
    project.write("docs/handbook.md", f"# Handbook for agents\n\n{FILLER.replace('garden', 'wood')}\n\n## Alone\n\nGoodwill up to $30 per case.\n")
    project.add()
    told = [set(finding["documents"]) for finding in found(audit(project), "contradiction")]
    assert sorted(told, key=sorted) == [{"docs/faq.md", "docs/pickup.md"}, {"docs/handbook.md", "docs/levels.md"}]


def test_no_contradictions_of_other_things(project):
    """Data sheets are each of their own product; a case that another sentence names, and a part of a sum, are no whole."""
    project.write("docs/one.md", f"# Larch One\n\n{FILLER}\n\n## Data\n\n- Refresh rate of the screen: 120 Hz\n- Boot space: 470 litres\n")
    project.write("docs/pad.md", f"# Larch Pad\n\n{FILLER.replace('garden', 'park')}\n\n## Data\n\n- Refresh rate of the screen: 60 Hz\n- Boot space: 350 litres\n")
    project.write("docs/stock.md", f"# Stock\n\n{FILLER.replace('garden', 'zoo')}\n\nIn the last case the customer gets a $5 voucher of the family PLUM.\n")
    project.write("docs/shops.md", f"# Shops\n\n{FILLER.replace('garden', 'wood')}\n\nIf it is further, give the customer a voucher of $4 (PLUM family).\n")
    project.write("docs/cards.md", f"# Cards\n\n{FILLER.replace('garden', 'sea')}\n\nThe code of a gift card has sixteen characters.\n")
    project.write("docs/codes.md", f"# Codes\n\n{FILLER.replace('garden', 'lake')}\n\nThe code of a gift card is GC + 14 characters.\n")
    project.add()
    assert found(audit(project), "contradiction") == []


def test_contradictions_of_the_example(project):
    """What was planted in the example project (examples/support/PLANTED.md), and nothing else."""
    shutil.copytree(ROOT / "examples/support/docs", project.path / "docs", dirs_exist_ok=True)
    project.add()
    report = project.run("audit", "--json", "--today", "2026-04-15").json()
    values = {finding["message"].split(": ")[0] for finding in found(report, "contradiction")}
    assert values == {"“Ten days” / “7 days”", "“10 days” / “14 days”", "“€30” / “€25”", "“90 days” / “60 days”"}


def test_boilerplate_of_other_documents_is_another_finding(project):
    notice, foot = "This page is printed for members of the club only.", "Copies of these pages are kept by the house keeper."
    for i in range(6):
        project.write(f"docs/{i}.md", f"# Page {i}\n\n{FILLER.replace('garden', f'garden number {i}')}\n\n{notice}\n" + (f"\n{foot}\n" if i > 0 else ""))
    project.add()
    counts = sorted(len(finding["documents"]) for finding in found(audit(project), "boilerplate"))
    assert counts == [5, 6]


def test_stale_dates(project):
    project.write("docs/a.md", f"# Plans\n\n{FILLER}\n\nThe new app will be available in March 2024.\n")
    project.write("docs/b.md", f"# History\n\n{FILLER}\n\nThe house was built in 1931, and was open until May 2019.\n\nCopyright 2012 us.\n")
    project.add()
    (finding,) = found(audit(project), "stale")
    assert finding["documents"] == ["docs/a.md"] and "“March 2024”" in finding["message"] and finding["severity"] == "high"
    assert found(project.run("audit", "--json", "--today", "2024-02-01").json(), "stale") == []


def test_left_behind(project):
    project.write("docs/old.md", f"# Old\n\n{FILLER}\n")
    project.write("docs/new.md", f"# New\n\n{FILLER.replace('garden', 'park')} See [the old one](old.md).\n")
    long_ago = time.time() - 1000 * 86400
    os.utime(project.path / "docs/old.md", (long_ago, long_ago))
    project.add()
    (finding,) = found(project.run("audit", "--json").json(), "stale")
    assert finding["documents"] == ["docs/old.md"] and "has not changed for" in finding["message"]


# Made up, and in parts, so that no scanner takes this file for a leak.
ACCESS_KEY = "AKIA" + "QWERTYUIOPASDF12"
PRIVATE_KEY = "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END " + "PRIVATE KEY-----"
CARD = "4111 1111 1111 1111"
SECRETS = f"""# Deployment

The service signs in with {ACCESS_KEY}, as ann.bell@fernhollow.shop, and pays with {CARD}.
Write to ben@fernhollow.shop or info@fernhollow.shop, and try it as you@example.com.

## Key

{PRIVATE_KEY}

## More

password = "k3R!x9vQ2m" works too, and ann.bell@fernhollow.shop knows it.
"""


def test_secrets_and_personal_data(project):
    project.write("docs/deploy.md", SECRETS)
    project.write("docs/garden.md", f"# Garden\n\n{FILLER} Ask info@fernhollow.shop, or you@example.com.\n")
    project.add()
    out = project.run("audit", "--json", *TODAY).out
    report = audit(project)
    findings = found(report, "sensitive")
    told = {finding["message"].split(": ")[1].split(",")[0]: finding for finding in findings}
    assert set(told) == {"1 API key", "1 private key", "1 secret", "1 card number", "2 e-mail addresses"}
    assert {told[name]["severity"] for name in ("1 API key", "1 private key", "1 secret")} == {"high"}
    assert told["1 card number"]["severity"] == "medium" and told["2 e-mail addresses"]["severity"] == "low"
    assert all(finding["documents"] == ["docs/deploy.md"] and finding["remedy"] for finding in findings)
    assert "signs in with [API key], as [e-mail address]" in told["1 API key"]["places"][0]["text"]
    assert len(told["2 e-mail addresses"]["places"]) == 2
    for secret in (ACCESS_KEY, "MIIEvQ", CARD, "k3R", "x9vQ2m"):
        assert secret not in out and secret not in project.run("audit", "--kind", "sensitive").out


def test_passwords_that_people_choose(project):
    lines = ["The server password = Zx9!kk2Qw7pL.", "Passwort: Xk29sLq8", "mot de passe : Xk29sLq9", "The router password is hunter2Kx9."]
    project.write("docs/it.md", f"# Access\n\n{lines[0]} AWS key {ACCESS_KEY} is of the same.\n\n" + "\n\n".join(lines[1:]) + "\n")
    project.write("docs/rule.md", f"# Rule\n\n{FILLER} password: at least 8 characters, 2 digits. A password is required. password: ********\n")
    project.add()
    out = project.run("audit", "--json", *TODAY).out
    told = {finding["message"].split(": ")[1].split(",")[0]: finding for finding in found(audit(project), "sensitive")}
    assert set(told) == {"1 API key", "4 secrets"} and told["4 secrets"]["documents"] == ["docs/it.md"]
    assert not any(secret in out for secret in ("Zx9!kk", "Xk29sLq", "hunter2"))  # nor in what is shown around the key


def test_masked_when_added(project):
    project.write("docs/deploy.md", "---\nauthor: cid@fernhollow.shop\n---\n" + SECRETS)
    project.write("docs/plain.txt", f"Keep this\n=========\n\n{FILLER}\n\nThe number is {CARD}.\n")
    project.write("docs/page.html", f"<html><body><p>Pay with <b>{CARD}</b> <!-- {ACCESS_KEY} --> if you <i>must</i> do so.</p></body></html>")
    project.write("docs/data.json", '{"card": 4111111111111111, "note": "mail dan@fernhollow.shop", "n": 3}')
    project.write("docs/garden.md", f"# Garden\n\n{FILLER}\n")
    project.add()
    hits = project.run("search", "--json", "--mode", "text", "signs in with").json()["results"]
    assert ACCESS_KEY in hits[0]["text"] and hits[0]["extracted"] is False
    project.settings("sensitive: mask\nembedding: none\n")
    assert project.run("add", "--json").json()["updated"] == 5
    secrets = (ACCESS_KEY, "MIIEvQ", CARD, "4111111111111111", "k3R!x9vQ2m", "ann.bell@", "ben@", "cid@", "dan@")
    with closing(sqlite3.connect(project.database)) as catalog:
        contents = dict(catalog.execute("SELECT path, bytes FROM documents JOIN contents ON contents.id = content"))
        kept = "\n".join(str(row) for table in ("documents", "contents", "passages", "metadata") for row in catalog.execute(f"SELECT * FROM {table}"))
    stored = "".join(hit["text"] for word in ("signs", "key", "works", "card", "number", "pay", "mail")
                     for hit in project.run("search", "--json", "--mode", "text", word).json()["results"])
    files = b"".join(path.read_bytes() for path in project.database.parent.glob("assay.db*"))  # what was deleted is overwritten
    for secret in secrets:
        assert secret not in stored and secret not in kept and secret.encode() not in files
    assert "signs in with [API key], as [e-mail address], and pays with [card number]." in stored and "[private key]" in stored
    assert "Pay with [card number] if you must do so." in stored and "mail [e-mail address]" in stored
    (hit,) = project.run("search", "--json", "--mode", "text", "-k", "1", "signs in with").json()["results"]
    assert hit["extracted"] is True and contents["docs/deploy.md"][hit["start"] : hit["end"]].decode().endswith("[e-mail address].")
    assert found(audit(project), "sensitive") == []
    (garden,) = project.run("search", "--json", "--mode", "text", "-k", "1", "volunteers greenhouses", "--filter", "path = docs/garden.md").json()["results"]
    assert garden["extracted"] is False
    masked = project.run("search", "--json", "--mode", "text", "signs", "--filter", "masked >= 7").json()["results"]
    assert {hit["document"] for hit in masked} == {"docs/deploy.md"}
    project.settings("sensitive: [card]\nembedding: none\n")
    assert project.run("add", "--json").json()["updated"] == 5
    (hit,) = project.run("search", "--json", "--mode", "text", "-k", "1", "signs in with").json()["results"]
    assert ACCESS_KEY in hit["text"] and "[card number]" in hit["text"]


def test_text_is_clean_when_added(project):
    project.write("docs/page.md", "# Prices\n\nThe cafÃ© is open, and\u200b the cafe\u0301\u00a0 menu says “10 â‚¬”.\n")
    project.write("docs/plain.txt", "The manual of the green-\nhouse says   so.\n")
    report = project.run("add", "--json").json()
    assert [note["message"] for note in report["notes"]] == ["2 characters that had been read in a wrong encoding were put right"]
    (hit,) = project.run("search", "--json", "--mode", "text", "café").json()["results"]
    assert hit["text"] == "The café is open, and the café menu says “10 €”." and hit["extracted"] is False
    source = (project.path / "docs/page.md").read_bytes()
    assert source[hit["start"] : hit["end"]].decode().startswith("The cafÃ© is open")
    (hit,) = project.run("search", "--json", "--mode", "text", "greenhouse").json()["results"]
    assert hit["text"] == "The manual of the greenhouse says   so."


def test_boilerplate(project):
    foot = "Printed by the Fernhollow press office, all rights reserved.\n\nAsk the desk on the ground floor for older versions."
    animals = ["owl", "cat", "fox", "hen", "bee", "elk", "ant"]
    for name in animals:
        project.write(f"docs/{name}.md", f"# About the {name}\n\nThe {name} lives in house {name}{name} and eats what the {name} keeper brings along.\n\n{foot}\n")
    project.add()
    (finding,) = found(audit(project), "boilerplate")
    assert finding["message"] == "“Printed by the Fernhollow press office, all rights reserved.” stands in 7 documents, and 1 more line with it"
    assert sorted(finding["documents"]) == sorted(f"docs/{name}.md" for name in animals) and finding["severity"] == "low"
    project.run("remove", *(f"docs/{name}.md" for name in animals[:3]))
    assert found(audit(project), "boilerplate") == []


def test_marks_that_turn_writing_are_shown_as_such(project):
    project.write("docs/a\u202egnp.md", "# T\n\nShort.\n")
    project.add()
    out = project.run("audit").out
    assert "\u202e" not in out and "\\u202e" in out


def test_places_within_pages(project):
    project.write("docs/handbook.md", f"# Handbook\n\n{FILLER}\n\n## Opening hours & *days*\n\n{FILLER}\n\n<a id='fees'></a>\n\n## Setup\n\nx\n\n## Setup\n\ny\n")
    good = "[a](handbook.md#opening-hours--days) [b](handbook.md#fees) [c](handbook.md#setup-1) [d](handbook.md#Opening_hours) [e](handbook.md#L10)"
    project.write("docs/start.md", f"# Start\n\n{FILLER}\n\n{good}\n\n[f](handbook.md#nowhere) [g](handbook.md)\n")
    project.write("docs/made.md", f"# Made\n\n{FILLER}\n\n{{{{ include hours }}}}\n")
    project.write("docs/other.md", f"# Other\n\n{FILLER}\n\n[h](made.md#nowhere)\n")
    project.add()
    (broken,) = found(audit(project), "broken_link")
    assert broken["documents"] == ["docs/start.md"] and "handbook.md#nowhere" in broken["message"] and broken["places"][0]["line"] == 7


def test_every_copy_is_named(project):
    """Whoever mends some of the places leaves the others wrong."""
    text = f"# Travel\n\n{FILLER}\n\nA hotel in London costs up to 120 pounds a night. The offer of the travel agency ends on 30 June 2023.\n"
    project.write("docs/hr/copy.md", text)
    project.write("docs/travel.md", text)
    project.write("docs/other.md", f"# Travel\n\nA hotel in London costs up to 180 pounds a night. {POLICY}\n")
    project.add()
    report = audit(project)
    (stale,) = found(report, "stale")
    assert stale["documents"] == ["docs/hr/copy.md", "docs/travel.md"] and "30 June 2023" in stale["places"][1]["text"]
    (contradiction,) = found(report, "contradiction")
    assert set(contradiction["documents"]) == {"docs/hr/copy.md", "docs/travel.md", "docs/other.md"}


def test_a_document_that_repeats_itself(project):
    project.write("docs/fill.txt", "word " * 20000)
    project.write("docs/garden.md", f"# Garden\n\n{FILLER}\n")
    project.add()
    (repeats,) = found(audit(project), "duplicate")
    assert repeats["documents"] == ["docs/fill.txt"] and "repeat others of it" in repeats["message"]


def test_years_called_now(project):
    project.write("docs/rate.md", f"# Rate\n\n{FILLER} Currently (2022) the mileage rate is 45p. We have currently 2022 members.\n")
    project.add()
    (stale,) = found(audit(project), "stale")
    assert "“2022”" in stale["message"] and "(2022)" in stale["places"][0]["text"]


def test_lost_characters_in_a_short_text(project):
    project.write("docs/menu.md", "# Menu\n\nOn Sundays we serve cr\ufffdpes and caf\ufffd au lait until noon.\n")
    project.write("docs/about.md", "# About\n\nCall \ufffd +91 124 1234567 or write \ufffd to the team, or come \ufffd by.\n")  # pictures
    project.add()
    (garbled,) = found(audit(project), "garbled")
    assert garbled["documents"] == ["docs/menu.md"]


def test_damage_of_a_document_is_told_once(project):
    lost = "une caf\ufffdt\ufffdria, d\ufffds demain"
    project.write("docs/menu.md", f"# Menu\n\n{lost}\n\n## Two\n\n{lost} aussi\n\n## Three\n\n{lost}\n")
    project.add()
    (garbled,) = found(audit(project), "garbled")
    assert [place["line"] for place in garbled["places"]] == [3, 7, 11] and garbled["message"].endswith(", here and further down")


def test_quality(project):
    project.write("docs/stub.md", "# Stub\n\nSoon.\n")
    project.write("docs/empty.md", "")
    project.write("docs/heads.md", f"# A\n\n{FILLER}\n\n## Nothing here\n\n## More\n\nTODO: write this down.\n")
    project.write("docs/garbled.md", "# G\n\n" + "La pr\ufffdsentation d\ufffdtaill\ufffde est pr\ufffdte, et la caf\ufffdt\ufffdria aussi, d\ufffds demain matin tr\ufffds t\ufffdt, " * 2)
    project.write("docs/encoded.md", "# E\n\n" + "QWxsIHlvdXIgYmFzZSBhcmUgYmVsb25nIHRvIHVzLiBBbGwgeW91ciBiYXNlIGFyZSBiZWxvbmcgdG8gdXMuIEFsbCB5b3Vy" * 4)
    project.add()
    report = audit(project)
    sparse = {(finding["documents"][0], finding["severity"]) for finding in found(report, "sparse")}
    assert sparse == {("docs/stub.md", "medium"), ("docs/empty.md", "high"), ("docs/heads.md", "low"),
                      ("docs/encoded.md", "medium")}  # fmt: skip
    messages = [finding["message"] for finding in found(report, "sparse")]
    assert any("“Nothing here”" in message and ":5" in message for message in messages)
    assert any("“TODO”" in message for message in messages)
    assert {finding["documents"][0] for finding in found(report, "garbled")} == {"docs/garbled.md", "docs/encoded.md"}


def test_code_is_not_garbled(project):
    code = "".join(f"x[{i}] = (a[{i}] << 2) & ~0x{i:02x} | {{{{ $v{i} }}}};  /* !! -> %%{i} */\n" for i in range(12))
    project.write("docs/code.md", f"# Setting\n\nPut this into the file:\n\n```\n{code}```\n")
    project.write("docs/text.md", f"# Setting\n\n{code.replace(chr(10), ' ').replace('*', '%')}\n")
    project.add()
    assert {finding["documents"][0] for finding in found(audit(project), "garbled")} == {"docs/text.md"}


def test_unreadable_files(project):
    project.write("docs/good.md", f"# G\n\n{FILLER}\n")
    project.write("docs/bad.txt", b"caf\x00 \xff\xfe\x00" * 9)
    project.add(code=None)
    refused = audit(project)
    if "docs/bad.txt" in project.documents():
        pytest.skip("this file can be read by now")
    (finding,) = found(refused, "unreadable")
    assert finding["documents"] == ["docs/bad.txt"] and finding["severity"] == "high"
    (project.path / "docs/bad.txt").unlink()
    assert found(audit(project), "unreadable") == []


def test_pipes_and_links_that_lead_nowhere_weigh_little(project):
    project.write("docs/good.md", f"# G\n\n{FILLER}\n")
    os.mkfifo(project.path / "docs/pipe.md")
    os.symlink("nowhere.md", project.path / "docs/dangling.md")
    os.symlink("self.md", project.path / "docs/self.md")
    failed = sorted(failure["path"] for failure in project.add(code=1)["failed"])
    told = found(audit(project), "unreadable")
    assert sorted(finding["documents"][0] for finding in told) == failed == ["docs/dangling.md", "docs/pipe.md", "docs/self.md"]
    assert {finding["severity"] for finding in told} == {"low"}


def test_links(project):
    project.write("docs/index.md", f"# I\n\n{FILLER} [a](a.md) [b](sub/b.md#top) [c](sub/) [d](missing.md) [e](https://example.com/x.md) [f](/site/x.md#top) [g](/site/y.md?z)\n")
    project.write("docs/a.md", f"# A\n\n{FILLER} Back to [the start](index.md). `[x](y.md)`\n\n```\n[x](nowhere.md)\n```\n")
    project.write("docs/sub/b.md", f"# B\n\n{FILLER} [up](../a.md) [with%20blank](../with%20blank.md)\n")
    project.write("docs/with blank.md", f"# W\n\n{FILLER}\n")
    project.write("docs/lonely.md", f"# L\n\n{FILLER}\n")
    project.add()
    report = audit(project)
    broken = [finding for finding in found(report, "broken_link") if "missing.md" in finding["message"]]
    assert not any("/site/" in finding["message"] for finding in found(report, "broken_link"))  # of the site, not of its files
    assert len(broken) == 1 and broken[0]["documents"] == ["docs/index.md"] and broken[0]["places"][0]["line"] == 3
    assert not any("nowhere" in finding["message"] or "blank" in finding["message"] for finding in found(report, "broken_link"))
    assert [finding["documents"] for finding in found(report, "orphaned")] == [["docs/lonely.md"]]


def test_unretrievable(project):
    for i in range(30):
        project.write(f"docs/{i:02}.md", f"# Form\n\nfill in form sign form send form page {i}\n")
    project.write("docs/other.md", f"# Garden\n\n{FILLER}\n")
    project.add()
    report = audit(project)
    assert len(found(report, "unretrievable")) == 0  # each has its own number
    for i in range(30):
        project.write(f"docs/{i:02}.md", f"# Form\n\nfill in form sign form send form{' please' * (i % 3)}{'!' * i}\n")
    project.add()
    lost = found(audit(project), "unretrievable")
    assert len(lost) == 10 and all(finding["places"][0]["passage"] > 0 for finding in lost)


def test_languages(project):
    for i in range(5):
        project.write(f"docs/{i}.md", f"# Garden {i}\n\n{FILLER} Number {i} is the one that most of the people who come here like to see.\n")
    project.write("docs/de.md", "# Garten\n\nDer Garten ist für alle offen, die Pflanzen mögen, und an den meisten Tagen zeigen wir auch die alten Häuser.\n")
    project.add()
    (finding,) = found(audit(project), "language")
    assert finding["documents"] == ["docs/de.md"] and finding["cost"] == 0
    assert finding["message"].startswith("1 document is in “de”, 5 in “en”, of 6 whose language is known: ")
    for i in range(7):
        project.write(f"docs/list{i}.txt", f"{i}{i}1\n{i}{i}2\n")
    project.add()
    assert audit(project)["languages"]["und"] == 7
    assert "of 6 whose language is known" in found(audit(project), "language")[0]["message"]


def test_options(project):
    project.write("docs/a.md", POLICY)
    project.write("docs/b.md", POLICY)
    project.write("docs/c.md", "# C\n\nStub.\n")
    project.add()
    assert [finding["kind"] for finding in audit(project, "--kind", "sparse")["findings"]] == ["sparse"]
    assert {finding["kind"] for finding in audit(project, "--kind", "sparse, duplicate")["findings"]} == {"sparse", "duplicate"}
    assert len(audit(project, "--limit", "1")["findings"]) == 1 and audit(project, "--limit", "0")["findings"] == []
    report = audit(project, "--require", "score>=100", code=3)
    assert report["score"] < 100
    assert audit(project, "--require", f"score >= {report['score']}")["score"] == report["score"]
    outcome = project.run("audit", "--require", "score>=100", code=3)
    assert "the score is" in outcome.err and "Score" in outcome.out
    text = project.run("audit", *TODAY, "--limit", "1").out
    assert "duplicate" in text and "docs/a.md" in text and "→ " in text and "1 more; --limit and --kind show them." in text


@pytest.mark.parametrize(
    "words",
    [["--kind", "duplicates"], ["--kind", ""], ["--kind", "stale,nothing"], ["--require", "score>90"], ["--require", "score>=101"],
     ["--require", ""], ["--limit", "-1"], ["--limit", "x"], ["extra"]],
)  # fmt: skip
def test_wrong_use(project, words):
    outcome = project.run("audit", *words, code=2)
    assert outcome.err.startswith("assay: ")


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "", "26-11-2026"])
def test_wrong_day(project, day):
    assert "is no date" in project.run("audit", "--json", "--today", day, code=1).error("invalid")["message"]


def test_repeats_bit_for_bit(project):
    for i in range(40):
        project.write(f"docs/{i}.md", POLICY.replace("45", str(20 + i % 3)) + f"\n\nAs of 201{i % 10}, door {i} is open. [x](gone{i}.md)\n")
    project.add()
    first, second = audit(project), audit(project)
    del first["took_ms"], second["took_ms"]
    assert first == second and len(first["findings"]) > 10


def test_nothing_is_changed(project):
    project.write("docs/a.md", POLICY)
    project.add()
    before = {path: path.read_bytes() for path in (project.path / ".assay").rglob("*") if path.is_file() and not path.name.endswith("-shm")}
    audit(project)
    assert all(path.read_bytes() == content for path, content in before.items())


@pytest.mark.parametrize("words", [[], ["--unseen"]])
def test_planted_flaws(assay, words):
    """Precision and recall of the audit on the example's documents, by wordings that its rules were written with, and by others."""
    if assay.sanitized:
        pytest.skip("the same rules, slower")
    plant = ROOT / "tests" / "audit" / "plant.py"
    done = subprocess.run([sys.executable, plant, "--binary", assay.binary, "--least", *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- passages that stand in several places ----


def test_copies_are_told_with_their_places(project):
    project.write("docs/a.md", POLICY)
    project.write("docs/b.md", "# Other\n\nText before.\n\n" + POLICY)
    project.write("docs/c.md", f"# Garden\n\n{FILLER} Refunds of the entry fee are paid at the gate.\n")
    project.add()
    results = project.search("refund card order")
    assert [result["document"] for result in results] in (["docs/a.md", "docs/c.md"], ["docs/b.md", "docs/c.md"])
    (copy,) = results[0]["also"]
    assert {copy["document"], results[0]["document"]} == {"docs/a.md", "docs/b.md"} and results[1]["also"] == []
    content = (project.path / copy["document"]).read_bytes()[copy["start"] : copy["end"]].decode()
    assert "refund goes to the card" in content
    assert f"also in {copy['document']}:{copy['line']}" in project.run("search", "refund card order").out


def test_copies_do_not_crowd_out(project):
    for i in range(60):
        project.write(f"docs/copy{i:02}.md", POLICY)
    for i in range(5):
        project.write(f"docs/own{i}.md", f"# Own {i}\n\n{FILLER} The refund number {i} goes to the gate.\n")
    project.add()
    results = project.search("-k", "6", "refund")
    assert len(results) == 6 and sum(result["document"].startswith("docs/own") for result in results) == 5
    assert max(len(result["also"]) for result in results) >= 8
    results = project.search("-k", "6", "refund card order")  # the copies fit better, and 60 of them come first
    assert results[0]["document"].startswith("docs/copy") and len(results[0]["also"]) == 59
    assert len(results) == 6 and all(result["document"].startswith("docs/own") for result in results[1:])
    assert len(project.search("-k", "1", "card used for the order")[0]["also"]) >= 8  # as far as it looked


def test_short_texts_are_the_same_only_where_they_stand_alike(project):
    project.write("docs/dogs.md", "# Dogs\n\n## May they come in\n\nYes, always.\n")
    project.write("docs/cats.md", "# Cats\n\n## May they come in\n\nYes, always.\n")
    project.add()
    results = project.search("yes always")
    assert len(results) == 2 and all(result["also"] == [] for result in results)


def test_hidden_copies_are_not_told(project):
    settings = (project.path / "assay.yaml").read_text().replace("access: {labels: public}", "access: {labels: from-folder}")
    project.settings(settings)
    project.write("docs/hr/a.md", POLICY)
    project.write("docs/legal/b.md", POLICY)
    project.add()
    project.run("key", "add", "hr", "--groups", "hr")
    (seen,) = project.search("--as", "hr", "refund")
    assert seen["document"] == "docs/hr/a.md" and seen["also"] == []
    (both,) = project.search("refund")
    assert len(both["also"]) == 1
