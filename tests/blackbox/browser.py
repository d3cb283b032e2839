"""A real browser for tests of pages: Chromium, driven by Playwright, with axe-core to look for what keeps people out. Tests skip where one of them
is not there."""

import contextlib
import pathlib
import shutil

import pytest

# Chromium's own calls home would wait for a network that is not there.
QUIET = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu"]


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
        browser = driver.chromium.launch(executable_path=program, args=[*QUIET, "--no-sandbox"])
        yield browser
        browser.close()


def violations(page):
    """What axe-core finds wrong with the page as it is now: one line each."""
    page.evaluate(axe_source())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{item['id']}: {item['help']}: {[node['html'][:120] for node in item['nodes']]}" for item in found]
