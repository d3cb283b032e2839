"""A real browser for tests of pages: Chromium, driven by Playwright, with axe-core to look for what keeps people out. Tests skip where one of them
is not there."""

import contextlib
import os
import pathlib
import shutil

import pytest
from conftest import SLOWNESS

# Chromium's own calls home would wait for a network that is not there.
QUIET = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu"]

REPORT_FORMS = [("light", 1200), ("dark", 1200), ("light", 360)]

PATIENCE = 60000 * SLOWNESS  # ms until something that does not come is missed: costs nothing where it comes

# Milliseconds that every answer and every change of the address takes longer, in a browser that computes four times slower: whatever reads before
# what it reads is drawn then fails each time, in place of once in a thousand.
HELD_UP = int(os.environ.get("ASSAY_SLOW_PAGE", "0"))
HOLD_UP = """(() => {
    const later = (act) => new Promise((done) => setTimeout(done, HELD_UP)).then(act);
    const fetched = window.fetch, listen = window.addEventListener;
    window.fetch = (...wanted) => later(() => fetched.apply(window, wanted)).then((answer) => later(() => answer));
    window.addEventListener = (name, act, ...more) => listen.call(window, name, name === "hashchange" ? (event) => void later(() => act(event)) : act, ...more);
})()"""


def _find(name):
    return pytest.importorskip(name, reason=f"{name} is not in .venv: scripts/setup installs it")


def axe_source():
    return (pathlib.Path(_find("axe_playwright_python").__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@contextlib.contextmanager
def chromium():
    """A browser that is started once for a module of tests."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    playwright = _find("playwright.sync_api")
    if program is None:
        pytest.skip("Chromium is not on this machine: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        _find("playwright.sync_api").expect.set_options(timeout=PATIENCE)
        browser = driver.chromium.launch(executable_path=program, args=[*QUIET, "--no-sandbox"])
        yield browser
        browser.close()


def open_page(context):
    """A tab that waits long enough, and is slow where that is asked for."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    if HELD_UP:
        page.add_init_script(HOLD_UP.replace("HELD_UP", str(HELD_UP)))
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    return page


def expect(what):
    """What a page shows sooner or later: `expect(place).to_have_text(...)` waits, a comparison of what stands there now does not."""
    return _find("playwright.sync_api").expect(what)


def expect_words(place, *words):
    for each in words:
        expect(place).to_contain_text(each)


def violations(page):
    """What axe-core finds wrong with the page as it is now: one line each."""
    page.evaluate(axe_source())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{item['id']}: {item['help']}: {[node['html'][:120] for node in item['nodes']]}" for item in found]


def check_report(browser, path):
    """The page that one takes along: opened from the disk in light, dark, narrow and for print, it is whole, asks nothing of anywhere, and keeps nobody out."""
    for scheme, width in REPORT_FORMS:
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, offline=True)
        page, wrong = open_page(context), []
        page.on("pageerror", lambda error: wrong.append(str(error)))  # noqa: B023
        page.on("console", lambda message: message.type == "error" and wrong.append(message.text))  # noqa: B023
        page.on("request", lambda request: request.url.startswith(("file:", "data:")) or wrong.append(request.url))  # noqa: B023
        page.goto(f"file://{path}")
        page.get_by_role("heading", level=1).wait_for()
        assert violations(page) == [] and page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for summary in page.locator("summary").all()[:20]:
            summary.click()
        page.emulate_media(media="print")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert wrong == []
        context.close()
