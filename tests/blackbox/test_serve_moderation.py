"""`POST /v1/moderations`: what a classifier of the project's own says of texts, as OpenAI's client asks for it."""

import pytest
from models import FOLDER, needed
from serving import serving

openai = pytest.importorskip("openai", reason="OpenAI's client is not in .venv: scripts/setup installs it")

KINDS = {"ok": ["where is the parcel with my {}", "can the {} be shipped to another address", "please refund the {} I returned", "when is the {} delivered"],
         "insult": ["you stupid {} you", "shut up, you worthless {}", "your {} is run by idiots", "you are all dumb as a {}"],
         "spam": ["win a free {} now, click here", "cheap {} with discount code, buy now", "earn money at home with a {}", "free {} offer, only today, click"]}  # fmt: skip
THINGS = ["lamp", "kettle", "chair", "scarf", "bicycle", "teapot", "mirror", "carpet"]


def train(project, kinds=KINDS):
    rows = ["text,label", *(f'"{text.format(thing)}",{kind}' for thing in THINGS for kind, texts in kinds.items() for text in texts)]
    project.write("talk.csv", "\n".join(rows) + "\n")
    project.run("tune", "classify", "talk.csv", "--model", str(FOLDER), "--name", "talk", "--method", "head", "--replace", timeout=300)


def moderate(project, setting):
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("moderation: {classifier: none, fine: []}", f"moderation: {setting}"))


def test_without_a_classifier_it_says_what_to_do(project):
    reader = project.run("key", "add", "--quiet", "reader").out.strip()
    with serving(project) as server:
        refused = server.error("POST", "/v1/moderations", {"input": "x"}, status=404, key=reader)
        assert refused["code"] == "not_set_up" and "assay tune classify" in refused["message"]
    moderate(project, "{classifier: talk, fine: [ok]}")
    (project.path / ".assay/adapters/talk").mkdir(parents=True)
    with serving(project) as server:
        assert '"talk"' in server.error("POST", "/v1/moderations", {"input": "x"}, status=404, key=reader)["message"]
        project.write(".assay/adapters/talk/provenance.json", '{"format": 1}')
        refused = server.error("POST", "/v1/moderations", {"input": "x"}, status=503, key=reader)["message"]
        assert str(project.path) not in refused and any("talk" in entry["message"] for entry in server.log() if entry["level"] == "error")
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("fine: [ok]", "fine: []"))
    assert "every text would be flagged" in project.run("list", "--json", code=1).error("invalid")["message"]


@needed
def test_texts_are_flagged(project):
    train(project)
    moderate(project, "{classifier: talk, fine: [ok]}")
    reader = project.run("key", "add", "--quiet", "reader").out.strip()
    with serving(project) as server:
        api = openai.OpenAI(base_url=server.url, api_key=reader, max_retries=0)
        texts = {"ok": "where is the parcel with my radio", "insult": "shut up, you stupid ladder", "spam": "click here now, free radio, buy"}
        answer = api.moderations.create(input=list(texts.values()))
        assert answer.id.startswith("modr-") and answer.model == "talk" and [one.flagged for one in answer.results] == [False, True, True]
        for kind, one in zip(texts, (result.model_dump() for result in answer.results), strict=True):
            categories, scores = ({name: value for name, value in one[part].items() if value is not None} for part in ("categories", "category_scores"))
            assert categories == {"insult": kind == "insult", "spam": kind == "spam"} and set(scores) == set(categories)
            assert one["assay"]["label"] == kind and all(0 <= score <= 1 for score in scores.values())
            assert max(scores, key=scores.get) == kind or sum(scores.values()) < 0.5
        alone = api.moderations.create(model="omni-moderation-latest", input=[{"type": "text", "text": texts["spam"]}])
        assert alone.results[0].flagged and alone.results[0].model_dump()["category_scores"]["spam"] == pytest.approx(answer.results[2].model_dump()["category_scores"]["spam"], abs=1e-3)
        for change, parameter in (({"input": []}, "input"), ({"input": ""}, "input"), ({"input": [3]}, "input"), ({"input": ["x"] * 2049}, "input"), ({}, "input"),
                                  ({"input": [{"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}]}, "input")):  # fmt: skip
            assert server.error("POST", "/v1/moderations", change)["param"] == parameter
        assert server.error("POST", "/v1/moderations", {"input": "x", "model": "gpt-5"}, status=404)["param"] == "model"
        train(project, {"ok": KINDS["ok"], "rude": KINDS["insult"]})  # anew, while it is served
        assert list(server.json("POST", "/v1/moderations", {"input": "x"})["results"][0]["categories"]) == ["rude"]
    moderate_again = (project.path / "assay.yaml").read_text().replace("fine: [ok]", "fine: [fine]")
    (project.path / "assay.yaml").write_text(moderate_again)
    with serving(project) as server:
        assert "no label of the classifier" in server.error("POST", "/v1/moderations", {"input": "x"}, status=409, key=reader)["message"]
