"""What language models cost: prices.yaml, costs in answers and in the audit log, and the limit on what a day may cost."""

import datetime
import json

import pytest
from scripted_model import completion, fails, says, scripted
from serving import serving

QUESTION = "How long may goods be returned?"
COST = (4 * 100 + 8 * 10 + 3 * 1000) / 1e6  # the scripted model tells 12 tokens, 8 of them cached, and 3 of an answer
PRICE = "{input: 100, cached: 10, output: 1000}"


@pytest.fixture
def shop(project):
    project.write("docs/returns.md", "# Returns\n\nGoods may be returned within 45 days of delivery.\n")
    project.add()
    return project


def price(shop, server, text=PRICE, currency="USD", limit=None):
    shop.write("prices.yaml", f'date: 2026-01-31\ncurrency: {currency}\nmodels:\n  "{server.model}": {text}\n')
    if limit is not None:
        set_limit(shop, limit)


def set_limit(shop, limit):
    lines = (shop.path / "assay.yaml").read_text().splitlines()
    shop.settings("\n".join(f"limits: {{spend_per_day: {limit}}}" if line.startswith("limits:") else line for line in lines) + "\n")


def ask(shop, server, **more):
    return shop.run("ask", "--json", "--model", server.model, QUESTION, **more)


def spent(shop):
    day, amount = (shop.path / ".assay" / "spent").read_text().split()
    return day, float(amount)


def today():
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()


def test_new_projects_have_prices(assay, tmp_path):
    assay("init", "shop", cwd=tmp_path)
    text = (tmp_path / "shop" / "prices.yaml").read_text()
    assert "date: 20" in text and "openai:gpt-5-mini: {" in text
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "prices.yaml").write_text("date: 2020-01-01\n")
    assay("init", "other", cwd=tmp_path)
    assert (tmp_path / "other" / "prices.yaml").read_text() == "date: 2020-01-01\n"


def test_costs_are_told_and_logged(shop):
    with scripted(says("Goods may be returned within 45 days [1].")) as server:
        unknown = ask(shop, server).json()
        price(shop, server)
        known = ask(shop, server).json()
        told = shop.run("ask", "--model", server.model, QUESTION).out
        price(shop, server, currency="EUR")
        euros = ask(shop, server).json()
    builtin = shop.run("ask", "--json", QUESTION).json()
    assert unknown["usage"]["cost"] is None and "currency" not in unknown["usage"]
    assert known["usage"]["cost"] == pytest.approx(COST) and known["usage"]["currency"] == "USD"
    assert euros["usage"]["cost"] == pytest.approx(COST) and euros["usage"]["currency"] == "EUR"
    assert builtin["usage"]["cost"] == 0 and f"{COST:g} USD" in told
    logged = [shop.run("log", "show", str(answer["audit"]), "--json").json()["record"]["cost_usd"] for answer in (unknown, known, euros, builtin)]
    assert logged == [None, pytest.approx(COST), None, 0]  # the log has dollars alone


def test_all_requests_of_a_question_count(shop):
    shop.write("talk.jsonl", json.dumps({"question": QUESTION, "answer": "45 days."}) + "\n")
    with scripted(says("How long may goods be returned by members?"), says("Goods may be returned within 45 days [1].")) as server:
        price(shop, server)
        answer = shop.run("ask", "--json", "--model", server.model, "--conversation", "talk.jsonl", "And members?").json()
    assert answer["usage"]["prompt_tokens"] == 24 and answer["usage"]["cost"] == pytest.approx(2 * COST)


def test_generated_texts_cost_too(shop, assay, tmp_path_factory):
    with scripted(says("yes")) as server:
        price(shop, server, limit=3)
        inside = shop.run("generate", "--json", "--model", server.model, "x").json()
        outside = assay("generate", "--json", "--model", server.model, "x", cwd=tmp_path_factory.mktemp("elsewhere")).json()
    assert inside["usage"]["cost"] == pytest.approx(COST) and outside["usage"]["cost"] is None
    assert spent(shop) == (today(), pytest.approx(COST))


def test_a_day_has_its_limit(shop):
    with scripted(says("Goods may be returned within 45 days [1].")) as server:
        price(shop, server, limit=3)
        ask(shop, server)
        assert spent(shop) == (today(), pytest.approx(COST))
        (shop.path / ".assay" / "spent").write_text(f"{today()} 2.9\n")
        made = len(server.requests)
        error = ask(shop, server, code=1).error("limit")
        assert "3 USD a day" in error["message"] and "2.9" in error["message"]
        tomorrow = datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=1)
        assert "limits.spend_per_day" in error["hint"] and (f"{tomorrow} 00:00 UTC" in error["hint"] or today() in error["hint"])
        assert len(server.requests) == made
        assert shop.run("ask", "--json", QUESTION).json()["answer"] is not None  # what costs nothing goes on
        (shop.path / ".assay" / "spent").write_text("2020-01-01 2.9\n")  # another day: it opens again
        ask(shop, server)
        assert spent(shop) == (today(), pytest.approx(COST))
        (shop.path / ".assay" / "spent").write_text("2099-01-01 2.9\n")  # the clock was wrong once: it opens again too
        ask(shop, server)
        assert spent(shop) == (today(), pytest.approx(COST))


def test_failures_cost_nothing_and_what_was_not_counted_costs_the_most(shop):
    silent = completion("Goods may be returned within 45 days [1].")
    del silent["usage"]
    with scripted(fails(400), lambda handler: handler.reply(200, silent)) as server:
        price(shop, server, limit=3)
        ask(shop, server, code=1).error("invalid")
        assert spent(shop)[1] == 0
        answer = ask(shop, server).json()
        assert answer["usage"]["cost"] is None and 1 < spent(shop)[1] < 3  # 1,024 tokens of an answer cost 1.024


def test_a_try_that_broke_off_is_counted_beside_the_one_that_did_not(shop):
    with scripted(lambda handler: handler.reply(200, {"choices": 1}), says("Goods may be returned within 45 days [1].")) as server:
        price(shop, server, limit=3)
        answer = ask(shop, server).json()
    assert len(server.requests) == 2 and answer["usage"]["cost"] == pytest.approx(COST) and 1 < spent(shop)[1] < 3


def test_processes_at_once_stay_within_the_limit(shop, assay):
    with scripted(says("Goods may be returned within 45 days [1].")) as server:
        price(shop, server, "{input: 0, cached: 0, output: 1000}", limit=1.1)  # one may set aside 1.024 at a time
        runs = [assay.start("ask", "--json", "--model", server.model, QUESTION, cwd=shop.path) for _ in range(6)]
        outcomes = [assay.finish(run) for run in runs]
        served = sum(outcome.code == 0 for outcome in outcomes)
        assert 1 <= served == len(server.requests)
        for outcome in outcomes:
            if outcome.code != 0:
                outcome.error("limit")
    assert spent(shop)[1] == pytest.approx(0.003 * served)


def test_a_limit_needs_a_price(shop):
    with scripted(says("never")) as server:
        set_limit(shop, 3)
        error = ask(shop, server, code=1).error("invalid")
        assert "has no price" in error["message"] and "prices.yaml" in error["hint"] and not server.requests
        price(shop, server, "{input: 0, output: 0}")
        assert ask(shop, server).json()["usage"]["cost"] == 0


@pytest.mark.parametrize(("text", "part"), [
    ("models: {m: {input: -1}}\n", "a number from 0"), ("currency: dollars\n", "USD"), ("model: {}\n", "part of a list of prices"),
    ("models: {m: {inputs: 1}}\n", "a price that is known"), ("models: 3\n", "mapping")])  # fmt: skip
def test_wrong_prices(shop, text, part):
    shop.write("prices.yaml", text)
    with scripted(says("never")) as server:
        error = ask(shop, server, code=1).error("invalid")
    assert part in error["message"] and "prices.yaml" in error["message"] and not server.requests


@pytest.mark.parametrize("line", ["limits: {spend_per_day: -1}", "limits: {spend_per_day: much}", "limits: {spend_per_days: 3}", "limits: 3"])
def test_wrong_limits(shop, line):
    shop.settings(line + "\n")
    shop.run("ask", "--json", QUESTION, code=1).error("invalid")


def test_a_damaged_sum_refuses(shop):
    with scripted(says("never")) as server:
        price(shop, server, limit=3)
        (shop.path / ".assay" / "spent").write_text("yesterday much\n")
        error = ask(shop, server, code=1).error("corrupt")
    assert "Remove it" in error["hint"] and not server.requests


def test_the_server_counts_and_refuses(shop):
    body = {"model": "assay", "messages": [{"role": "user", "content": QUESTION}]}
    with scripted(says("Goods may be returned within 45 days [1].")) as model:
        price(shop, model, limit=3)
        lines = (shop.path / "assay.yaml").read_text().splitlines()
        shop.settings("\n".join(f'model: "{model.model}"' if line.startswith("model:") else line for line in lines) + "\n")
        with serving(shop) as server:
            answer = server.json("POST", "/v1/chat/completions", body)
            assert answer["assay"]["cost"] == pytest.approx(COST) and answer["assay"]["currency"] == "USD"
            figures = server.ask("GET", "/metrics")[2].decode()
            assert 'assay_model_tokens_total{type="input"} 12\n' in figures and 'assay_model_tokens_total{type="output"} 3\n' in figures
            cost = next(line for line in figures.splitlines() if line.startswith('assay_model_cost_total{currency="USD"}'))
            assert float(cost.split()[1]) == pytest.approx(COST)
            call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask", "arguments": {"question": QUESTION}}}
            assert not server.json("POST", "/mcp", call)["result"]["isError"]
            assert "assay_answers_total 2\n" in server.ask("GET", "/metrics")[2].decode()
            (shop.path / ".assay" / "spent").write_text(f"{today()} 2.9\n")
            assert server.error("POST", "/v1/chat/completions", body, status=503)["code"] == "limit"


def test_nothing_leaves_a_machine_that_nothing_may_leave(shop):
    shop.settings("embedding: none\nlimits: {private: true}\n")
    for model in ("http://192.0.2.1/v1#m", "openai:gpt-5-mini"):
        words = ("-m", model, "--json")
        for command in (("ask", QUESTION), ("decide",)):
            error = shop.run(*command, *words, code=1, env={"OPENAI_API_KEY": "sk-none"}).error("invalid")
            assert "limits.private" in error["message"] and model in error["message"] and "private: false" in error["hint"], (command, error)
    with scripted(says("Goods may be returned within 45 days [1].")) as server:
        assert ask(shop, server).json()["answer"] is not None, "a model of this machine is asked"
