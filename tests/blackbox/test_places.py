"""The place of every passage: its bytes, lines and headings are really there in the file.

Each corpus is added, and one search for its commonest words returns all of its passages; each is compared with the file, read
here by other means."""

import collections
import html
import re
import shutil
import unicodedata

import pytest
from conftest import ROOT, Assay, Project

DATA = ROOT.parent / "shared" / "data"
CORPORA = {
    "support": ROOT / "examples" / "support" / "docs",
    "handbook": DATA / "handbook-18f" / "pages",
    "techdocs": DATA / "techdocs-govuk",
}
SETTINGS = {
    "usual": "passages: {unit: auto, tokens: 200, overlap: 30}\n",
    "small": "passages: {unit: auto, tokens: 40, overlap: 10}\n",
    "sentence": "passages: {unit: sentence, tokens: 60, overlap: 0}\n",
}
WORD = re.compile(r"[^\W_]+")
NUMBER = re.compile(r"^\s*\d+[.)] ", re.MULTILINE)
TAG = re.compile(r"<[^>]*>")
TARGET = re.compile(r"\]\([^()]*(\([^()]*\)[^()]*)*\)|\]\[[^\]]*\]|<[^>]*>|(```+|~~~+)\w*")


def words_of(text):
    return WORD.findall(text)


def letters_of(text):
    """Letters and digits alone: marks within a word (`a`b, a_b_c) then do not matter, nor whether a digit stands above the line (¹, <sup>1</sup>)."""
    return "".join(words_of(unicodedata.normalize("NFKC", text)))


def is_subsequence(part, whole):
    rest = iter(whole)
    return all(letter in rest for letter in part)


def stands_in(text, source):
    """The letters of the text stand in the source, in order."""
    return is_subsequence(letters_of(html.unescape(text)), letters_of(html.unescape(source)))


def forms_of(source):
    """The source, without its tags, without the targets of its links, without the numbers of its lists."""
    source = html.unescape(source)
    return source, TAG.sub(" ", source), TARGET.sub("] ", source), NUMBER.sub("", TARGET.sub("] ", source))


def begins_with(text, source):
    first = "".join(words_of(text)[:1])[:4]
    return any(letters_of(form).startswith(first) for form in forms_of(source))


def ends_with(text, source):
    last = "".join(words_of(text)[-1:])[-4:]
    return any(letters_of(form).endswith(last) for form in forms_of(source))


def heading_words(line):
    line = re.sub(r"<[^>]*>", "", re.sub(r"\]\([^)]*\)|\]\[[^\]]*\]", "]", html.unescape(line)))
    return words_of(re.sub(r"[*`\\]", "", line))


def headings_of(source, is_markdown):
    """(byte, level, words) of each heading; a plain reading of lines."""
    headings, at, fence, previous = [], 0, None, (0, b"")
    lines = source.split(b"\n")
    head_ends = 0
    if is_markdown and lines[0].strip() == b"---":
        head_ends = next((i + 1 for i, line in enumerate(lines[1:], 1) if line.strip() in (b"---", b"...")), 0)
    for i, raw in enumerate(lines):
        line = raw.rstrip(b"\r").decode()
        if is_markdown and fence is None:  # a heading may stand in a quotation or a list
            line = re.sub(r"^\s{0,3}(>\s?)+|^\s*[-*+]\s+(?=#)", "", line)
        marker = re.match(r"\s*(```+|~~~+)[^`]*$", line) if is_markdown else None
        if i < head_ends:
            pass
        elif marker and (fence is None or (line.strip().startswith(fence) and line.strip().strip(fence[0]) == "")):
            fence = None if fence else marker[1]
        elif fence is None:
            atx = re.match(r" {0,3}(#{1,6})\s+(\S.*?)(\s+#+)?\s*$", line) if is_markdown else None
            below = re.fullmatch(r" {0,3}(=+|-+)\s*" if is_markdown else r"\s*(={3,}|-{3,}|~{3,})\s*", line)
            if atx:
                headings.append((at, len(atx[1]), heading_words(atx[2])))
            elif below and previous[1].strip() and not re.match(rb"\s*([-*>|#]|\d+\.)|.*\S  +\S", previous[1]):  # columns: a table's head
                headings.append((previous[0], "=-~".index(below[1][0]) + 1, heading_words(previous[1].decode())))
        previous = (at, raw)
        at += len(raw) + 1
    return headings


def headings_above(headings, at):
    stack = {}
    for place, level, words in headings:
        if place > at:
            break
        stack = {above: name for above, name in stack.items() if above < level}
        stack[level] = words
    return [stack[level] for level in sorted(stack)]


def looks_like_heading(line, is_markdown):
    """Without a mark of its own: strong from end to end; in plain text in capitals, or with a number."""
    if is_markdown:
        return re.fullmatch(r"[\s>]*(?:[-*+] +)?(\*\*|__)\S.*(\*\*|__):?\s*\\?", line) is not None
    return (line == line.upper() and re.search(r"[^\W\d_]{2}", line) is not None) or re.match(r"\s*\d+(\.\d+)*[.)]? ", line) is not None


def unmarked_headings(source, is_markdown):
    """(byte, words) of each line that may be one."""
    found, at = [], 0
    for raw in source.split(b"\n"):
        if looks_like_heading(raw.rstrip(b"\r").decode(), is_markdown):
            found.append((at, heading_words(raw.decode())))
        at += len(raw) + 1
    return found


def are_headings(found, marked, unmarked, start):
    """Those that are marked, and lines above the passage that look like headings, each below the one before; marked ones may be missing that such a line ends."""
    wanted = [words for words in headings_above(marked, start) if words]
    places = {tuple(words): at for at, _, words in marked if at <= start}
    own = {tuple(words): at for at, words in unmarked if at <= start}
    left, at, ended, missing = list(wanted), [], -1, []
    for words in found:
        if words in left:
            missing += left[: left.index(words)]
            left = left[left.index(words) + 1 :]
            at.append(places[tuple(words)])
        elif tuple(words) in own:
            at.append(own[tuple(words)])
            ended = at[-1]
        else:
            return False
    return at == sorted(at) and all(places[tuple(words)] < ended for words in missing + left)


def all_passages(project, folder):
    """Every passage, by a search for the commonest words."""
    counts = collections.Counter()
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in (".md", ".txt"):
            counts.update(word.lower() for word in words_of(path.read_text(errors="ignore")))
    common = [word for word, _ in counts.most_common(1000)]
    hits = {hit["passage"]: hit for hit in project.search("-k", "10000", " ".join(common))}
    rare = " ".join(word for word, _ in counts.most_common(2000)[1000:])
    hits.update((hit["passage"], hit) for hit in project.search("-k", "10000", rare))
    return list(hits.values())


def without_repeated_head(text, source, document):
    """A table that goes on in another passage repeats its head, code the line that it began with: both stand elsewhere."""
    head, _, rest = text.partition("\n")
    is_head = " | " in head or head.strip() in document
    return rest if rest and is_head and not stands_in(text, source) else text


@pytest.fixture(scope="module", params=[pytest.param((name, settings), id=f"{name}-{settings}", marks=[] if settings == "usual" else pytest.mark.long)
                                        for name in CORPORA for settings in SETTINGS])  # fmt: skip
def corpus(request, tmp_path_factory):
    name, settings = request.param
    project = Project(Assay(), tmp_path_factory.mktemp("corpus") / "shop")
    if not CORPORA[name].is_dir():
        pytest.skip(f"{CORPORA[name]} is not there")
    folder = project.path / "docs"
    shutil.copytree(CORPORA[name], folder, ignore=lambda _, names: [n for n in names if n.startswith(".")])
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    project.settings(SETTINGS[settings])
    report = project.add(code=None)
    assert report["failed"] == [], report["failed"][:3]
    hits = all_passages(project, folder)
    found = {(place["document"], place["start"], place["end"]) for hit in hits for place in (hit, *hit["also"])}
    # a passage of marks alone cannot be found by words
    assert 0 <= report["passages"] - len(found) <= max(report["passages"] // 100, report["passages"] - 10000)
    sources = {path: (project.path / path).read_bytes() for path in {hit["document"] for hit in hits}}
    return hits, sources, SETTINGS[settings]


@pytest.mark.long
def test_places(corpus):
    hits, sources, settings = corpus
    tokens = int(re.search(r"tokens: (\d+)", settings)[1])
    wrong = collections.defaultdict(list)
    for hit in hits:
        source = sources[hit["document"]]
        where = f"{hit['document']}:{hit['line']} [{hit['start']}, {hit['end']})"
        assert 0 <= hit["start"] < hit["end"] <= len(source), where
        piece = source[hit["start"] : hit["end"]].decode()  # at borders of characters, else this raises
        text = without_repeated_head(hit["text"], piece, source.decode())
        if not stands_in(text, piece):
            wrong["text"].append((where, text, piece))
        elif not begins_with(text, piece):
            wrong["begin"].append((where, text[:60], piece[:60]))
        elif not ends_with(text, piece):
            wrong["end"].append((where, text[-60:], piece[-60:]))
        lines = (source.count(b"\n", 0, hit["start"]) + 1, source.count(b"\n", 0, hit["end"]) + 1)
        if lines != (hit["line"], hit["line_end"]):
            wrong["lines"].append((where, lines, hit["line_end"]))
        if len(words_of(text)) * 1.3 > 1.5 * tokens:
            wrong["size"].append((where, len(words_of(text)), text[:80]))
        if not hit["text"].strip() or hit["text"] != hit["text"].strip(" \t\r\n"):
            wrong["blank"].append((where, hit["text"]))
    summary = {kind: len(cases) for kind, cases in wrong.items()}
    assert not wrong, f"{summary} of {len(hits)}:\n" + "\n".join(str(case) for cases in wrong.values() for case in cases[:4])


def test_headings(corpus):
    hits, sources, _ = corpus
    marked = {path: headings_of(source, path.endswith(".md")) for path, source in sources.items()}
    unmarked = {path: unmarked_headings(source, path.endswith(".md")) for path, source in sources.items()}
    wrong = []
    for hit in hits:
        path = hit["document"]
        found = [words_of(heading) for heading in hit["headings"]]
        if not are_headings(found, marked[path], unmarked[path], hit["start"]):
            wrong.append((f"{path}:{hit['line']}", hit["headings"], headings_above(marked[path], hit["start"])))
    assert not wrong, f"{len(wrong)} of {len(hits)}:\n" + "\n".join(map(str, wrong[:8]))


def test_all_text_is_in_passages(corpus):
    """Of plain text files, nothing is left out: the passages cover every word that is no heading."""
    hits, sources, _ = corpus
    for path, source in sources.items():
        if not path.endswith(".txt"):
            continue
        covered = bytearray(len(source))
        for hit in hits:
            if hit["document"] == path:
                covered[hit["start"] : hit["end"]] = b"\1" * (hit["end"] - hit["start"])
        told = {tuple(words_of(heading)) for hit in hits if hit["document"] == path for heading in hit["headings"]}
        headings = {at for at, _, _ in headings_of(source, False)} | {at for at, words in unmarked_headings(source, False) if tuple(words) in told}
        at = 0
        for line in source.split(b"\n"):
            text = line.strip()
            if WORD.search(text.decode()) and at not in headings:
                start = at + line.index(text)
                assert all(covered[start : start + len(text)]), f"{path} at byte {at}: {text}"
            at += len(line) + 1


# ---- small cases, byte for byte ----


def the_passage(project, source, name="docs/a.md"):
    project.write(name, source)
    project.add()
    hits = project.search("-k", "100", "zorbit")
    assert len(hits) == 1
    raw = (project.path / name).read_bytes()
    return hits[0], raw[hits[0]["start"] : hits[0]["end"]].decode()


@pytest.mark.parametrize(
    ("source", "text", "piece"),
    [
        ("a **zorbit** b", "a zorbit b", "a **zorbit** b"),
        ("see [zorbit](http://x.y/z) now", "see zorbit now", "see [zorbit](http://x.y/z) now"),
        ("zorbit &amp; co", "zorbit & co", "zorbit &amp; co"),
        ("zorbit &copy; 2026", "zorbit © 2026", "zorbit &copy; 2026"),
        ("zorbit &copy;", "zorbit ©", "zorbit &copy;"),
        ("zorbit\\_flume", "zorbit_flume", "zorbit\\_flume"),
        ("zorbit\nflume", "zorbit flume", "zorbit\nflume"),
        ("zorbit  \nflume", "zorbit\nflume", "zorbit  \nflume"),
        ("> zorbit\n> flume", "zorbit flume", "zorbit\n> flume"),
        ("- zorbit\n- flume", "zorbit\nflume", "zorbit\n- flume"),
        ("```c\nint zorbit;\n```\n", "int zorbit;", "int zorbit;"),
        ("<p>zorbit <b>flume</b></p>", "zorbit flume", "zorbit <b>flume"),
        ("|a|b|\n|---|---|\n|zorbit|2|\n", "a | b\nzorbit | 2", "a|b|\n|---|---|\n|zorbit|2"),
        ("ünï zorbit 文档", "ünï zorbit 文档", "ünï zorbit 文档"),
        ("![picture of zorbit](x.png)", "picture of zorbit", "picture of zorbit"),
        ("zorbit<!-- hidden --> flume", "zorbit flume", "zorbit<!-- hidden --> flume"),
    ],
)
def test_markdown(project, source, text, piece):
    hit, found = the_passage(project, source)
    assert (hit["text"], found) == (text, piece)


@pytest.mark.parametrize("unit", ["auto", "heading"])
def test_headings_nest(project, unit):
    project.settings(f"passages: {{unit: {unit}}}\n")
    project.write("docs/a.md", "# A\n\nx1\n\n### B\n\nx2\n\n## C\n\nx3\n\n#### D\n\nx4\n\n# E\n\nx5\n")
    project.add()
    hits = {hit["text"]: hit["headings"] for hit in project.search("-k", "100", "x1 x2 x3 x4 x5")}
    assert hits == {"x1": ["A"], "x2": ["A", "B"], "x3": ["A", "C"], "x4": ["A", "C", "D"], "x5": ["E"]}


def test_headings_that_look_like_none(project):
    project.write("docs/a.md", "# A\n\n```\n# not one\n```\n\n    # nor this\n\n\\# nor that zorbit\n")
    project.add()
    assert all(hit["headings"] == ["A"] for hit in project.search("not nor zorbit"))


@pytest.mark.parametrize("unit", ["auto", "sentence", "fixed"])
@pytest.mark.parametrize("script", ["中文字符测试。", "ไทยภาษาทดสอบ ", "emoji😀😀 ", "Kyrillische кириллица слова. ", "x" * 300 + " ", "A1-B2-C3-", "..!!"])
def test_passages_stay_small_in_any_script(project, unit, script):
    """Characters that are a token each: a passage of at most `tokens` has no more of them."""
    project.settings(f"passages: {{unit: {unit}, tokens: 50, overlap: 0}}\n")
    source = "zorbit " + script * 400
    project.write("docs/a.txt", source)
    report = project.add()
    hits = project.search("-k", "10000", "zorbit", *(["x" * 300] if script.startswith("x") else []), script)
    ideographs = [sum("\u4e00" <= c <= "\u9fff" for c in hit["text"]) for hit in hits]
    assert max(ideographs) <= 75
    assert max(len(hit["text"]) for hit in hits) <= 50 * 4 + 400
    assert report["passages"] < 3000


def test_overlap(project):
    project.settings("passages: {unit: sentence, tokens: 40, overlap: 15}\n")
    project.write("docs/a.txt", " ".join(f"Sentence zorbit n{i} stands here." for i in range(30)))
    project.add()
    hits = sorted(project.search("-k", "100", "zorbit"), key=lambda hit: hit["start"])
    assert len(hits) > 5
    for one, two in zip(hits, hits[1:]):
        assert one["start"] < two["start"] < one["end"] < two["end"]
        repeated = (project.path / "docs" / "a.txt").read_bytes()[two["start"] : one["end"]].decode().strip()
        assert repeated and one["text"].endswith(repeated) and two["text"].startswith(repeated)


@pytest.mark.parametrize(
    "source",
    [
        "zorbit<br>flume",
        "zorbit<br/>flume",
        "| a |\n|---|\n| zorbit<br>flume |\n",
        "<table><tr><td>zorbit</td><td>flume</td></tr></table>\n",
        "<p>zorbit</p><p>flume</p>\n",
        "<ul>\n<li>zorbit</li><li>flume</li>\n</ul>\n",
        "zorbit\\\nflume",
        "# zorbit\nflume",
        "zorbit\r\nflume",
        "[zorbit](x)[ flume](y)",
    ],
)
def test_words_stay_apart(project, source):
    """Two words that a reader sees apart are two words for a search."""
    project.write("docs/a.md", source)
    project.add()
    assert project.found("zorbit") == ["docs/a.md"] and project.found("flume") == ["docs/a.md"]


def test_hash_without_a_space_is_no_heading(project):
    """Names of channels and numbers of issues: #help, #12. CommonMark and GitHub want a space."""
    project.write("docs/a.md", "# Contact\n\nAsk in\n\n#help-desk\n\nzorbit\n")
    project.add()
    assert project.search("zorbit")[0]["headings"] == ["Contact"]


@pytest.mark.parametrize("source", ["<p>zorbit &copy; Q&amp;A</p>\n", "a <b>zorbit</b> &copy; Q&amp;A"])
def test_entities_are_read(project, source):
    project.write("docs/a.md", source)
    project.add()
    (hit,) = project.search("zorbit")
    assert hit["text"].endswith("zorbit © Q&A") and project.found("amp") == [] and project.found("copy") == []
