"""How long the page of `assay serve` takes until something of it is painted, in a real browser over loopback.

    .venv/bin/python bench/page_paint.py [--binary build/assay] [--visits 20]

Each visit has a browser's context of its own, so that nothing is cached. Prints one JSON line: milliseconds from the beginning of the
navigation to the first paint and the first content, in the middle and at the most, and the bytes of the page as sent, with its headers.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

from served import served

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/blackbox"))
from browser import chromium, open_page  # noqa: E402


def visit(browser, address):
    context = browser.new_context(viewport={"width": 1200, "height": 820})
    page = open_page(context)
    page.goto(address)
    page.wait_for_selector("#key:focus")
    paints, until = {}, time.monotonic() + 10
    while len(paints) < 2 and time.monotonic() < until:
        paints = page.evaluate("Object.fromEntries(performance.getEntriesByType('paint').map(entry => [entry.name, entry.startTime]))")
        time.sleep(0.01)
    size = page.evaluate("performance.getEntriesByType('navigation')[0].transferSize")
    context.close()
    return paints["first-paint"], paints["first-contentful-paint"], size


def told(values):
    return {"median": round(statistics.median(values), 1), "most": round(max(values), 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--visits", type=int, default=20)
    options = parser.parse_args()
    with served(options.binary, documents=None) as (greeting, _), chromium() as browser:
        visit(browser, greeting["listening"])  # which starts what a browser starts once
        visits = [visit(browser, greeting["listening"]) for _ in range(options.visits)]
    first, content, sizes = zip(*visits)
    print(json.dumps({"name": "page_paint", "visits": len(visits), "first_paint_ms": told(first), "first_content_ms": told(content), "bytes": max(sizes)}))


if __name__ == "__main__":
    main()
