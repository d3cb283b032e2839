"""`assay report`: the page of a run, that nothing from it becomes markup, and two runs side by side."""

import base64
import copy
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "report"
PAGE = ROOT / "src" / "report"
HOSTILE = [
    "<script>alert(1)</script>",
    "</style></script><img src=x onerror=alert(1)>",
    "\" onmouseover=\"alert(1)\" x=\"",
    "' autofocus onfocus='alert(1)",
    "javascript:alert(1)//<a href=javascript:alert(1)>",
    "<!--", "]]>", "<svg/onload=alert(1)>", "&lt;b&gt; &#60;i&#62;", "\u0000\u0007\u001b[31m", "\u202eevil\u2066", "{{7*7}}${7*7}",
    "https://example.com/x.js", "%s%n%p",
]  # fmt: skip
ELEMENTS = {"html", "head", "meta", "link", "title", "style", "body", "a", "header", "p", "h1", "h2", "h3", "h4", "span", "bdi", "nav", "ol", "ul", "li",
            "main", "section", "dl", "dt", "dd", "div", "b", "small", "svg", "line", "circle", "rect", "polyline", "text", "figure", "figcaption", "table",
            "caption", "thead", "tbody", "tr", "th", "td", "form", "label", "input", "output", "select", "option", "details", "summary", "article", "cite",
            "q", "blockquote", "pre", "code", "del", "ins", "br", "script"}  # fmt: skip
VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """Elements with their attributes, and that all that opens is closed in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    def said(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


def page_of(assay, folder, report, code=0):
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    outcome = assay("report", "open", "./report.json", "--out", "page.html", cwd=folder, code=code)
    return (folder / "page.html").read_text(encoding="utf-8") if code == 0 else outcome


def full():
    return json.loads((DATA / "full.json").read_text(encoding="utf-8"))


def check_markup(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.elements:
        assert tag in ELEMENTS, tag
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "src", "srcset", "action", "xlink:href")], (tag, attributes)
        for name in ("href", "for", "aria-labelledby"):
            for target in attributes.get(name, "").split():
                assert target == "data:," or target.removeprefix("#") in ids, (tag, name, target)
    assert sum(tag == "script" for tag, _ in page.elements) == 1


def test_page(assay, tmp_path):
    text = page_of(assay, tmp_path, full())
    page = Page(text)
    check_markup(page)
    for words in ("Build it with retrieval and fine-tuning", "86.7 %", "the measurement disagrees", "What would change it", "assay decide --seed 1",
                  "the documents have 148,000 tokens, the model takes 128,000", "from about 487,000 requests a month on", "60 cases tell differences",
                  "refund taken for exchange (4); repair given no label (2)", "65.0 to 87.0 %", "Near in meaning"):  # fmt: skip
        assert words in page.said(), words
    assert not re.search(r"https?:|url\(|@import|//[a-z]", text.replace("// Compiled", ""))


def test_policy_allows_what_the_page_has(assay, tmp_path):
    """The hashes in the security policy are those of the style and the script, and nothing else is allowed."""
    text = page_of(assay, tmp_path, full())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text).group(1)
    assert policy.startswith("default-src 'none';")
    for element in ("style", "script"):
        content = re.search(rf"<{element}>(.*?)</{element}>", text, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def planted(value, texts):
    """The report with every text that is shown replaced by a hostile one; keys of objects that are names, too."""
    if isinstance(value, str):
        return next(texts)
    if isinstance(value, list):
        return [planted(item, texts) for item in value]
    if isinstance(value, dict):
        return {key: planted(item, texts) for key, item in value.items()}
    return value


@pytest.mark.parametrize("shift", [0, 1, 5, 10])
def test_hostile_values(assay, tmp_path, shift):
    def texts():
        at = shift
        while True:
            yield HOSTILE[at % len(HOSTILE)] + str(at)
            at += 1

    report = planted(full(), texts())
    for name in ("staleness", "brittleness"):
        report[name] = {HOSTILE[shift]: 0.5}
    report["cases"][0]["arms"][HOSTILE[shift]] = report["cases"][0]["arms"].pop("rag")
    report["arms"][0]["meets"] = {HOSTILE[shift]: True}
    report["data"]["hashes"] = {HOSTILE[shift]: HOSTILE[shift]}
    text = page_of(assay, tmp_path, report)
    page = Page(text)
    check_markup(page)
    clean = Page(page_of(assay, tmp_path, full()))
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in clean.elements}
    words = "".join(page.words)
    for hostile in HOSTILE:
        assert re.sub(r"[\x00-\x08\x0b-\x1f]", "\ufffd", hostile) in words
    assert "\0" not in text and "\x1b" not in text


def test_words_for_what_is_absent(assay, tmp_path):
    """Fields taken out one after the other: the page stays whole, and no null, nan or empty figure appears for them."""
    report = full()
    for key in [key for key in report if key not in ("format", "verdict", "arms")]:
        less = copy.deepcopy(report)
        del less[key]
        page = Page(page_of(assay, tmp_path, less))
        check_markup_without_links(page)
        assert not re.search(r"\b(null|nan|inf|undefined)\b", page.said()), key


def check_markup_without_links(page):
    assert {tag for tag, _ in page.elements} <= ELEMENTS


def test_refused(assay, tmp_path):
    report = full()
    report["arms"][0]["score"] = 31.7
    outcome = page_of(assay, tmp_path, report, code=1)
    assert '"score" is not between 0 and 1' in outcome.err
    assert not (tmp_path / "page.html").exists()
    assert assay("report", "open", "nowhere/report.json", cwd=tmp_path, code=1).err.startswith("assay: ")


def test_runs_of_a_project(assay, tmp_path):
    assay("init", cwd=tmp_path)
    assert "assay decide" in assay("report", "open", cwd=tmp_path, code=1).err
    for number in ("0001", "0007", "0003"):
        folder = tmp_path / ".assay" / "runs" / number
        folder.mkdir(parents=True)
        shutil.copy(DATA / "full.json", folder / "report.json")
    (tmp_path / ".assay" / "runs" / "0009").mkdir()  # of a run that left no report
    path = assay("report", "open", "--json", cwd=tmp_path).json()["page"]
    assert path == str(tmp_path / ".assay" / "runs" / "0007" / "report.html")
    assert assay("report", "open", "3", cwd=tmp_path).out.strip() == str(tmp_path / ".assay" / "runs" / "0003" / "report.html")
    assert 'run "2" of this project has no "report.json"' in assay("report", "open", "2", cwd=tmp_path, code=1).err


def test_compare(assay, tmp_path):
    first, second = full(), full()
    case = second["cases"][2]["arms"]["rag"]
    case.update(right=True, score=1.0, answer="60 days")
    second["cases"][0]["arms"]["rag"].update(right=False, score=0.0, answer=None)
    second["verdict"]["approach"] = "rag"
    second["cases"].pop()
    for name, report in (("a", first), ("b", second)):
        (tmp_path / f"{name}.json").write_text(json.dumps(report), encoding="utf-8")
    found = assay("report", "compare", "./a.json", "./b.json", "--json", cwd=tmp_path).json()
    assert found["verdicts"] == ["hybrid", "rag"]
    assert (found["first_cases"], found["second_cases"], found["shared_cases"]) == (12, 11, 11)
    assert found["same_documents"] is True
    arms = {arm["name"]: arm for arm in found["arms"]}
    assert (arms["rag"]["paired"], arms["rag"]["gained"], arms["rag"]["lost"]) == (11, 1, 1)
    assert arms["rag"]["difference"] == 0 and arms["rag"]["test"] == "mcnemar" and arms["rag"]["chance"] == 1
    assert arms["full"]["paired"] == 0 and arms["full"]["first"] is None and "chance" not in arms["full"]
    changed = {(case["arm"], case["became"]): case for case in found["cases"]}
    assert changed["rag", "right"]["after"] == "60 days"
    assert changed["rag", "wrong"]["after"] is None
    said = assay("report", "compare", "./a.json", "./b.json", cwd=tmp_path).out
    assert "verdict: hybrid, now rag" in said and "11 cases are in both" in said and "+ rag: " in said
    assert "Scores are of all cases of a run" in said
    assert "Scores are of all" not in assay("report", "compare", "./a.json", "./a.json", cwd=tmp_path).out


# ---- the page's script ----


def test_script_is_current(tmp_path):
    script = (PAGE / "page.js").read_text(encoding="utf-8")
    digest = hashlib.sha256((PAGE / "page.ts").read_bytes()).hexdigest()
    assert digest in script.splitlines()[0], "page.ts has changed: run scripts/page_script"
    assert len(script) < 10000
    if not shutil.which("tsc"):
        pytest.skip("TypeScript's compiler is not there: only the hash was compared")
    subprocess.run([ROOT / "scripts" / "page_script", "report", tmp_path / "page.js"], check=True)
    assert (tmp_path / "page.js").read_text(encoding="utf-8") == script
