"""The page of `assay serve`: what it is served as, and its tasks done in a real browser by clicks and keys."""

import base64
import contextlib
import hashlib
import json
import random
import re
import shutil
import subprocess

import pytest
from browser import chromium, expect, expect_words, open_page, violations
from conftest import ROOT, Assay, Project
from serving import serving, until

SITE = ROOT / "src" / "site"
QUESTION = "Within how many days may goods be returned after delivery?"
HOSTILE = ("See <script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'> ![a](https://canary.example/a.png) [b](javascript:window.hacked=1) "
           "<https://canary.example/> [c]: https://canary.example/c\n\n| <svg/onload=window.hacked=1> | b |\n|---|---|\n| ![d][c] | e |\n")  # fmt: skip


def make_shop(project):
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("labels: public", "labels: from-folder"))
    project.write("docs/public/returns.md", "# Rückgabe\n\nGoods may be returned within **45 days** of delivery. The label costs €7.50 within the country.\n")
    project.write("docs/public/hostile.md", "# Canaries\n\n" + HOSTILE)
    project.write("docs/hr/pay.md", "# Pay\n\nThe canarypay of the chief is nine thousand a month.\n")
    project.add()
    return project


@pytest.fixture
def shop(project):
    return make_shop(project)


@pytest.fixture(scope="module")
def open_server(tmp_path_factory):
    """One for all tests that change nothing which others look at: starting costs more than most of them."""
    shop = make_shop(Project(Assay(), tmp_path_factory.mktemp("page") / "shop"))
    shop.write("docs/public/long.md", "# Long\n\n" + "".join(f"## Part {n}\n\nThe drawer of number {n} has what begins with {n}.\n\n" for n in range(1, 61)))
    shop.add()
    with serving(shop) as server:
        yield server


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


class Visit:
    """One person's tab. Whatever the page did that it should not have is in `wrong`."""

    def __init__(self, browser, server, **more):
        self.server, self.wrong = server, []
        self.origin = f"http://127.0.0.1:{server.port}"
        self.context = browser.new_context(viewport={"width": 1200, "height": 820}, **more)
        self.page = open_page(self.context)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self.note)
        self.page.on("request", lambda request: request.url.startswith((self.origin, "data:")) or self.wrong.append(request.url))

    def note(self, message):
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(message.text)

    def sign_in(self, key=None):
        self.page.goto(self.origin)
        self.page.wait_for_selector("#key:focus")
        self.page.keyboard.type(key or self.server.admin)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("#tabs a")
        return self.page

    def ask(self, question):
        """Asks, and waits until the answer to this question, and to no earlier one, is whole."""
        asked = self.page.locator("article").count()
        self.page.fill("#question", question)
        self.page.keyboard.press("Enter")
        article = self.page.locator("article").nth(asked)
        expect(article).to_have_attribute("aria-busy", "false")
        expect_words(article, question)
        return article

    def go(self, part):
        """To another part of the page, by its tab."""
        self.page.locator("#tabs").get_by_role("link", name=part, exact=True).click()
        self.page.wait_for_selector(f"h1:has-text('{part}')")

    def check(self):
        assert self.wrong == []
        assert violations(self.page) == []
        assert self.page.evaluate("window.hacked") is None
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@contextlib.contextmanager
def visiting(browser, server, **more):
    visit = Visit(browser, server, **more)
    yield visit
    visit.check()
    visit.context.close()


@pytest.fixture
def visit(browser, open_server):
    with visiting(browser, open_server) as visit:
        yield visit


@pytest.fixture
def own_visit(browser, shop):
    """The same, at a server of its own."""
    with serving(shop) as server, visiting(browser, server) as visit:
        yield visit


# ---- what is served ----


def test_the_page_and_its_policy(shop):
    with serving(shop) as server:
        status, headers, content = server.ask("GET", "/", key=None)
        policy = headers["Content-Security-Policy"]
        assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8" and len(content) < 300 * 1024
        for element in ("style", "script"):
            inner = re.search(rb"<%b>(.*?)</%b>" % (element.encode(), element.encode()), content, re.DOTALL).group(1)
            assert f"{element}-src 'sha256-{base64.b64encode(hashlib.sha256(inner).digest()).decode()}'" in policy
        assert policy.startswith("default-src 'none';") and "unsafe" not in policy and "trusted-types 'none'" in policy and "connect-src 'self'" in policy
        assert not re.search(rb"https?:|url\(|@import|innerHTML|insertAdjacentHTML|document\.write|eval\(", content.replace(b"http://www.w3.org/2000/svg", b""))
        assert server.ask("GET", "/health", key=None)[1]["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_the_script_is_current(tmp_path):
    script = (SITE / "site.js").read_text(encoding="utf-8")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(SITE.glob("*.ts")))).hexdigest()
    assert digest in script.splitlines()[0], "src/site/*.ts has changed: run scripts/page_script"
    if not shutil.which("tsc"):
        pytest.skip("TypeScript's compiler is not there: only the hash was compared")
    subprocess.run([ROOT / "scripts" / "page_script", "site", tmp_path / "site.js"], check=True)
    assert (tmp_path / "site.js").read_text(encoding="utf-8") == script


def test_who_asks(shop):
    staff = shop.run("key", "add", "--quiet", "staff", "--groups", "public").out.strip()
    with serving(shop) as server:
        admin, other = server.json("GET", "/v1/me"), server.json("GET", "/v1/me", key=staff)
        assert (admin["name"], admin["is_admin"], admin["documents"], admin["project"]) == ("admin", True, 3, shop.path.name)
        assert (other["name"], other["is_admin"], other["may_write"], other["documents"]) == ("staff", False, False, 2)


def test_a_test_case_is_added(shop):
    staff = shop.run("key", "add", "--quiet", "staff", "--groups", "public").out.strip()
    writer = shop.run("key", "add", "--quiet", "writer", "--groups", "public,@write").out.strip()
    case = {"question": QUESTION, "answer": "45 days", "source": "docs/public/returns.md"}
    (shop.path / "eval.jsonl").write_text('{"question": "First?", "answer": null}')
    with serving(shop) as server:
        assert server.json("POST", "/v1/cases", case) == {"object": "test_case", "path": "eval.jsonl", "question": QUESTION, "line": 2}
        server.json("POST", "/v1/cases", {"question": "Who is\nthe mayor?", "answer": None})
        for body in (case, {**case, "question": f"  {QUESTION} "}, {"question": "First?", "answer": "x"}):
            assert server.error("POST", "/v1/cases", body, status=409)["code"] == "conflict"
        for change, parameter in (({"question": None}, "question"), ({"question": " "}, "question"), ({"answer": 3}, "answer"), ({"answer": None}, "source"),
                                  ({"answer": ""}, "answer"), ({"source": "docs/none.md"}, "source"), ({"source": "../assay.yaml"}, "source"),
                                  ({"source": "docs/hr/pay.md\0"}, "source"), ({"question": "x" * 70000}, "question")):  # fmt: skip
            assert server.error("POST", "/v1/cases", {**case, "question": "New?", **change}, status=400)["param"] == parameter
        assert server.error("POST", "/v1/cases", {"question": "New?"}, status=400)["param"] == "answer"
        assert server.error("POST", "/v1/cases", {**case, "question": "New?"}, status=403, key=staff)["code"] == "not_allowed"
        hidden = {"question": "New?", "answer": "x", "source": "docs/hr/pay.md"}
        assert server.error("POST", "/v1/cases", hidden, status=400, key=writer)["param"] == "source"  # as if it were not there
        assert server.json("POST", "/v1/cases", {**case, "question": "By a writer?"}, key=writer)["line"] == 4
    assert [json.loads(line) for line in (shop.path / "eval.jsonl").read_text().splitlines()] == [
        {"question": "First?", "answer": None}, case, {"question": "Who is\nthe mayor?", "answer": None, "source": None},
        {**case, "question": "By a writer?"}]  # fmt: skip
    assert shop.run("eval", "--json").json()["cases"] == 4


def test_test_cases_are_changed_and_removed(shop):
    writer = shop.run("key", "add", "--quiet", "writer", "--groups", "public,@write").out.strip()
    first = {"input": "First?", "expected": ["a", "b"], "tags": ["x"], "checks": {"answer": "exact"}}
    second = {"question": QUESTION, "answer": "45 days", "source": "docs/public/returns.md", "quote": "45 days", "tags": ["draft"]}
    lines = [json.dumps(first), "", json.dumps(second), json.dumps({"question": "Third?", "answer": None})]
    with serving(shop) as server:
        assert server.json("GET", "/v1/cases") == {"object": "list", "data": [], "path": "eval.jsonl", "cases": 0}
        (shop.path / "eval.jsonl").write_text("\n".join(lines))
        assert [(item["line"], item["case"]) for item in server.json("GET", "/v1/cases")["data"]] == [(1, first), (3, second), (4, json.loads(lines[3]))]
        marks = [item["mark"] for item in server.json("GET", "/v1/cases")["data"]]
        assert server.error("POST", "/v1/cases/1", {"was": "First?", "mark": marks[1], "question": "The first?"}, status=409)["code"] == "conflict"
        server.json("POST", "/v1/cases/1", {"was": "First?", "mark": marks[0], "question": "First!"})
        assert server.error("POST", "/v1/cases/1/remove", {"was": "First!", "mark": marks[0]}, status=409)["code"] == "conflict"  # another one has changed it
        server.json("POST", "/v1/cases/1", {"was": "First!", "question": "The first?"})
        server.json("POST", "/v1/cases/3", {"was": QUESTION, "question": QUESTION, "answer": None})
        for line, body, status in ((3, {"was": "First?", "question": "x", "answer": None}, 409), (99, {"was": "x", "question": "x", "answer": None}, 409),
                                   ("x", {"was": "x", "question": "x", "answer": None}, 404), (3, {"question": "x", "answer": None}, 400),
                                   (3, {"was": QUESTION, "question": "Third?", "answer": None}, 409), (3, {"was": QUESTION, "question": " "}, 400),
                                   (3, {"was": QUESTION, "question": "x", "answer": "y", "source": "../assay.yaml"}, 400)):  # fmt: skip
            server.error("POST", f"/v1/cases/{line}", body, status=status)
        assert server.error("POST", "/v1/cases/4/remove", {"was": QUESTION}, status=409)["code"] == "conflict"
        assert server.json("POST", "/v1/cases/4/remove", {"was": "Third?"})["removed"] is True
        for method, path in (("GET", "/v1/cases"), ("POST", "/v1/cases/1"), ("POST", "/v1/cases/1/remove")):
            assert server.error(method, path, {"was": "First?", "question": "x"} if method == "POST" else None, status=403, key=writer)["code"] == "not_allowed"
        kept = [json.loads(line) if line else None for line in (shop.path / "eval.jsonl").read_text().split("\n")]
        assert kept == [{**first, "input": "The first?"}, None, {"question": QUESTION, "answer": None, "source": None, "tags": ["draft"]}, None]
        (shop.path / "eval.jsonl").write_text("{")
        assert "eval.jsonl:1" in server.error("GET", "/v1/cases", status=400)["message"]
        case = {"question": "Fourth?", "answer": None}
        assert server.error("POST", "/v1/cases", case, status=400)["message"].startswith("eval.jsonl:1")
        assert "eval.jsonl" not in server.error("POST", "/v1/cases", case, status=500, key=writer)["message"]  # who may only add is not told what stands there


# ---- signing in ----


def test_signing_in_and_out(own_visit):
    visit = own_visit
    page = visit.page
    page.goto(visit.origin)
    page.wait_for_selector("#key:focus")
    visit.check()
    page.keyboard.type("assay_wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    visit.check()
    page.fill("#key", visit.server.admin)
    page.keyboard.press("Enter")
    page.wait_for_selector("#question")
    page.reload()
    page.wait_for_selector("#question")
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 1]
    visit.server.project.run("key", "revoke", "admin")
    page.fill("#question", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector("form.sign-in")
    expect_words(page.locator("main"), "revoked")
    assert page.evaluate("sessionStorage.length") == 0


# ---- asking ----


def test_an_answer_with_its_source(visit):
    page = visit.sign_in()
    article = visit.ask(QUESTION)
    expect_words(article, "45 days", "docs/public/returns.md")
    expect(article.locator("meter")).to_have_count(1)
    expect_words(article.locator("details"), "Not calibrated")
    visit.check()
    mark = article.locator("button.cite").first
    mark.focus()
    page.keyboard.press("Enter")
    quote = article.locator("blockquote").first.text_content()
    assert "45 days" in quote
    assert page.locator("dialog mark").text_content().replace("**", "") == quote
    expect(page.locator("dialog h2")).to_have_text("docs/public/returns.md")
    expect_words(page.locator("dialog pre"), "€7.50")
    visit.check()
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")
    expect(mark).to_be_focused()


def test_what_the_documents_do_not_answer(visit):
    page = visit.sign_in()
    article = visit.ask("Who won the regatta of Zanzibar?")
    expect_words(article, "Not in the documents")
    expect(article.locator("button.cite")).to_have_count(0)
    article.get_by_role("button", name="Show what stands nearest").click()
    article.locator(".nearest > *:not(.soft)").wait_for()
    visit.check()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("article")).to_have_count(0)


def test_feedback_becomes_a_test_case(visit):
    page = visit.sign_in()
    article = visit.ask(QUESTION)
    article.get_by_role("button", name="Wrong").click()
    article.locator("form.case-form :focus").wait_for()
    page.keyboard.press("Tab")  # from the box for "not in the documents" to the answer
    page.keyboard.type("within 45 days")
    visit.check()
    article.get_by_role("button", name="Save the test case").click()
    article.get_by_text("line 1 of eval.jsonl").wait_for()
    article = visit.ask(QUESTION)
    article.get_by_role("button", name="Right").click()
    article.get_by_role("button", name="Save the test case").click()
    expect_words(article.locator("[role=alert]"), "asks this already")
    lines = (visit.server.project.path / "eval.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"question": QUESTION, "answer": "within 45 days", "source": "docs/public/returns.md"}]


def test_another_key_does_not_take_a_conversation_up(browser, shop):
    """The server was gone when the page was loaded anew, and the next to sign in has another key: what the first was answered is not the other's."""
    staff = shop.run("key", "add", "--quiet", "staff", "--groups", "public").out.strip()
    with serving(shop) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        for key, articles in ((server.admin, 1), (staff, 0)):
            if articles:
                visit.ask(QUESTION)
            page.route("**/v1/me", lambda route: route.abort())
            page.reload()
            page.wait_for_selector("#key:focus")
            page.unroute("**/v1/me")
            page.keyboard.type(key)
            page.keyboard.press("Enter")
            page.wait_for_selector("#question")
            page.reload()
            page.wait_for_selector("#question")
            expect(page.locator("article")).to_have_count(articles)


def test_all_of_a_test_case_is_seen(visit):
    """What asks stands over the end of the conversation, and over no button of it."""
    page = visit.sign_in()
    page.set_viewport_size({"width": 1280, "height": 800})
    visit.ask(QUESTION)
    answer = visit.ask(QUESTION)
    answer.get_by_role("button", name="Right").click()
    box = answer.get_by_role("button", name="Save the test case").bounding_box()
    assert box["y"] > 0 and box["y"] + box["height"] <= page.locator(".composer").bounding_box()["y"]


def test_a_key_that_may_not_write_gives_no_feedback(browser, shop):
    staff = shop.run("key", "add", "--quiet", "staff", "--groups", "public").out.strip()
    with serving(shop) as server, visiting(browser, server) as visit:
        visit.sign_in(staff)
        article = visit.ask(QUESTION)
        expect_words(article, "45 days")
        expect(article.get_by_role("button", name="Wrong")).to_have_count(0)
        article = visit.ask("How much is the canarypay of the chief?")
        expect(article.locator(".absent, .text")).to_have_count(1)  # it is there, whatever it says
        assert "nine thousand" not in article.inner_text()
        expect(visit.page.locator("#tabs a")).to_have_text(["Ask", "Documents"])


def test_an_answer_cannot_act(visit):
    """Whatever the server would say, and whatever stands in documents, is text: no element, no address asked, no script run."""
    text = HOSTILE + "\n\n- **bold** `code` *soft* [1]\n- next\n\n1. [x](https://canary.example)\n```\n<b>\n```\n> quoted\n# Title\n"
    file_id = "file-" + base64.urlsafe_b64encode(b"docs/public/hostile.md").decode().rstrip("=")
    citation = {"file_id": file_id, "filename": "<b>x</b>", "index": 0, "quote": HOSTILE, "passage": 1, "start": 0, "end": 5}
    finding = {"abstained": False, "held_back": False, "calibrated": True, "confidence": 0.8, "model": "<i>m</i>", "cost": None, "entry": 1}
    parts = [{"content": text[:40]}, {"content": text[40:]}, {"annotations": [{"type": "file_citation", "file_citation": citation}]}]
    pieces = [{"choices": [{"index": 0, "delta": part}]} for part in parts]
    pieces[-1]["assay"] = finding
    stream = "".join(f"data: {json.dumps(piece)}\n\n" for piece in pieces) + "data: [DONE]\n\n"
    page = visit.sign_in()
    page.route("**/v1/chat/completions", lambda route: route.fulfill(content_type="text/event-stream", body=stream))
    article = visit.ask("What do the canaries say?")
    expect_words(article, "<script>window.hacked = 1</script>", "![a](https://canary.example/a.png)", "[b](javascript:window.hacked=1)", "<svg/onload=window.hacked=1>",
                 "[x](https://canary.example)", "<b>x</b>", "<i>m</i>", "80\u202f%")  # fmt: skip
    expect(page.locator("main script, main img, main svg, main a, main iframe, main object, main link, main style")).to_have_count(0)
    for tag, words in (("strong", "bold"), ("code", "code"), ("em", "soft"), ("pre", "<b>"), ("td", "![d][c]"), ("ul button.cite", "1"), ("blockquote", "quoted")):
        assert words in [found.strip() for found in article.locator(f".text {tag}").all_text_contents()], tag
    visit.check()
    article.get_by_role("button", name="<b>x</b>").last.click()
    expect_words(page.locator("dialog pre"), "<script>window.hacked = 1</script>")
    visit.check()


def test_ten_thousand_forms_of_markdown_ask_no_address(visit):
    """Pieces of Markdown and HTML at random, many of which other programs make links, images or elements of."""
    page = visit.sign_in()
    chance = random.Random(7)
    pieces = ["![", "](", ")", "[", "]", "[x]: ", "https://canary.example/p.png", "javascript:window.hacked=1", "data:text/html,x", "<img src=", "onerror=window.hacked=1>",
              "<a href='", "'>", "<script>", "</script>", "<svg onload=window.hacked=1>", "`", "```\n", "**", "*", "\n", "\n\n", "> ", "- ", "1. ", "| ", "|---|", "# ", "&lt;", "&#x3c;",
              "\\", "<!--", "-->", "<iframe srcdoc=", "<style>", "@import url(https://canary.example)", "\t", "[1]", "\u202e", "x"]  # fmt: skip
    texts = ["".join(chance.choices(pieces, k=chance.randrange(2, 14))) for _ in range(10000)]
    made = page.evaluate("""(texts) => {
        const room = document.createElement("div"), found = new Set();
        document.getElementById("main").append(room);
        for (const text of texts) {
            room.replaceChildren(...markup(text, () => null));
            for (const each of room.querySelectorAll("*")) {
                found.add(each.localName);
                for (const attribute of each.attributes)
                    found.add("@" + attribute.name);
            }
        }
        room.remove();
        return [...found].sort();
    }""", texts)  # fmt: skip
    assert set(made) <= {"p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "div", "table", "thead", "tbody", "tr", "th", "td",
                         "@class", "@tabindex", "@role", "@aria-label", "@scope"}, made  # fmt: skip


def test_a_question_that_is_stopped_or_fails(visit):
    page = visit.sign_in()
    page.route("**/v1/chat/completions", lambda route: None)
    page.fill("#question", "A question that waits")
    page.get_by_role("button", name="Ask", exact=True).click()
    visit.check()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("You stopped this question.").wait_for()
    page.unroute("**/v1/chat/completions")
    page.route("**/v1/chat/completions", lambda route: route.fulfill(status=503, body="{}"))
    expect_words(visit.ask("A question that fails"), "status 503")
    page.unroute("**/v1/chat/completions")
    page.get_by_role("button", name="Ask again").last.click()
    expect(page.locator("article")).to_have_count(3)
    expect(page.locator("article").last).to_have_attribute("aria-busy", "false")
    visit.check()


def test_an_answer_goes_on_where_one_comes_back_to_it(visit):
    page, held = visit.sign_in(), []
    page.route("**/v1/chat/completions", lambda route: held.append(route))
    with page.expect_request("**/v1/chat/completions"):
        page.fill("#question", QUESTION)
        page.keyboard.press("Enter")
    visit.go("Documents")
    page.wait_for_selector("#turns", state="detached")
    visit.go("Ask")
    page.wait_for_selector("article[aria-busy=true]")
    while not held:  # the request was seen; here it is not yet
        page.wait_for_timeout(20)
    held[0].continue_()
    page.wait_for_selector("article[aria-busy=false]:has-text('45 days')")
    visit.check()


def test_an_answer_is_offered_for_use_when_nothing_of_it_changes_any_more(visit):
    """What stands in its last piece is no reason to draw buttons that the end of the stream draws anew, under the hand of who presses one."""
    page = visit.sign_in()
    finding = {"abstained": False, "held_back": False, "calibrated": False, "confidence": 0.8, "model": "m", "cost": None, "entry": 1}
    piece = json.dumps({"choices": [{"index": 0, "delta": {"content": "Within 45 days."}}], "assay": finding})
    page.evaluate("""(text) => {
        const fetched = window.fetch;
        const stream = () => new ReadableStream({start: (room) => {
            room.enqueue(new TextEncoder().encode(text));
            window.endStream = () => room.close();
        }});
        window.fetch = (path, ...more) => path === "/v1/chat/completions" ? Promise.resolve(new Response(stream())) : fetched(path, ...more);
    }""", f"data: {piece}\n\n")  # fmt: skip
    page.fill("#question", QUESTION)
    page.keyboard.press("Enter")
    article = page.locator("article")
    expect_words(article, "Within 45 days.")
    expect(article).to_have_attribute("aria-busy", "true")
    expect(article.locator("button")).to_have_count(0)
    page.evaluate("window.endStream()")
    article.get_by_role("button", name="Wrong").wait_for()
    expect(article).to_have_attribute("aria-busy", "false")


def test_a_phone_in_the_dark(browser, open_server):
    with visiting(browser, open_server, color_scheme="dark", device_scale_factor=2) as visit:
        visit.page.set_viewport_size({"width": 360, "height": 740})
        visit.sign_in()
        article = visit.ask(QUESTION)
        visit.check()
        article.locator("button.cite").first.click()
        visit.page.wait_for_selector("dialog mark")


def test_rows_stand_below_each_other_on_a_phone(browser, open_server):
    with visiting(browser, open_server) as visit:
        visit.page.set_viewport_size({"width": 390, "height": 800})
        page = visit.sign_in()
        visit.go("Documents")
        row = page.locator("tbody tr").first
        row.wait_for()
        assert page.evaluate("[...document.querySelectorAll('.wide')].every((each) => each.scrollWidth <= each.clientWidth)")  # nothing is cut off at a side
        title = row.get_by_role("cell").first
        expect(title).to_have_attribute("data-column", "Title")
        assert title.evaluate("(cell) => getComputedStyle(cell, '::before').content") == '"Title"'
        assert title.bounding_box()["y"] > row.get_by_role("rowheader").bounding_box()["y"] + 10
        expect(page.get_by_role("columnheader", name="Action")).to_have_count(0)  # nothing was sent, so there is nothing to remove
        audit, listed = page.get_by_role("button", name="Audit the documents"), page.get_by_role("heading", name="documents", exact=False).last
        assert audit.bounding_box()["y"] < listed.bounding_box()["y"]
        visit.check()


def test_a_project_without_documents(browser, project):
    with serving(project) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        for words in ("Add documents", "ten test cases", "measure which approach"):
            page.wait_for_selector(f"main :text('{words}')")
        for part, words in (("Documents", "Add documents"), ("Measure", "Nothing was measured yet"), ("Tune", "Nothing was tuned yet"), ("Log", "Nothing was asked yet"),
                            ("Settings", "Score to be reached")):  # fmt: skip
            visit.go(part)
            expect_words(page.locator("main"), words)
            visit.check()
        visit.go("Ask")
        answer = visit.ask(QUESTION)
        expect_words(answer, "There are no documents yet", "add some under Documents")
        assert "Not in the documents" not in answer.text_content()
        page.get_by_role("button", name="New conversation").click()
        expect_words(page.locator(".steps"), "This project has no documents yet")
        expect(page.locator(".steps .ticked")).to_have_count(0)
        project.write("docs/a.md", "Zorbits are returned within 45 days.")
        project.add()  # by somebody else, since the page was opened
        answer = visit.ask("Who painted the ceiling of the chapel?")
        expect_words(answer, "Not in the documents")
        assert "no documents yet" not in answer.text_content()


# ---- documents ----


def test_documents_are_sent_searched_and_removed(own_visit):
    visit = own_visit
    page = visit.sign_in()
    visit.go("Documents")
    page.wait_for_selector("table")
    page.set_input_files("#files", [{"name": "opening hours.md", "mimeType": "text/markdown", "buffer": b"# Hours\n\nThe shop opens at nine zorbit.\n"},
                                    {"name": "photo.bin", "mimeType": "application/octet-stream", "buffer": bytes(500)}])  # fmt: skip
    page.wait_for_selector(".sent .good")
    expect_words(page.locator(".sent li:nth-child(2) .bad"), "\u201cphoto.bin\u201d is not text")
    page.wait_for_selector("text=4 documents")
    page.fill("#words", "zorbit")
    page.keyboard.press("Enter")
    page.locator(".hits button").first.click()
    expect_words(page.locator("dialog mark"), "nine zorbit")
    visit.check()
    page.keyboard.press("Escape")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Remove opening").click()
    page.wait_for_selector("text=3 documents")


def test_how_much_of_a_file_has_gone_and_how_far_the_server_is(own_visit):
    """A bar with a percent while it is sent, then the server's own figures; who listens hears of it now and then; going elsewhere and back changes nothing."""
    visit = own_visit
    page = visit.sign_in()
    visit.go("Documents")
    page.evaluate("""() => {
        window.seen = [], window.heard = [];
        new MutationObserver(() => window.heard.push(document.getElementById("said").textContent)).observe(document.getElementById("said"), {childList: true, characterData: true, subtree: true});
        new MutationObserver(() => window.seen.push(document.querySelector(".sent progress")?.value ?? null)).observe(document.querySelector(".sent"), {attributes: true, subtree: true, attributeFilter: ["value"]});
    }""")
    network = visit.context.new_cdp_session(page)
    network.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 600000})
    address = "**/v1/vector_stores/vs_documents/files/*"
    progress = {"status": "in_progress", "last_error": None, "assay": {"stage": "embedding", "done": 30, "total": 120}}
    page.route(address, lambda route: route.fulfill(json={"id": route.request.url.rsplit("/", 1)[1], **progress}))
    page.set_input_files("#files", [{"name": "large.txt", "mimeType": "text/plain", "buffer": b"The shop opens at nine zorbit. " * 10000},
                                    {"name": "small.txt", "mimeType": "text/plain", "buffer": b"A quumble.\n"}])  # fmt: skip
    bar = page.get_by_role("progressbar", name="large.txt: is sent")
    expect(bar).to_have_js_property("max", 100)
    until(lambda: page.evaluate("window.seen.filter((value) => value > 0 && value < 100).length >= 2"))
    expect(page.locator(".sent")).to_contain_text(re.compile(r"is sent, [1-9]\d?\u202f% of 302\.7 KiB"))
    visit.check()
    page.get_by_text("embedding, 30 of 120").wait_for()
    expect(page.get_by_role("progressbar", name="large.txt: embedding")).to_have_js_property("value", 25)
    visit.go("Settings")
    visit.go("Documents")
    page.get_by_text("embedding, 30 of 120").wait_for()
    page.unroute(address)
    page.wait_for_selector(".sent li:nth-child(2) .good")
    page.wait_for_selector("text=5 documents")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    seen = [value for value in page.evaluate("window.seen") if value is not None]
    gone = seen[: seen.index(max(seen)) + 1]
    assert gone == sorted(gone) and gone[-1] < 100, seen
    heard = page.evaluate("window.heard")
    assert (heard[0], heard[-1]) == ("Sending 2 files", "2 files can be searched") and len(heard) < len(seen), heard
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_selector("#key:focus")


def answered_as(page, text, filename, quote, confidence):
    """The next answer of the server is this one."""
    chunk = {"choices": [{"delta": {"content": text, "annotations": [{"file_citation": {"filename": filename, "file_id": "file-x", "quote": quote, "passage": 1, "page": None, "line": 3, "start": 0, "end": 9}}]}}],
             "assay": {"abstained": False, "held_back": False, "withheld": False, "confidence": confidence, "calibrated": False, "model": "builtin:reader", "cost": None, "entry": 0}}  # fmt: skip
    page.route("**/v1/chat/completions", lambda route: route.fulfill(status=200, content_type="text/event-stream", body=f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n"), times=1)


def test_an_answer_that_is_unsure_looks_it(visit):
    page = visit.sign_in()
    for confidence, unsure in ((0.2, 1), (0.5, 0), (0.9, 0)):
        answered_as(page, "Wren [1].", "a.md", "> Goods within **45 days** of `delivery`, see [there](x.md), 2 ** 3", confidence)
        answer = visit.ask(QUESTION)
        expect(answer.locator(".confidence .badge")).to_have_count(unsure)
        meter = answer.locator("meter")
        assert meter.evaluate("bar => [bar.value < bar.low, bar.value >= bar.high, bar.optimum]") == [confidence == 0.2, confidence == 0.9, 1]
        expect(answer.locator("blockquote")).to_have_text("Goods within 45 days of delivery, see there, 2 ** 3")


def test_a_quote_from_html_is_shown_as_words(browser, shop):
    shop.write("docs/public/parts.html", "<!doctype html><title>Parts</title><h1>Warranty of parts</h1><p>The warranty of the <b>heating</b> <i>element</i> of the kettle is 36 months.</p>")
    shop.add()
    with serving(shop) as server, visiting(browser, server) as visit:
        visit.sign_in()
        article = visit.ask("How long is the warranty of the heating element of the kettle?")
        expect(article.locator("blockquote").first).to_contain_text("warranty of the heating element of the kettle is 36 months")


def test_a_file_on_its_way_is_stopped(own_visit):
    """Also one that waits; what the server has got whole is not stopped any more."""
    visit = own_visit
    page = visit.sign_in()
    visit.go("Documents")
    network = visit.context.new_cdp_session(page)
    network.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 60000})
    files = [{"name": name, "mimeType": "text/plain", "buffer": b"The shop opens at nine zorbit. " * times} for name, times in (("large.txt", 10000), ("waits.txt", 1), ("small.txt", 1))]
    page.set_input_files("#files", files)
    page.get_by_role("progressbar", name="large.txt: is sent").wait_for()
    visit.check()
    page.get_by_role("button", name="Stop sending waits.txt").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop sending large.txt").click()
    page.wait_for_selector(".sent li:nth-child(3) .good")
    assert page.locator(".sent .bad").all_text_contents() == ["stopped: it was not sent"] * 2
    expect(page.get_by_role("button", name="Stop sending")).to_have_count(0)
    page.wait_for_selector("text=4 documents")
    expect(page.locator("#said")).to_have_text("1 file can be searched, 2 files could not be taken in")


def test_a_file_that_is_not_taken_says_why(own_visit):
    visit = own_visit
    page = visit.sign_in()
    visit.go("Documents")
    page.route("**/v1/files", lambda route: route.fulfill(status=413, json={"error": {"message": "the file is larger than 1 MiB"}}))
    page.set_input_files("#files", [{"name": "large.txt", "mimeType": "text/plain", "buffer": b"a"}])
    expect(page.locator(".sent .bad")).to_have_text("the file is larger than 1 MiB")
    expect(page.locator("#said")).to_have_text("0 files can be searched, 1 file could not be taken in")
    page.unroute("**/v1/files")
    page.route("**/v1/files", lambda route: route.abort())
    page.set_input_files("#files", [{"name": "other.txt", "mimeType": "text/plain", "buffer": b"a"}])
    expect_words(page.locator(".sent .bad").last, "cannot be reached")
    page.unroute("**/v1/files")

    def with_a_revoked_key(route):  # revoked when the file is on its way: before, the page's own look at the documents may ask for a key first
        visit.server.project.run("key", "revoke", "admin")
        route.continue_()

    page.route("**/v1/files", with_a_revoked_key, times=1)
    page.set_input_files("#files", [{"name": "last.txt", "mimeType": "text/plain", "buffer": b"a"}])
    page.wait_for_selector("form.sign-in")


def test_the_first_files_of_a_project_are_told_of(browser, project):
    with serving(project) as server, visiting(browser, server) as visit:
        page = visit.sign_in()
        visit.go("Documents")
        page.set_input_files("#files", [{"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\nnothing"},
                                        {"name": "good.md", "mimeType": "text/markdown", "buffer": b"# Good\n\nA quumble.\n"}])  # fmt: skip
        page.get_by_role("button", name="good.md").first.wait_for()  # the part is drawn anew: there are documents now
        expect(page.locator(".sent .good")).to_have_count(1)
        expect(page.locator(".sent .bad")).to_have_count(1)
        visit.go("Settings")
        visit.go("Documents")
        page.get_by_role("button", name="good.md").first.wait_for()
        expect(page.locator(".sent li")).to_have_count(0)


def test_a_document_shows_the_passages_that_it_was_cut_into(visit):
    page = visit.sign_in()
    visit.go("Documents")
    page.get_by_role("button", name="docs/public/long.md").click()
    dialog = page.get_by_role("dialog")
    expect_words(dialog, "60 passages, cut by heading", "Long \u203a Part 2", "what begins with 2.")
    expect(dialog.get_by_role("button", name="Passages")).to_have_attribute("aria-pressed", "true")
    expect(dialog.locator(".cuts li")).to_have_count(50)
    dialog.get_by_role("button", name="Passages").hover()  # what is pressed is read with the mouse on it, too
    visit.check()
    dialog.get_by_role("button", name="Show more").click()
    expect(dialog.locator(".cuts li")).to_have_count(60)
    expect(dialog.get_by_role("button", name="Passage 51", exact=True)).to_be_focused()
    expect(dialog.get_by_role("button", name="Show more")).to_have_count(0)
    dialog.get_by_role("button", name="Passage 60", exact=True).click()
    expect_words(dialog.locator("mark"), "number 60 has")
    expect(dialog.get_by_role("button", name="Text")).to_have_attribute("aria-pressed", "true")
    expect_words(dialog.locator("header"), "line ")
    visit.check()
    dialog.get_by_role("button", name="Passages").click()
    expect(dialog.locator(".cuts li")).to_have_count(50)
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark")
    page.route("**/v1/documents/*/passages*", lambda route: route.fulfill(status=404, json={"error": {"message": "there is no such file"}}))
    page.get_by_role("button", name="docs/public/returns.md").click()
    expect_words(dialog.get_by_role("alert"), "there is no such file")
    dialog.get_by_role("button", name="Text").click()
    expect_words(dialog.locator("pre"), "45 days")
    page.unroute("**/v1/documents/*/passages*")
    dialog.get_by_role("button", name="Passages").click()
    expect_words(dialog, "1 passage", "Passage 1", "45 days")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="docs/public/hostile.md").click()
    expect_words(dialog, "1 passage", "canary.example")
    visit.check()


def test_the_audit_names_places(visit):
    page = visit.sign_in()
    page.goto(visit.origin + "/#documents")
    page.get_by_role("button", name="Audit the documents").click()
    expect_words(page.locator(".findings"), "Remedy")
    expect_words(page.locator("main"), "Score")
    visit.check()
    page.locator(".findings button").first.click()
    page.wait_for_selector("dialog pre")


# ---- measures ----


def test_runs_and_the_verdict(browser, shop):
    report = (ROOT / "tests" / "data" / "report" / "full.json").read_text(encoding="utf-8")
    shop.write(".assay/runs/0001/report.json", report)
    shop.write(".assay/runs/0001/report.html", "<!doctype html><title>kept</title>")
    shop.write(".assay/runs/0003/run.json", "{}")  # one that was stopped
    shop.write("eval.jsonl", json.dumps({"question": QUESTION, "answer": "45 days", "source": "docs/public/returns.md"}) + "\n")
    shop.run("eval", "--json")
    staff = shop.run("key", "add", "--quiet", "staff", "--groups", "public").out.strip()
    with serving(shop) as server:
        runs = server.json("GET", "/v1/runs")["data"]
        assert [(run["id"], run["kind"], run["has_page"]) for run in runs] == [("0004", "eval", False), ("0001", "decide", True)]
        assert server.json("GET", "/v1/runs/0001") == json.loads(report) and server.json("GET", "/v1/runs/4")["cases"][0]["question"] == QUESTION
        for path in ("/v1/runs/0002", "/v1/runs/0003", "/v1/runs/last", "/v1/runs/0004/page", "/v1/runs/%2e%2e", "/v1/runs/-1", "/v1/runs/1e0"):
            assert server.ask("GET", path)[0] in (400, 404), path
        for path in ("/v1/runs", "/v1/runs/0001", "/v1/runs/0001/page", "/v1/audit", "/v1/adapters", "/v1/log", "/v1/log/verify", "/v1/keys"):
            assert server.error("GET", path, status=403, key=staff)["code"] == "not_allowed"
        with visiting(browser, server) as visit:
            look_at_runs(visit, json.loads(report))


def test_what_was_tuned(browser, shop):
    scores = {"cases": 40, "before": {"accuracy": 0.5, "low": 0.4, "high": 0.6}, "after": {"accuracy": 0.95, "low": 0.9, "high": 0.98, "macro_f1": 0.9}}
    shop.write(".assay/adapters/topics/provenance.json", json.dumps({"name": "topics", "task": "classify", "method": "head", "scores": scores, "base": {"name": "<b>"}}))
    shop.write(".assay/adapters/embed/provenance.json", json.dumps({"name": "embed", "scores": {"cases": 6, "after": {"ndcg@10": [0.875, 0.8, 1]}}}))
    few = {"cases": 1, "before": {"abstained": -1, "f1": -1}, "after": {"abstained": -1, "exact": [0, 0, 0], "f1": [0.5, 0.5, 0.5]}}
    shop.write(".assay/adapters/terse/provenance.json", json.dumps({"name": "terse", "task": "writer", "scores": few}))
    shop.write(".assay/adapters/broken/provenance.json", "{")
    shop.write(".assay/adapters/reader~training/provenance.json", "{}")
    with serving(shop) as server, visiting(browser, server) as visit:
        assert [item["name"] for item in server.json("GET", "/v1/adapters")["data"]] == ["broken", "embed", "terse", "topics"]
        page = visit.sign_in()
        visit.go("Tune")
        expect_words(page.locator("main"), "cannot be read", "87.5\u202f%", "Classifier \u00b7 head \u00b7 on <b>", "95\u202f%", "90\u202f% to 98\u202f%", "macro f1")
        table = page.get_by_role("region", name="Scores of terse")
        expect_words(table, "exact", "50\u202f%", "not measured")
        assert "abstained" not in table.text_content() and "-100" not in table.text_content() and " to " not in table.text_content()


def look_at_runs(visit, report):
    page = visit.sign_in()
    visit.go("Measure")
    main = page.locator("main")
    expect_words(main, "Build it with: Retrieval and fine-tuning", "86.7\u202f%", "All documents in the prompt", "Why 41 cases fail", "Cases side by side")
    page.get_by_label("Show cases").select_option("all")
    expect(page.get_by_role("region", name="Cases side by side").locator("tbody tr")).to_have_count(len(report["cases"]))
    page.get_by_label("Requests a month").press("End")
    costs = {arm["name"]: arm["fixed_per_month"] + 1e7 * arm["per_request"] + arm["build"] / 12 for arm in report["costs"]["arms"]}
    expect_words(main, "at 10,000,000 requests")
    rows = page.get_by_role("region", name="Costs").locator("tbody tr")
    expect_words(rows.nth(1), f"{round(costs['rag']):,} EUR")
    expect(rows.filter(has_text="least")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the whole report").click()
    assert download.value.suggested_filename == "report-0001.html"
    visit.check()
    page.get_by_role("link", name="0004").click()
    expect_words(main, "Evaluation of run 0004", QUESTION)
    for measure in ("recall@5", "hit@5", "hit@10", "precision@5", "precision@10", "map"):
        expect(page.get_by_role("region", name="Measures").get_by_role("rowheader", name=re.compile(f"^{measure} "))).to_be_visible()


# ---- the log and keys ----


def test_the_log(own_visit):
    visit = own_visit
    page = visit.sign_in()
    visit.ask(QUESTION)
    visit.ask("Who won the regatta of Zanzibar?")
    visit.go("Log")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect_words(rows.nth(0), "Zanzibar", "no answer")
    expect_words(rows.nth(1), QUESTION, "45 days")
    page.get_by_role("button", name="Verify the log").click()
    page.get_by_text("All 2 entries are as written.").first.wait_for()
    visit.check()
    newest = visit.server.json("GET", "/v1/log?limit=1")
    assert [entry["number"] for entry in newest["data"]] == [2] and newest["entries"] == 2
    assert [entry["number"] for entry in visit.server.json("GET", "/v1/log?limit=5&before=2")["data"]] == [1]
    assert visit.server.json("GET", "/v1/log?before=1")["data"] == []
    for query in ("limit=0", "limit=1001", "before=0", "limit=x"):
        visit.server.error("GET", "/v1/log?" + query, status=400)


def test_keys_are_made_and_revoked(own_visit):
    visit = own_visit
    page = visit.sign_in()
    visit.go("Settings")
    page.get_by_label("Name").fill("intern")
    page.get_by_label("Groups").fill("public, sales")
    page.get_by_label("Most requests a day").fill("1500")
    page.get_by_label("Most money a day").fill("2.5")
    page.get_by_role("button", name="Make the key").click()
    page.wait_for_selector(".secret")
    secret = page.inner_text(".secret code")
    assert visit.server.json("GET", "/v1/me", key=secret)["name"] == "intern"
    page.wait_for_selector("text=1,500 requests, 2.5 money")
    assert visit.server.json("GET", "/v1/keys")["data"][1]["quota"] == {"requests": 1500, "tokens": None, "money": 2.5}
    visit.check()
    page.get_by_label("Name").fill("intern")
    page.get_by_role("button", name="Make the key").click()
    page.get_by_text("is there already").first.wait_for()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Revoke intern").click()
    page.wait_for_selector("text=revoked")
    assert visit.server.ask("GET", "/v1/me", key=secret)[0] == 401
    server = visit.server
    assert server.error("POST", "/v1/keys/admin/revoke", status=409)["code"] == "conflict"
    assert server.error("POST", "/v1/keys/nobody/revoke", status=404)["code"] == "not_found"
    for body, parameter in (({}, "name"), ({"name": 3}, "name"), ({"name": "a", "groups": "x"}, "groups"), ({"name": "a", "groups": [3]}, "groups"),
                            ({"name": "a", "groups": ["g"] * 65}, "groups"), ({"name": "a\0"}, "name"), ({"name": "a", "expires": 1}, "expires"),
                            ({"name": "a", "quota": 3}, "quota"), ({"name": "a", "quota": {"requests": 0}}, "quota"), ({"name": "a", "quota": {"tokens": "9"}}, "quota"),
                            ({"name": "a", "quota": {"request": 3}}, "quota")):  # fmt: skip
        assert server.error("POST", "/v1/keys", body, status=400)["param"] == parameter
    assert server.error("POST", "/v1/keys", {"name": "a b"}, status=400)["code"] == "invalid"
    keys = server.json("GET", "/v1/keys")["data"]
    assert [(key["name"], key["state"]) for key in keys] == [("admin", "valid"), ("intern", "revoked")] and secret not in json.dumps(keys)


def test_a_page_that_is_loaded_anew_goes_on(visit):
    """What was asked stays as long as the tab is signed in."""
    page = visit.sign_in()
    page.fill("#question", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector(".confidence")
    text = page.locator("#turns .text").inner_text()
    page.reload()
    page.wait_for_selector(".confidence")
    assert page.locator("#turns .text").inner_text() == text and page.locator(".question").inner_text() == QUESTION
    page.get_by_role("button", name="New conversation").click()
    page.reload()
    page.wait_for_selector("#question")
    assert page.locator("#turns article").count() == 0
