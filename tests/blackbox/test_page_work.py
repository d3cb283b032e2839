"""What a person starts in the page: measuring, test cases, tuning, settings; by clicks and keys in a real browser."""

import io
import json
import re
import time
import zipfile

import pytest
from browser import PATIENCE, chromium, expect, expect_words
from conftest import ROOT, Assay, Project
from models import FOLDER, needed
from serving import serving, until
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


@pytest.fixture
def shop(project):
    return make_shop(project)


@pytest.fixture
def labelled(project):
    make_shop(project)
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("labels: from-folder", "labels: labels.csv"))
    project.write("labels.csv", "docs/public,public\ndocs/hr,hr\n")
    project.add()
    return project


@pytest.fixture
def shop_with_cases(project):
    make_shop(project)
    cases = [{"question": f"Within how many days may goods be returned, asked for the time {i}?", "answer": "45 days", "source": f"docs/public/{'hostile' if i % 3 == 0 else 'returns'}.md"} for i in range(60)]
    project.write("eval.jsonl", "".join(json.dumps(case) + "\n" for case in cases))
    return project


def save(page, name="Save"):
    page.get_by_role("button", name=name, exact=True).click()


def test_what_is_put_back_is_saved(browser, project):
    """What a form is compared with is what is stored by then, and not what was there when it was drawn."""
    make_shop(project)
    settings = project.path / "assay.yaml"
    with serving(project) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Settings")
        rule, saved = page.get_by_label("Who sees which document"), page.get_by_text("Saved in assay.yaml")
        page.once("dialog", lambda dialog: dialog.accept())
        rule.select_option("public")
        save(page)
        saved.wait_for()
        assert "labels: public" in settings.read_text()
        rule.select_option("from-folder")
        save(page)
        saved.wait_for()
        assert "labels: from-folder" in settings.read_text()
        expect(rule).to_have_value("from-folder")
        save(page)
        page.get_by_text("Nothing was changed").wait_for()
        page.get_by_label("Model", exact=True).fill("openai:some")
        save(page)
        expect_words(page.locator("main"), "OPENAI_API_KEY")


def test_two_who_change_settings(browser, project):
    """Only what was changed is sent, and nothing that somebody else has changed meanwhile is put back unseen."""
    make_shop(project)
    settings = project.path / "assay.yaml"
    with serving(project) as server, visiting(browser, server) as one, visiting(browser, server) as other:
        for visit in (one, other):
            visit.sign_in()
            visit.go("Settings")
            visit.page.get_by_label("Score to be reached").wait_for()
        one.page.get_by_label("Score to be reached").fill("0.8")
        save(one.page)
        one.page.get_by_text("Saved in assay.yaml").wait_for()
        other.page.get_by_label("How it answers").select_option("full")
        save(other.page)
        other.page.get_by_text("Saved in assay.yaml").wait_for()
        assert "target: 0.8" in settings.read_text() and "approach: full" in settings.read_text()
        expect(other.page.get_by_label("Score to be reached")).to_have_value("0.8")
        one.page.get_by_label("How it answers").select_option("prompt")
        save(one.page)
        expect_words(one.page.get_by_role("alert"), "approach is \"full\" by now")
        expect(one.page.get_by_label("How it answers")).to_have_value("full")
        settings.write_text(settings.read_text().replace("target: 0.8", "target: 0.7"))  # by hand: the server has not read it again
        other.page.get_by_label("Score to be reached").fill("0.9")
        save(other.page)
        expect_words(other.page.get_by_role("alert"), "target is \"0.7\" by now")
        assert server.json("GET", "/v1/settings")["target"] == 0.7
        assert server.json("POST", "/v1/settings", {"target": 0.9, "was": {"target": 0.7}})["target"] == 0.9
        assert server.error("POST", "/v1/settings", {"target": 0.9, "was": 3})["param"] == "was"
        assert server.error("POST", "/v1/settings", {"target": 0.9, "was": {"target": None}})["param"] == "was"


def test_two_who_change_labels(browser, labelled):
    with serving(labelled) as server, visiting(browser, server) as one, visiting(browser, server) as other:
        for visit in (one, other):
            visit.sign_in()
            visit.go("Settings")
        boxes = [visit.page.get_by_label("A line for a document or a folder") for visit in (one, other)]
        boxes[0].fill("docs/public,staff\ndocs/hr,hr\n")
        save(one.page, "Save the labels")
        one.page.get_by_text("with the next adding").wait_for()
        boxes[1].fill("docs/public,public\ndocs/hr,hr\ndocs/more,public\n")
        save(other.page, "Save the labels")
        expect_words(other.page.get_by_role("alert"), "labels.csv is not as you have read it")
        expect(other.page.get_by_label("As it is now")).to_have_text("docs/public,staff\ndocs/hr,hr\n")
        assert (labelled.path / "labels.csv").read_text() == "docs/public,staff\ndocs/hr,hr\n"
        other.check()
        save(other.page, "Save the labels")  # knowing it
        other.page.get_by_text("with the next adding").wait_for()
        assert "docs/more" in (labelled.path / "labels.csv").read_text()
        for path in ("/v1/labels", "/v1/prices"):
            there = server.json("GET", path)
            assert server.error("POST", path, {"text": there["text"]})["param"] == "was"
            assert server.error("POST", path, {"text": there["text"], "was": "0" * 64}, status=409)["code"] == "conflict"
            assert server.json("POST", path, {"text": there["text"] + "\n", "was": there["mark"]})["mark"] != there["mark"]


def test_examples_that_were_sent_are_found_among_any_number_of_files(browser, project):
    """They stand behind the documents in the list of all files, which is told in pages."""
    for number in range(1005):
        project.write(f"docs/{number}.md", f"# Part {number}\n\nThe drawer {number}.\n")
    project.write("examples.jsonl", "".join(json.dumps({"text": f"a {i}", "label": "x"}) + "\n" for i in range(9)))
    project.add()
    with serving(project) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Tune")
        page.set_input_files("input[type=file]", [{"name": "mine.jsonl", "mimeType": "text/plain", "buffer": b'{"text": "a", "label": "b"}\n'}])
        page.get_by_text("was sent", exact=True).wait_for()
        expect(page.get_by_label("Examples").locator("option:checked")).to_have_text(re.compile(r"^mine\.jsonl \(sent .+, \d+ B\)$"))
        project.write(".assay/adapters/tickets/provenance.json", json.dumps({"name": "tickets", "task": "classify"}))
        page.get_by_label("Name of what is learned").fill("tickets")
        page.get_by_role("button", name="Train").click()
        alert = page.locator(".task").get_by_role("alert")
        alert.wait_for()
        expect(alert).not_to_contain_text("--")  # options are of the command line
        page.set_input_files("input[type=file]", [{"name": "none.jsonl", "mimeType": "text/plain", "buffer": b"{}\n"}])
        page.get_by_text("none.jsonl (sent ").wait_for(state="attached")
        page.get_by_label("Name of what is learned").fill("other")
        page.get_by_role("button", name="Train").click()
        expect(alert).to_contain_text("\u201cnone.jsonl\u201d")  # and places, of the server


def test_a_double_click_is_one(browser, project):
    """Lists in pages have each row once, and what is started is started once."""
    for number in range(250):
        project.write(f"docs/{number:03}.md", f"# Part {number}\n\nThe drawer {number}.\n")
    project.write("eval.jsonl", json.dumps({"question": "Which drawer is part 7?", "answer": "7"}) + "\n")
    project.add()
    with serving(project) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Documents")
        more = page.get_by_role("button", name="Show more")
        more.wait_for()
        page.route("**/v1/documents?*", lambda route: (time.sleep(0.3), route.continue_()))
        more.dblclick()
        rows = page.get_by_role("region", name="Documents").get_by_role("rowheader")
        expect(rows).to_have_count(200)
        page.wait_for_timeout(700)
        expect(rows).to_have_count(200)
        page.unroute("**/v1/documents?*")
        more.focus()
        page.keyboard.press("Enter")
        expect(rows).to_have_count(250)
        page.keyboard.press("Tab")  # goes on where the new ones begin, not at the first of all
        expect(page.get_by_role("button", name="docs/200.md")).to_be_focused()
        page.get_by_label("Find a document by its name").press_sequentially("part 24")
        expect(rows).to_have_count(13)  # 024, 124, 224, 240 to 249
        expect(page.get_by_role("button", name="Show more")).to_have_count(0)
        page.get_by_label("Find a document by its name").fill("nothing of the kind")
        page.get_by_text("No document has this in its name.").wait_for()
        page.get_by_label("Find a document by its name").fill("")
        expect(rows).to_have_count(100)
        visit.go("Measure")
        page.route("**/v1/tasks", lambda route: (time.sleep(0.3), route.continue_()))
        page.get_by_role("button", name="What would it take?").dblclick()
        page.locator(".task").first.wait_for()
        assert len(server.json("GET", "/v1/tasks")["data"]) == 1


def test_tasks_stand_beside_each_other(browser, shop_with_cases):
    """What is started does not take what is under way off the page."""
    with serving(shop_with_cases) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Measure")
        page.route("**/v1/tasks/*", lambda route: route.fulfill(json={**route.fetch().json(), "state": "running", "finished_at": None}))  # it takes long
        page.get_by_role("button", name="Decide", exact=True).click()
        page.get_by_role("region", name="Decision").get_by_role("button", name="Cancel").wait_for()
        page.get_by_role("button", name="Evaluate").click()
        page.get_by_role("region", name="Evaluation").get_by_role("button", name="Cancel").wait_for()
        expect(page.get_by_role("region", name="Decision").get_by_role("button", name="Cancel")).to_be_visible()
        visit.check()
        page.unroute_all(behavior="wait")
        page.get_by_text("Evaluation of run").or_(page.get_by_text("The verdict of run")).first.wait_for()


def test_a_verdict_that_too_few_cases_leave_open(browser, shop):
    """That the cases cannot tell is not told as approaches that are no good, nor with a confidence, which there is none of."""
    report = json.loads((ROOT / "tests" / "data" / "report" / "full.json").read_text(encoding="utf-8"))
    report["verdict"] |= {"approach": "none", "kind": "undecided", "confidence": 0, "reasons": ["There are not enough test cases to tell rag from hybrid: add 39."]}
    shop.write(".assay/runs/0001/report.json", json.dumps(report))
    with serving(shop) as server, visiting(browser, server) as visit:
        visit.sign_in()
        visit.go("Measure")
        verdict = visit.page.locator(".verdict")
        expect_words(verdict, "Too few test cases to tell", "add 39")
        assert "Confidence" not in verdict.text_content() and "good enough" not in verdict.text_content()


def test_all_cases_of_an_evaluation_are_reached(browser, shop_with_cases):
    shop_with_cases.run("eval", "--no-answers")
    with serving(shop_with_cases) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Measure")
        rows = page.get_by_role("region", name="Cases").get_by_role("rowheader")
        expect(rows).to_have_count(50)
        page.get_by_role("heading", name="60 cases").wait_for()
        expect_words(page.locator("main"), "The search alone")
        expect(page.get_by_role("region", name="Cases").get_by_role("columnheader", name="Wanted")).to_have_count(0)
        expect(page.get_by_role("region", name="Measures").get_by_role("row", name="recall@1 ").locator("small").last).to_have_text(re.compile(r"^\d.* to \d"))
        page.get_by_role("button", name="Show 10 more of 60").click()
        expect(rows).to_have_count(60)
        expect(page.get_by_role("button", name="more of 60")).to_have_count(0)


def test_a_case_without_an_answer_is_told_as_one(browser, shop):
    """It is about the search alone: no answer of it is graded (docs/evaluate.md)."""
    shop.write("eval.jsonl", json.dumps({"question": QUESTION, "source": "docs/public/returns.md"}) + "\n" + json.dumps({"question": "Who is the mayor?", "answer": None}) + "\n")
    with serving(shop) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        page.goto(visit.origin + "/#measure/cases")
        rows = page.get_by_role("region", name="Test cases").locator("tbody tr")
        expect_words(rows.nth(0), "only whether the source is found counts")
        expect_words(rows.nth(1), "the documents do not answer it")
        page.get_by_role("button", name="Change: " + QUESTION).click()
        expect_words(page.get_by_role("dialog"), "only whether the source is found counts", "in the file")
        expect(page.get_by_role("dialog")).not_to_contain_text("Several forms")
        page.get_by_role("dialog").get_by_label("Question").fill("How many days?")
        save(page)
        page.get_by_role("dialog").wait_for(state="detached")
    assert json.loads((shop.path / "eval.jsonl").read_text().splitlines()[0]) == {"question": "How many days?", "source": "docs/public/returns.md"}


def test_what_is_no_key_is_told_as_that(browser, shop):
    with serving(shop) as server, visiting(browser, server) as visit:
        visit.page.goto(visit.origin)
        visit.page.get_by_label("Key").fill("assay_24r6\u2026")
        visit.page.keyboard.press("Enter")
        expect_words(visit.page.get_by_role("alert"), "This is no key", "shown whole once")
        visit.page.get_by_label("Key").fill("letmein")
        visit.page.keyboard.press("Enter")
        expect_words(visit.page.get_by_role("alert"), "one begins with assay_ and has")


def test_what_goes_wrong_is_told_where_it_was_pressed(browser, project):
    for number in range(101):
        project.write(f"docs/{number:03}.md", f"# Part {number}\n\nThe drawer {number}.\n")
    project.add()
    with serving(project) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Documents")
        more = page.get_by_role("button", name="Show more")
        more.wait_for()
        page.route("**/v1/documents?*", lambda route: route.abort())
        more.click()
        expect_words(page.get_by_role("alert"), "cannot be reached", "tell whoever keeps it")
        page.unroute("**/v1/documents?*")
        more.click()
        expect(page.get_by_role("region", name="Documents").get_by_role("rowheader")).to_have_count(101)
        expect(page.get_by_role("alert")).to_have_count(0)
        page.route("**/v1/audit", lambda route: route.fulfill(json={**(found := route.fetch().json()), "kinds": {"sparse": {"findings": 1003}}, "findings": found["findings"][:1]}))
        page.get_by_role("button", name="Audit the documents").click()
        expect_words(page.locator("main"), "1,003 findings", "The first 1 of them")


def test_documents_that_came_meanwhile_are_counted(browser, project):
    with serving(project) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        page.get_by_text("This project has no documents yet").wait_for()
        make_shop(project)
        visit.go("Documents")
        page.get_by_role("heading", name="3 documents").wait_for()
        page.get_by_role("button", name="Audit the documents").wait_for()
        visit.go("Ask")
        page.get_by_text("3 documents").first.wait_for()
        expect(page.get_by_text("no documents yet")).to_have_count(0)


def test_what_lies_over_the_page_goes_with_its_part(browser, shop):
    with serving(shop) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Documents")
        page.get_by_role("button", name="docs/public/returns.md").click()
        page.get_by_role("dialog").wait_for()
        page.go_back()
        page.wait_for_selector("h1:has-text('Ask')")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_name_turns_no_writing_round(browser, shop):
    """U+202E in a name would show its ending, and the words behind it, backwards."""
    with serving(shop) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Documents")
        page.set_input_files("#files", [{"name": "note\u202efdp.md", "mimeType": "text/plain", "buffer": b"A quumble.\n"}])
        page.wait_for_selector(".sent .good")
        expect(page.locator(".sent b")).to_have_text("note\\u202efdp.md")
        page.get_by_role("button", name="note\\u202efdp.md").first.wait_for()
        assert "\u202e" not in page.locator("main").text_content()


def test_a_document_opens_by_a_double_click(browser, shop):
    with serving(shop) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Documents")
        place = page.get_by_role("button", name="docs/public/returns.md").bounding_box()
        page.mouse.dblclick(place["x"] + 5, place["y"] + 5, delay=20)
        expect_words(page.get_by_role("dialog"), "45 days")
        page.mouse.click(3, 3)
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_was_searched_for_last_is_shown(browser, shop):
    with serving(shop) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Documents")
        held = []
        page.route("**/v1/search", lambda route: held.append(route) if "canarypay" in route.request.post_data else route.continue_())
        box = page.get_by_role("searchbox")
        for words in ("canarypay", "label costs"):
            box.fill(words)
            box.press("Enter")
        hits = page.locator(".hits")
        expect_words(hits, "45 days")
        held[0].continue_()
        page.wait_for_timeout(500)
        expect_words(hits, "45 days")
        expect(hits).not_to_contain_text("nine thousand")


def test_a_folder_is_told_as_one(browser, shop):
    """A browser hands it over as a file that nobody can read."""
    with serving(shop) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Documents")
        page.evaluate("""() => {
            const lost = new File(['a'], 'folder');
            lost.slice = () => ({arrayBuffer: () => Promise.reject(new DOMException('no', 'NotReadableError'))});
            const drop = new Event('drop', {bubbles: true, cancelable: true});
            drop.dataTransfer = {files: [lost]};
            document.querySelector('.drop').dispatchEvent(drop);
        }""")
        expect_words(page.locator(".sent .bad"), "of a folder its files are sent")


def test_two_who_change_a_case(browser, shop):
    shop.write("eval.jsonl", json.dumps({"question": QUESTION, "answer": "45 days", "source": "docs/public/returns.md", "weight": 1.50}) + "\n")
    with serving(shop) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        page.goto(visit.origin + "/#measure/cases")
        change = page.get_by_role("button", name="Change: " + QUESTION)
        change.click()
        there = server.json("GET", "/v1/cases")["data"][0]
        server.json("POST", "/v1/cases/1", {"question": QUESTION, "was": QUESTION, "mark": there["mark"], "answer": "forty-five days", "source": None})
        page.get_by_label("The document that proves it").fill("docs/public/hostile.md")
        save(page)
        expect_words(page.get_by_role("alert"), "somebody else has changed it")
        assert json.loads((shop.path / "eval.jsonl").read_text())["answer"] == "forty-five days"
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Results").click()
        page.get_by_role("link", name="Test cases").click()
        page.get_by_role("cell", name="forty-five days").wait_for()
        change.click()
        page.get_by_label("The answer wanted").fill("45")
        save(page)
        page.get_by_role("cell", name="45", exact=True).wait_for()


def test_an_archive_that_was_sent_is_removed(browser, shop):
    """All that came in it goes with it: it has no row of its own."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("d/one.md", "d/two.md"):
            archive.writestr(name, f"# {name}\n\nA quumble of {name}.\n")
    with serving(shop) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Documents")
        page.set_input_files("#files", [{"name": "x.zip", "mimeType": "application/zip", "buffer": packed.getvalue()}])
        page.wait_for_selector(".sent .good")
        page.get_by_role("heading", name="5 documents").wait_for()
        empty = io.BytesIO()
        zipfile.ZipFile(empty, "w").close()
        page.set_input_files("#files", [{"name": "empty.zip", "mimeType": "application/zip", "buffer": empty.getvalue()}])
        expect_words(page.locator(".sent .bad"), "no text that can be read")
        asked = []
        page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
        page.get_by_role("button", name="x.zip/d/one.md").last.click()
        page.get_by_role("heading", name="3 documents").wait_for()
        assert "x.zip\u201d" in asked[0] and "all documents that came in it" in asked[0]
        expect(page.get_by_text("d/two.md")).to_have_count(0)


def test_a_damaged_entry_hides_no_others(browser, shop):
    for number in range(4):
        shop.run("ask", f"{QUESTION} Number {number}", code=None)
    path = shop.path / ".assay/log/entries"
    lines = path.read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b'"answer"', b'"answes"')
    path.write_bytes(b"\n".join(lines))
    with serving(shop) as server, visiting(browser, server) as visit:
        told = server.json("GET", "/v1/log")
        assert [(entry["number"], entry["kind"]) for entry in told["data"]] == [(1, "answer"), (2, "damaged"), (3, "answer"), (4, "answer")]
        page = visit.sign_in()
        visit.go("Log")
        expect(page.locator("tbody tr")).to_have_count(4)
        expect_words(page.locator("tbody tr").nth(2), "is not as it was written")
        expect_words(page.locator("tbody tr").nth(0), "Number 3")
        page.get_by_role("button", name="Verify the log").click()
        expect_words(page.get_by_role("alert"), "from entry 2 on")
        expect(page.get_by_text("Head:")).to_have_count(0)  # it would vouch for what is before the damage alone
