"""Walks through the page: from the first click to a verdict and its report, a training whose loss is seen to fall, labels that are edited; and each main task with
nothing but the keyboard."""

import json
import random
import re

import pytest
from browser import PATIENCE, check_report, chromium, expect, expect_words, open_page, violations
from conftest import Assay, Project
from decide_problems import FOUR, HostedProblem
from models import FOLDER, needed
from serving import serving, until
from test_page import QUESTION, make_shop, visiting
from test_serve_tasks import TOPICS

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    shop = make_shop(Project(Assay(), tmp_path_factory.mktemp("walks") / "shop"))
    lines = [{"text": f"{word} {other} question {i}", "label": label} for label, words in TOPICS.items() for word in words.split()
             for i, other in enumerate(words.split())]  # fmt: skip
    shop.write("examples.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    drawn = random.Random(5)
    made = ["".join(drawn.choices("abdegiklmnorstuz", k=drawn.randint(3, 9))) for _ in range(3000)]
    more = [{"text": " ".join([*drawn.choices(words.split(), k=3), *drawn.choices(made, k=30)]), "label": label} for _ in range(150) for label, words in TOPICS.items()]
    shop.write("more.jsonl", "".join(json.dumps(line) + "\n" for line in more))
    with serving(shop, env={"ASSAY_MODELS": str(FOLDER.parent)}) as started:
        yield started


def costs_follow_the_sliders(page, keys):
    """By arrows; what a slider stands at is told in words."""
    costs = page.get_by_role("region", name="Costs")
    for slider, said in (("Requests a month", "requests a month"), ("Months that building is spread over", "months")):
        keys.go(slider)
        before, shown = page.evaluate("document.activeElement.getAttribute('aria-valuetext')"), costs.get_by_role("columnheader").last.text_content()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        expect(costs.get_by_role("columnheader").last).not_to_have_text(shown)
        told = page.evaluate("document.activeElement.getAttribute('aria-valuetext')")
        assert told != before and told.endswith(said) and told.removesuffix(" a month") in costs.text_content()
        for _ in range(4):
            page.keyboard.press("ArrowLeft")
        expect(costs.get_by_role("columnheader").last).to_have_text(shown)


def test_from_nothing_measured_to_the_verdict_and_its_report(browser, tmp_path):
    """With nothing but the keyboard."""
    problem = FOUR[1](cases=30)  # the model does not know: retrieval helps
    shop = Project(Assay(), tmp_path / "shop")
    problem.write(shop.path)
    shop.add()
    with problem.serve() as model:
        settings = shop.path / "assay.yaml"
        settings.write_text(settings.read_text() + f'model: "{model.model}"\n')
        with serving(shop) as server, visiting(browser, server) as visit:
            page, keys = visit.sign_in(), Keys(visit.page)
            keys.open("Measure")
            page.get_by_text("Nothing was measured yet").wait_for()
            keys.press("What would it take?")
            expect_words(page.get_by_role("region", name="What a decision would take"), "Retrieval")
            visit.check()
            keys.go("All approaches", "Shift+Tab")
            page.keyboard.press("Space")
            keys.press("Decide")
            page.get_by_role("heading", name="Build it with: Retrieval").wait_for(timeout=3 * PATIENCE)
            expect_words(page.get_by_role("region", name="Why cases fail"), "The fact was not there")
            for region in ("Approaches", "Costs", "Cases side by side"):
                expect(page.get_by_role("region", name=region)).to_have_count(1)
            costs_follow_the_sliders(page, keys)
            keys.go("Show cases")
            page.keyboard.press("End")
            page.get_by_role("region", name="Cases side by side").locator("tbody tr").nth(19).wait_for()
            visit.check()
            with page.expect_download() as saved:
                keys.go("Save the whole report as a page", "Shift+Tab")
                page.keyboard.press("Enter")
            report = tmp_path / "report.html"
            saved.value.save_as(report)
            assert saved.value.suggested_filename == "report-0001.html"
    assert report.read_bytes() == (shop.path / ".assay/runs/0001/report.html").read_bytes()
    check_report(browser, report)


def test_a_provider_fine_tunes_when_its_price_was_seen(browser, tmp_path):
    problem = HostedProblem("both", "hybrid", "knowledge", cases=24, knows=0.05, forms=0.05, tuned=(0.05, 1.0))
    shop = Project(Assay(), tmp_path / "shop")
    problem.write(shop.path)
    shop.add()
    with problem.serve() as model:
        problem.price(shop.path, model)
        settings = shop.path / "assay.yaml"
        settings.write_text(settings.read_text() + f'model: "{model.model}"\n')
        with serving(shop) as server, visiting(browser, server) as visit:
            page = visit.sign_in()
            visit.go("Measure")
            page.get_by_label("All approaches").check()
            page.get_by_label("Fine-tuned by the provider").check()
            page.get_by_role("button", name="Decide", exact=True).click()
            pay = page.get_by_role("button", name=re.compile(r"^Decide, with fine-tuning for about [0-9.]+"))
            pay.wait_for(timeout=PATIENCE)
            expect_words(page.locator("main"), "its price is in the sum")
            visit.check()
            assert model.requests == [] and problem.jobs == []
            pay.click()
            page.get_by_role("heading", name="Build it with: Retrieval and fine-tuning").wait_for(timeout=3 * PATIENCE)
            assert len(problem.jobs) == 2


@needed
def test_a_loss_is_seen_to_fall(browser, server):
    with visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Tune")
        page.get_by_label("Examples").select_option("")
        page.get_by_label("Path of the file").fill("more.jsonl")
        page.get_by_label("How it is learned").select_option("lora")
        page.get_by_label("Name of what is learned").fill("slow")
        page.get_by_role("button", name="Train").click()
        curve = page.locator(".task .curve")
        curve.wait_for(timeout=3 * PATIENCE)
        expect(curve).to_have_attribute("aria-label", re.compile("^Loss .* at step "))
        expect(page.locator(".task .curve polyline")).to_have_attribute("points", re.compile(r"\S+ \S+"))
        visit.check()
        ended = page.locator(".task").get_by_text(re.compile("It was cancelled|was learned"))
        cancel = page.get_by_role("button", name="Cancel")
        cancel.or_(ended).first.wait_for(timeout=3 * PATIENCE)
        page.evaluate("[...document.querySelectorAll('.task button')].find((each) => each.textContent === 'Cancel' && !each.disabled)?.click()")  # in one step: it may end by itself meanwhile
        ended.wait_for(timeout=3 * PATIENCE)


def test_labels_are_edited(browser, project):
    make_shop(project)
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("labels: from-folder", "labels: labels.csv"))
    project.write("labels.csv", "path,label\ndocs/public,public\n")
    project.add()
    with serving(project) as server:
        reader = project.run("key", "add", "--quiet", "hr", "--groups", "hr").out.strip()
        with visiting(browser, server) as visit:
            page = visit.sign_in()
            visit.go("Settings")
            box = page.get_by_label("A line for a document or a folder, with its labels")
            expect(box).to_have_value("path,label\ndocs/public,public\n")
            visit.check()
            box.fill('docs/public,public\n"docs/hr,hr\n')
            page.get_by_role("button", name="Save the labels").click()
            page.get_by_text("labels.csv:2").wait_for()
            assert (project.path / "labels.csv").read_text() == "path,label\ndocs/public,public\n"
            box.fill("docs/public,public\ndocs/hr,hr\n")
            page.get_by_role("button", name="Save the labels").click()
            page.get_by_text("with the next adding").wait_for()
        ask = {"query": "canarypay"}
        assert "canarypay" not in json.dumps(server.json("POST", "/v1/search", ask, key=reader)["results"])
        project.add()
        assert "canarypay" in server.json("POST", "/v1/search", ask, key=reader)["results"][0]["text"]
        writer = project.run("key", "add", "--quiet", "writer", "--groups", "public,@write").out.strip()
        for method, body in (("GET", None), ("POST", {"text": "x"})):
            assert server.error(method, "/v1/labels", body, status=403, key=writer)["code"] == "not_allowed"
        assert server.error("POST", "/v1/labels", {"text": ""})["param"] == "text"
        settings.write_text(settings.read_text().replace("labels: labels.csv", "labels: public"))
        server.json("POST", "/v1/settings", {"target": 0.5})
        until(lambda: server.ask("GET", "/v1/labels")[0] == 404)


# ---- with nothing but the keyboard ----

NAME_OF = """() => {
    const it = document.activeElement;
    if (!it || it === document.body) return '';
    const labels = [...(it.labels || [])].map((label) => label.textContent).join(' ');
    return (it.getAttribute('aria-label') || labels || it.textContent || it.id || '').trim().replace(/\\s+/g, ' ');
}"""


class Keys:
    """Hands on a keyboard: what has the focus is what a person there knows of."""

    def __init__(self, page):
        self.page = page

    def go(self, name, key="Tab"):
        """Along the page until something has that name."""
        met = []
        for _ in range(200):
            self.page.keyboard.press(key)
            met.append(self.page.evaluate(NAME_OF))
            if met[-1].startswith(name):
                outline = self.page.evaluate("getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).boxShadow")
                assert outline != "nonenone", f"nothing shows that {name} has the focus"
                return
        raise AssertionError(f"{name} is not met by {key}: {met[:60]}")

    def press(self, name, key="Enter"):
        self.go(name)
        self.page.keyboard.press(key)

    def open(self, name):
        """By a link to another part: what is shown there has the focus."""
        self.press(name)
        self.page.wait_for_selector("#main:focus")

    def type(self, name, text, key="Tab"):
        self.go(name, key)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)


def test_asking_by_keys(browser, server):
    with visiting(browser, server) as visit:
        page, keys = visit.sign_in(), Keys(visit.page)
        page.wait_for_selector("#question:focus")
        page.keyboard.type(QUESTION)
        page.keyboard.press("Enter")
        page.wait_for_selector(f"article[aria-busy=false]:has-text({json.dumps(QUESTION)})")
        keys.press("Source 1")  # its mark
        page.get_by_role("dialog").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")


def test_documents_by_keys(browser, server):
    with visiting(browser, server) as visit:
        page, keys = visit.sign_in(), Keys(visit.page)
        keys.open("Documents")
        page.get_by_text("returns.md").first.wait_for()
        choosers = []
        page.on("filechooser", lambda chooser: choosers.append(chooser))  # for the whole time: what is asked for at the last moment may come too late
        keys.go("Add documents")
        for count, key in enumerate(("Enter", "Space"), 1):
            page.keyboard.press(key)
            while len(choosers) < count:
                page.wait_for_event("filechooser")
            choosers[-1].set_files({"name": f"{key}.md", "mimeType": "text/markdown", "buffer": f"# Key {count}\n\nA quumble of {key}.\n".encode()})
            expect(page.locator(".sent .good")).to_have_count(count)
            expect(page.get_by_role("button", name=f"{key}.md", exact=True).first).to_be_visible()
        keys.type("Search", "delivery")
        page.keyboard.press("Enter")
        page.get_by_text("45 days").first.wait_for()


def test_passages_of_a_document_by_keys(browser, server):
    with visiting(browser, server) as visit:
        page, keys = visit.sign_in(), Keys(visit.page)
        keys.open("Documents")
        page.get_by_role("button", name="docs/public/returns.md").wait_for()
        keys.press("docs/public/returns.md")
        page.get_by_role("dialog").get_by_text("Passage 1").wait_for()
        visit.check()
        keys.press("Passage 1")
        expect(page.locator("dialog mark")).to_be_focused()
        keys.go("Passages", "Shift+Tab")
        page.keyboard.press("Space")
        page.get_by_role("dialog").get_by_text("Passage 1").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")
        expect(page.get_by_role("button", name="docs/public/returns.md")).to_be_focused()


def test_measuring_by_keys(browser, server):
    with visiting(browser, server) as visit:
        page, keys = visit.sign_in(), Keys(visit.page)
        keys.open("Measure")
        page.get_by_role("button", name="Evaluate").wait_for()
        keys.open("Test cases")
        page.get_by_role("button", name="Write a test case").wait_for()
        keys.press("Write a test case")
        page.wait_for_selector("dialog textarea:focus")
        page.keyboard.type("What does the label cost?")
        keys.type("The answer wanted", "7.50")
        keys.type("The document that proves it", "docs/public/returns.md")
        page.keyboard.press("Enter")
        page.get_by_text("1 test case", exact=True).wait_for()
        keys.open("Results")
        page.get_by_role("button", name="Evaluate").wait_for()
        keys.press("Search alone", "Space")
        keys.press("Evaluate")
        page.get_by_text("Evaluation of run").wait_for()


def test_tuning_by_keys(browser, server):
    with visiting(browser, server) as visit:
        page, keys = visit.sign_in(), Keys(visit.page)
        keys.open("Tune")
        page.get_by_role("button", name="Look at the examples").wait_for()
        page.locator("option", has_text="examples.jsonl").wait_for(state="attached")
        keys.press("Look at the examples")
        page.get_by_text("What the examples are like").wait_for()


def test_what_was_learned_is_used_and_discarded_by_keys(browser, server):
    server.project.write(".assay/adapters/mine/provenance.json", json.dumps({"name": "mine", "task": "reader"}))
    adapters = server.project.path / ".assay" / "adapters"
    with visiting(browser, server) as visit:
        page, keys = visit.sign_in(), Keys(visit.page)
        page.on("dialog", lambda dialog: dialog.accept())
        keys.open("Tune")
        page.get_by_role("heading", name="mine").wait_for()
        keys.press("Use it as the reader")
        page.get_by_text("in use", exact=True).wait_for()
        assert json.loads((adapters / "reader" / "provenance.json").read_text())["name"] == "mine" and not (adapters / "mine").exists()
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")  # and the next key goes on from there
        visit.check()
        keys.press("Discard reader")
        page.get_by_role("heading", name="reader").wait_for(state="detached")
        assert not (adapters / "reader").exists()


def test_settings_by_keys(browser, server):
    with visiting(browser, server) as visit:
        page, keys = visit.sign_in(), Keys(visit.page)
        keys.open("Settings")
        page.get_by_label("Score to be reached").wait_for()
        keys.type("Score to be reached", "0.7")
        page.keyboard.press("Enter")
        page.get_by_text("Saved in assay.yaml").wait_for()
        keys.go("Make the key", "Shift+Tab")
        keys.type("Groups", "public", "Shift+Tab")
        keys.type("Name", "typist", "Shift+Tab")
        keys.press("Make the key")
        secret = page.locator(".secret code").text_content()
        assert server.json("GET", "/v1/me", key=secret)["name"] == "typist"
        visit.check()
        keys.open("Log")
        keys.open("Settings")
        page.get_by_role("cell", name="typist").or_(page.get_by_role("rowheader", name="typist")).first.wait_for()
        assert secret not in page.content()  # it was shown once
    assert "target: 0.7" in (server.project.path / "assay.yaml").read_text()


def test_the_log_by_keys(browser, server):
    server.json("POST", "/v1/chat/completions", {"model": "assay", "messages": [{"role": "user", "content": QUESTION}]})
    with visiting(browser, server) as visit:
        page, keys = visit.sign_in(), Keys(visit.page)
        keys.open("Log")
        page.get_by_text(QUESTION).first.wait_for()
        keys.press("Verify")
        page.get_by_text("as written").first.wait_for()
