"""`assay ask` without a language model: what stands beside what is asked for (another row, paragraph, number, step or end of a range) is no answer."""

import pytest
from models import needed
from test_ask_siblings import asked_of

COATINGS = """# Finishing

| Process | Done by | Minimum charge |
|---|---|---|
| Zinc plating | Galvano Ost | 75 EUR |
| Bead blasting | in house | 30 EUR |
| Powder coating | Lackwerk | 64 EUR |
"""
POST = """# Carriage

| Region | Parcel | Days |
|---|---|---|
| Mainland England | 5.95 | 2 |
| Wales | 6.20 | 2 |
| Isle of Man | 18 | 6 |
"""
PUMPS = """# Borealis models

| | Borealis 6 | Borealis 9 | Borealis 12 |
|---|---|---|---|
| Heat output at 2 °C | 6.1 kW | 8.8 kW | 11.9 kW |
| Sound power | 49 dB | 52 dB | 56 dB |
| Refrigerant | R290, 0.8 kg | R290, 1.1 kg | R290, 1.5 kg |
| Weight | 118 kg | 139 kg | 171 kg |
| Fuse | 16 A | 20 A | 25 A |
| Highest flow temperature | 70 °C | 70 °C | 65 °C |

All models work down to an outdoor temperature of −22 °C. Below that the immersion heater takes over. The cold-climate kit adds a heated drip tray; it is sold for Borealis 9 and Borealis 12.

Leave 40 cm of free space behind the unit and 1.5 m in front of it. Do not put it in a hollow, since propane is heavier than air and would gather there. Windows and cellar shafts have to be at least one metre away.
"""
COURSES = """# Courses

**Starting with bees** runs over two Saturdays in March and costs 95 EUR a person. Suits are lent.

**Queen rearing** is one Sunday at the end of May. You need to have kept bees for two years. Taught by Petra Lund.
"""
BERTHS = """# Berths

| Berth | Longest boat | Yearly price |
|---|---|---|
| A1-A20 | 8 m | 1480 EUR |
| B1-B24 | 10 m | 2060 EUR |
| C1-C18 | 12 m | 2890 EUR |
"""
FAULTS = "# Faults\n\nTR-2210: the valve is shut. Open it by hand.\n\nTR-2240: the tank is empty. Fill it and press reset.\n"
STORE = """# Winter

| Service | up to 8 m | 8–10 m | 10–12 m |
|---|---|---|---|
| Lift and wash | 210 EUR | 260 EUR | 330 EUR |
| Hall storage | 1,150 EUR | 1,480 EUR | 1,900 EUR |
"""
BOXES = """# Boxes

| Item | Buy | Hire per week |
|---|---|---|
| Book box | £2.40 | – |
| Wardrobe box | £9.80 | £3 |
"""
TEAMS = "# Who does what\n\nThe systems team runs the hardware; its lead is Oskar Brandt. The applications team installs software; its lead is Mei Tanaka.\n"
REFUNDS = """# Refunds

Places are held for seven days. More than 21 days before the date, you get everything back. Between 21 and 8 days before the date, you get half of the price back. In the last seven days before the date, nothing is paid back.
"""
SEASONS = """# Prices

| Months | Pitch | Cabin |
|---|---|---|
| April–June | 22 EUR | 80 EUR |
| July, August | 34 EUR | 130 EUR |
| September–October | 20 EUR | 75 EUR |
"""
MOORINGS = """# Hours

Fuel berth: open 9 to 19 in July and August, otherwise 10 to 16.

The museum opens 10 am to 4 pm from November to February, 9 am to 7 pm from March to October.

Moorings cost as follows.

| Boat | May–Sep | Oct–Apr |
|---|---|---|
| Dinghy | 40 EUR | 25 EUR |
| Yacht | 140 EUR | 90 EUR |
"""
DEPOSITS = "# Sorties\n\nLe bateau s'appelle Pen Duick Rouge. Il part du port de Lampaul.\n"


@needed
@pytest.mark.parametrize(("text", "question", "wanted", "other"), [
    (COATINGS, "minimum charge for zinc plating", "75 EUR", "minimum charge for chrome coverage"),
    (POST, "What does a parcel to Wales cost?", "6.20", "what does a parcel to northern ireland cost"),
    ("# Packing\n\nPacking costs £16 per box, material included.", "What does packing cost?", "£16", "what does packing cost in hamburg"),
    (PUMPS, "How heavy is the Borealis 9?", "139 kg", "How heavy is the Borealis 15?"),
    ("# Boxes\n\nA flat with two bedrooms needs about 35 boxes.", "How many boxes does a flat with two bedrooms need?", "35", "How many boxes does a flat with four bedrooms need?"),
    (COURSES, "Who teaches queen rearing?", "Petra Lund", "Who teaches starting with bees?"),
    (BERTHS, "What is the yearly price of berth A15?", "1480", "What is the yearly price of berth E5?"),
    (FAULTS, "What does TR-2240 mean?", "the tank is empty", "what does tr-2255 mean"),
    (STORE, "How much is hall storage for a 9 m boat?", "1,480", "How much is hall storage for a 14 m boat?"),
    (BOXES, "hire price of a wardrobe box", "£3", "hire price of a book box"),
    (TEAMS, "Who leads the systems team?", "Oskar Brandt", "Who leads the platform team?"),
    ("# Passes\n\n| Ticket | Adult | Student | Child |\n|---|---|---|---|\n| Day | 14.50 | 12.00 | 8.00 |\n| Month | 59.00 | 49.00 | 35.00 |\n| Year | 540.00 | 445.00 | 310.00 |\n", "month ticket for a student", "49.00", "month ticket for retirees"),
    ("# Queue\n\nOwner: Fulfilment team, channel #fulfil. Tech lead Yusuf Demir.\n\n# Duty of the platform team\n\nThe week begins on Tuesday at eleven.\n", "Who is the tech lead of the fulfilment team?", "Yusuf Demir", "Who is the tech lead of the platform team?"),
])  # fmt: skip
def test_what_is_told_of_another_one_is_no_answer(assay, tmp_path, text, question, wanted, other):
    (tmp_path / "other").mkdir()
    answer = asked_of(assay, tmp_path, text, question)["answer"]
    assert answer is not None and wanted in answer, answer
    assert asked_of(assay, tmp_path / "other", text, other)["abstained"]


@needed
@pytest.mark.parametrize(("text", "question", "wanted"), [
    (REFUNDS, "What do I get back if I cancel two weeks before the date?", "half"),
    ("# Faults\n\n| Code | Meaning | What the user can do |\n|---|---|---|\n| E11 | Flow too low | Clean the strainer |\n| E14 | High pressure | Wait ten minutes and reset |\n", "E14 shows up, what can I do", "Wait ten minutes"),
    (SEASONS, "price of a pitch in May", "22 EUR"),
    (SEASONS, "What does a cabin cost in October?", "75 EUR"),
    (MOORINGS, "How much is a dinghy in November?", "25 EUR"),
    ("# Kids\n\nThe swimming course is for ages 6 to 11 and costs 90 EUR.", "How old can a child be at most for the swimming course?", "11 [1]"),
    ("# Kids\n\n| Course | Age | Price |\n|---|---|---|\n| Diving | 10-16 | 40 EUR |\n| Rowing | 12-18 | 55 EUR |\n", "minimum age for diving", "10 [1]"),
])  # fmt: skip
def test_the_step_the_column_and_the_end_that_are_asked_for(assay, tmp_path, text, question, wanted):
    answer = asked_of(assay, tmp_path, text, question)["answer"]
    assert answer is not None and wanted in answer, answer


@needed
@pytest.mark.parametrize(("text", "question"), [
    ("# Preise\n\nKids' entry is 8 EUR.\n\n| Ticket | Price |\n|---|---|\n| Child | 8 EUR |\n| Adult | 15 EUR |\n| Carer | 4 EUR |\n", "What does a kid's ticket cost?"),
    ("# Noise\n\n| Model | Sound power |\n|---|---|\n| Norda 6 | 49 dB |\n| Norda 9 | 52 dB |\n| Norda 12 | 56 dB |\n", "noise level of the Norda 9"),
])  # fmt: skip
def test_a_row_may_be_called_by_a_word_of_the_same_meaning(assay, tmp_path, text, question):
    assert not asked_of(assay, tmp_path, text, question)["abstained"]


@needed
def test_a_price_is_told_by_a_sum(assay, tmp_path):
    answer = asked_of(assay, tmp_path, DEPOSITS, "Combien coûte une sortie en bateau ?")
    assert answer["abstained"] or "Pen Duick" not in answer["answer"]


@needed
def test_the_number_of_a_name_is_no_amount(assay, tmp_path):
    text = "# Fitting\n\nFit the buffer tank: 50 litres for Norda 6, 100 litres for Norda 9.\n\nThe warranty is told by the dealer.\n"
    answer = asked_of(assay, tmp_path, text, "How long is the warranty on the buffer tank?")
    assert answer["abstained"] or answer["answer"] not in ("6 [1]", "9 [1]")


@needed
def test_times_of_other_things_are_no_steps_of_one_scale(assay, tmp_path):
    text = "# Service\n\nRefunds are paid within 14 days. Complaints are answered within 7 days.\n"
    assert asked_of(assay, tmp_path, text, "I asked for a refund 5 days ago, when will it be paid?")["answer"] == "14 days [1]"


YEARS = """# Annual report

| (in millions) | 2025 | 2024 |
|---|---|---|
| Product revenue | 1,204 | 1,101 |
| Service revenue | 455 | 390 |
| Total revenue | 1,659 | 1,491 |

Product revenue grew since two shops were opened in Leith.
"""


@needed
@pytest.mark.parametrize(("question", "wanted", "asked"), [
    ("What was the service revenue in FY2024?", "390", "What was the service revenue in 2024?"),
    ("FY25 total revenue?", "1,659", "2025 total revenue?"),
    ("What was the FY 2025 product revenue?", "1,204", "What was the year 2025 product revenue?"),
    ("What was the service revenue in FY2022?", None, "What was the service revenue in 2022?"),
    ("What was the service revenue in the third quarter of 2024?", None, None),
    ("What was the product revenue in Q3 2025?", None, None),
])
def test_years_are_told_as_columns_are_headed_and_quarters_are_no_years(assay, tmp_path, question, wanted, asked):
    told = asked_of(assay, tmp_path, YEARS, question)
    assert told["asked"] == (asked or question)
    assert (told["answer"] is None) == (wanted is None) and (wanted or "") in (told["answer"] or ""), told["answer"]
