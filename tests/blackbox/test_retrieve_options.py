"""Ways to find passages that settings switch on: other wordings, a guessed answer, what is new, and the order in the prompt."""

import re

import pytest
from scripted_model import says, scripted


def settings(shop, **changes):
    text = (shop.path / "assay.yaml").read_text()
    for key, value in changes.items():
        text, count = re.subn(rf"\b{key}: [a-z0-9.]+", f"{key}: {value}", text, count=1)
        assert count == 1, key
    shop.settings(text)


@pytest.fixture
def shop(project):
    project.write("docs/returns.md", "# Returns\n\nGoods may be sent back within 45 days of delivery.\n")
    project.write("docs/refunds.md", "# Refunds\n\nMoney is paid back within 10 days of a return.\n")
    project.write("docs/gloves.md", "# Gloves\n\nA pair of zorbits keeps hands warm.\n")
    project.add()
    return project


def documents(answer):
    return [passage["document"] for passage in answer["passages"]]


def test_other_wordings_find_what_the_question_does_not(shop):
    question = "Which mittens are sold?"
    steps = (says("1. Which zorbits keep warm?\n- What keeps hands warm?\n\n"), says("A pair of zorbits keeps hands warm [1]."))
    with scripted(*steps) as server:
        plain = shop.run("ask", "--json", "--model", server.model, question).json()
        assert documents(plain) == [] and plain["abstained"] and not server.requests
        settings(shop, wordings=2)
        more = shop.run("ask", "--json", "--model", server.model, question).json()
    assert documents(more)[0] == "docs/gloves.md" and not more["abstained"] and more["asked"] == question
    assert more["usage"]["prompt_tokens"] == 24  # both requests count
    first = server.requests[0]["body"]["messages"]
    assert "2 other wordings" in first[0]["content"] and "passage of two" not in first[0]["content"] and first[1]["content"] == question
    assert shop.run("ask", "--json", question).json()["abstained"]  # without a model nothing is asked


def test_a_guessed_answer_is_searched_for(shop):
    settings(shop, hypothetical="true")
    with scripted(says("Zorbits keep hands warm."), says("A pair of zorbits keeps hands warm [1].")) as server:
        answer = shop.run("ask", "--json", "--model", server.model, "Which mittens are sold?").json()
    assert documents(answer) == ["docs/gloves.md"] and "passage of two sentences" in server.requests[0]["body"]["messages"][0]["content"]


def test_what_several_searches_find_comes_first(shop):
    settings(shop, wordings=1, k=2)
    with scripted(says("money paid"), says("Money is paid back within 10 days [1].")) as server:
        answer = shop.run("ask", "--json", "--model", server.model, "days of a return or delivery, sent").json()
    assert len(answer["passages"]) == 2 and documents(answer)[0] == "docs/refunds.md"  # second in the one, alone in the other
    scores = [passage["score"] for passage in answer["passages"]]
    assert scores == sorted(scores, reverse=True) and 0 < scores[-1] <= scores[0] <= 1


@pytest.mark.parametrize("said", ["", "\n\n- \n2.", "x" * 100000, "\x00\x01", "*** zorbit* \"title:\n" * 50])
def test_odd_wordings_are_only_searched_for(shop, said):
    settings(shop, wordings=3)
    with scripted(says(said), says("Goods may be sent back within 45 days [1].")) as server:
        answer = shop.run("ask", "--json", "--model", server.model, "When may goods be sent back?").json()
    assert "docs/returns.md" in documents(answer) and not answer["abstained"]


def test_keys_see_no_more_by_other_wordings(shop):
    shop.write("docs/hr/pay.md", "# Pay\n\nThe canarypay of the chief is nine thousand.\n")
    shop.settings((shop.path / "assay.yaml").read_text().replace("labels: public", "labels: from-folder"))
    settings(shop, wordings=1)
    shop.add()
    shop.run("key", "add", "clerk", "--groups", "sales")
    with scripted(says("canarypay of the chief"), says("Goods may be sent back within 45 days [1].")) as server:
        answer = shop.run("ask", "--json", "--as", "clerk", "--model", server.model, "When may goods be sent back?").json()
    assert "docs/hr/pay.md" not in documents(answer) and "nine thousand" not in str(server.requests)


def test_diversity_puts_repetitions_behind(shop):
    for number in range(6):
        shop.write(f"docs/same{number}.md", f"# Parcels {number}\n\nParcels to islands take flume days longer than others, says note {number}.\n")
    shop.write("docs/new.md", "# Flume\n\nA flume is a channel for water beside a mill; nobody posts it.\n")
    shop.add()
    before = [hit["document"] for hit in shop.search("-k", "3", "flume parcels")]
    settings(shop, diversity=0.6)
    after = [hit["document"] for hit in shop.search("-k", "3", "flume parcels")]
    assert "docs/new.md" not in before and "docs/new.md" in after[:2] and len(after) == 3
    assert after[0] == before[0]  # the best one stays


def order_of(server):
    return re.findall(r"<passage (\d+),", server.requests[-1]["body"]["messages"][-1]["content"])


def test_the_order_of_passages(shop):
    shop.write("docs/a.md", "# A\n\nReturn return return days days delivery.\n")
    shop.add()
    orders, answers = {}, {}
    for order in ("best", "last", "document"):
        settings(shop, order=order)
        with scripted(says("Goods may be sent back within 45 days of delivery.")) as server:
            answers[order] = shop.run("ask", "--json", "--model", server.model, "return days delivery").json()
            orders[order] = order_of(server)
            texts = re.findall(r"Document: (\S+)", server.requests[-1]["body"]["messages"][-1]["content"])
            assert [answers[order]["passages"][int(number) - 1]["document"] for number in orders[order]] == texts  # numbers mean the same in any order
    assert orders["best"] == sorted(orders["best"]) and len(orders["best"]) == 3
    assert orders["last"] == orders["best"][::-1] and sorted(orders["document"]) == orders["best"]
    assert {answer["citations"][0]["document"] for answer in answers.values()} == {"docs/returns.md"}


@pytest.mark.parametrize("line", ["retrieve: {diversity: 2}", "retrieve: {wordings: 9}", "retrieve: {hypothetical: maybe}", "prompt: {order: worst}"])
def test_wrong_settings(shop, line):
    shop.settings(line + "\n")
    shop.run("search", "--json", "x", code=1).error("invalid")
