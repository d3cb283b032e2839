"""`assay ask` without a language model: a question that first says which document it is about, and one for what a term means."""

import pytest
from models import FOLDER, needed
from test_ask import Project
from test_ask_siblings import asked_of

LEASE = """# Lease of a workshop

This lease is made between {owner} (the "Landlord") and {tenant} (the "Tenant") for the workshop at {place}.

## Rent

The rent is {rent} euros a month. “Business Day” means any day but Saturdays, Sundays and public holidays in {place}.

## End

The lease ends on {end}. Either party may give {notice} notice. Neither party may sublet. “Gross Rent” has the meaning given in the schedule, which adds water and heating.
"""
LEASES = {
    "arden.md": LEASE.format(owner="Arden Holdings", tenant="Birch Joinery", place="Leith", rent="640", end="31 May 2027", notice="three months'"),
    "corvid.md": LEASE.format(owner="Corvid Estates", tenant="Dunlin Prints", place="Perth", rent="815", end="30 June 2028", notice="six weeks'"),
    "elder.txt": LEASE.format(owner="Elder Lettings", tenant="Finch Pottery", place="Oban", rent="505", end="1 March 2026", notice="two months'"),
    "travel-policy.md": "# Travel policy\n\nFlights are approved by Ines Roth. Trains need no approval. A night in a hotel may cost 140 euros.\n",
    "staff-handbook.md": "# Staff handbook\n\nLeave is approved by Omar Lind. Visitors are met at the door. A day off is asked for a week before.\n",
}


@pytest.fixture
def leases(assay, tmp_path):
    project = Project(assay, tmp_path)
    project.run("init", ".")
    for name, text in LEASES.items():
        project.write(f"docs/{name}", text)
    env = {"ASSAY_MODELS": str(FOLDER.parent)}
    assay("add", "--quiet", cwd=project.folder, env=env)
    return lambda *words: assay("ask", "--json", *words, cwd=project.folder, env=env).json()


@needed
@pytest.mark.parametrize(("question", "wanted", "path"), [
    ("Consider the lease between Corvid Estates and Dunlin Prints; what is the rent?", "815", "docs/corvid.md"),
    ("Consider the lease between Elder Lettings and Finch Pottery; when does it end?", "1 March 2026", "docs/elder.txt"),
    ("Considering the lease with Birch Joinery: how much notice has to be given?", "three months", "docs/arden.md"),
    ("In the lease with Dunlin Prints, how much notice has to be given?", "six weeks", "docs/corvid.md"),
    ("According to the travel policy, who approves flights?", "Ines Roth", "docs/travel-policy.md"),
    ("Staff handbook: who approves leave?", "Omar Lind", "docs/staff-handbook.md"),
])
def test_only_the_document_that_is_named_is_searched(leases, question, wanted, path):
    told = leases(question)
    assert told["answer"] is not None and wanted in told["answer"], told["answer"]
    assert {citation["document"] for citation in told["citations"]} == {path}


@needed
@pytest.mark.parametrize(("question", "asked"), [
    ("Consider the lease between Corvid Estates and Dunlin Prints; what is the rent?", "what is the rent?"),
    ("Consider this; who approves leave?", "Consider this; who approves leave?"),  # no document
    ("Consider the lease; what is the rent?", "Consider the lease; what is the rent?"),  # three are
    ("Consider the lease of Grebe Sailmakers; what is the rent?", "Consider the lease of Grebe Sailmakers; what is the rent?"),  # none is
    ("According to the loan policy, who approves flights?", "According to the loan policy, who approves flights?"),
])
def test_several_documents_or_none_are_no_scope(leases, question, asked):
    assert leases(question)["asked"] == asked


@needed
def test_a_filter_holds_beside_the_scope(leases):
    told = leases("--filter", 'path = "docs/arden.md"', "Consider the lease between Corvid Estates and Dunlin Prints; what is the rent?")
    assert all(citation["document"] == "docs/arden.md" for citation in told["citations"]), told["citations"]


@needed
@pytest.mark.parametrize(("question", "wanted"), [
    ('Consider the lease between Corvid Estates and Dunlin Prints; what is the definition of "Business Day"?',
     "“Business Day” means any day but Saturdays, Sundays and public holidays in Perth."),
    ("In the lease with Birch Joinery, what does Gross Rent mean?", "“Gross Rent” has the meaning given in the schedule, which adds water and heating."),
])
def test_a_definition_is_told_whole(leases, question, wanted):
    assert leases(question)["answer"].startswith(wanted)


@needed
def test_what_is_defined_nowhere_has_no_definition(leases):
    answer = leases("What is the definition of “Net Rent”?")["answer"]
    assert answer is None or "means" not in answer, answer


@needed
def test_a_word_before_means_is_no_term_by_that(assay, tmp_path):
    text = "# Rent\n\nAs your rent means much to us, pay it early.\n\n“Gross rent” means rent, water and heating.\n"
    assert asked_of(assay, tmp_path, text, "What does rent mean?")["answer"].startswith("“Gross rent” means rent, water and heating.")
