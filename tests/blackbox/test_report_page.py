"""The page that `assay decide` leaves, in a real browser: in light, dark and narrow, with its sliders, its choice of cases and its links."""

import json
import os
import pathlib

import pytest
from browser import REPORT_FORMS, check_report, chromium, expect, open_page
from conftest import Assay
from decide_problems import FOUR, make, make_built_in

pytestmark = pytest.mark.long

SHOTS = os.environ.get("ASSAY_SHOTS")  # a folder, to look at what the pages look like


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def with_curve(tmp_path_factory):
    """A run with a learning curve, its forecast, and all kinds of gaps that need no language model."""
    folder = make_built_in(Assay(), tmp_path_factory.mktemp("report") / "shop", "target: 0.9\n")
    decided = Assay()("decide", "--all", "--json", cwd=folder).json()
    return folder / ".assay/runs" / decided["run"] / "report.html", decided


@pytest.fixture(scope="module")
def with_prices(tmp_path_factory):
    """A run with a language model, prices, limits that are not kept, and a tuned model."""
    problem = FOUR[3](cases=16)
    folder = make(Assay(), tmp_path_factory.mktemp("report") / "shop", problem, "limits: {latency_p95_ms: 60000, citations: required, cost_per_month: 1}\n")
    with problem.serve() as server:
        tuned = server.model.replace("#scripted", "#tuned")
        prices = {server.model: {"input": 2, "output": 8}, tuned: {"input": 3, "output": 12, "training": 25}}
        (folder / "prices.yaml").write_text(json.dumps({"date": "2026-11-26", "models": prices}))
        decided = Assay()("decide", "--all", "--json", "--model", server.model, "--tuned", tuned, cwd=folder).json()
    return folder / ".assay/runs" / decided["run"] / "report.html", decided


def shoot(browser, path, name):
    for scheme, width in REPORT_FORMS:
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, offline=True)
        page = open_page(context)
        page.goto(f"file://{path}")
        page.screenshot(path=pathlib.Path(SHOTS) / f"{name}-{scheme}-{width}.png", full_page=True)
        context.close()


@pytest.mark.parametrize("name", ["with_curve", "with_prices"])
def test_in_every_form(browser, request, name):
    path, _ = request.getfixturevalue(name)
    if SHOTS:
        shoot(browser, path, name)
    check_report(browser, path)


def visit(browser, path, fragment=""):
    page = open_page(browser.new_context(viewport={"width": 1200, "height": 900}, offline=True))
    page.goto(f"file://{path}{fragment}")
    return page


def test_draws_the_forecast(browser, with_curve):
    """The band holds the points' middle, goes further than the examples there are, and stays within the plot."""
    path, decided = with_curve
    curve = decided["curve"]
    assert len(curve["forecast"]) > 10 and curve["forecast"][-1]["examples"] > 10 * curve["points"][-1]["examples"]
    assert all(0 <= step["interval"][0] <= step["score"] <= step["interval"][1] <= 1 for step in curve["forecast"])
    page = visit(browser, path)
    plot = page.locator("#examples svg.plot")
    expect(plot.locator("circle.dot")).to_have_count(len(curve["points"]))
    frame, band, last = plot.bounding_box(), plot.locator("polyline.band").bounding_box(), plot.locator("circle.dot").last.bounding_box()
    assert band["x"] + band["width"] > last["x"] + last["width"] + 50
    assert frame["x"] - 1 <= band["x"] and band["x"] + band["width"] <= frame["x"] + frame["width"] + 1
    assert frame["y"] - 1 <= band["y"] and band["y"] + band["height"] <= frame["y"] + frame["height"] + 1
    page.context.close()


def test_sliders_and_choice_of_cases(browser, with_prices):
    path, decided = with_prices
    page = visit(browser, path)
    chosen = page.locator("#cost-rows .chosen").first
    before = chosen.inner_text()
    page.locator("#cost-requests").focus()
    page.keyboard.press("End")
    expect(chosen).not_to_have_text(before)
    shown = page.locator("#case-list > details:visible")
    expect(shown).to_have_count(len(decided["cases"]))
    asked = decided["cases"][3]["question"]
    page.locator("#case-words").fill(asked)
    expect(shown).to_have_count(sum(asked in case["question"] for case in decided["cases"]))
    page.context.close()
    page = visit(browser, path, f"#case-{decided['cases'][-1]['id']}")
    expect(page.locator(f"#case-{decided['cases'][-1]['id']}")).to_have_attribute("open", "")
    page.context.close()
