"""What a person starts in the page: measuring, test cases, tuning, settings; by clicks and keys in a real browser."""

import json
import re

import pytest
from browser import PATIENCE, chromium, expect, expect_words
from conftest import Assay, Project
from models import FOLDER, needed
from serving import serving
from test_page import QUESTION, make_shop, visiting
from test_serve_tasks import TOPICS


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    shop = make_shop(Project(Assay(), tmp_path_factory.mktemp("work") / "shop"))
    lines = [{"text": f"{word} {other} question {i}", "label": label} for label, words in TOPICS.items() for word in words.split()
             for i, other in enumerate(words.split() * 2)]  # fmt: skip
    shop.write("examples.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    with serving(shop, env={"ASSAY_MODELS": str(FOLDER.parent)}) as started:
        yield started


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


def test_from_documents_to_an_evaluation(browser, server):
    with visiting(browser, server) as visit:
        page = visit.sign_in()
        page.get_by_text("The way to a verdict").wait_for()
        expect(page.locator(".steps .ticked")).to_have_count(1)
        visit.check()
        page.get_by_role("link", name="Write ten test cases").click()
        page.get_by_role("button", name="Write a test case").click()
        page.wait_for_selector("dialog textarea:focus")
        page.keyboard.type(QUESTION)
        page.get_by_label("The answer wanted").fill("45 days")
        page.get_by_label("The document that proves it").fill("docs/none.md")
        page.get_by_role("button", name="Save").click()
        page.get_by_text("there is no document").wait_for()
        visit.check()
        page.get_by_label("The document that proves it").fill("docs/public/returns.md")
        page.keyboard.press("Enter")
        page.get_by_text("1 test case", exact=True).wait_for()
        page.get_by_role("button", name="Change: " + QUESTION).click()
        page.get_by_label("The answer wanted").fill("within 45 days")
        page.get_by_role("button", name="Save").click()
        page.get_by_role("cell", name="within 45 days").wait_for()
        page.get_by_label("How many", exact=True).fill("2")
        page.get_by_role("button", name="Propose test cases").click()
        page.locator(".drafts").wait_for(state="attached")
        visit.check()
        page.get_by_role("link", name="Results").click()
        page.get_by_label("Search alone").check()
        page.get_by_role("button", name="Evaluate").click()
        page.get_by_text("Evaluation of run").wait_for(timeout=3 * PATIENCE)
        expect_words(page.locator("main"), QUESTION)
        visit.check()
    assert json.loads((server.project.path / "eval.jsonl").read_text().splitlines()[0])["answer"] == "within 45 days"


@needed
@pytest.mark.long
def test_examples_are_looked_at_and_learned_from(browser, server):
    with visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Tune")
        page.get_by_label("Examples").select_option("examples.jsonl")
        page.get_by_role("button", name="Look at the examples").click()
        page.get_by_text("What the examples are like").wait_for()
        expect_words(page.locator(".findings"), "few examples")
        visit.check()
        page.get_by_label("Name of what is learned").fill("topics")
        page.keyboard.press("Enter")
        page.get_by_text("was learned").wait_for(timeout=3 * PATIENCE)
        page.get_by_role("region", name="Scores of topics").wait_for()
        expect(page.get_by_role("region", name="Confusion matrix").locator("tbody tr")).to_have_count(3)
        visit.check()
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Discard").click()
        page.get_by_text("Nothing was tuned yet").wait_for()
    assert server.error("DELETE", "/v1/adapters/topics", status=404)["code"] == "not_found"
    assert server.error("POST", "/v1/adapters/topics/promote", {"to": "reader"}, status=404)["code"] == "not_found"
    assert server.error("POST", "/v1/adapters/topics/promote", {"to": "../x"}, status=400)["param"] == "to"


def test_an_adapter_is_put_to_use(server):
    """Only what has learned the work may do it, and what did it before is kept."""
    adapters = server.project.path / ".assay" / "adapters"
    for folder, task in (("mine", "reader"), ("topics", "classify"), ("reader", "reader"), ("ftjob-a", "reader")):
        server.project.write(f".assay/adapters/{folder}/provenance.json", json.dumps({"name": folder, "task": task}))
    assert server.ask("POST", "/v1/adapters/topics/promote", {"to": "reader"})[0] == 400
    for method, path in (("POST", "/v1/adapters/ftjob-a/promote"), ("DELETE", "/v1/adapters/ftjob-a")):
        assert server.error(method, path, {"to": "reader"} if method == "POST" else None, status=400)["code"] == "not_allowed"
    server.json("POST", "/v1/adapters/mine/promote", {"to": "reader"})
    names = {folder.name: json.loads((folder / "provenance.json").read_text())["name"] for folder in adapters.iterdir()}
    assert names == {"reader": "mine", "reader-before": "reader", "topics": "topics", "ftjob-a": "ftjob-a"}
    for name in ("reader", "reader-before", "topics"):
        server.json("DELETE", f"/v1/adapters/{name}")
    (adapters / "ftjob-a" / "provenance.json").unlink()
    (adapters / "ftjob-a").rmdir()


def test_settings_are_changed(browser, server):
    with visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Settings")
        page.get_by_label("Score to be reached").fill("0.8")
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("Saved in assay.yaml").wait_for()
        visit.check()
        prices = page.get_by_label("The list, as prices.yaml has it")
        expect(prices).to_have_value(re.compile("currency: USD"))
        prices.fill(prices.input_value().replace("currency: USD", "currency: EUR"))
        page.get_by_role("button", name="Save the prices").click()
        page.get_by_text("Answers and decisions count with it").wait_for()
        prices.fill("nonsense: [")
        page.get_by_role("button", name="Save the prices").click()
        page.get_by_role("alert").wait_for()
        visit.check()
    settings = (server.project.path / "assay.yaml").read_text()
    assert "target: 0.8" in settings and "labels: from-folder" in settings and "currency: EUR" in (server.project.path / "prices.yaml").read_text()
    writer = server.project.run("key", "add", "--quiet", "writer", "--groups", "public,@write").out.strip()
    for method, path in (("GET", "/v1/settings"), ("POST", "/v1/settings"), ("GET", "/v1/prices"), ("POST", "/v1/prices"), ("DELETE", "/v1/adapters/x"),
                         ("POST", "/v1/adapters/x/promote")):  # fmt: skip
        assert server.error(method, path, {"target": 1} if method == "POST" else None, status=403, key=writer)["code"] == "not_allowed"
    for body, parameter in (({}, "model"), ({"model": 'x"\nserver: 1'}, "model"), ({"model": "http://user:key@host/v1#m"}, "model"), ({"model": "https://elsewhere.invalid/v1#m"}, "model"),
                            ({"model": "gpt-4"}, "model"), ({"model": "openai:"}, "model"), ({"approach": "x"}, "approach"),
                            ({"access": "labels.csv"}, "access"), ({"target": 2}, "target"), ({"target": "1"}, "target")):  # fmt: skip
        assert server.error("POST", "/v1/settings", body, status=400)["param"] == parameter, body
    assert (server.project.path / "assay.yaml").read_text() == settings
